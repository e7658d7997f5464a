//! What the broker knows about this process: its package, and what the user allows it.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use oncue_types::Access;
use oncue_wire::{Identity, Word, ask};

use crate::broker::client::Client;
use crate::{BackgroundAccessStatus, Error, Package};

pub(crate) fn access_status() -> Result<BackgroundAccessStatus, Error> {
    let identity = Client::get().ask(&ask::Identity)?;
    Ok(status(&identity.access))
}

pub(crate) fn package() -> Result<Package, Error> {
    let Identity { family_name, full_name, location, .. } = Client::get().ask(&ask::Identity)?;
    Ok(Package::new(family_name, full_name, location.into()))
}

/// Only the user has access to the folder.
pub(crate) fn local_folder() -> Result<PathBuf, Error> {
    let local_folder = PathBuf::from(Client::get().ask(&ask::Identity)?.local_folder);
    match DirBuilder::new().recursive(true).mode(0o700).create(&local_folder) {
        Ok(()) => Ok(local_folder),
        Err(source) => Err(Error::local_folder(local_folder, source)),
    }
}

fn status(access: &Word<Access>) -> BackgroundAccessStatus {
    match access {
        Word::Known(Access::Always) => BackgroundAccessStatus::AlwaysAllowed,
        Word::Known(Access::Policy) => BackgroundAccessStatus::AllowedSubjectToSystemPolicy,
        Word::Known(Access::Denied) => BackgroundAccessStatus::DeniedByUser,
        Word::Other(_) => BackgroundAccessStatus::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_broker_calls_access_has_the_numbers_of_winrt() {
        for (access, number) in [("always", 4), ("policy", 5), ("denied", 7), ("on full moons", 0)] {
            assert_eq!(status(&Word::read(access)) as u32, number, "{access}");
        }
        assert_eq!(BackgroundAccessStatus::DeniedBySystemPolicy as u32, 6);
    }
}
