//! Why a verb failed on Windows: the facts, the way out, and the exit code.

use std::io;
use std::path::PathBuf;

use crate::draft::DraftError;
use crate::exit::Exit;
use crate::layout::LayoutError;
use crate::render::report::report;

/// Error numbers of Windows, and what to do about them.
const NUMBERS: [(u32, &str); 6] = [
    (0x8007_3cff, "switch developer mode on: Settings, For developers"),
    (0x8007_3d02, "close the package's programs, and retry"),
    (0x8007_3cf6, "see `oncue package check FOLDER`, and `Get-AppPackageLog`"),
    (0x8007_3cf9, "see `oncue package check FOLDER`, and `Get-AppPackageLog`"),
    (0x8007_3cfb, "first remove the package with this name: `oncue package remove NAME`"),
    (0x8004_0154, "use Windows 10 version 2004 (build 19041) or later"),
];

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The verb is not available on Windows.
    #[error("`oncue {verb}` is not available on Windows: {why}")]
    Elsewhere {
        /// The verb.
        verb: &'static str,
        /// The reason.
        why: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// There is no such verb.
    #[error("there is no verb `{verb}`")]
    NoVerb {
        /// As the user wrote it.
        verb: String,
    },
    /// Windows refused or failed.
    #[error("{what}: {} (0x{:08x})", source.message(), source.code().0)]
    Windows {
        /// What was attempted.
        what: &'static str,
        /// The error from Windows.
        source: windows::core::Error,
    },
    /// No package has that name.
    #[error("no package is called `{named}`")]
    NoPackage {
        /// As given by the user.
        named: String,
    },
    /// The name matches several packages.
    #[error("`{named}` matches {} packages", candidates.len())]
    AmbiguousPackage {
        /// As given by the user.
        named: String,
        /// Their family names.
        candidates: Vec<String>,
    },
    /// A folder is not a package.
    #[error("no AppxManifest.xml in {}", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// A package could not be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A crate could not be turned into a package.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// A file that a verb needs cannot be read.
    #[error("reading {}", path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The answer could not be written.
    #[error("writing the answer")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Reports that a folder has no manifest.
    pub(crate) fn no_manifest(folder: PathBuf) -> Self {
        Self::NoManifest { folder }
    }

    /// Adds what was attempted to an error of Windows.
    pub(crate) fn of_windows(what: &'static str) -> impl Fn(windows::core::Error) -> Self {
        move |source| Self::Windows { what, source }
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Elsewhere { .. } | Self::AmbiguousPackage { .. } | Self::NoManifest { .. } => Exit::Refused,
            Self::NoVerb { .. } => Exit::Usage,
            Self::NoPackage { .. } => Exit::NotFound,
            Self::Layout(error) => error.exit(),
            Self::Draft(error) => error.exit(),
            // The reader has closed the pipe and does not want more.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Windows { .. } | Self::Unreadable { .. } | Self::Output(_) => Exit::Failed,
        }
    }

    /// Writes the facts and the way out to standard error.
    pub(crate) fn report(&self) {
        if self.exit() != Exit::Done {
            report(self, self.exit(), self.candidates(), self.way_out());
        }
    }

    fn way_out(&self) -> Option<String> {
        match self {
            Self::Elsewhere { instead, .. } => Some((*instead).to_owned()),
            Self::NoVerb { .. } => Some("see `oncue help`".into()),
            Self::Windows { source, .. } => {
                let number = source.code().0.cast_unsigned();
                let known = NUMBERS.iter().find(|(known, _)| *known == number);
                Some(known.map_or("see `Get-AppPackageLog`", |(_, way_out)| way_out).to_owned())
            }
            Self::NoPackage { .. } => Some("see `oncue package list`".into()),
            Self::AmbiguousPackage { .. } => Some("use its full family name".into()),
            Self::NoManifest { .. } => Some("pass the folder that contains it, or that file".into()),
            Self::Layout(error) => Some(error.way_out()),
            Self::Draft(error) => Some(error.way_out()),
            Self::Unreadable { .. } | Self::Output(_) => None,
        }
    }

    fn candidates(&self) -> &[String] {
        match self {
            Self::AmbiguousPackage { candidates, .. } => candidates,
            _ => &[],
        }
    }
}
