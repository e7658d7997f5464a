//! Reads `com:ExeServer` and `com:Class`: which program creates which classes.

use std::collections::HashMap;

use oncue_types::Guid;

use super::application::Context;
use super::server_problem::ServerProblem;
use super::shape::{
    Kin, Piece, check_attributes, check_children, check_length, needed, single, windows_wants,
};
use crate::application::{Class, ExeServer};
use crate::executable;
use crate::namespace::Namespace;
use crate::problem::{Report, quoted};
use crate::xml::Element;
use oncue_types::Version;

/// The maximum number of task servers in a `ComServer` on Windows.
const MAX_SERVERS: usize = 1000;
/// The maximum number of classes in a task server on Windows.
const MAX_CLASSES: usize = 10_000;
/// The maximum number of characters of arguments on Windows.
const MAX_ARGUMENTS: usize = 32_767;
/// The elements that a `ComServer` may contain.
const COM_SERVER: [&str; 9] = [
    "ExeServer",
    "SurrogateServer",
    "InProcessServer",
    "ManagedInProcessServer",
    "ServiceServer",
    "Class",
    "ProgId",
    "TreatAsClass",
    "AppId",
];
/// The attributes that a class may have.
const CLASS: [&str; 8] = [
    "Id",
    "DisplayName",
    "ShortDisplayName",
    "EnableOleDefaultHandler",
    "ProgId",
    "VersionIndependentProgId",
    "AutoConvertTo",
    "InsertableObject",
];

/// What is known so far while the servers of all applications are read.
pub(super) struct Servers<'c, 'x> {
    context: &'c Context<'c, 'x>,
    /// The line of each class declared so far.
    taken: HashMap<Guid, u32>,
}

/// The classes declared beside the servers of a `ComServer`, to which servers can refer.
type Beside<'e, 'x> = HashMap<Guid, &'e Element<'x>>;

impl<'c, 'x> Servers<'c, 'x> {
    pub(super) fn new(context: &'c Context<'c, 'x>) -> Self {
        Self { context, taken: HashMap::new() }
    }

    /// Reads the task servers of an application.
    pub(super) fn of(&mut self, application: &Element<'_>, report: &mut Report<'_>) -> Vec<ExeServer> {
        let Some(extensions) = single(application, |child| child.is("Extensions"), report) else {
            return Vec::new();
        };
        check_children(extensions, Kin::Either, &["Extension"], report);
        let mut found = Vec::new();
        for extension in extensions.children.iter().filter(|child| child.name.local == "Extension") {
            check_extension(extension, report);
            self.check_age(extension, report);
            for com in extension.children.iter().filter(|child| child.is_com("ComServer")) {
                found.extend(self.com_server(com, report));
            }
        }
        found
    }

    fn com_server(&mut self, com: &Element<'_>, report: &mut Report<'_>) -> Vec<ExeServer> {
        check_children(com, Kin::Com, &COM_SERVER, report);
        let beside: Beside<'_, '_> = com
            .children
            .iter()
            .filter(|child| child.is_com("Class"))
            .filter_map(|class| Some((class_id(&class.attribute("Id")?.value).ok()?, class)))
            .collect();
        let elements: Vec<_> = com.children.iter().filter(|child| child.is_com("ExeServer")).collect();
        check_count("ExeServer", elements.len(), MAX_SERVERS, com.at, report);
        elements.into_iter().filter_map(|element| self.server(element, &beside, report)).collect()
    }

    fn server(
        &mut self,
        element: &Element<'_>,
        beside: &Beside<'_, '_>,
        report: &mut Report<'_>,
    ) -> Option<ExeServer> {
        self.check_age(element, report);
        check_attributes(
            element,
            &["Executable", "Arguments", "DisplayName", "LaunchAndActivationPermission"],
            report,
        );
        check_children(element, Kin::Com, &["Class", "ClassReference"], report);
        let executable = needed(element, "Executable", report);
        if let Some(written) = executable {
            executable::problems(&written.value)
                .into_iter()
                .for_each(|problem| report.add(written.value_at, problem));
        }
        let arguments = arguments(element, report);
        let elements: Vec<_> = element
            .children
            .iter()
            .filter(|child| child.is_com("Class") || child.is_com("ClassReference"))
            .collect();
        check_count("Class", elements.len(), MAX_CLASSES, element.at, report);
        if elements.is_empty() {
            report.add(element.at, ServerProblem::NoClass);
        }
        let classes =
            elements.into_iter().filter_map(|element| self.class(element, beside, report)).collect();
        Some(ExeServer {
            executable: executable?.value.as_ref().to_owned(),
            arguments,
            display_name: display_name(element, report),
            classes,
        })
    }

