//! What the broker knows about this process: its package, and what the user allows it.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use oncue_wire::Identity;

use crate::broker::client::Client;
use crate::broker::question;
use crate::{BackgroundAccessStatus, Error, Package};

pub(crate) fn access_status() -> Result<BackgroundAccessStatus, Error> {
    let identity = Client::get().ask(question::identity())?;
    Ok(named(&identity.access))
}

pub(crate) fn package() -> Result<Package, Error> {
    let Identity { family_name, full_name, location, .. } = Client::get().ask(question::identity())?;
    Ok(Package::new(family_name, full_name, location.into()))
}

/// Only the user has access to the folder.
pub(crate) fn local_folder() -> Result<PathBuf, Error> {
    let local_folder = PathBuf::from(Client::get().ask(question::identity())?.local_folder);
    match DirBuilder::new().recursive(true).mode(0o700).create(&local_folder) {
        Ok(()) => Ok(local_folder),
        Err(source) => Err(Error::local_folder(local_folder, source)),
    }
}

fn named(access: &str) -> BackgroundAccessStatus {
    match access {
        "always" => BackgroundAccessStatus::AlwaysAllowed,
        "policy" => BackgroundAccessStatus::AllowedSubjectToSystemPolicy,
        "denied" => BackgroundAccessStatus::DeniedByUser,
        _ => BackgroundAccessStatus::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_broker_calls_access_has_the_numbers_of_winrt() {
        for (access, number) in [("always", 4), ("policy", 5), ("denied", 7), ("on full moons", 0)] {
            assert_eq!(named(access) as u32, number, "{access}");
        }
        assert_eq!(BackgroundAccessStatus::DeniedBySystemPolicy as u32, 6);
    }
}
