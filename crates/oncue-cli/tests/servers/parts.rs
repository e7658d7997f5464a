//! What the package's processes do: an ignored test for each part, named in the manifest's
//! arguments.

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::{Command, id};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::park;
use std::time::Duration;

use oncue::{
    BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance, BackgroundTaskRegistration, ClassUse,
    Guid, IdlePolicy, OneShot, TaskError, TaskServer, TimeTrigger,
};

use oncue_wire::limits;
use oncue_wire::names::TOKEN_VARIABLE;
use rustix::process::{Resource, getrlimit};

use crate::fifo::Fifo;
use crate::stranger::Stranger;

/// The variable that makes this test program play a part.
pub(crate) const PART: &str = "ONCUE_TEST_PART";
/// The tasks that the part `registers` registers.
pub(crate) const TASKS: &str = "ONCUE_TEST_TASKS";

pub(crate) fn class(number: u8) -> Guid {
    Guid::from_u128(0x7d1f_3c1e << 96 | u128::from(number))
}

/// A task that is a function.
struct Task(fn(&BackgroundTaskInstance) -> Result<(), TaskError>);

impl BackgroundTask for Task {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        (self.0)(instance)
    }
}

/// Writes to the test; the package's folder is the working directory of its processes.
fn say(line: &str) {
    Fifo::open(Path::new("said")).say(line);
}

fn serve(
    run: fn(&BackgroundTaskInstance) -> Result<(), TaskError>,
    until: IdlePolicy,
) -> Result<(), Box<dyn Error>> {
    let server = TaskServer::new()?;
    server.register_class_object(class(1), move || Task(run), ClassUse::Multiple)?;
    Ok(server.wait(until)?)
}

fn played(part: impl FnOnce() -> Result<(), Box<dyn Error>>) {
    // A process started by the broker does not have the test's variables, but a token.
    if env::var_os(PART).is_some() || env::var_os(TOKEN_VARIABLE).is_some() {
        part().unwrap();
    }
}

fn play(part: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--nocapture", &format!("parts::{part}")]);
    command
}

#[test]
#[ignore = "a process that the tests start"]
fn registers() {
    played(|| {
        for task in env::var(TASKS)?.split(',') {
            let words: Vec<&str> = task.split(' ').collect();
            let grace = Duration::from_millis(words[2].parse()?);
            let mut builder = BackgroundTaskBuilder::new();
            builder.set_name(words[0]).set_task_entry_point_clsid(class(words[1].parse()?));
            builder.set_trigger(TimeTrigger::new(43_199, OneShot::No)).set_grace(grace).register()?;
        }
        Ok(())
    });
}

