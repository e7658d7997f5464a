//! A newer program takes the broker's place: how it is noticed, and how it is executed.
//!
//! The folder of the broker's program is watched. When the file is replaced by one that contains a broker which is
//! not older, the core chooses a moment; then this process ends everything that it does and executes the new
//! file. It keeps its process id, and the socket, in which clients wait meanwhile.

mod program;

use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use oncue_core::Event;
use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;
use tokio::time::timeout;

use self::program::Replacement;
use crate::descriptor;
use crate::errand::Errands;
use crate::inbox::Inbox;
use crate::inherited::{self, Inherited};
use crate::own_program;

/// How long looking at the program may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing must have happened to the file before it is looked at: it may still be written.
const SETTLED: Duration = Duration::from_secs(1);

/// How long a file that cannot be executed because it is being replaced is waited for.
const AWAITED: Duration = Duration::from_secs(5);

/// A file that may have replaced the program.
const COMES: WatchFlags =
    WatchFlags::CREATE.union(WatchFlags::MOVED_TO).union(WatchFlags::CLOSE_WRITE).union(WatchFlags::ONLYDIR);

/// Reports once that the program was replaced by one that may take over.
pub(crate) async fn watch(errands: Errands, inbox: mpsc::Sender<Inbox>) {
    let watched = async {
        let program = own_program::path()?;
        let folder = program.parent().unwrap_or(Path::new("/")).to_owned();
        let begin = move || {
            let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            inotify::add_watch(&watch, &folder, COMES)?;
            Ok::<_, io::Error>(watch)
        };
        let watch = errands.ask(&program, PATIENCE, begin).await.map_err(io::Error::other)??;
        Ok::<_, io::Error>((descriptor::readable(watch)?, program))
    };
    match watched.await {
        Ok((watch, program)) => {
            if let Err(error) = look_until_replaced(&watch, &program, &errands, &inbox).await {
                tracing::warn!(
                    "watching for a newer {}: {error}; it is used at the next start",
                    program.display()
                );
            }
        }
        Err(error) => tracing::debug!("a newer program is not watched for: {error}"),
    }
}

async fn look_until_replaced(
    watch: &AsyncFd<OwnedFd>,
    program: &Path,
    errands: &Errands,
    inbox: &mpsc::Sender<Inbox>,
) -> io::Result<()> {
    loop {
        // After the watch was set, so that nothing is missed in between.
        let path = program.to_owned();
        let looked = errands.ask(program, PATIENCE, move || program::look(&path)).await;
        match looked.map_err(io::Error::other).flatten() {
            Ok(Replacement::MayTakeOver(version)) => {
                tracing::info!(
                    "{} was replaced by version {version}, which takes over when no run is alive",
                    program.display()
                );
                let _ = inbox.send(Event::Replaced.into()).await;
                return Ok(());
            }
            Ok(Replacement::None) => {}
            Ok(Replacement::Unfit(why)) => {
                tracing::warn!(
                    "{} was replaced, and the new file does not take over: {why}",
                    program.display()
                );
            }
            Err(error) => tracing::debug!("looking at {}: {error}", program.display()),
        }
        while !concerns(watch, program).await? {}
        while timeout(SETTLED, concerns(watch, program)).await.is_ok() {}
    }
}

/// Waits for something to happen in the folder; returns whether the program is concerned.
async fn concerns(watch: &AsyncFd<OwnedFd>, program: &Path) -> io::Result<bool> {
    let name = program.file_name().unwrap_or_default().as_bytes();
    let mut ready = watch.readable().await?;
    let mut room = [MaybeUninit::uninit(); 4_096];
    let mut reader = Reader::new(ready.get_inner(), &mut room);
    let mut is_concerned = false;
    loop {
        match reader.next() {
            Ok(event) => is_concerned |= event.file_name().is_none_or(|file| file.to_bytes() == name),
            Err(Errno::AGAIN) => break,
            Err(error) => return Err(error.into()),
        }
    }
    ready.clear_ready();
    Ok(is_concerned)
}

/// The program that takes over, and what it is given.
#[derive(Debug)]
pub(crate) struct Successor {
    socket: Inherited,
}

impl Successor {
    pub(crate) fn new(socket: Inherited) -> Self {
        Self { socket }
    }

    /// Executes it in this process; returns only if that is impossible. A file that is being replaced once more
    /// is waited for.
    #[expect(clippy::disallowed_methods, reason = "the broker has ended")]
    pub(crate) fn execute(self) -> io::Error {
        const EVERY: Duration = Duration::from_millis(100);
        let until = Instant::now() + AWAITED;
        loop {
            let error = own_program::path().map_or_else(|error| error, |path| self.execute_file(&path));
            let is_replaced = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ExecutableFileBusy);
            if !is_replaced || Instant::now() > until {
                return error;
            }
            std::thread::sleep(EVERY);
        }
    }

    fn execute_file(&self, path: &Path) -> io::Error {
        let mut arguments = std::env::args_os();
        let mut command = Command::new(path);
        if let Some(name) = arguments.next() {
            command.arg0(name);
        }
        match inherited::pass_on(&self.socket, &mut command) {
            Ok(()) => command.args(arguments).exec(),
            Err(error) => error,
        }
    }
}
