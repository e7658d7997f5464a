//! Reads `Properties`: the names and images that represent the package.

use super::package::PackageProblem;
use super::shape::{Kin, Piece, check_children, check_length, single, windows_wants};
use crate::executable::in_package;
use crate::problem::{Report, quoted};
use crate::xml::Element;

/// The names and images that represent the package.
#[derive(Default)]
pub(super) struct Properties {
    pub(super) display_name: Option<String>,
    pub(super) publisher_display_name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) logo: Option<String>,
}

/// Reads the properties.
pub(super) fn properties(root: &Element<'_>, report: &mut Report<'_>) -> Properties {
    let Some(element) = single(root, |child| child.is("Properties"), report) else {
        windows_wants(root, Piece::Element("Properties"), report);
        return Properties::default();
    };
    check_children(
        element,
        Kin::Manifest,
        &["Framework", "DisplayName", "PublisherDisplayName", "Description", "Logo", "ResourcePackage"],
        report,
    );
    let logo = property(element, "Logo", 256, true, report)
        .and_then(|(path, at)| picture(Piece::Element("Logo"), &path, at, report));
    let mut text = |name, most, wanted| property(element, name, most, wanted, report).map(|(text, _)| text);
    Properties {
        display_name: text("DisplayName", 256, true),
        publisher_display_name: text("PublisherDisplayName", 256, true),
        description: text("Description", 2048, false),
        logo,
    }
}

/// Returns the text of a property, if it has any, and its position.
fn property(
    parent: &Element<'_>,
    name: &'static str,
    most: usize,
    wanted: bool,
    report: &mut Report<'_>,
) -> Option<(String, usize)> {
    let Some(element) = single(parent, |child| child.is(name), report) else {
        if wanted {
            windows_wants(parent, Piece::Element(name), report);
        }
        return None;
    };
    let text = element.text.trim();
    check_length(Piece::Element(name), text, most, element.at, report);
    (!text.is_empty()).then(|| (text.to_owned(), element.at))
}

/// Returns the path of an image, unless it leads out of the package.
pub(super) fn picture(piece: Piece, path: &str, at: usize, report: &mut Report<'_>) -> Option<String> {
    if in_package(path).is_some() {
        return Some(path.to_owned());
    }
    if !path.is_empty() {
        report.add(at, PackageProblem::Picture { piece, path: quoted(path) });
    }
    None
}
