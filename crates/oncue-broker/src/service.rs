//! The service: starts the broker when the user logs in.
//!
//! The starter depends on the system: units of the systemd user manager if there is one, the Background
//! portal inside a sandbox, and otherwise an autostart entry, which every desktop reads. All calls here may
//! block, on files or on another process; the broker makes them on errands.

mod automatic;
mod bus;
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

use crate::config::Config;

pub(crate) use automatic::AtLogIn;
pub use bus::{NameOnBus, name_on_bus};
pub use error::ServiceError;
pub use folders::{Folders, Starter};
pub use linger::Linger;
pub use owned::Installer;
pub use program::{Program, Role};

use bus::Bus;
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

/// Returns the files with which a package brings `program` to all users: their paths below the prefix, such as
/// `/usr`, and their texts.
///
/// # Errors
/// Returns an error if the path of the program cannot be written into them.
pub fn packaged_files(program: &Program) -> Result<[(&'static str, String); 3], ServiceError> {
    Ok([
        ("lib/systemd/user/oncue.service", text::service(program)?),
        ("lib/systemd/user/oncue.socket", text::socket(program)?),
        ("share/dbus-1/services/org.oncue.Broker1.service", text::bus_service(program, true)?),
    ])
}

/// Installs, removes and describes the service of one user.
#[derive(Debug)]
pub struct Service {
    folders: Folders,
    means: Means,
    units: Units,
    portal: Portal,
    bus: Bus,
    /// Whether the session bus starts the broker when it is called.
    on_bus: bool,
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
        // A broker that cannot read the configuration does not start.
        let config =
            Place::find().ok().and_then(|place| Config::read(&place.config).ok()).unwrap_or_default();
        let on_bus = config.session_bus.is_wanted(false);
        Ok(Self { folders, means, units: Units::here(), portal: Portal::here(), bus: Bus::here(), on_bus })
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
        let mut installed = match self.means {
            Means::Units => {
                let files = self.unit_files();
                let texts = [text::service(program)?, text::socket(program)?];
                owned::write_all(files.iter().zip(texts), by)?;
                for (file, link) in files.iter().zip(self.folders.wants()) {
                    owned::link(&link, file)?;
                }
                let unread = self.units.reload().err();
                Installed { means: self.means, files: files.map(Owned::into_path).into(), unread }
            }
            Means::Autostart => {
                let file = Owned::at(self.folders.entry());
                owned::write_all([(&file, text::entry(program)?)], by)?;
                Installed { means: self.means, files: vec![file.into_path()], unread: None }
            }
            Means::Portal => {
                self.portal.request(Some(program))?;
                let note = Owned::at(self.folders.portal_note());
                owned::write_all([(&note, text::portal_note())], by)?;
                Installed { means: self.means, files: Vec::new(), unread: None }
            }
        };
        installed.files.extend(self.install_on_bus(program, by)?);
        Ok(installed)
    }

    /// Makes the session bus start `program` when it is called, if that is wanted; returns the file. A file of
    /// somebody else is left alone.
    fn install_on_bus(&self, program: &Program, by: Installer) -> Result<Option<PathBuf>, ServiceError> {
        let Some(file) = self.bus_file() else { return Ok(None) };
        let has_unit = match self.means {
            Means::Units => true,
            Means::Autostart => false,
            // The bus outside of the sandbox does not read the sandbox's files.
            Means::Portal => return Ok(None),
        };
        if !self.on_bus {
            file.remove()?;
        } else if !file.is_theirs() {
            owned::write_all([(&file, text::bus_service(program, has_unit)?)], by)?;
        }
        self.bus.reload();
        Ok(file.is_there().then(|| file.into_path()))
    }

    fn bus_file(&self) -> Option<Owned> {
        self.folders.bus_service().map(Owned::at)
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
        if let Some(file) = self.bus_file().map(|file| file.remove()).transpose()?.flatten() {
            removed.push(file);
            self.bus.reload();
        }
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
        let (folders, units, portal) = (Folders::below(root), Units::nowhere(), Portal::nowhere());
        Service { folders, means, units, portal, bus: Bus::nowhere(), on_bus: true }
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
                "data/dbus-1/services/org.oncue.Broker1.service",
            ]
        );
        assert!(matches!(installed.unread, Some(ServiceError::Manager { .. })), "no manager runs here");
    }

    #[test]
    fn the_bus_starts_the_unit_unless_that_is_switched_off_or_somebody_else_has_arranged_it() {
        let root = tempfile::tempdir().unwrap();
        let mut service = service(root.path(), Means::Units);
        let file = service.folders.bus_service().unwrap();
        service.install(&program(), Installer::User).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let lines = ["[D-BUS Service]", "Name=org.oncue.Broker1", "SystemdService=oncue.service"];
        assert!(lines.iter().all(|line| text.lines().any(|one| one == *line)), "{text}");
        service.on_bus = false;
        service.install(&program(), Installer::User).unwrap();
        assert!(!file.exists());
        service.on_bus = true;
        fs::write(&file, "[D-BUS Service]\n").unwrap();
        service.install(&program(), Installer::User).unwrap();
        service.remove().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "[D-BUS Service]\n");
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
