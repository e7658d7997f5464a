//! Reads `Identity`. All of it must be valid, because names and folders are derived from it.

use std::borrow::Cow;

use super::name::{is_device, strange_character};
use super::shape::{check_attributes, needed};
use crate::identity::{Architecture, Identity};
use crate::problem::{Report, Severity, quoted};
use crate::publisher::misshapen_part;
use crate::xml::{Attribute, Element};
use oncue_types::Version;

/// The package's identity is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityProblem {
    /// A part of the identity is too short or too long.
    #[error("`{attribute}` has {length} characters; it must have {least} to {most}")]
    Length {
        /// The attribute.
        attribute: &'static str,
        /// Its length in characters.
        length: usize,
        /// The minimum.
        least: usize,
        /// The maximum.
        most: usize,
    },
    /// A character that is not allowed.
    #[error("`{attribute}` contains {character:?}; only ASCII letters, digits, `.` and `-` are allowed")]
    Character {
        /// The attribute.
        attribute: &'static str,
        /// The character.
        character: char,
    },
    /// The name of a device.
    #[error("`{attribute}` is `{value}`, a name that Windows reserves for a device")]
    Device {
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        value: String,
    },
    /// The publisher is not a distinguished name.
    #[error("publisher part `{part}` is not of the form `KEY=value`, as Windows requires")]
    Publisher {
        /// The first invalid part.
        part: String,
    },
    /// The version is invalid.
    #[error("version `{value}` is not four numbers from 0 to 65535, separated by `.`")]
    Version {
        /// The value as written.
        value: String,
    },
    /// The version begins with 0.
    #[error("version {version} begins with 0, which Windows does not accept")]
    MajorZero {
        /// The version.
        version: Version,
    },
    /// The architecture is unknown.
    #[error("architecture `{value}` is not x86, x64, arm, arm64 or neutral")]
    Architecture {
        /// The value as written.
        value: String,
    },
}

impl IdentityProblem {
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::Publisher { .. } | Self::MajorZero { .. } => Severity::WindowsRefuses,
            Self::Length { .. }
            | Self::Character { .. }
            | Self::Device { .. }
            | Self::Version { .. }
            | Self::Architecture { .. } => Severity::Error,
        }
    }

    pub(crate) fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::Length { least, most, .. } => format!("write {least} to {most} characters").into(),
            Self::Character { .. } => "replace it; `DisplayName` can contain any characters".into(),
            Self::Device { .. } => "choose another name".into(),
            Self::Publisher { .. } => {
                "write the certificate's subject, as in `CN=Contoso, O=Contoso Ltd, C=US`".into()
            }
            Self::Version { .. } | Self::MajorZero { .. } => "write a version such as 1.0.0.0".into(),
            Self::Architecture { .. } => {
                "use one of these in lower case, or omit the attribute for neutral".into()
            }
        }
    }
}

/// Reads the identity; `None` if it contains an error, which is reported.
pub(super) fn identity(element: &Element<'_>, report: &mut Report<'_>) -> Option<Identity> {
    check_attributes(
        element,
        &["Name", "Publisher", "Version", "ProcessorArchitecture", "ResourceId"],
        report,
    );
    let name = needed(element, "Name", report).and_then(|name| plain(name, "Name", 3, 50, report));
    let publisher =
        needed(element, "Publisher", report).and_then(|publisher| distinguished(publisher, report));
    let version = needed(element, "Version", report).and_then(|version| four_numbers(version, report));
    let architecture = element
        .attribute("ProcessorArchitecture")
        .map_or(Some(Architecture::Neutral), |written| processor(written, report));
    let resource_id = element
        .attribute("ResourceId")
        .map_or(Some(String::new()), |id| plain(id, "ResourceId", 1, 30, report));
    Some(Identity {
        name: name?,
        publisher: publisher?,
        version: version?,
        architecture: architecture?,
        resource_id: resource_id?,
    })
}

fn plain(
    written: &Attribute<'_>,
    attribute: &'static str,
    least: usize,
    most: usize,
    report: &mut Report<'_>,
) -> Option<String> {
    let value = written.value.as_ref();
    let length = value.chars().count();
    let wrong = match strange_character(value) {
        _ if !(least..=most).contains(&length) => {
            Some(IdentityProblem::Length { attribute, length, least, most })
        }
        Some(character) => Some(IdentityProblem::Character { attribute, character }),
        None if is_device(value) => Some(IdentityProblem::Device { attribute, value: quoted(value) }),
        None => None,
    };
    match wrong {
        None => Some(value.to_owned()),
        Some(what) => {
            report.add(written.value_at, what);
            None
        }
    }
}

fn distinguished(written: &Attribute<'_>, report: &mut Report<'_>) -> Option<String> {
    let value = written.value.as_ref();
    let length = value.chars().count();
    if !(1..=8192).contains(&length) {
        report.add(
            written.value_at,
            IdentityProblem::Length { attribute: "Publisher", length, least: 1, most: 8192 },
        );
        return None;
    }
    if let Some(part) = misshapen_part(value) {
        report.add(written.value_at, IdentityProblem::Publisher { part: quoted(part) });
    }
    Some(value.to_owned())
}

fn four_numbers(written: &Attribute<'_>, report: &mut Report<'_>) -> Option<Version> {
    let Ok(version) = written.value.parse::<Version>() else {
        report.add(written.value_at, IdentityProblem::Version { value: quoted(&written.value) });
        return None;
    };
    if version.major == 0 {
        report.add(written.value_at, IdentityProblem::MajorZero { version });
    }
    Some(version)
}

fn processor(written: &Attribute<'_>, report: &mut Report<'_>) -> Option<Architecture> {
    let architecture = written.value.parse().ok();
    if architecture.is_none() {
        report.add(written.value_at, IdentityProblem::Architecture { value: quoted(&written.value) });
    }
    architecture
}
