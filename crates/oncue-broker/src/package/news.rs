//! What the finder reports to the loop.

use std::path::PathBuf;

use oncue_core::{Consent, FamilyName, RequestId};

use super::executable::ExecutableError;
use super::load::{Candidate, Loaded, PackageProblem};
use crate::errand::Unanswered;
use crate::front::turns::PeerId;
use crate::launch::blame::Blame;

/// The result of reading or searching folders.
#[derive(Debug)]
pub(crate) enum News {
    /// The folder of a known package was read.
    Read { family: FamilyName, location: PathBuf, result: Result<Loaded, Trouble> },
    /// The folder that a client wants to add was read.
    Offered { request: RequestId, consent: Consent, result: Result<Candidate, Trouble> },
    /// A package was found below `XDG_DATA_DIRS`, or beside the program of that connection.
    Found { beside: Option<PeerId>, result: Result<Candidate, Trouble> },
    /// A package that the system had installed is no longer in its folder.
    Gone { family: FamilyName, location: PathBuf },
    /// The search below `XDG_DATA_DIRS` has ended.
    LookedForShared,
    /// The search below `XDG_DATA_DIRS` has ended, and a client waits for the list of packages.
    Listed(RequestId),
    /// The search for the package of a connection's program has ended.
    LookedFor(PeerId),
}

/// Why a folder cannot be used as a package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Package(#[from] PackageProblem),
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
}

impl Trouble {
    /// Returns who is to blame.
    pub(crate) fn blame(&self) -> Blame {
        match self {
            Self::Package(PackageProblem::Unreadable { source, .. })
            | Self::Package(PackageProblem::Executable {
                problem: ExecutableError::Unreadable { source, .. },
            }) => Blame::of(source),
            Self::Package(_) => Blame::Program,
            Self::Unanswered(unanswered) => unanswered.into(),
        }
    }

    /// Returns what the user can do about it.
    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::Package(problem) => problem.way_out(),
            Self::Unanswered(unanswered) => unanswered.way_out().into(),
        }
    }
}
