//! Determines the kind of process that Windows runs an application in.

use super::application::ApplicationProblem;
use super::shape::{Piece, check_length, windows_wants};
use crate::application::Runtime;
use crate::problem::{Report, quoted};
use crate::xml::Element;

/// Determines the kind of process of an application. Since Windows 10 version 2004,
/// `RuntimeBehavior` and `TrustLevel` replace `EntryPoint` and take precedence over it.
pub(super) fn runtime(element: &Element<'_>, report: &mut Report<'_>) -> Runtime {
    let contained = match element.uap_attribute("TrustLevel") {
        Some(level) if level.value == "appContainer" => true,
        Some(level) if level.value != "mediumIL" => {
            report.add(level.value_at, ApplicationProblem::TrustLevel { value: quoted(&level.value) });
            false
        }
        _ => false,
    };
    let desktop = if contained { Runtime::AppContainer } else { Runtime::FullTrust };
    match element.uap_attribute("RuntimeBehavior") {
        Some(behavior) => match behavior.value.as_ref() {
            "packagedClassicApp" | "win32App" => desktop,
            "windowsApp" => Runtime::Universal,
            other => {
                report.add(behavior.value_at, ApplicationProblem::RuntimeBehavior { value: quoted(other) });
                Runtime::Unstated
            }
        },
        None => by_entry_point(element, report),
    }
}

fn by_entry_point(element: &Element<'_>, report: &mut Report<'_>) -> Runtime {
    let hosted = element.attribute("StartPage").is_some() || element.uap_attribute("HostId").is_some();
    let Some(entry) = element.attribute("EntryPoint") else {
        if hosted {
            return Runtime::Universal;
        }
        windows_wants(element, Piece::Attribute("EntryPoint"), report);
        return Runtime::Unstated;
    };
    check_length(Piece::Attribute("EntryPoint"), &entry.value, 256, entry.value_at, report);
    match entry.value.to_ascii_lowercase().as_str() {
        "windows.fulltrustapplication" => Runtime::FullTrust,
        "windows.partialtrustapplication" => Runtime::AppContainer,
        _ => Runtime::Universal,
    }
}
