//! A separate broker and package, and a client that fires and registers.

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::StreamExt as _;
use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH};
use oncue_wire::{
    CommandInfo, CommandSpec, Entry, Fired, Member as _, PackageInfo, Registered, TaskInfo, Watched, Word,
    signal,
};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use zbus::MessageStream;

use super::bus::runtime;
use super::ours::monotonic;
use super::placement;
use super::room::Room;
use super::samples::Rounds;
use super::unmeasured::Unmeasured;

/// The environment variable with the path of the program `oncue`.
pub(super) const BROKER: &str = "ONCUE_BENCH_BROKER";
/// The socket that tasks report to, in the runtime folder.
pub(super) const REPORTS: &str = "reports.sock";

/// Everything needed to measure oncue; removed when dropped.
pub(super) struct Stage {
    environment: Vec<(&'static str, PathBuf)>,
    package: PathBuf,
    broker: Child,
    reports: UnixDatagram,
}

impl Stage {
    /// Starts a broker and adds the package to it.
    pub(super) fn set(room: &Room, disk: &Path) -> Result<Self, Unmeasured> {
        let disk = disk.join("ours");
        let sockets =
            tempfile::tempdir_in(room.sockets()).map_err(Unmeasured::io("a folder for sockets"))?.keep();
        let package = disk.join("package");
        lay_out(room.program(), &package).map_err(Unmeasured::io("laying out the package"))?;
        let reports =
            UnixDatagram::bind(sockets.join(REPORTS)).map_err(Unmeasured::io("a socket for reports"))?;
        let environment = vec![
            ("XDG_CONFIG_HOME", disk.join("config")),
            ("XDG_STATE_HOME", disk.join("state")),
            ("XDG_DATA_HOME", disk.join("data")),
            ("XDG_RUNTIME_DIR", sockets),
        ];
        configure(&disk).map_err(Unmeasured::io("writing config.toml"))?;
        let broker = start_broker(&environment)?;
        let stage = Self { environment, package, broker, reports };
        let folder = stage.package.display().to_string();
        runtime()?.block_on(async {
            let added: PackageInfo = call(&stage.connect().await?, "AddPackage", &(folder, false)).await?;
            if added.problem.is_empty() {
                Ok(())
            } else {
                Err(Unmeasured::Package { problem: added.problem })
            }
        })?;
        Ok(stage)
    }

    /// From a firing until `run` is entered, of the task whose server does what `word` says
    /// afterwards.
    pub(super) fn fire(&mut self, word: &str, rounds: Rounds) -> Result<Entries, Unmeasured> {
        self.register_with(&["task", word])?;
        runtime()?.block_on(async {
            let broker = self.connect().await?;
            let mut notices = MessageStream::from(&broker);
            call::<_, ()>(&broker, "Watch", &Watched::All).await?;
            let found: Vec<TaskInfo> = call(&broker, "Find", &word).await?;
            let task = found.first().map(|task| task.task_id.to_string()).unwrap_or_default();
            let mut entries = Entries::default();
            for round in 0..rounds.warm_up + rounds.counted {
                let start = monotonic();
                let fire = zbus::Message::method_call(BROKER_PATH, "Fire").interface(BROKER_INTERFACE);
                broker.send(&fire.build(&(&task, true))?).await?;
                let report = self.report()?;
                if round >= rounds.warm_up {
                    entries.since_firing.push(report.since_firing);
                    entries.since_call.push(report.entered.saturating_sub(start));
                }
                ended(&mut notices).await?;
                if word == "leave" {
                    wait_for_end(report.pid)?;
                }
            }
            Ok(entries)
        })
    }

    /// From a firing until the process of a command exists, as the ledger says.
    pub(super) fn fire_command(&mut self, rounds: Rounds) -> Result<Vec<Duration>, Unmeasured> {
        runtime()?.block_on(async {
            let broker = self.connect().await?;
            let mut notices = MessageStream::from(&broker);
            call::<_, ()>(&broker, "Watch", &Watched::All).await?;
            let spec = CommandSpec {
                name: "true".into(),
                command: CommandInfo {
                    program: "/bin/true".into(),
                    folder: "/".into(),
                    ..Default::default()
                },
                trigger: Word::read("application"),
                ..CommandSpec::default()
            };
            let added: Registered = call(&broker, "AddCommand", &(&spec,)).await?;
            let task = added.task_id.to_string();
            let mut took = Vec::new();
            for round in 0..rounds.warm_up + rounds.counted {
                call::<_, Fired>(&broker, "Fire", &(&task, true)).await?;
                let entry = ended(&mut notices).await?;
                let started = entry.started_at.ok_or(Unmeasured::NoRounds)?;
                if round >= rounds.warm_up {
                    took.push(started.since(entry.fired_at));
                }
            }
            Ok(took)
        })
    }

    /// From the request to the answer that a task is registered, one after the other.
    pub(super) fn register(&mut self, rounds: Rounds) -> Result<Vec<Duration>, Unmeasured> {
        let total = rounds.warm_up + rounds.counted;
        let took = self.register_with(&["register", "one", &total.to_string()])?;
        Ok(took.into_iter().skip(rounds.warm_up).collect())
    }

    /// From requesting this many registrations to the last answer.
    pub(super) fn register_at_once(&mut self, count: usize) -> Result<Duration, Unmeasured> {
        let took = self.register_with(&["register", "at-once", &count.to_string()])?;
        took.first().copied().ok_or(Unmeasured::NoRounds)
    }