    fn class(
        &mut self,
        element: &Element<'_>,
        beside: &Beside<'_, '_>,
        report: &mut Report<'_>,
    ) -> Option<Class> {
        check_attributes(element, &CLASS, report);
        let written = needed(element, "Id", report)?;
        let id = class_id(&written.value).map_err(|problem| report.add(written.value_at, problem)).ok()?;
        if let Some(first) = self.taken.get(&id) {
            report.add(written.value_at, ServerProblem::ClassTaken { id, first: *first });
            return None;
        }
        self.taken.insert(id, report.line(written.value_at));
        if element.name.local == "Class" {
            return Some(Class { id, display_name: display_name(element, report) });
        }
        let referred = beside.get(&id);
        if referred.is_none() {
            report.add(written.value_at, ServerProblem::NoSuchClass { id });
        }
        Some(Class { id, display_name: referred.and_then(|class| display_name(class, report)) })
    }

    /// Warns about an element whose namespace is unknown to the oldest Windows version of the
    /// package.
    fn check_age(&self, element: &Element<'_>, report: &mut Report<'_>) {
        let since = match element.name.namespace {
            Namespace::Com(4) => Version::new(10, 0, 20348, 0),
            Namespace::Com(5..) => Version::new(10, 0, 22000, 0),
            Namespace::None
            | Namespace::Foundation
            | Namespace::Restricted
            | Namespace::Uap(_)
            | Namespace::Com(_)
            | Namespace::Windows(_)
            | Namespace::Unlisted(_)
            | Namespace::Foreign(_)
            | Namespace::Undeclared(_) => return,
        };
        if let Some(min) = self.context.min_version.filter(|min| *min < since) {
            let ignorable = self.context.ignorable.contains(&element.name.namespace);
            report.add(
                element.at,
                ServerProblem::Newer { element: quoted(element.name.written), since, min, ignorable },
            );
        }
    }
}

/// Checks that `windows.comServer` and `ComServer` occur together.
fn check_extension(extension: &Element<'_>, report: &mut Report<'_>) {
    let category = extension.attribute("Category").map_or("", |category| category.value.as_ref());
    let found = single(extension, |child| child.is_com("ComServer"), report).is_some();
    match (category == "windows.comServer", found) {
        (true, false) => {
            check_children(extension, Kin::Com, &["ComServer"], report);
            windows_wants(extension, Piece::Element("com:ComServer"), report);
        }
        (false, true) => report.add(extension.at, ServerProblem::Category { category: quoted(category) }),
        _ => {}
    }
}

fn arguments(element: &Element<'_>, report: &mut Report<'_>) -> String {
    let Some(written) = element.attribute("Arguments") else { return String::new() };
    check_length(Piece::Attribute("Arguments"), &written.value, MAX_ARGUMENTS, written.value_at, report);
    if written.value.trim() != written.value {
        report.add(written.value_at, ServerProblem::ArgumentsSpace);
    }
    written.value.as_ref().to_owned()
}

fn class_id(value: &str) -> Result<Guid, ServerProblem> {
    if value.starts_with('{') || value.ends_with('}') {
        return Err(ServerProblem::Braces { value: quoted(value) });
    }
    value.parse().map_err(|_| ServerProblem::NotGuid { value: quoted(value) })
}

fn display_name(element: &Element<'_>, report: &mut Report<'_>) -> Option<String> {
    let written = element.attribute("DisplayName")?;
    check_length(Piece::Attribute("DisplayName"), &written.value, 256, written.value_at, report);
    (!written.value.is_empty()).then(|| written.value.as_ref().to_owned())
}

fn check_count(element: &'static str, count: usize, most: usize, at: usize, report: &mut Report<'_>) {
    if count > most {
        report.add(at, ServerProblem::TooMany { element, count, most });
    }
}
