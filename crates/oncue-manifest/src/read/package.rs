//! Reads `Package`: properties, languages and targets; the rest is read elsewhere.

use std::borrow::Cow;

use super::application::{Context, applications};
use super::capability::capabilities;
use super::identity::identity;
use super::properties::{Properties, properties};
use super::shape::{Kin, Piece, ShapeProblem, check_attributes, check_children, single};
use super::target::{targets, targets_at};
use crate::manifest::Manifest;
use crate::namespace::{FOUNDATION, Namespace};
use crate::problem::{Report, Severity, quoted};
use crate::xml::Element;
use oncue_types::Version;

/// The oldest Windows that supports tasks with a class id (Windows 10, version 2004).
pub(super) const CLASS_TASKS: Version = Version::new(10, 0, 19041, 0);

/// A statement about the whole package is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageProblem {
    /// No language is declared.
    #[error("no `Resource` declares a `Language`")]
    NoLanguage,
    /// A language is not a valid language tag.
    #[error("language `{value}` is not a language tag, as Windows requires")]
    Language {
        /// The value as written.
        value: String,
    },
    /// A version of Windows is invalid.
    #[error("`{attribute}` is `{value}`, not four numbers from 0 to 65535, separated by `.`")]
    WindowsVersion {
        /// The attribute.
        attribute: &'static str,
        /// The value as written.
        value: String,
    },
    /// The newest tested version is older than the oldest one.
    #[error("`MaxVersionTested` {tested} is older than `MinVersion` {min}")]
    TestedTooOld {
        /// `MaxVersionTested`.
        tested: Version,
        /// `MinVersion`.
        min: Version,
    },
    /// The package can also be installed on versions that do not support tasks with a class id.
    #[error(
        "`MinVersion` {min} permits Windows versions before {CLASS_TASKS}, which do not support tasks with a class id"
    )]
    TooOldForTasks {
        /// `MinVersion`.
        min: Version,
    },
    /// The package cannot be installed on a desktop.
    #[error("no `TargetDeviceFamily` is `Windows.Desktop` or `Windows.Universal`")]
    NotForDesktop,
    /// The path of an image is not in the package.
    #[error("`{path}` of {piece} is not a file in the package")]
    Picture {
        /// Where it is written.
        piece: Piece,
        /// The path as written.
        path: String,
    },
    /// A full-trust application without the capability for it.
    #[error(
        "application `{application}` runs with full trust, but capability `runFullTrust` is missing; Windows requires it"
    )]
    NoFullTrust {
        /// The first such application's id.
        application: String,
    },
    /// The capability for full trust is in the wrong namespace.
    #[error("capability `runFullTrust` is in the wrong namespace, so Windows does not recognise it")]
    FullTrustElsewhere,
}

impl PackageProblem {
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::NoLanguage | Self::TooOldForTasks { .. } | Self::NotForDesktop => Severity::Advice,
            Self::Language { .. }
            | Self::WindowsVersion { .. }
            | Self::TestedTooOld { .. }
            | Self::Picture { .. }
            | Self::NoFullTrust { .. }
            | Self::FullTrustElsewhere => Severity::WindowsRefuses,
        }
    }

    pub(crate) fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::NoLanguage => "add <Resource Language=\"en-us\"/> to `Resources`".into(),
            Self::Language { .. } => "write a BCP 47 tag such as en-us".into(),
            Self::WindowsVersion { .. } | Self::TestedTooOld { .. } => {
                "write a version of Windows such as 10.0.19041.0".into()
            }
            Self::TooOldForTasks { .. } => format!("write MinVersion=\"{CLASS_TASKS}\"").into(),
            Self::NotForDesktop => "add a TargetDeviceFamily with Name=\"Windows.Desktop\"".into(),
            Self::Picture { .. } => {
                r"write its path relative to the manifest's folder, as in Assets\Logo.png".into()
            }
            Self::NoFullTrust { .. } => {
                "add <rescap:Capability Name=\"runFullTrust\"/> to `Capabilities`".into()
            }
            Self::FullTrustElsewhere => format!(
                "write it as `rescap:Capability`, with xmlns:rescap=\"{FOUNDATION}/restrictedcapabilities\""
            )
            .into(),
        }
    }
}

/// Reads the package; `None` if it has no usable identity, which is reported.
pub(crate) fn package(
    root: &Element<'_>,
    ignorable: &[Namespace<'_>],
    report: &mut Report<'_>,
) -> Option<Manifest> {
    check_attributes(root, &["IgnorableNamespaces"], report);
    check_children(
        root,
        Kin::Manifest,
        &[
            "Identity",
            "Properties",
            "Resources",
            "Dependencies",
            "Capabilities",
            "Extensions",
            "Applications",
        ],
        report,
    );
    let identity = match single(root, |child| child.is("Identity"), report) {
        Some(element) => identity(element, report),
        None => {
            report.add(
                root.at,
                ShapeProblem::Missing {
                    piece: Piece::Element("Identity"),
                    parent: quoted(root.name.written),
                },
            );
            None
        }
    };
    let properties = properties(root, report);
    let languages = languages(root, report);
    let targets = targets(root, report);
    let named = |name| targets.iter().find(|target| target.name == name);
    let min_version =
        named("Windows.Desktop").or_else(|| named("Windows.Universal")).and_then(|target| target.min_version);
    let applications = applications(root, &Context { ignorable, min_version }, report);
    if let Some(min) = min_version.filter(|min| {
        *min < CLASS_TASKS && applications.iter().any(|application| !application.servers.is_empty())
    }) {
        let at = targets_at(root);
        report.add(at, PackageProblem::TooOldForTasks { min });
    }
    let capabilities = capabilities(root, &applications, report);
    let Properties { display_name, publisher_display_name, description, logo } = properties;
    Some(Manifest {
        identity: identity?,
        display_name,
        publisher_display_name,
        description,
        logo,
        languages,
        targets,
        capabilities,
        applications,
        warnings: Vec::new(),
    })
}

fn languages(root: &Element<'_>, report: &mut Report<'_>) -> Vec<String> {
    let resources = single(root, |child| child.is("Resources"), report);
    let mut found = Vec::new();
    for resource in
        resources.iter().flat_map(|resources| &resources.children).filter(|child| child.is("Resource"))
    {
        let Some(language) = resource.attribute("Language") else { continue };
        if is_language(&language.value) {
            found.push(language.value.as_ref().to_owned());
        } else {
            report.add(language.value_at, PackageProblem::Language { value: quoted(&language.value) });
        }
    }
    if found.is_empty() {
        report.add(resources.map_or(root.at, |resources| resources.at), PackageProblem::NoLanguage);
    }
    found
}

/// Whether this has the outer form of a BCP 47 language tag.
fn is_language(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().is_some_and(|primary| {
        (2..=8).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    primary
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}
