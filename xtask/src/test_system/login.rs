//! Logs users in: sessions at the guest's seat, and folders for the user's files.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::failure::Failure;
use super::until::until;
use super::{service, shell};

/// The login manager, and its first object.
const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";

/// Numbers are never reused.
fn number() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// A session, which is ended when dropped.
pub(super) struct Login {
    unit: String,
}

impl Login {
    /// Logs a user in at the seat, in a session whose first process the caller specifies.
    pub(super) fn with_first_process(
        user: &str,
        name: impl FnOnce(&mut Command),
    ) -> Result<(Self, Child), Failure> {
        let unit = format!("oncue-suite-{}.service", number());
        let mut command = Command::new("systemd-run");
        command.args(["--quiet", "--pipe", "--wait", "--collect", "--unit", &unit]);
        command.args(["--property=PAMName=oncue-suite", "--setenv=XDG_SEAT=seat0"]);
        command.arg(format!("--property=User={user}"));
        name(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(Failure::system("systemd-run"))?;
        Ok((Self { unit }, child))
    }

    /// The session's first process.
    pub(super) fn first_process(&self) -> Result<String, Failure> {
        shell::run(&["systemctl", "show", "--property=MainPID", "--value", &self.unit])
    }

    /// Waits until the user's own systemd can be reached.
    pub(super) fn user_manager_runs(&self, user_id: &str) -> Result<(), Failure> {
        // Until logind knows the session, the user's systemd has not been requested.
        self.known()?;
        shell::run(&["systemctl", "start", &format!("user@{user_id}.service")]).map(drop)
    }

    /// Waits until logind knows the session.
    fn known(&self) -> Result<(), Failure> {
        until("a session", || Ok(self.path().is_ok()))
    }

    /// The path of the session's object.
    fn path(&self) -> Result<String, Failure> {
        let pid = self.first_process()?;
        let path = manager("GetSessionByPID", &["u", &pid])?;
        Ok(path.trim_start_matches("o ").trim_matches('"').to_owned())
    }

    /// The end of the guest's journal.
    pub(super) fn journal(&self) -> String {
        shell::run(&["journalctl", "--no-pager", "--lines=30"]).unwrap_or_default()
    }

    /// Calls a method of the session.
    pub(super) fn call(&self, method: &str, words: &[&str]) -> Result<(), Failure> {
        let interface = "org.freedesktop.login1.Session";
        service::call(NAME, &self.path()?, (interface, method), words).map(drop)
    }
}

/// Ends a user's sessions and processes, and waits until nothing is left that could affect the next
/// session.
pub(super) fn end_all_of(user: &str) -> Result<(), Failure> {
    let user_id = shell::run(&["id", "--user", user])?;
    shell::run(&["loginctl", "terminate-user", user])?;
    shell::run(&["systemctl", "kill", "--signal=KILL", &format!("user-{user_id}.slice")])?;
    until(&format!("the end of {user}"), || {
        Ok(manager("GetUser", &["u", &user_id]).is_err() && units_of(&user_id)?.is_empty())
    })?;
    // After a restart, logind numbers sessions from the beginning and meets failed ones with the
    // same name.
    shell::run(&["systemctl", "reset-failed"]).map(drop)
}

/// The remaining systemd units of a user.
fn units_of(user_id: &str) -> Result<String, Failure> {
    let units = [format!("user-{user_id}.slice"), format!("*@{user_id}.service")];
    let list = ["systemctl", "list-units", "--all", "--plain", "--no-legend", "--state=active,deactivating"];
    shell::run(&[&list[..], &[&units[0], &units[1]]].concat())
}

impl Drop for Login {
    fn drop(&mut self) {
        let _ = shell::run(&["systemctl", "kill", "--signal=KILL", &self.unit]);
    }
}

/// Calls a method of the login manager.
pub(super) fn manager(method: &str, words: &[&str]) -> Result<String, Failure> {
    service::call(NAME, PATH, ("org.freedesktop.login1.Manager", method), words)
}

/// A folder for configuration, state, socket and data.
pub(super) struct Home {
    path: String,
    mounted: bool,
}

impl Home {
    /// Creates one.
    pub(super) fn new() -> Result<Self, Failure> {
        let path = format!("/home/tester/{}", number());
        shell::run(&["install", "--directory", "--owner=tester", &path])?;
        Ok(Self { path, mounted: false })
    }

    /// Creates one on a disk of this many megabytes.
    pub(super) fn on_disk(megabytes: u32) -> Result<Self, Failure> {
        let mut home = Self::new()?;
        let options = format!("size={megabytes}m,uid=tester");
        shell::run(&["mount", "-t", "tmpfs", "-o", &options, "tmpfs", &home.path])?;
        home.mounted = true;
        Ok(home)
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.mounted {
            let _ = shell::run(&["umount", "--lazy", &self.path]);
        }
    }
}
