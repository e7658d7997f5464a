//! Reads `Applications`: their ids, programs and kinds of process, and the names and images that
//! represent them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::name::{is_device, misshapen_field};
use super::properties::picture;
use super::runtime::runtime;
use super::server::Servers;
use super::server_problem::ServerProblem;
use super::shape::{Kin, Piece, check_attributes, check_children, needed, single, wanted, windows_wants};
use crate::application::{Application, Runtime, VisualElements};
use crate::executable;
use crate::namespace::Namespace;
use crate::problem::{Report, Severity, quoted};
use crate::xml::Element;
use oncue_types::Version;

/// The maximum number of applications in a package on Windows.
const MAX_APPLICATIONS: usize = 100;

/// Other parts of the manifest that matter to applications.
pub(super) struct Context<'c, 'x> {
    /// The namespaces that Windows may ignore.
    pub(super) ignorable: &'c [Namespace<'x>],
    /// The oldest desktop Windows the package installs on.
    pub(super) min_version: Option<Version>,
}

/// An application is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplicationProblem {
    /// There is no application, so nothing can be activated.
    #[error("the package has no application, so it cannot have tasks")]
    None,
    /// There are too many applications for Windows.
    #[error("the package has too many applications: {count} (Windows' limit: {MAX_APPLICATIONS})")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// The id is too short or too long.
    #[error("the application id has {length} characters; it must have 1 to 64")]
    IdLength {
        /// Its length in characters.
        length: usize,
    },
    /// A field of the id is invalid.
    #[error(
        "application id `{id}` contains the field `{field}`; a field must be an ASCII letter, followed by ASCII letters and digits"
    )]
    IdField {
        /// The id.
        id: String,
        /// The first invalid field.
        field: String,
    },
    /// A field of the id is the name of a device.
    #[error("application id `{id}` contains a name that Windows reserves for a device")]
    IdDevice {
        /// The id.
        id: String,
    },
    /// Two applications have the same id.
    #[error("application id `{id}` is already used in line {first}")]
    IdTaken {
        /// The id.
        id: String,
        /// The line of the first one.
        first: u32,
    },
    /// `RuntimeBehavior` has an unknown value.
    #[error("`RuntimeBehavior` is `{value}`, not windowsApp, packagedClassicApp or win32App")]
    RuntimeBehavior {
        /// The value as written.
        value: String,
    },
    /// `TrustLevel` has an unknown value.
    #[error("`TrustLevel` is `{value}`, not appContainer or mediumIL")]
    TrustLevel {
        /// The value as written.
        value: String,
    },
    /// A Universal Windows app has task servers.
    #[error(
        "application `{id}` is a Universal Windows app, whose tasks Windows does not activate by class id"
    )]
    NotDesktop {
        /// The id.
        id: String,
    },
}

impl ApplicationProblem {
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::None => Severity::Advice,
            Self::IdLength { .. } | Self::IdField { .. } | Self::IdDevice { .. } | Self::IdTaken { .. } => {
                Severity::Error
            }
            Self::TooMany { .. }
            | Self::RuntimeBehavior { .. }
            | Self::TrustLevel { .. }
            | Self::NotDesktop { .. } => Severity::WindowsRefuses,
        }
    }

    pub(crate) fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::None => "add an `Application` to `Applications`".into(),
            Self::TooMany { .. } => "split the package".into(),
            Self::IdLength { .. } | Self::IdField { .. } | Self::IdDevice { .. } => {
                "write an id such as App or Contoso.Primes".into()
            }
            Self::IdTaken { .. } => "give each application its own id".into(),
            Self::RuntimeBehavior { .. } => "write packagedClassicApp for a desktop program".into(),
            Self::TrustLevel { .. } => "write mediumIL for a desktop program".into(),
            Self::NotDesktop { .. } => "write EntryPoint=\"Windows.FullTrustApplication\"".into(),
        }
    }
}

