//! A stage: a user who is logged in, with a broker in the session and a package.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::app::{self, Class, REPORTS};
use super::failure::Failure;
use super::login::{self, Home, Login};
use super::shell;
use super::until::{PATIENCE, until};

/// Everything is removed when it is dropped: the broker, the session and the user's processes.
pub(super) struct Stage {
    home: Home,
    login: Login,
    /// The session's first process, if that is not the broker.
    session: Option<Child>,
    broker: Child,
    reports: UnixDatagram,
}

impl Stage {
    /// Logs the user in at the seat and starts the broker in that session.
    pub(super) fn set() -> Result<Self, Failure> {
        Self::set_in(Home::new()?)
    }

    /// The same with a folder for the user's files.
    pub(super) fn set_in(home: Home) -> Result<Self, Failure> {
        let reports = listen()?;
        let (login, broker) = Login::with_first_process("tester", |command| be_the_broker(command, &home))?;
        Self { home, login, session: None, broker, reports }.ready()
    }

    /// Logs the user in at the seat; the broker is a service of the user.
    pub(super) fn set_with_service() -> Result<Self, Failure> {
        let (home, reports) = (Home::new()?, listen()?);
        let (login, session) = Login::with_first_process("tester", |command| {
            command.args(["sleep", "infinity"]);
        })?;
        let user_id = shell::run(&["id", "--user", "tester"])?;
        login.user_manager_runs(&user_id)?;
        let mut command = by_user("systemd-run", &home);
        command.env("XDG_RUNTIME_DIR", format!("/run/user/{user_id}"));
        command.args(["--user", "--quiet", "--pipe", "--wait", "--collect", "--property=KillMode=mixed"]);
        be_the_broker(&mut command, &home);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let broker = command.spawn().map_err(Failure::system("systemd-run"))?;
        Self { home, login, session: Some(session), broker, reports }.ready()
    }

    fn ready(mut self) -> Result<Self, Failure> {
        self.broker_is_ready()?;
        self.oncue(&["package", "add", "/home/tester/package"])?;
        Ok(self)
    }

    fn broker_is_ready(&mut self) -> Result<(), Failure> {
        let mut said = String::new();
        if let Some(stdout) = self.broker.stdout.take() {
            BufReader::new(stdout).read_line(&mut said).map_err(Failure::system("hearing the broker"))?;
        }
        if said == "ready\n" {
            return Ok(());
        }
        if let Some(mut stderr) = self.broker.stderr.take() {
            stderr.read_to_string(&mut said).map_err(Failure::system("hearing the broker"))?;
        }
        let status = self.broker.wait().map_err(Failure::system("waiting for the broker"))?;
        let seen = format!("{said}{status}; the journal:\n{}", self.login.journal());
        Err(Failure::Unexpected { what: "the broker's start".into(), expected: "ready".into(), seen })
    }

    /// Runs `oncue`.
    pub(super) fn oncue(&self, words: &[&str]) -> Result<String, Failure> {
        shell::output(by_user("oncue", &self.home).args(words))
    }

    /// Returns a command that runs another program of the user.
    pub(super) fn program(&self, program: &str) -> Command {
        by_user(program, &self.home)
    }

    /// Runs another program of the user.
    pub(super) fn speak(&self, program: &str, words: &[&str]) -> Result<(), Failure> {
        let spoken = shell::output(by_user(program, &self.home).args(words));
        spoken.map(drop).map_err(|failure| self.with_log(failure))
    }

    /// The broker's socket.
    pub(super) fn socket(&self) -> String {
        format!("{}/run/broker.sock", self.home.path())
    }

    /// Runs `oncue` with words that make it write JSON.
    pub(super) fn json(&self, words: &[&str]) -> Result<Value, Failure> {
        let said = self.oncue(words)?;
        serde_json::from_str(&said).map_err(|error| Failure::App(format!("{words:?}: {error}: {said}")))
    }

    /// Registers a task that only runs when it is fired by hand.
    pub(super) fn task(&self, name: &str, class: Class, condition: &str) -> Result<(), Failure> {
        self.task_on(name, class, "every 29d", condition)
    }

    /// Registers a task with a trigger.
    pub(super) fn task_on(
        &self,
        name: &str,
        class: Class,
        trigger: &str,
        condition: &str,
    ) -> Result<(), Failure> {
        let mut register = by_user("/home/tester/package/suite", &self.home);
        shell::output(register.args(app::registering(name, class, trigger, condition))).map(drop)
    }

