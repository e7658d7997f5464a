//! A home with a broker and a package whose program is this test program or a script.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use oncue_wire::PackageInfo;
use tempfile::TempDir;

use crate::client::Client;
use crate::fifo::Fifo;
use crate::parts::{PART, TASKS, class};
use crate::watched::Watched;

/// No step of a test takes nearly this long; a test that waits longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A task server that passes its token on to the test, which then plays the server.
pub(crate) const HANDS_OVER: &str = "#!/bin/sh\necho $$ $ONCUE_ACTIVATION_TOKEN >> said\nexec sleep 1000\n";

pub(crate) struct Stage {
    home: TempDir,
    broker: Option<Child>,
    /// The output of the package's processes.
    pub(crate) said: Fifo,
}

impl Stage {
    /// Starts a broker, with a package whose servers play `part`; each task is written `NAME CLASS
    /// GRACE_MS`.
    pub(crate) fn new(part: &str, tasks: &[&str]) -> Self {
        let stage = Self::bare(part);
        stage.register(tasks);
        stage
    }

    /// Like `new`, but the test plays the servers: see [`server`](Self::server).
    pub(crate) fn played_by_test(tasks: &[&str]) -> Self {
        let stage = Self::new("", tasks);
        stage.write_program(HANDS_OVER);
        stage
    }

