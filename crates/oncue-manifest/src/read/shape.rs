//! The schema of an element's contents: what is required, what is permitted, and how often.

use std::borrow::Cow;
use std::fmt;

use crate::namespace::Namespace;
use crate::problem::{Report, Severity, quoted};
use crate::xml::{Attribute, Element};

/// An element or an attribute, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// An element.
    Element(&'static str),
    /// An attribute.
    Attribute(&'static str),
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(name) => write!(f, "element `{name}`"),
            Self::Attribute(name) => write!(f, "attribute `{name}`"),
        }
    }
}

/// An element or attribute is missing, repeated or unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeProblem {
    /// Something required is missing.
    #[error("{piece} is missing in `{parent}`")]
    Missing {
        /// What is missing.
        piece: Piece,
        /// The element it belongs to, as written.
        parent: String,
    },
    /// Something is missing that Windows requires.
    #[error("{piece} is missing in `{parent}`; Windows requires it")]
    WindowsWants {
        /// What is missing.
        piece: Piece,
        /// The element it belongs to, as written.
        parent: String,
    },
    /// An element occurs more than once.
    #[error("duplicate element `{element}`; line {first} already has one")]
    Repeated {
        /// The element's name as written.
        element: String,
        /// The line of the first one.
        first: u32,
    },
    /// An unknown element.
    #[error("unknown element `{element}` in `{parent}` is ignored")]
    UnknownElement {
        /// The element's name as written.
        element: String,
        /// Its parent element, as written.
        parent: String,
        /// The probably intended name.
        meant: Option<&'static str>,
    },
    /// An unknown attribute.
    #[error("unknown attribute `{attribute}` in `{element}` is ignored")]
    UnknownAttribute {
        /// The attribute's name as written.
        attribute: String,
        /// Its element, as written.
        element: String,
        /// The probably intended name.
        meant: Option<&'static str>,
    },
    /// A text that Windows requires is empty or too long for Windows.
    #[error("{piece} has {length} characters; Windows accepts 1 to {most}")]
    TextLength {
        /// The element or attribute.
        piece: Piece,
        /// Its length in characters.
        length: usize,
        /// Windows' limit.
        most: usize,
    },
}

impl ShapeProblem {
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::Missing { .. } => Severity::Error,
            Self::Repeated { element, .. }
                if ["Identity", "Applications", "Extensions"].contains(&element.as_str()) =>
            {
                Severity::Error
            }
            Self::WindowsWants { .. } | Self::Repeated { .. } | Self::TextLength { .. } => {
                Severity::WindowsRefuses
            }
            Self::UnknownElement { .. } | Self::UnknownAttribute { .. } => Severity::Advice,
        }
    }

    pub(crate) fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::Missing { piece, parent } | Self::WindowsWants { piece, parent } => {
                format!("add {piece} to `{parent}`").into()
            }
            Self::Repeated { element, .. } => format!("merge the two `{element}` into one").into(),
            Self::UnknownElement { meant: Some(meant), .. }
            | Self::UnknownAttribute { meant: Some(meant), .. } => format!("write `{meant}`").into(),
            Self::UnknownElement { .. } | Self::UnknownAttribute { .. } => {
                "correct the spelling, or remove it".into()
            }
            Self::TextLength { most, .. } => format!("write 1 to {most} characters").into(),
        }
    }
}

/// Elements that are often written without their prefix, and their correct names.
const PREFIXED: [(&str, &str); 5] = [
    ("VisualElements", "uap:VisualElements"),
    ("ComServer", "com:ComServer"),
    ("ExeServer", "com:ExeServer"),
    ("Class", "com:Class"),
    ("SurrogateServer", "com:SurrogateServer"),
];

/// Returns a required attribute.
pub(super) fn needed<'e, 'x>(
    element: &'e Element<'x>,
    name: &'static str,
    report: &mut Report<'_>,
) -> Option<&'e Attribute<'x>> {
    let found = element.attribute(name);
    if found.is_none() {
        report.add(
            element.at,
            ShapeProblem::Missing { piece: Piece::Attribute(name), parent: quoted(element.name.written) },
        );
    }
    found
}

