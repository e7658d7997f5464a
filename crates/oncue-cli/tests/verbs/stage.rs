//! A stage for tests: `oncue` with its own home, and without the caller's environment.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use oncue_wire::names::TOKEN_VARIABLE;
use tempfile::TempDir;

/// The variable that tells this test program that it is on a stage.
pub(crate) const PART: &str = "ONCUE_TEST_PART";

/// Returns whether this process should play a part: it was started by a test or a broker.
pub(crate) fn plays_part() -> bool {
    env::var_os(PART).is_some() || env::var_os(TOKEN_VARIABLE).is_some()
}

/// One `ONCUE_HOME`, or the home of a user.
pub(crate) struct Stage {
    home: TempDir,
    /// The variable that locates it.
    variable: &'static str,
    broker: Option<Child>,
}

/// The output of a program, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::at("ONCUE_HOME")
    }

    fn at(variable: &'static str) -> Self {
        let home = tempfile::Builder::new().prefix("oncue-cli-").tempdir().unwrap();
        Self { home, variable, broker: None }
    }

    /// The home of a user, whose broker may start at log-in. There is no session.
    pub(crate) fn of_user() -> Self {
        Self::at("HOME")
    }

    /// Returns a path below the home.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().canonicalize().unwrap().join(below)
    }

    /// Writes a file below the home.
    pub(crate) fn write(&self, below: &str, text: &str) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Returns a command for `oncue` with arguments.
    pub(crate) fn oncue(&self, arguments: &[&str]) -> Command {
        self.program(Path::new(env!("CARGO_BIN_EXE_oncue")), arguments)
    }

    /// Returns a command for any program on this stage.
    pub(crate) fn program(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().current_dir(self.home.path()).stdin(Stdio::null());
        command.env(self.variable, self.home.path()).env("COLUMNS", "100").env("TZ", "UTC").env(PART, "yes");
        // Nothing installed on the system, and only the broker of this build.
        command.env("XDG_DATA_DIRS", self.path("share")).env("XDG_CONFIG_DIRS", self.path("etc"));
        // Nor the machine's services, because the developer's machine may be saving energy.
        command.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere");
        command
    }

    /// Runs `oncue`.
    pub(crate) fn says(&self, arguments: &[&str]) -> Said {
        said(self.oncue(arguments).output().unwrap())
    }

    /// Like `says`, but it must succeed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let said = self.says(arguments);
        assert_eq!(said.code, Some(0), "{arguments:?}: {said:?}");
        said.out
    }

    /// Like `done`, with JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.done(arguments)).unwrap()
    }

    /// Returns doctor's report, whether healthy or not.
    pub(crate) fn report(&self) -> serde_json::Value {
        serde_json::from_str(&self.says(&["doctor", "--json"]).out).unwrap()
    }

    /// Starts the broker and waits until it is ready.
    pub(crate) fn start_broker(&mut self) {
        self.start(self.oncue(&["daemon", "--from-client"]));
    }

    /// Like `start_broker`, in a session with a bus.
    pub(crate) fn start_broker_on(&mut self, bus: &str) {
        self.start_broker_with("DBUS_SESSION_BUS_ADDRESS", bus);
    }

    /// Like `start_broker`, with a variable in its environment.
    pub(crate) fn start_broker_with(&mut self, name: &str, value: &str) {
        let mut command = self.oncue(&["daemon", "--from-client"]);
        command.env(name, value);
        self.start(command);
    }

    fn start(&mut self, mut command: Command) {
        let mut broker = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(broker.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        self.broker = Some(broker);
    }

    /// Passes the broker on to the caller, who has to end it.
    pub(crate) fn take_broker(&mut self) -> Child {
        self.broker.take().unwrap()
    }

    /// Kills the broker, and waits for its end.
    pub(crate) fn kill_broker(&mut self) {
        let mut broker = self.take_broker();
        broker.kill().unwrap();
        broker.wait().unwrap();
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // This also stops one that a verb has started. A test that has failed reports something
        // else.
        let _ = self.oncue(&["daemon", "--stop"]).output();
        if let Some(mut broker) = self.broker.take() {
            let _ = broker.wait();
        }
    }
}

pub(crate) fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Lets a command use cargo like these tests.
pub(crate) fn with_cargo(command: &mut Command) {
    for name in ["PATH", "HOME", "CARGO", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_TARGET_DIR"]
    {
        command.envs(env::var_os(name).map(|value| (name, value)));
    }
}