    /// Replaces the package's program by a script.
    pub(crate) fn write_program(&self, script: &str) {
        let program = self.program();
        // The old one may still be in use, so a new one takes its place.
        fs::remove_file(&program).unwrap();
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Like `new`, but the broker is started by a shell that first runs `preparation`.
    pub(crate) fn started_by_shell(preparation: &str, part: &str, tasks: &[&str]) -> Self {
        let stage = Self::started(part, |stage| {
            let mut shell = stage.command(Path::new("/bin/sh"));
            let script = format!("{preparation}\nexec \"$0\" \"$@\"");
            shell.args(["-c", &script, env!("CARGO_BIN_EXE_oncue")]).current_dir(stage.home());
            shell
        });
        stage.register(tasks);
        stage
    }

    /// Like `new`, but the broker's program is a file of the stage, which can be replaced.
    pub(crate) fn with_own_broker(part: &str, tasks: &[&str]) -> Self {
        let stage = Self::started(part, |stage| {
            let (oncue, own) = (Path::new(env!("CARGO_BIN_EXE_oncue")), stage.own_broker());
            fs::hard_link(oncue, &own).or_else(|_| fs::copy(oncue, &own).map(drop)).unwrap();
            stage.command(&own)
        });
        stage.register(tasks);
        stage
    }

    /// The program of a broker that can be replaced.
    pub(crate) fn own_broker(&self) -> PathBuf {
        self.home.path().canonicalize().unwrap().join("oncue")
    }

    fn bare(part: &str) -> Self {
        Self::started(part, |stage| stage.command(Path::new(env!("CARGO_BIN_EXE_oncue"))))
    }

    fn started(part: &str, program: impl FnOnce(&Self) -> Command) -> Self {
        let home = tempfile::Builder::new().prefix("oncue-servers-").tempdir().unwrap();
        let package = home.path().join("package");
        fs::create_dir_all(&package).unwrap();
        fs::create_dir_all(home.path().join("config")).unwrap();
        fs::write(home.path().join("config/config.toml"), "[time]\nstrikes = 0\n").unwrap();
        let said = Fifo::make(&package.join("said"));
        let mut stage = Self { home, broker: None, said };
        stage.lay_out(part, 1);
        let program = program(&stage);
        stage.start_broker(program);
        stage.add_package();
        stage
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The broker's process.
    pub(crate) fn broker(&self) -> u32 {
        self.broker.as_ref().unwrap().id()
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().canonicalize().unwrap().join("package").join(below)
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.path("primes")
    }

    /// Writes the package's manifest with this version, and its program if it does not exist.
    pub(crate) fn lay_out(&self, part: &str, version: u32) {
        let sample = include_str!("../../../../examples/primes/AppxManifest.xml");
        let one = "<com:Class Id=\"14C5882B-35D3-41BE-86B2-5106269B97E6\" DisplayName=\"Sample Task\" />";
        assert!(sample.contains(one) && sample.contains("1.0.0.0"));
        let classes = [1, 2].map(|n| format!("<com:Class Id=\"{}\" DisplayName=\"{n}\" />", class(n)));
        let manifest = sample
            .replace(one, &classes.concat())
            .replace("1.0.0.0", &format!("{version}.0.0.0"))
            .replace("-StartSampleTaskServer", &format!("--exact --ignored --nocapture parts::{part}"))
            .replace("SamplePackagedWinMainBackgroundApp", "Servers");
        fs::write(self.path("AppxManifest.xml"), manifest).unwrap();
        if !self.program().exists() {
            let own = env::current_exe().unwrap();
            fs::hard_link(&own, self.program())
                .or_else(|_| fs::copy(&own, self.program()).map(drop))
                .unwrap();
        }
    }

    pub(crate) fn add_package(&self) {
        let mut tool = Client::connect(self.home());
        let folder = self.path("");
        let package: PackageInfo = tool.ask("AddPackage", &(folder.to_str().unwrap(), false)).unwrap();
        // Otherwise a machine that is short of memory or saves energy would hold and cancel runs.
        tool.ask::<()>("SetAccess", &(package.family_name, "always")).unwrap();
    }

    fn register(&self, tasks: &[&str]) {
        let status = self.play("registers").env(TASKS, tasks.join(",")).status().unwrap();
        assert!(status.success());
    }

    /// Returns a process of the package that plays a part, for the test to start.
    pub(crate) fn play(&self, part: &str) -> Command {
        let mut command = self.command(&self.program());
        command.args(["--exact", "--ignored", "--nocapture", &format!("parts::{part}")]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).current_dir(self.path(""));
        command
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("ONCUE_HOME", self.home.path()).env(PART, "yes").stdin(Stdio::null());
        command
            .env("XDG_DATA_DIRS", self.home.path().join("share"))
            .env("PATH", "/usr/bin:/bin")
            .env("ONCUE_LOG", "info,oncue_broker=debug,zbus=warn");
        command
    }

    pub(crate) fn broker_id(&self) -> u32 {
        self.broker.as_ref().unwrap().id()
    }

    fn start_broker(&mut self, mut command: Command) {
        let mut broker = command.args(["daemon", "--from-client"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(broker.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        self.broker = Some(broker);
    }

    /// Kills the broker, and starts another one.
    pub(crate) fn replace_killed_broker(&mut self) {
        let mut killed = self.broker.take().unwrap();
        killed.kill().unwrap();
        killed.wait().unwrap();
        self.start_broker(self.command(Path::new(env!("CARGO_BIN_EXE_oncue"))));
    }

    /// A tool that receives all signals.
    pub(crate) fn watch(&self) -> Client {
        Client::watching(self.home())
    }

    /// Waits for a server to be started, and plays it; also returns its process.
    pub(crate) fn server(&mut self) -> (Client, Watched) {
        let line = self.said.line();
        let (pid, token) = line.split_once(' ').unwrap();
        let process = Watched::process(pid.parse().unwrap());
        (Client::server(self.home(), token), process)
    }

    /// Waits for the server that the broker waits for, and plays it. One that the broker has given up may
    /// get as far as its first line before it is killed.
    pub(crate) fn awaited_server(&mut self) -> Client {
        loop {
            let line = self.said.line();
            let (_, token) = line.split_once(' ').unwrap();
            match Client::introduced(self.home(), token) {
                Ok(server) => return server,
                Err((name, text)) => assert_eq!(name, "AccessDenied", "{text}"),
            }
        }
    }

    /// Waits until the broker's log contains this text.
    pub(crate) fn wait_for_log(&self, wanted: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.log().contains(wanted) {
            assert!(Instant::now() < until, "the log never says `{wanted}`");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until no server is recorded that the next broker would have to end.
    pub(crate) fn wait_until_no_server_is_recorded(&self) {
        let (folder, until) = (self.home().join("run/servers"), Instant::now() + PATIENCE);
        while fs::read_dir(&folder).unwrap().next().is_some() {
            assert!(Instant::now() < until, "a server stays recorded");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The broker's log so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("state/broker.log")).unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let mut stop = self.command(Path::new(env!("CARGO_BIN_EXE_oncue")));
        // A test that has failed reports something else.
        let _ = stop.args(["daemon", "--stop"]).output();
        if let Some(mut broker) = self.broker.take() {
            let _ = broker.wait();
        }
    }
}
