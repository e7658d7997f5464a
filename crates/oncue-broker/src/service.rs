//! The service: starts the broker when the user logs in.
//!
//! The starter depends on the system: units of the systemd user manager if there is one, the Background
//! portal inside a sandbox, and otherwise an autostart entry, which every desktop reads. All calls here may
//! block, on files or on another process; the broker makes them on errands.

mod automatic;
mod error;
mod folders;
mod linger;
mod owned;
mod portal;
mod program;
mod text;
mod units;

use std::path::{Path, PathBuf};

use oncue_wire::Place;

pub(crate) use automatic::AtLogIn;
pub use error::ServiceError;
pub use folders::{Folders, Starter};
pub use linger::Linger;
pub use owned::Installer;
pub use program::{Program, Role};

use owned::Owned;
use portal::Portal;
use units::Units;

/// The way in which the broker starts at log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Units of the systemd user manager.
    Units,
    /// An XDG autostart entry.
    Autostart,
    /// The Background portal, which writes an autostart entry outside of the sandbox.
    Portal,
}

/// Returns the names and texts of the units with which a package can bring `program` to all users.
///
/// # Errors
/// Returns an error if the path cannot be written into a unit.
pub fn units_for(program: &Program) -> Result<[(&'static str, String); 2], ServiceError> {
    Ok([("oncue.service", text::service(program)?), ("oncue.socket", text::socket(program)?)])
}

/// Installs, removes and describes the service of one user.
#[derive(Debug)]
pub struct Service {
    folders: Folders,
    means: Means,
    units: Units,
    portal: Portal,
}

/// The result of installing.
#[derive(Debug)]
pub struct Installed {
    /// How the broker starts from now on.
    pub means: Means,
    /// The files.
    pub files: Vec<PathBuf>,
    /// Why the user manager has not read the files. It reads them at the next log-in.
    pub unread: Option<ServiceError>,
}

impl Service {
    /// Finds out how this user's session starts programs.
    ///
    /// # Errors
    /// Returns an error if `ONCUE_HOME` is set, or if the environment names no folders.
    pub fn here() -> Result<Self, ServiceError> {
        if Place::is_own_home() {
            return Err(ServiceError::OwnHome);
        }
        let folders = Folders::here().ok_or(ServiceError::NoFolders)?;
        let means = if Path::new("/.flatpak-info").exists() {
            Means::Portal
        } else if folders.has_manager {
            Means::Units
        } else {
            Means::Autostart
        };
        Ok(Self { folders, means, units: Units::here(), portal: Portal::here() })
    }

    /// Returns what starts the broker at log-in, once it is installed.
    #[must_use]
    pub fn means(&self) -> Means {
        self.means
    }

    /// Returns what starts the broker at log-in, whoever has installed it.
    #[must_use]
    pub fn starter(&self) -> Option<Starter> {
        self.folders.starter()
    }

    /// Makes `program` start at log-in. It is not started now.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written, or exists and was not written by oncue.
    pub fn install(&self, program: &Program, by: Installer) -> Result<Installed, ServiceError> {
        owned::remove(&self.folders.declined())?;
        match self.means {
            Means::Units => {
                let files = self.unit_files();
                let texts = [text::service(program)?, text::socket(program)?];
                owned::write_all(files.iter().zip(texts), by)?;
                for (file, link) in files.iter().zip(self.folders.wants()) {
                    owned::link(&link, file)?;
                }
                let unread = self.units.reload().err();
                Ok(Installed { means: self.means, files: files.map(Owned::into_path).into(), unread })
            }
            Means::Autostart => {
                let file = Owned::at(self.folders.entry());
                owned::write_all([(&file, text::entry(program)?)], by)?;
                Ok(Installed { means: self.means, files: vec![file.into_path()], unread: None })
            }
            Means::Portal => {
                self.portal.request(Some(program))?;
                let note = Owned::at(self.folders.portal_note());
                owned::write_all([(&note, text::portal_note())], by)?;
                Ok(Installed { means: self.means, files: Vec::new(), unread: None })
            }
        }
    }

    /// Starts the installed units now, so that the user manager listens at the broker's socket. Nothing else
    /// may listen there.
    ///
    /// # Errors
    /// Returns an error if there are no units, or if the user manager refuses.
    pub fn start(&self) -> Result<(), ServiceError> {
        self.units.start()
    }

    /// Removes everything that oncue has installed on behalf of the user, who does not want the broker to
    /// install it again; returns the files. A broker that runs is left alone.
    ///
    /// # Errors
    /// Returns an error if a file cannot be removed.
    pub fn uninstall(&self) -> Result<Vec<PathBuf>, ServiceError> {
        let removed = self.remove()?;
        owned::note(&self.folders.declined(), text::DECLINED)?;
        Ok(removed)
    }

    /// Returns whether the user has removed the service, so that the broker must not install it again.
    #[must_use]
    pub fn is_declined(&self) -> bool {
        self.folders.declined().exists()
    }

    fn remove(&self) -> Result<Vec<PathBuf>, ServiceError> {
        let mut removed = Vec::new();
        let files = self.unit_files();
        if files.iter().any(|file| file.is_there()) {
            self.units.let_go();
        }
        for (file, link) in files.iter().zip(self.folders.wants()) {
            removed.extend(owned::unlink(&link, file)?);
            removed.extend(file.remove()?);
        }
        if !removed.is_empty() {
            // A manager that does not run has nothing to forget.
            let _ = self.units.reload();
        }
        removed.extend(Owned::at(self.folders.entry()).remove()?);
        let note = Owned::at(self.folders.portal_note());
        if note.installer().is_some() {
            self.portal.request(None)?;
            note.remove()?;
        }
        Ok(removed)
    }

    /// Returns who has installed what is there, if it was oncue.
    #[must_use]
    pub fn installer(&self) -> Option<Installer> {
        let [service, _] = self.unit_files();
        let notes = [self.folders.entry(), self.folders.portal_note()].map(Owned::at);
        [service].iter().chain(&notes).find_map(Owned::installer)
    }

    /// Returns the program that the installed files start.
    #[must_use]
    pub fn program(&self) -> Option<PathBuf> {
        self.starter()?.program
    }

    fn unit_files(&self) -> [Owned; 2] {
        self.folders.units().map(Owned::at)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn service(root: &Path, means: Means) -> Service {
        Service { folders: Folders::below(root), means, units: Units::nowhere(), portal: Portal::nowhere() }
    }

    fn program() -> Program {
        Program::new("/opt/my apps/oncue".into(), program::Role::Daemon)
    }

    fn all_files(root: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(path),
                    false => found.push(path.strip_prefix(root).unwrap().display().to_string()),
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn what_is_installed_starts_the_broker_and_goes_without_a_trace() {
        for means in [Means::Units, Means::Autostart] {
            let root = tempfile::tempdir().unwrap();
            let service = service(root.path(), means);
            assert_eq!((service.starter(), service.installer()), (None, None));
            service.install(&program(), Installer::Broker).unwrap();
            let starter = service.starter().unwrap();
            assert_eq!(starter.program.as_deref(), Some(Path::new("/opt/my apps/oncue")), "{means:?}");
            assert_eq!(service.installer(), Some(Installer::Broker));
            // Installing again changes nothing but who wanted it.
            let files = all_files(root.path());
            service.install(&program(), Installer::User).unwrap();
            assert_eq!((all_files(root.path()), service.installer()), (files, Some(Installer::User)));
            service.remove().unwrap();
            assert_eq!((all_files(root.path()), service.starter()), (Vec::new(), None));
            assert_eq!(service.uninstall().unwrap(), Vec::<PathBuf>::new());
            assert!(service.is_declined());
            service.install(&program(), Installer::User).unwrap();
            assert!(!service.is_declined());
        }
    }

    #[test]
    fn a_unit_is_enabled_for_every_log_in_with_its_socket() {
        let root = tempfile::tempdir().unwrap();
        let installed = service(root.path(), Means::Units).install(&program(), Installer::User).unwrap();
        assert_eq!(
            all_files(root.path()),
            [
                "config/systemd/user/default.target.wants/oncue.service",
                "config/systemd/user/oncue.service",
                "config/systemd/user/oncue.socket",
                "config/systemd/user/sockets.target.wants/oncue.socket",
            ]
        );
        assert!(matches!(installed.unread, Some(ServiceError::Manager { .. })), "no manager runs here");
    }

    #[test]
    fn what_somebody_else_has_written_is_neither_replaced_nor_removed() {
        let root = tempfile::tempdir().unwrap();
        let service = service(root.path(), Means::Units);
        let [unit, _] = service.folders.units();
        fs::create_dir_all(unit.parent().unwrap()).unwrap();
        fs::write(&unit, "[Service]\nExecStart=/bin/mine daemon\n").unwrap();
        let refused = service.install(&program(), Installer::User).unwrap_err();
        assert!(matches!(&refused, ServiceError::NotOurs { file } if *file == unit), "{refused}");
        service.remove().unwrap();
        assert_eq!(all_files(root.path()), ["config/systemd/user/oncue.service"]);
        assert_eq!(fs::read_to_string(&unit).unwrap(), "[Service]\nExecStart=/bin/mine daemon\n");
    }
}
