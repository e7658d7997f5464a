//! Installs the service when the core wants it, and removes it again.
//!
//! Both take as long as file systems, the user manager and the portal take, so a task of its own sends one
//! errand after another. If the wish changes meanwhile, only the last one counts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::program::Role;
use super::{Folders, Installer, Program, Service, ServiceError};
use crate::errand::Errands;

/// How long an errand may take: the user manager reads all its units, and the portal may ask the user.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long the end of the broker may wait for it.
const END: Duration = Duration::from_secs(10);

/// Makes the broker start at log-in, or no longer.
pub(crate) struct AtLogIn {
    wanted: watch::Sender<Option<bool>>,
    worker: JoinHandle<()>,
}

impl AtLogIn {
    /// Starts the task that does what is wanted. The service starts this program in this role.
    pub(crate) fn new(role: Role, errands: Errands) -> Self {
        let (wanted, wishes) = watch::channel(None);
        Self { wanted, worker: tokio::spawn(work(role, errands, wishes)) }
    }

    /// Wants the broker to start at log-in, or not to.
    pub(crate) fn want(&self, wanted: bool) {
        self.wanted.send_replace(Some(wanted));
    }

    /// Waits until the last wish is fulfilled, but not for long.
    pub(crate) async fn done(&mut self) {
        self.wanted = watch::Sender::new(None);
        if timeout(END, &mut self.worker).await.is_err() {
            tracing::warn!("what starts at log-in could not be changed within {} s", END.as_secs());
        }
    }
}

async fn work(role: Role, errands: Errands, mut wishes: watch::Receiver<Option<bool>>) {
    // The last wish is still seen when the sender is gone.
    while wishes.changed().await.is_ok() {
        let wish = *wishes.borrow_and_update();
        let Some(wanted) = wish else { continue };
        let place = Folders::here().map_or_else(|| PathBuf::from("/"), |folders| folders.entry());
        let place = place.parent().unwrap_or(Path::new("/")).to_owned();
        match errands.ask(&place, PATIENCE, move || fulfil(role, wanted)).await {
            Ok(Ok(Some(done))) => tracing::info!("{done}"),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::warn!("{error}; `oncue service status` shows what starts at log-in"),
            Err(unanswered) => tracing::warn!("changing what starts at log-in: {unanswered}"),
        }
    }
}

/// Installs or removes the service, unless the user has decided otherwise; returns what was done.
fn fulfil(role: Role, wanted: bool) -> Result<Option<String>, ServiceError> {
    let service = Service::here()?;
    let program = Program::of_this_process(role).map_err(|source| ServiceError::File {
        what: "finding",
        file: "/proc/self/exe".into(),
        source,
    })?;
    change(&service, &program, wanted)
}

fn change(service: &Service, program: &Program, wanted: bool) -> Result<Option<String>, ServiceError> {
    let starter = service.starter();
    let is_broken = starter
        .as_ref()
        .and_then(|starter| starter.program.as_ref())
        .is_some_and(|program| !program.exists());
    match (wanted, service.installer()) {
        (true, None) if starter.is_none() && !service.is_declined() => {}
        // An app that was moved or removed has installed it.
        (true, Some(Installer::Broker)) if is_broken => {}
        (true, _) | (false, None | Some(Installer::User)) => return Ok(None),
        (false, Some(Installer::Broker)) => {
            service.remove()?;
            return Ok(Some("no task is left: the broker no longer starts at log-in".into()));
        }
    }
    let installed = service.install(program, Installer::Broker)?;
    if let Some(error) = installed.unread {
        tracing::info!("{error}; it reads them at the next log-in");
    }
    Ok(Some(format!("tasks are registered: {} starts at log-in from now on", program.path().display())))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{Means, bus, portal, units};
    use super::*;

    fn service(root: &Path) -> Service {
        let (units, portal) = (units::Units::nowhere(), portal::Portal::nowhere());
        let (folders, bus) = (Folders::below(root), bus::Bus::nowhere());
        Service { folders, means: Means::Autostart, units, portal, bus, on_bus: true }
    }

    #[test]
    fn it_comes_with_the_first_task_and_goes_with_the_last() {
        let root = tempfile::tempdir().unwrap();
        let service = service(root.path());
        let app = root.path().join("app");
        fs::write(&app, "").unwrap();
        let program = Program::new(app.clone(), Role::Embedded);
        assert!(change(&service, &program, true).unwrap().unwrap().contains("starts at log-in"));
        assert_eq!(change(&service, &program, true).unwrap(), None);
        // The app that has installed it is gone, and another one has tasks.
        fs::remove_file(app).unwrap();
        let other = Program::of_this_process(Role::Daemon).unwrap();
        assert!(change(&service, &other, true).unwrap().is_some());
        assert_eq!(service.program().as_deref(), Some(other.path()));
        assert!(change(&service, &other, false).unwrap().is_some());
        assert_eq!((service.starter(), change(&service, &other, false).unwrap()), (None, None));
    }

    #[test]
    fn what_the_user_has_decided_stays() {
        let root = tempfile::tempdir().unwrap();
        let service = service(root.path());
        let program = Program::of_this_process(Role::Daemon).unwrap();
        service.install(&program, Installer::User).unwrap();
        assert_eq!(change(&service, &program, false).unwrap(), None);
        service.uninstall().unwrap();
        assert_eq!(change(&service, &program, true).unwrap(), None);
        assert_eq!(service.starter(), None);
    }

    #[test]
    fn what_the_user_has_written_is_enough() {
        let root = tempfile::tempdir().unwrap();
        let service = service(root.path());
        let own = root.path().join("shared/mine.desktop");
        fs::create_dir_all(own.parent().unwrap()).unwrap();
        fs::write(&own, "[Desktop Entry]\nExec=/gone/oncue daemon\n").unwrap();
        let program = Program::of_this_process(Role::Daemon).unwrap();
        assert_eq!(change(&service, &program, true).unwrap(), None);
        assert_eq!(change(&service, &program, false).unwrap(), None);
        assert!(own.exists());
    }
}