    /// Lets the package's own program register, because only it has the package's identity.
    fn register_with(&self, words: &[&str]) -> Result<Vec<Duration>, Unmeasured> {
        let output = Command::new(self.package.join("bench"))
            .arg("bench-server")
            .args(words)
            .envs(self.environment.iter().map(|(name, path)| (*name, path)))
            .stderr(Stdio::inherit())
            .output()
            .map_err(Unmeasured::io("the program that registers"))?;
        if !output.status.success() {
            return Err(Unmeasured::Ended { what: "the program that registers", status: output.status });
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().filter_map(|line| line.parse().ok()).map(Duration::from_nanos).collect())
    }

    async fn connect(&self) -> Result<zbus::Connection, Unmeasured> {
        connect(&self.socket()).await
    }

    /// The broker's socket.
    pub(super) fn socket(&self) -> PathBuf {
        let runtime_folder = self.environment.iter().find(|(name, _)| *name == "XDG_RUNTIME_DIR");
        let folder = runtime_folder.map(|(_, path)| path.as_path()).unwrap_or(Path::new("/"));
        folder.join("oncue/broker.sock")
    }

    /// The broker's process.
    pub(super) fn broker(&self) -> u32 {
        self.broker.id()
    }

    /// Receives what the task reports when it is entered.
    fn report(&self) -> Result<Report, Unmeasured> {
        let mut bytes = [0; 20];
        self.reports.recv(&mut bytes).map_err(Unmeasured::io("the task's report"))?;
        let nanos =
            |bytes: &[u8]| Duration::from_nanos(u64::from_le_bytes(bytes.try_into().unwrap_or_default()));
        Ok(Report {
            entered: nanos(&bytes[..8]),
            since_firing: nanos(&bytes[8..16]),
            pid: i32::from_le_bytes(bytes[16..].try_into().unwrap_or_default()),
        })
    }
}

/// What a task reports when it is entered.
struct Report {
    /// On the monotonic clock.
    entered: Duration,
    /// The time since the broker noticed the firing, on the wall clock.
    since_firing: Duration,
    /// The process.
    pid: i32,
}

/// How long it took until a run was entered, for each round.
#[derive(Default)]
pub(super) struct Entries {
    /// Since the broker noticed the firing.
    pub(super) since_firing: Vec<Duration>,
    /// Since the client began to write its call.
    pub(super) since_call: Vec<Duration>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = rustix::process::kill_process(Pid::from_child(&self.broker), rustix::process::Signal::TERM);
        let _ = self.broker.wait();
    }
}

/// Connects to a broker's socket.
pub(super) async fn connect(socket: &Path) -> Result<zbus::Connection, Unmeasured> {
    let stream = UnixStream::connect(socket).map_err(Unmeasured::io("the broker's socket"))?;
    Ok(zbus::connection::Builder::unix_stream(stream).p2p().build().await?)
}

/// Calls the broker and waits for its answer.
pub(super) async fn call<B, R>(broker: &zbus::Connection, method: &str, body: &B) -> Result<R, Unmeasured>
where
    B: serde::Serialize + zbus::DynamicType,
    R: serde::de::DeserializeOwned + zbus::Type,
{
    let none: Option<&str> = None;
    let answer = broker.call_method(none, BROKER_PATH, Some(BROKER_INTERFACE), method, body).await?;
    Ok(answer.body().deserialize()?)
}

async fn ended(notices: &mut MessageStream) -> Result<Entry, Unmeasured> {
    while let Some(message) = notices.next().await {
        let message = message?;
        if message.header().member().is_some_and(|member| member.as_str() == signal::Ended::NAME) {
            return Ok(message.body().deserialize()?);
        }
    }
    Err(Unmeasured::Bus(zbus::Error::Failure("the broker left".into())))
}

fn wait_for_end(pid: i32) -> Result<(), Unmeasured> {
    let Some(pid) = Pid::from_raw(pid) else { return Ok(()) };
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { return Ok(()) };
    poll(&mut [PollFd::new(&process, PollFlags::IN)], None)
        .map(|_| ())
        .map_err(|error| Unmeasured::Io { what: "waiting for a task server's end", source: error.into() })
}

fn lay_out(program: &Path, package: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(package)?;
    std::fs::copy(program, package.join("bench"))?;
    std::fs::write(package.join("AppxManifest.xml"), include_str!("ours_package.xml"))
}

fn configure(disk: &Path) -> std::io::Result<()> {
    let folder = disk.join("config/oncue");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("config.toml"), "[limits]\ntasks_per_package = 100000\n")
}

fn start_broker(environment: &[(&'static str, PathBuf)]) -> Result<Child, Unmeasured> {
    let program = std::env::var_os(BROKER).unwrap_or_else(|| "oncue".into());
    let mut broker = Command::new(program)
        .args(["daemon", "--from-client"])
        .envs(environment.iter().map(|(name, path)| (*name, path)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Unmeasured::io("the broker"))?;
    let mut word = String::new();
    if let Some(out) = broker.stdout.take() {
        BufReader::new(out).read_line(&mut word).map_err(Unmeasured::io("the broker's first word"))?;
    }
    if word.trim() == oncue_wire::names::READY {
        placement::bring_back(broker.id())?;
        return Ok(broker);
    }
    let status = broker.wait().map_err(Unmeasured::io("the broker's end"))?;
    Err(Unmeasured::Ended { what: "the broker", status })
}