/// Holds as many connections as a process may have.
#[test]
#[ignore = "a process that the tests start"]
fn holds_connections() {
    played(|| {
        let home = env::var("ONCUE_HOME")?;
        let connect = |_| {
            let mut stranger = Stranger::silent(Path::new(&home));
            // If there is no place, the broker may disconnect.
            stranger.say_on(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n");
            stranger
        };
        let _held: Vec<Stranger> = (0..limits::CONNECTIONS_PER_PROCESS).map(connect).collect();
        say("held");
        loop {
            park();
        }
    });
}

/// Connects and disconnects without end.
#[test]
#[ignore = "a process that the tests start"]
fn reconnects() {
    played(|| {
        let home = env::var("ONCUE_HOME")?;
        for count in 0_u32.. {
            if count == limits::STEPS / 10 {
                say("spins");
            }
            // If there is no place, the broker may disconnect.
            Stranger::silent(Path::new(&home)).say_on(b"\n");
        }
        Ok(())
    });
}

#[test]
#[ignore = "a process that the tests start"]
fn completes() {
    played(|| serve(|_| Ok(()), IdlePolicy::AfterFirstCompletion));
}

/// Reports the process of the run.
#[test]
#[ignore = "a process that the tests start"]
fn tells_process() {
    let run = |instance: &BackgroundTaskInstance| {
        instance.set_progress(id());
        Ok(())
    };
    played(|| serve(run, IdlePolicy::Never));
}

/// Its run writes down the environment of the process.
#[test]
#[ignore = "a process that the tests start"]
fn tells_surroundings() {
    let run = |_: &BackgroundTaskInstance| Ok(std::fs::write("surroundings", surroundings()?)?);
    played(|| serve(run, IdlePolicy::Never));
}

fn surroundings() -> std::io::Result<String> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let target = std::fs::read_link(entry?.path()).unwrap_or_default();
        if target.ends_with("secret") {
            lines.push(format!("open {}", target.display()));
        }
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    // posix_spawn(3) ignores signal 32, which belongs to the C library.
    let told = |line: &&str| ["Umask:", "SigIgn:", "SigBlk:"].iter().any(|name| line.starts_with(name));
    lines.extend(
        status.lines().filter(told).map(|line| line.replace('\t', " ").replace(" 0000000080", " 0000000000")),
    );
    lines.push(format!("nice {}", rustix::process::getpriority_process(None)?));
    for resource in [Resource::Nofile, Resource::Fsize] {
        lines.push(format!("{resource:?} {:?}", getrlimit(resource).current));
    }
    lines.push(format!("{:?}", env::current_dir()?.file_name()));
    for name in ["LEAK", "TZ"] {
        lines.push(format!("{name} {:?}", env::var_os(name)));
    }
    lines.push(format!("HOME {}", env::var_os("HOME").is_some()));
    Ok(lines.join("\n"))
}

/// Writes to standard error when it starts and in every run; the task's name determines what a run
/// does next.
#[test]
#[ignore = "a process that the tests start"]
fn shares() {
    let run = |instance: &BackgroundTaskInstance| {
        let name = instance.task().name().to_owned();
        eprintln!("of {name}");
        match name.as_str() {
            "talks" => Ok(()),
            "crashes" => std::process::abort(),
            _ => loop {
                park();
            },
        }
    };
    played(|| {
        eprintln!("of the start");
        serve(run, IdlePolicy::Never)
    });
}

/// Writes 100 MB to standard output, and the last word to standard error.
#[test]
#[ignore = "a process that the tests start"]
fn floods() {
    let run = |_: &BackgroundTaskInstance| {
        let line = "x".repeat(99) + "\n";
        let many = line.repeat(1_000);
        let mut out = std::io::stdout().lock();
        for _ in 0..1_000 {
            std::io::Write::write_all(&mut out, many.as_bytes())?;
        }
        eprintln!("that was all");
        Ok(())
    };
    played(|| serve(run, IdlePolicy::Never));
}

/// Its run ends when it is cancelled.
#[test]
#[ignore = "a process that the tests start"]
fn waits_for_cancel() {
    let run = |instance: &BackgroundTaskInstance| {
        let (sender, cancelled) = std::sync::mpsc::channel();
        instance.on_canceled(move |_, _| sender.send(()).unwrap());
        instance.set_progress(id());
        Ok(cancelled.recv()?)
    };
    played(|| serve(run, IdlePolicy::Never));
}

/// Its run creates scattered processes and ends when it is cancelled.
#[test]
#[ignore = "a process that the tests start"]
fn scatters_until_cancelled() {
    let run = |instance: &BackgroundTaskInstance| {
        let (sender, cancelled) = std::sync::mpsc::channel();
        instance.on_canceled(move |_, _| sender.send(()).unwrap());
        scatter();
        Ok(cancelled.recv()?)
    };
    played(|| serve(run, IdlePolicy::Never));
}

/// Its run creates scattered processes and never ends.
#[test]
#[ignore = "a process that the tests start"]
fn scatters() {
    let run = |_: &BackgroundTaskInstance| {
        scatter();
        // Only the parent connects this process with the server.
        play("leaves_session").env_clear().env(PART, "yes").spawn()?;
        loop {
            park();
        }
    };
    played(|| serve(run, IdlePolicy::Never));
}

