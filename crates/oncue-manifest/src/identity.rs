//! A package's identity, and the names that Windows derives from it.

use std::fmt;
use std::str::FromStr;

use crate::publisher::publisher_id;
use oncue_types::Version;

/// The processor a package's code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Architecture {
    /// 32-bit Intel.
    X86,
    /// 64-bit Intel.
    X64,
    /// 32-bit ARM.
    Arm,
    /// 64-bit ARM.
    Arm64,
    /// Any; the default without `ProcessorArchitecture`.
    Neutral,
}

/// The text is not an architecture.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an architecture: expected x86, x64, arm, arm64 or neutral")]
pub struct ArchitectureError;

impl fmt::Debug for ArchitectureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Architecture {
    type Err = ArchitectureError;

    fn from_str(text: &str) -> Result<Self, ArchitectureError> {
        match text {
            "x86" => Ok(Self::X86),
            "x64" => Ok(Self::X64),
            "arm" => Ok(Self::Arm),
            "arm64" => Ok(Self::Arm64),
            "neutral" => Ok(Self::Neutral),
            _ => Err(ArchitectureError),
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86 => "x86",
            Self::X64 => "x64",
            Self::Arm => "arm",
            Self::Arm64 => "arm64",
            Self::Neutral => "neutral",
        })
    }
}

/// A package's identity (Microsoft, "Identity (Windows 10)").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Name, 3 to 50 letters, digits, `.` and `-`.
    pub name: String,
    /// Publisher, a distinguished name such as `CN=Contoso`.
    pub publisher: String,
    /// Version.
    pub version: Version,
    /// Architecture.
    pub architecture: Architecture,
    /// Distinguishes packages that contain only resources; empty for all others.
    pub resource_id: String,
}

impl Identity {
    /// Returns the thirteen characters that represent the publisher in package names.
    #[must_use]
    pub fn publisher_id(&self) -> String {
        publisher_id(&self.publisher)
    }

    /// Returns the family name: the same for every version and architecture of a package.
    #[must_use]
    pub fn family_name(&self) -> String {
        format!("{}_{}", self.name, self.publisher_id())
    }

    /// Returns the full name: this version, for this architecture.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!(
            "{}_{}_{}_{}_{}",
            self.name,
            self.version,
            self.architecture,
            self.resource_id,
            self.publisher_id()
        )
    }

    /// Returns the application user model id (AUMID) of one of the package's applications.
    #[must_use]
    pub fn app_user_model_id(&self, application: &str) -> String {
        format!("{}!{application}", self.family_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str, publisher: &str) -> Identity {
        Identity {
            name: name.into(),
            publisher: publisher.into(),
            version: Version::new(1, 0, 0, 0),
            architecture: Architecture::X64,
            resource_id: String::new(),
        }
    }

    #[test]
    fn names_are_those_windows_makes() {
        let sample = identity("SamplePackagedWinMainBackgroundApp", "CN=Contoso");
        assert_eq!(sample.family_name(), "SamplePackagedWinMainBackgroundApp_h91ms92gdsmmt");
        assert_eq!(sample.app_user_model_id("App"), "SamplePackagedWinMainBackgroundApp_h91ms92gdsmmt!App");
        assert_eq!(
            identity("Win32ConsoleCom-Sparse", "CN=Michael Koster").full_name(),
            "Win32ConsoleCom-Sparse_1.0.0.0_x64__sgy29b93sak7e"
        );
        let german = Identity { resource_id: "de".into(), ..sample };
        assert_eq!(german.full_name(), "SamplePackagedWinMainBackgroundApp_1.0.0.0_x64_de_h91ms92gdsmmt");
    }
}
