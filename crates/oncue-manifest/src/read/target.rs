//! Reads `Dependencies`: the kinds and versions of Windows that the package is for.

use super::package::{CLASS_TASKS, PackageProblem};
use super::shape::{Kin, Piece, check_attributes, check_children, single, wanted, windows_wants};
use crate::manifest::TargetDeviceFamily;
use crate::problem::{Report, quoted};
use crate::xml::{Attribute, Element};
use oncue_types::Version;

fn is_desktop(target: &TargetDeviceFamily) -> bool {
    ["Windows.Desktop", "Windows.Universal"].contains(&target.name.as_str())
}

/// Returns the position of the first version that is too old for tasks with a class id.
pub(super) fn targets_at(root: &Element<'_>) -> usize {
    let families = root
        .children
        .iter()
        .filter(|child| child.is("Dependencies"))
        .flat_map(|dependencies| &dependencies.children);
    let mut old = families
        .filter(|child| child.is("TargetDeviceFamily"))
        .filter_map(|family| family.attribute("MinVersion"));
    old.find(|min| min.value.parse::<Version>().is_ok_and(|min| min < CLASS_TASKS))
        .map_or(root.at, |min| min.value_at)
}

/// Reads the targets.
pub(super) fn targets(root: &Element<'_>, report: &mut Report<'_>) -> Vec<TargetDeviceFamily> {
    let Some(dependencies) = single(root, |child| child.is("Dependencies"), report) else {
        windows_wants(root, Piece::Element("Dependencies"), report);
        return Vec::new();
    };
    check_children(dependencies, Kin::Manifest, &["TargetDeviceFamily", "PackageDependency"], report);
    let families: Vec<_> =
        dependencies.children.iter().filter(|child| child.is("TargetDeviceFamily")).collect();
    if families.is_empty() {
        windows_wants(dependencies, Piece::Element("TargetDeviceFamily"), report);
        return Vec::new();
    }
    let targets: Vec<_> = families.into_iter().map(|family| target(family, report)).collect();
    if !targets.iter().any(is_desktop) {
        report.add(dependencies.at, PackageProblem::NotForDesktop);
    }
    targets
}

fn target(element: &Element<'_>, report: &mut Report<'_>) -> TargetDeviceFamily {
    check_attributes(element, &["Name", "MinVersion", "MaxVersionTested"], report);
    let name =
        wanted(element, "Name", 255, report).map_or(String::new(), |name| name.value.as_ref().to_owned());
    let min = wanted(element, "MinVersion", 23, report);
    let tested = wanted(element, "MaxVersionTested", 23, report);
    let min_version = min.and_then(|min| windows_version("MinVersion", min, report));
    let max_version_tested = tested.and_then(|tested| windows_version("MaxVersionTested", tested, report));
    if let (Some(min), Some(tested), Some(written)) = (min_version, max_version_tested, tested)
        && tested < min
    {
        report.add(written.value_at, PackageProblem::TestedTooOld { tested, min });
    }
    TargetDeviceFamily { name, min_version, max_version_tested }
}

fn windows_version(
    attribute: &'static str,
    written: &Attribute<'_>,
    report: &mut Report<'_>,
) -> Option<Version> {
    let version = written.value.parse().ok();
    if version.is_none() {
        report.add(
            written.value_at,
            PackageProblem::WindowsVersion { attribute, value: quoted(&written.value) },
        );
    }
    version
}