/// Its run creates scattered processes and completes.
#[test]
#[ignore = "a process that the tests start"]
fn leaves_behind() {
    let run = |_: &BackgroundTaskInstance| {
        scatter();
        Ok(())
    };
    played(|| serve(run, IdlePolicy::AfterFirstCompletion));
}

/// Its run creates scattered processes and crashes the server.
#[test]
#[ignore = "a process that the tests start"]
fn scatters_and_aborts() {
    let run = |_: &BackgroundTaskInstance| {
        scatter();
        std::process::abort();
    };
    played(|| serve(run, IdlePolicy::Never));
}

/// Starts a child, one in its own session, and one that becomes an orphan in its own session; each
/// reports its id.
#[expect(clippy::zombie_processes, reason = "what becomes of them is what is tested")]
fn scatter() {
    play("stays").spawn().unwrap();
    play("leaves_session").spawn().unwrap();
    // The process that starts the orphan ends before this continues.
    assert!(play("double_forks").status().unwrap().success());
}

#[test]
#[ignore = "a process that the tests start"]
fn stays() {
    played(|| {
        say(&id().to_string());
        loop {
            park();
        }
    });
}

#[test]
#[ignore = "a process that the tests start"]
fn leaves_session() {
    played(|| {
        rustix::process::setsid()?;
        say(&id().to_string());
        loop {
            park();
        }
    });
}

#[test]
#[ignore = "a process that the tests start"]
fn double_forks() {
    played(|| {
        rustix::process::setsid()?;
        play("leaves_session").spawn()?;
        Ok(())
    });
}

/// Registers two suspended classes, and resumes them when told to.
#[test]
#[ignore = "a process that the tests start"]
fn resumes_when_told() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = |instance: &BackgroundTaskInstance| {
        instance.set_progress(RUNS.fetch_add(1, Ordering::SeqCst) + 1);
        Ok(())
    };
    played(|| {
        let server = TaskServer::new()?;
        for number in [1, 2] {
            let task = move || Task(run);
            server.register_class_object_suspended(class(number), task, ClassUse::Multiple)?;
        }
        say("suspended");
        assert_eq!(Fifo::open(Path::new("go")).line(), "resume");
        assert_eq!(RUNS.load(Ordering::SeqCst), 0, "a run came before it was resumed");
        server.resume_class_objects()?;
        Ok(server.wait(IdlePolicy::Never)?)
    });
}

/// Registers its class, and revokes it once its run has begun.
#[test]
#[ignore = "a process that the tests start"]
fn revokes_in_run() {
    let run = |instance: &BackgroundTaskInstance| {
        instance.set_progress(id());
        assert_eq!(Fifo::open(Path::new("finish")).line(), "end");
        Ok(())
    };
    played(|| {
        let server = TaskServer::new()?;
        let cookie = server.register_class_object(class(1), move || Task(run), ClassUse::Multiple)?;
        say("registered");
        assert_eq!(Fifo::open(Path::new("go")).line(), "revoke");
        server.revoke_class_object(cookie)?;
        say("revoked");
        Ok(server.wait(IdlePolicy::AfterFirstCompletion)?)
    });
}

/// Starts only when told to.
#[test]
#[ignore = "a process that the tests start"]
fn starts_when_told() {
    played(|| {
        say(&id().to_string());
        assert_eq!(Fifo::open(Path::new("go")).line(), "start");
        serve(|_| Ok(()), IdlePolicy::Never)
    });
}

/// Writes a file when a run has ended; apart from that, it only listens.
#[test]
#[ignore = "a process that the tests start"]
fn hears_ends() {
    played(|| {
        for task in BackgroundTaskRegistration::all_tasks()? {
            task.on_completed(|_, _| std::fs::write("heard", "").unwrap())?.keep();
        }
        say("listening");
        loop {
            park();
        }
    });
}