/// Returns an attribute that Windows requires, with a length that Windows accepts; warns otherwise.
pub(super) fn wanted<'e, 'x>(
    element: &'e Element<'x>,
    name: &'static str,
    most: usize,
    report: &mut Report<'_>,
) -> Option<&'e Attribute<'x>> {
    let Some(found) = element.attribute(name) else {
        windows_wants(element, Piece::Attribute(name), report);
        return None;
    };
    check_length(Piece::Attribute(name), &found.value, most, found.value_at, report);
    Some(found)
}

/// Reports that an element lacks something that Windows requires.
pub(super) fn windows_wants(element: &Element<'_>, piece: Piece, report: &mut Report<'_>) {
    report.add(element.at, ShapeProblem::WindowsWants { piece, parent: quoted(element.name.written) });
}

/// Warns about a text whose length Windows does not accept.
pub(super) fn check_length(piece: Piece, text: &str, most: usize, at: usize, report: &mut Report<'_>) {
    let length = text.chars().count();
    if !(1..=most).contains(&length) {
        report.add(at, ShapeProblem::TextLength { piece, length, most });
    }
}

/// Returns the first child that `is` accepts, and reports any further ones.
pub(super) fn single<'e, 'x>(
    parent: &'e Element<'x>,
    is: impl Fn(&Element<'x>) -> bool,
    report: &mut Report<'_>,
) -> Option<&'e Element<'x>> {
    let mut found = parent.children.iter().filter(|child| is(child));
    let first = found.next()?;
    for again in found {
        report.add(
            again.at,
            ShapeProblem::Repeated { element: quoted(again.name.written), first: report.line(first.at) },
        );
    }
    Some(first)
}

/// The namespaces of an element's known children.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kin {
    /// The manifest's own.
    Manifest,
    /// Any version of `com`.
    Com,
    /// Either.
    Either,
}

/// Reports children in the manifest's own namespace and in `com` that are unknown. Other namespaces
/// of Windows gain elements with every release and are not checked.
pub(super) fn check_children(
    parent: &Element<'_>,
    kin: Kin,
    known: &[&'static str],
    report: &mut Report<'_>,
) {
    for child in &parent.children {
        let right = match child.name.namespace {
            Namespace::Foundation => kin != Kin::Com,
            Namespace::Com(_) => kin != Kin::Manifest,
            Namespace::None
            | Namespace::Restricted
            | Namespace::Uap(_)
            | Namespace::Windows(_)
            | Namespace::Unlisted(_)
            | Namespace::Foreign(_)
            | Namespace::Undeclared(_) => continue,
        };
        if right && known.contains(&child.name.local) {
            continue;
        }
        let prefixed =
            PREFIXED.iter().find(|(local, _)| *local == child.name.written).map(|(_, prefixed)| *prefixed);
        let meant = prefixed.or_else(|| similar(child.name.local, known));
        report.add(
            child.at,
            ShapeProblem::UnknownElement {
                element: quoted(child.name.written),
                parent: quoted(parent.name.written),
                meant,
            },
        );
    }
}

/// Reports attributes without a prefix that are unknown.
pub(super) fn check_attributes(element: &Element<'_>, known: &[&'static str], report: &mut Report<'_>) {
    for attribute in &element.attributes {
        if attribute.name.namespace == Namespace::None && !known.contains(&attribute.name.local) {
            let meant = similar(attribute.name.local, known);
            report.add(
                attribute.at,
                ShapeProblem::UnknownAttribute {
                    attribute: quoted(attribute.name.written),
                    element: quoted(element.name.written),
                    meant,
                },
            );
        }
    }
}

/// Returns the known name that differs from the written one in case or by a single character.
fn similar(written: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .copied()
        .find(|name| written.eq_ignore_ascii_case(name))
        .or_else(|| known.iter().copied().find(|name| one_off(written, name)))
}

/// Whether two texts differ by a single character that is added, missing or different.
pub(crate) fn one_off(left: &str, right: &str) -> bool {
    let same_start = left.chars().zip(right.chars()).take_while(|(l, r)| l == r).count();
    let rest = |text: &str, skip: usize| text.chars().skip(same_start + skip).collect::<String>();
    rest(left, 1) == rest(right, 1) || rest(left, 0) == rest(right, 1) || rest(left, 1) == rest(right, 0)
}