/// Reads all applications.
pub(super) fn applications(
    root: &Element<'_>,
    context: &Context<'_, '_>,
    report: &mut Report<'_>,
) -> Vec<Application> {
    for extension in root
        .children
        .iter()
        .filter(|child| child.is("Extensions"))
        .flat_map(|extensions| &extensions.children)
    {
        if extension.children.iter().any(|child| child.is_com("ComServer")) {
            report.add(extension.at, ServerProblem::OutsideApplication);
        }
    }
    let parent = single(root, |child| child.is("Applications"), report);
    let elements: Vec<_> =
        parent.iter().flat_map(|parent| &parent.children).filter(|child| child.is("Application")).collect();
    if let Some(parent) = parent {
        check_children(parent, Kin::Manifest, &["Application"], report);
    }
    let at = parent.map_or(root.at, |parent| parent.at);
    match elements.len() {
        0 => report.add(at, ApplicationProblem::None),
        count if count > MAX_APPLICATIONS => report.add(at, ApplicationProblem::TooMany { count }),
        _ => {}
    }
    let mut ids = HashMap::new();
    let mut servers = Servers::new(context);
    elements.into_iter().filter_map(|element| application(element, &mut ids, &mut servers, report)).collect()
}

fn application<'e>(
    element: &'e Element<'_>,
    ids: &mut HashMap<&'e str, u32>,
    servers: &mut Servers<'_, '_>,
    report: &mut Report<'_>,
) -> Option<Application> {
    check_attributes(element, &["Id", "Executable", "EntryPoint", "StartPage", "ResourceGroup"], report);
    check_children(element, Kin::Manifest, &["Extensions"], report);
    let id = id(element, ids, report);
    let executable = executable(element, report);
    let runtime = runtime(element, report);
    let visual_elements = visual_elements(element, report);
    let servers = servers.of(element, report);
    if runtime == Runtime::Universal && !servers.is_empty() {
        report.add(element.at, ApplicationProblem::NotDesktop { id: quoted(id.unwrap_or_default()) });
    }
    let entry_point = element.attribute("EntryPoint").map(|entry| entry.value.as_ref().to_owned());
    Some(Application { id: id?.to_owned(), executable, entry_point, runtime, visual_elements, servers })
}

fn id<'e>(
    element: &'e Element<'_>,
    ids: &mut HashMap<&'e str, u32>,
    report: &mut Report<'_>,
) -> Option<&'e str> {
    let written = needed(element, "Id", report)?;
    let id = written.value.as_ref();
    let length = id.chars().count();
    let wrong = match misshapen_field(id) {
        _ if !(1..=64).contains(&length) => ApplicationProblem::IdLength { length },
        Some(field) => ApplicationProblem::IdField { id: quoted(id), field: quoted(field) },
        None if id.split('.').any(is_device) => ApplicationProblem::IdDevice { id: quoted(id) },
        None => match ids.get(id) {
            Some(first) => ApplicationProblem::IdTaken { id: quoted(id), first: *first },
            None => {
                ids.insert(id, report.line(element.at));
                return Some(id);
            }
        },
    };
    report.add(written.value_at, wrong);
    None
}

fn executable(element: &Element<'_>, report: &mut Report<'_>) -> Option<String> {
    let Some(written) = element.attribute("Executable") else {
        if element.attribute("StartPage").is_none() && element.uap_attribute("HostId").is_none() {
            windows_wants(element, Piece::Attribute("Executable"), report);
        }
        return None;
    };
    for problem in executable::problems(&written.value) {
        report.add(written.value_at, problem);
    }
    Some(written.value.as_ref().to_owned())
}

fn visual_elements(application: &Element<'_>, report: &mut Report<'_>) -> VisualElements {
    let Some(element) = single(application, |child| child.is_uap("VisualElements"), report) else {
        windows_wants(application, Piece::Element("uap:VisualElements"), report);
        return VisualElements::default();
    };
    check_attributes(
        element,
        &[
            "DisplayName",
            "Description",
            "BackgroundColor",
            "Square150x150Logo",
            "Square44x44Logo",
            "AppListEntry",
            "VisualGroup",
        ],
        report,
    );
    let mut text = |name, most| {
        wanted(element, name, most, report).map(|text| (text.value.as_ref().to_owned(), text.value_at))
    };
    let (display_name, description, background_color) =
        (text("DisplayName", 256), text("Description", 2048), text("BackgroundColor", 256));
    let (large, small) = (text("Square150x150Logo", 256), text("Square44x44Logo", 256));
    let mut logo = |name, path: Option<(String, usize)>| {
        path.and_then(|(path, at)| picture(Piece::Attribute(name), &path, at, report))
    };
    VisualElements {
        square_150x150_logo: logo("Square150x150Logo", large),
        square_44x44_logo: logo("Square44x44Logo", small),
        display_name: display_name.map(|(text, _)| text),
        description: description.map(|(text, _)| text),
        background_color: background_color.map(|(text, _)| text),
    }
}
