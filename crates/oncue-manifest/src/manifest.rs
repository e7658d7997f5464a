//! The manifest as a value, and how it is read: text, tree, namespaces, then part by part.

use oncue_types::Guid;

use crate::application::{Application, Class, ExeServer};
use crate::foreign;
use crate::identity::Identity;
use crate::problem::{Problem, Problems, Report};
use crate::read;
use crate::source::Source;
use crate::tree;
use oncue_types::Version;

/// A valid package manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The package's identity.
    pub identity: Identity,
    /// Its display name, as written; to show it, use [`Manifest::shown_name`].
    pub display_name: Option<String>,
    /// Its publisher's display name.
    pub publisher_display_name: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Path of its logo in the package, as written.
    pub logo: Option<String>,
    /// The languages of its texts, as BCP 47 tags.
    pub languages: Vec<String>,
    /// The kinds of Windows it is for.
    pub targets: Vec<TargetDeviceFamily>,
    /// The names of the capabilities it requests, of every kind.
    pub capabilities: Vec<String>,
    /// Its applications, in the order of the manifest.
    pub applications: Vec<Application>,
    /// What Windows would refuse or handle differently from what is written, in the order of the
    /// file.
    pub warnings: Vec<Problem>,
}

/// A kind of Windows that a package is for (Microsoft, "TargetDeviceFamily").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetDeviceFamily {
    /// Its name, such as `Windows.Desktop`.
    pub name: String,
    /// The oldest version the package installs on.
    pub min_version: Option<Version>,
    /// The newest version it was tested with.
    pub max_version_tested: Option<Version>,
}

/// Where a class is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredClass<'m> {
    /// The application under whose identity the class runs.
    pub application: &'m Application,
    /// The task server that creates it.
    pub server: &'m ExeServer,
    /// The class.
    pub class: &'m Class,
}

impl Manifest {
    /// Parses a manifest.
    ///
    /// # Errors
    ///
    /// Returns all problems, including warnings, if one of them is an error: the bytes are not a
    /// package manifest for Windows 10, or the identity, applications, task servers or classes
    /// cannot be determined. Problems that only Windows objects to are in [`Manifest::warnings`]
    /// instead.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problems> {
        let source = Source::read(bytes)?;
        let mut report = Report::new(&source);
        let read = match tree::build(&source) {
            Ok(mut document) if foreign::is_package(&document.root, &mut report) => {
                let sifted = foreign::drop_foreign(&mut document, &mut report);
                let read = read::package(&document.root, &sifted.ignorable, &mut report);
                let serves = read.as_ref().is_none_or(|read| read.classes().next().is_some());
                if let Some((at, lost)) = sifted.lost_server.filter(|_| !serves) {
                    report.add(at, lost);
                }
                read
            }
            Ok(_) => None,
            Err(broken) => {
                report.add(broken.at, broken.what);
                None
            }
        };
        let warnings = report.finish()?;
        let read = read.expect("a manifest without an identity has an error");
        Ok(Self { warnings, ..read })
    }

    /// Returns the name to show for the package: its display name, or the name of its identity if
    /// there is none or only Windows could look it up.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        let plain = self.display_name.as_deref().filter(|name| !name.starts_with("ms-resource:"));
        plain.unwrap_or(&self.identity.name)
    }

    /// Returns every class that the package declares, in the order of the manifest.
    pub fn classes(&self) -> impl Iterator<Item = DeclaredClass<'_>> {
        self.applications.iter().flat_map(|application| {
            application.servers.iter().flat_map(move |server| {
                server.classes.iter().map(move |class| DeclaredClass { application, server, class })
            })
        })
    }

    /// Returns where a class is declared. A class id occurs only once in a manifest.
    #[must_use]
    pub fn class(&self, id: Guid) -> Option<DeclaredClass<'_>> {
        self.classes().find(|declared| declared.class.id == id)
    }
}
