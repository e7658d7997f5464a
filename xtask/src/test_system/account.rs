//! The account of a user with the usual folders, who logs in and out: for what happens at log-in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;

use super::app::{self, Class, REPORTS};
use super::failure::Failure;
use super::login::{self, Login};
use super::shell;
use super::until::{PATIENCE, until};

const USER: &str = "tester";
const HOME: &str = "/home/tester";

/// What oncue may leave in the home.
const FOLDERS: [&str; 6] = [
    ".config/systemd",
    ".config/oncue",
    ".local/state/oncue",
    ".local/share/oncue",
    ".local/share/dbus-1",
    "bin",
];

/// The account. Everything is removed when it is dropped: sessions, processes and files.
pub(super) struct Account {
    user_id: String,
    reports: UnixDatagram,
    session: Option<(Login, Child)>,
}

impl Account {
    /// The account, logged out, with a `config.toml`.
    pub(super) fn new(config: &str) -> Result<Self, Failure> {
        let _ = fs::remove_file(REPORTS);
        let reports = UnixDatagram::bind(REPORTS).map_err(Failure::system("a socket for reports"))?;
        fs::set_permissions(REPORTS, fs::Permissions::from_mode(0o777))
            .map_err(Failure::system("the socket for reports"))?;
        let user_id = shell::run(&["id", "--user", USER])?;
        let account = Self { user_id, reports, session: None };
        account.clear();
        for folder in [".config", ".config/oncue", "bin"] {
            shell::run(&[
                "install",
                "--directory",
                "--owner",
                USER,
                "--group",
                USER,
                &format!("{HOME}/{folder}"),
            ])?;
        }
        let file = format!("{HOME}/.config/oncue/config.toml");
        fs::write(&file, config).map_err(Failure::system(file))?;
        Ok(account)
    }

    /// Logs in, and waits for the user's own systemd.
    pub(super) fn log_in(&mut self) -> Result<(), Failure> {
        let session = Login::with_first_process(USER, |command| {
            command.args(["sleep", "infinity"]);
        })?;
        session.0.user_manager_runs(&self.user_id)?;
        self.session = Some(session);
        Ok(())
    }

    /// Logs out, and waits until nothing of the user runs, unless services stay.
    pub(super) fn log_out(&mut self, services_stay: bool) -> Result<(), Failure> {
        let Some((login, mut process)) = self.session.take() else { return Ok(()) };
        drop(login);
        process.wait().map_err(Failure::system("waiting for the session"))?;
        let user = self.user_id.clone();
        let sessions = || shell::run(&["loginctl", "show-user", USER, "--property=Sessions", "--value"]);
        until("the end of the session", || {
            let gone = login::manager("GetUser", &["u", &user]).is_err();
            Ok(if services_stay { gone || sessions().is_ok_and(|all| all.is_empty()) } else { gone })
        })
    }

    /// A command run by the user, in the session.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--init-groups", program]);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", HOME).current_dir("/");
        command.env("XDG_RUNTIME_DIR", format!("/run/user/{}", self.user_id));
        command
    }

    /// Runs a program of the user.
    pub(super) fn run(&self, program: &str, words: &[&str]) -> Result<String, Failure> {
        shell::output(self.command(program).args(words))
    }

    /// The folder in which the user's own programs and files are.
    pub(super) const FOLDER: &str = "/home/tester/bin";

    /// Runs a command line of a shell in that folder.
    pub(super) fn types(&self, line: &str) -> Result<String, Failure> {
        shell::output(self.command("sh").args(["-c", line]).current_dir(Self::FOLDER))
    }

    /// Runs `oncue`.
    pub(super) fn oncue(&self, words: &[&str]) -> Result<String, Failure> {
        self.run("oncue", words)
    }

    /// Runs `oncue` with a verb that writes JSON.
    pub(super) fn json(&self, words: &[&str]) -> Result<Value, Failure> {
        let said = self.oncue(&[words, &["--json"]].concat())?;
        serde_json::from_str(&said).map_err(|error| Failure::App(format!("{words:?}: {error}: {said}")))
    }

    /// Registers a task; the package is added before.
    pub(super) fn task_on(&self, name: &str, trigger: &str) -> Result<(), Failure> {
        let suite = format!("{HOME}/package/suite");
        self.run(&suite, &app::registering(name, Class::Quick, trigger, "")).map(drop)
    }

    /// Adds the package, which starts a broker if none runs.
    pub(super) fn add_package(&self) -> Result<(), Failure> {
        self.oncue(&["package", "add", "/home/tester/package"]).map(drop)
    }

    /// Waits until these tasks have been entered, in any order, and no other one.
    pub(super) fn ran(&self, names: &[&str]) -> Result<(), Failure> {
        let mut expected: Vec<String> = names.iter().map(|name| format!("{name} ran")).collect();
        while !expected.is_empty() {
            let seen = self.next_report(PATIENCE).map_err(|failure| self.with_journal(failure))?;
            let Some(at) = expected.iter().position(|one| *one == seen) else {
                let (what, expected) = ("what a task says".into(), expected.join(", "));
                return Err(self.with_journal(Failure::Unexpected { what, expected, seen }));
            };
            expected.remove(at);
        }
        Ok(())
    }

    fn next_report(&self, patience: Duration) -> Result<String, Failure> {
        self.reports.set_read_timeout(Some(patience)).map_err(Failure::system("the socket for reports"))?;
        let mut bytes = [0; 256];
        let length = self.reports.recv(&mut bytes).map_err(|_| Failure::TooLate {
            what: "the next report of a task".into(),
            seconds: patience.as_secs(),
        })?;
        Ok(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    /// Waits until a property of `oncue service status` has a value, such as `/broker/started_by`.
    pub(super) fn has_status(&self, pointer: &str, value: &Value) -> Result<(), Failure> {
        let mut last = Value::Null;
        let seen = until(&format!("{pointer} as {value}"), || {
            last = self.json(&["service", "status"])?;
            Ok(last.pointer(pointer) == Some(value))
        });
        seen.map_err(|failure| self.with_journal(Failure::App(format!("{failure}; the last status: {last}"))))
    }

    /// The id of the user.
    pub(super) fn user_id(&self) -> &str {
        &self.user_id
    }

    /// Adds what the user's services have logged.
    pub(super) fn with_journal(&self, failure: Failure) -> Failure {
        let log = fs::read_to_string(format!("{HOME}/.local/state/oncue/broker.log")).unwrap_or_default();
        let journal =
            shell::run(&["journalctl", "--no-pager", "--lines=40", &format!("_UID={}", self.user_id)]);
        Failure::App(format!("{failure}; the journal:\n{}\nthe log:\n{log}", journal.unwrap_or_default()))
    }

    fn clear(&self) {
        for folder in FOLDERS {
            let _ = fs::remove_dir_all(format!("{HOME}/{folder}"));
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = shell::run(&["loginctl", "disable-linger", USER]);
        let _ = login::end_all_of(USER);
        if let Some((login, mut process)) = self.session.take() {
            drop(login);
            let _ = process.kill();
            let _ = process.wait();
        }
        self.clear();
    }
}
