//! Reads `Capabilities`, and checks the one that desktop applications need.

use super::package::PackageProblem;
use super::shape::{Kin, check_children, single, wanted};
use crate::application::{Application, Runtime};
use crate::namespace::Namespace;
use crate::problem::{Report, quoted};
use crate::xml::Element;

const FULL_TRUST: &str = "runFullTrust";

/// Returns the names of all capabilities.
pub(super) fn capabilities(
    root: &Element<'_>,
    applications: &[Application],
    report: &mut Report<'_>,
) -> Vec<String> {
    let Some(element) = single(root, |child| child.is("Capabilities"), report) else {
        require_full_trust(applications, root.at, report);
        return Vec::new();
    };
    check_children(element, Kin::Manifest, &["Capability", "DeviceCapability", "CustomCapability"], report);
    let mut names = Vec::new();
    let mut trusted = false;
    for capability in element.children.iter().filter(|child| child.name.local.ends_with("Capability")) {
        let Some(name) = wanted(capability, "Name", 255, report) else { continue };
        if name.value == FULL_TRUST {
            trusted = true;
            if capability.name.namespace != Namespace::Restricted {
                report.add(capability.at, PackageProblem::FullTrustElsewhere);
            }
        }
        names.push(name.value.as_ref().to_owned());
    }
    if !trusted {
        require_full_trust(applications, element.at, report);
    }
    names
}

fn require_full_trust(applications: &[Application], at: usize, report: &mut Report<'_>) {
    if let Some(application) =
        applications.iter().find(|application| application.runtime == Runtime::FullTrust)
    {
        report.add(at, PackageProblem::NoFullTrust { application: quoted(&application.id) });
    }
}