    /// Fires a task whose condition currently fails.
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
        let seen = format!("{fired}\n{}", self.facts()?);
        Err(Failure::Unexpected { what: format!("firing {name}"), expected: expected.into(), seen })
    }

    /// Waits until a task is entered, which must be the next event of any task.
    pub(super) fn ran(&self, name: &str) -> Result<(), Failure> {
        self.reported(&format!("{name} ran"), PATIENCE)
    }

    /// The same for something that takes longer.
    pub(super) fn ran_within(&self, name: &str, patience: Duration) -> Result<(), Failure> {
        self.reported(&format!("{name} ran"), patience)
    }

    /// Waits until a task receives the reason for its cancellation.
    pub(super) fn told(&self, name: &str, reason: &str) -> Result<(), Failure> {
        self.reported(&format!("{name} told {reason}"), PATIENCE)
    }

    fn reported(&self, expected: &str, patience: Duration) -> Result<(), Failure> {
        self.reports.set_read_timeout(Some(patience)).map_err(Failure::system("the socket for reports"))?;
        let mut bytes = [0; 256];
        let length = self.reports.recv(&mut bytes).map_err(|_| {
            let what = format!("`{expected}`");
            self.with_log(Failure::TooLate { what, seconds: patience.as_secs() })
        })?;
        let seen = String::from_utf8_lossy(&bytes[..length]).into_owned();
        if seen == expected {
            return Ok(());
        }
        Err(Failure::Unexpected { what: "what a task says".into(), expected: expected.into(), seen })
    }

    /// Waits until oncue reports why the task's trigger cannot be watched.
    pub(super) fn is_troubled(&self, name: &str, why: &str) -> Result<(), Failure> {
        self.trouble(name, &format!("the trouble of {name}: {why}"), |said| said.contains(why))
    }

    /// Waits until oncue reports no trouble with a task's trigger.
    pub(super) fn is_watched(&self, name: &str) -> Result<(), Failure> {
        self.trouble(name, &format!("no trouble of {name}"), str::is_empty)
    }

    fn trouble(&self, name: &str, what: &str, is_so: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let seen = until(what, || {
            let shown = self.json(&["show", name, "--json"])?;
            Ok(is_so(shown["trouble"].as_str().unwrap_or_default()))
        });
        seen.map_err(|failure| self.with_log(failure))
    }

    /// Asks the broker to end.
    pub(super) fn stop_broker(&self) -> Result<(), Failure> {
        self.oncue(&["daemon", "--stop"]).map(drop)
    }

    /// Waits until the broker has ended, as it does when the user logs off.
    pub(super) fn broker_ends(&mut self) -> Result<(), Failure> {
        let broker = &mut self.broker;
        let ended = until("the broker's end", || {
            broker.try_wait().map(|ended| ended.is_some()).map_err(Failure::system("waiting for the broker"))
        });
        ended.map_err(|failure| self.with_log(failure))
    }

    /// Asks the broker to end without connecting to it.
    pub(super) fn signal_broker(&self) -> Result<(), Failure> {
        shell::run(&["kill", "-TERM", &self.login.first_process()?]).map(drop)
    }

    /// Waits until the broker has ended with an error; returns what it logged.
    pub(super) fn broker_fails(&mut self) -> Result<String, Failure> {
        self.broker_ends()?;
        let status = self.broker.wait().map_err(Failure::system("waiting for the broker"))?;
        let mut said = String::new();
        if let Some(mut stderr) = self.broker.stderr.take() {
            stderr.read_to_string(&mut said).map_err(Failure::system("hearing the broker"))?;
        }
        if !status.success() {
            return Ok(said);
        }
        Err(Failure::Unexpected { what: "the broker's end".into(), expected: "an error".into(), seen: said })
    }

    /// One of the broker's folders: `config`, `state`, `run` or `data`.
    pub(super) fn folder(&self, name: &str) -> String {
        format!("{}/{name}", self.home.path())
    }

    /// The family name of the package.
    pub(super) fn package(&self) -> Result<String, Failure> {
        let packages = self.json(&["package", "list", "--json"])?;
        Ok(packages[0]["family_name"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the broker reports this value of a fact, for facts that no condition shows.
    pub(super) fn sees(&self, fact: &str, value: &Value) -> Result<(), Failure> {
        let seen = until(&format!("{fact} as {value}"), || {
            let facts = self.facts()?;
            let known = facts.as_array().into_iter().flatten().find(|known| known["name"] == fact);
            Ok(known.is_some_and(|known| known["value"] == *value))
        });
        seen.map_err(|failure| self.with_log(failure))
    }

    fn facts(&self) -> Result<Value, Failure> {
        // It exits with an error if it finds problems.
        let output = by_user("oncue", &self.home).args(["doctor", "--json"]).output();
        let output = output.map_err(Failure::system("oncue doctor"))?;
        let doctor: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        Ok(doctor["facts"].clone())
    }

    /// Adds the broker's log, and what its tasks wait for.
    pub(super) fn with_log(&self, failure: Failure) -> Failure {
        let log = fs::read_to_string(format!("{}/state/broker.log", self.home.path())).unwrap_or_default();
        let tasks = self.oncue(&["list", "--json"]).unwrap_or_default();
        Failure::App(format!("{failure}; the tasks:\n{tasks}\nthe broker's log:\n{log}"))
    }

    /// The user's session.
    pub(super) fn login(&self) -> &Login {
        &self.login
    }
}

/// A command run by the user.
fn by_user(program: &str, home: &Home) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "tester", "--regid", "tester", "--init-groups", program]);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", "/home/tester");
    command.env("ONCUE_HOME", home.path()).current_dir("/");
    command
}

/// The rest of a command for systemd-run(1).
fn be_the_broker(command: &mut Command, home: &Home) {
    command.arg(format!("--setenv=ONCUE_HOME={}", home.path()));
    command.args(["--setenv=ONCUE_LOG=debug,zbus=info", "oncue", "daemon", "--from-client"]);
}

/// Opens the socket that tasks report to.
fn listen() -> Result<UnixDatagram, Failure> {
    let _ = fs::remove_file(REPORTS);
    let reports = UnixDatagram::bind(REPORTS).map_err(Failure::system("a socket for reports"))?;
    fs::set_permissions(REPORTS, fs::Permissions::from_mode(0o777))
        .map_err(Failure::system("the socket for reports"))?;
    Ok(reports)
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = login::end_all_of("tester");
        for process in [Some(&mut self.broker), self.session.as_mut()].into_iter().flatten() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
