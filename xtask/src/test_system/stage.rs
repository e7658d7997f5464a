//! A stage: a user who is logged in, with a broker in the session and a package of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::app::{self, Class, REPORTS};
use super::failure::Failure;
use super::service;
use super::shell;

/// How long anything may take that happens by itself.
const PATIENCE: Duration = Duration::from_secs(15);

/// The user's login manager, and its first object.
pub(super) const LOGIND: (&str, &str) = ("org.freedesktop.login1", "/org/freedesktop/login1");

/// Everything is gone when it is dropped: the broker, the session and the user's processes.
pub(super) struct Stage {
    home: String,
    unit: String,
    leader: Child,
    reports: UnixDatagram,
}

impl Stage {
    /// Logs the user in at the seat and starts the broker in that session.
    pub(super) fn set() -> Result<Self, Failure> {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let (home, unit) = (format!("/home/tester/{number}"), format!("oncue-suite-{number}.service"));
        let _ = fs::remove_file(REPORTS);
        let reports = UnixDatagram::bind(REPORTS).map_err(Failure::system("a socket for reports"))?;
        fs::set_permissions(REPORTS, fs::Permissions::from_mode(0o777))
            .and_then(|()| reports.set_read_timeout(Some(PATIENCE)))
            .map_err(Failure::system("the socket for reports"))?;
        shell::run(&["install", "--directory", "--owner=tester", &home])?;
        let leader = log_in(&unit, &home)?;
        let mut stage = Self { home, unit, leader, reports };
        stage.broker_is_ready()?;
        stage.oncue(&["package", "add", "/home/tester/package"])?;
        Ok(stage)
    }

    fn broker_is_ready(&mut self) -> Result<(), Failure> {
        let mut said = String::new();
        if let Some(stdout) = self.leader.stdout.take() {
            BufReader::new(stdout).read_line(&mut said).map_err(Failure::system("hearing the broker"))?;
        }
        if said == "ready\n" {
            return Ok(());
        }
        if let Some(mut stderr) = self.leader.stderr.take() {
            stderr.read_to_string(&mut said).map_err(Failure::system("hearing the broker"))?;
        }
        Err(Failure::Unexpected { what: "the broker's start".into(), expected: "ready".into(), seen: said })
    }

    /// A command that the user gives.
    fn by_user(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "tester", "--regid", "tester", "--init-groups", program]);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", "/home/tester");
        command.env("ONCUE_HOME", &self.home).current_dir("/");
        command
    }

    /// Lets `oncue` do something, to its end.
    pub(super) fn oncue(&self, words: &[&str]) -> Result<String, Failure> {
        shell::output(self.by_user("oncue").args(words))
    }

    fn json(&self, words: &[&str]) -> Result<Value, Failure> {
        let said = self.oncue(words)?;
        serde_json::from_str(&said).map_err(|error| Failure::App(format!("{words:?}: {error}: {said}")))
    }

    /// Registers a task that only runs when it is fired by hand.
    pub(super) fn task(&self, name: &str, class: Class, condition: &str) -> Result<(), Failure> {
        self.task_with(name, class, "every 29d", condition)
    }

    /// Registers a task.
    pub(super) fn task_with(
        &self,
        name: &str,
        class: Class,
        trigger: &str,
        condition: &str,
    ) -> Result<(), Failure> {
        let mut register = self.by_user("/home/tester/package/suite");
        shell::output(register.args(app::registering(name, class, trigger, condition))).map(drop)
    }

    /// Fires a task whose condition fails at the moment.
    pub(super) fn fire_and_hold(&self, name: &str) -> Result<(), Failure> {
        self.fire(name, "held")
    }

    /// Fires a task whose condition holds, and waits until it was entered.
    pub(super) fn fire_and_run(&self, name: &str) -> Result<(), Failure> {
        self.fire(name, "started")?;
        self.ran(name)
    }

    fn fire(&self, name: &str, expected: &str) -> Result<(), Failure> {
        let fired = self.json(&["run", name, "--json"])?;
        if fired["state"] == expected {
            return Ok(());
        }
        let facts = self.json(&["doctor", "--json"]).map(|doctor| doctor["facts"].to_string());
        let seen = format!("{fired}\nfacts: {}", facts.unwrap_or_default());
        Err(Failure::Unexpected { what: format!("firing {name}"), expected: expected.into(), seen })
    }

    /// Waits until a task is entered; it must be the next that happens to any task.
    pub(super) fn ran(&self, name: &str) -> Result<(), Failure> {
        self.reported(&format!("{name} ran"))
    }

    /// Waits until a task is told why it is cancelled.
    pub(super) fn told(&self, name: &str, reason: &str) -> Result<(), Failure> {
        self.reported(&format!("{name} told {reason}"))
    }

    fn reported(&self, expected: &str) -> Result<(), Failure> {
        let mut bytes = [0; 256];
        let length = self.reports.recv(&mut bytes).map_err(|_| Failure::TooLate {
            what: format!("`{expected}`; the broker's log:\n{}\nit", self.log()),
            seconds: PATIENCE.as_secs(),
        })?;
        let seen = String::from_utf8_lossy(&bytes[..length]).into_owned();
        if seen == expected {
            return Ok(());
        }
        Err(Failure::Unexpected { what: "what a task says".into(), expected: expected.into(), seen })
    }

    /// What the broker wrote about itself.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(format!("{}/state/broker.log", self.home)).unwrap_or_default()
    }

    /// The broker's process.
    pub(super) fn broker_pid(&self) -> Result<String, Failure> {
        shell::run(&["systemctl", "show", "--property=MainPID", "--value", &self.unit])
    }

    /// The path of the session's object at logind.
    pub(super) fn session(&self) -> Result<String, Failure> {
        let pid = self.broker_pid()?;
        let path = service::call(
            LOGIND.0,
            LOGIND.1,
            ("org.freedesktop.login1.Manager", "GetSessionByPID"),
            &["u", &pid],
        )?;
        Ok(path.trim_start_matches("o ").trim_matches('"').to_owned())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = shell::run(&["systemctl", "kill", "--signal=KILL", &self.unit]);
        let _ = shell::run(&["loginctl", "terminate-user", "tester"]);
        let _ = self.leader.kill();
        let _ = self.leader.wait();
    }
}

/// Logs the user in at the seat, in a session whose first process is the broker.
fn log_in(unit: &str, home: &str) -> Result<Child, Failure> {
    Command::new("systemd-run")
        .args(["--quiet", "--pipe", "--wait", "--collect", "--unit", unit])
        .args(["--property=PAMName=oncue-suite", "--property=User=tester", "--setenv=XDG_SEAT=seat0"])
        .arg(format!("--setenv=ONCUE_HOME={home}"))
        .args(["--setenv=ONCUE_LOG=debug,zbus=info", "oncue", "daemon", "--from-client"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Failure::system("systemd-run"))
}
