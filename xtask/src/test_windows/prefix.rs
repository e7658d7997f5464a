//! A separate Wine: registry, system folder and server process, all removed when it is dropped.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::debian::WINE;
use super::failure::Failure;
use super::program::{command, start, succeed};

/// How long setting up a Wine may take; on an idle machine it takes 15 seconds.
const SETTING_UP: Duration = Duration::from_secs(300);

/// A running Wine in a folder.
#[derive(Debug)]
pub(super) struct Prefix {
    wine: Folder,
    /// A program that waits for input. Wine's services leave when no program is running, and a
    /// program that needs one just then waits forever.
    _keeper: Child,
}

/// The folder of a Wine, running or not.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// The log of its own programs, which only matters if something fails.
    log: PathBuf,
}

impl Prefix {
    /// Sets up a Wine in a folder that does not exist yet.
    pub(super) async fn make(path: PathBuf, log: PathBuf) -> Result<Self, Failure> {
        let wine = Folder { path, log };
        // The first program finds no prefix and sets it up before it begins, so its first output
        // shows that everything is ready. A second program must not start before that.
        let mut keeper = wine.quiet();
        let mut keeper = start(keeper.arg("cmd").stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let said = keeper.stdout.take();
        let prefix = Self { wine, _keeper: keeper };
        first_byte(said).await?;
        Ok(prefix)
    }

    /// Creates a command for a program under this Wine.
    pub(super) fn wine(&self) -> Command {
        self.wine.command()
    }

    /// Runs one of Wine's own programs, which must succeed.
    pub(super) async fn succeed(&self, arguments: &[&str]) -> Result<(), Failure> {
        self.wine.succeed(arguments).await
    }

    /// The folder of the system's libraries.
    pub(super) fn system_folder(&self) -> PathBuf {
        self.wine.path.join("drive_c/windows/system32")
    }
}

/// Waits until a program writes something.
async fn first_byte(said: Option<ChildStdout>) -> Result<(), Failure> {
    let what = || "setting up Wine".to_owned();
    let mut said = said.ok_or_else(|| Failure::Silent { what: what() })?;
    match timeout(SETTING_UP, said.read_u8()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) => Err(Failure::Silent { what: what() }),
        Err(_) => Err(Failure::TooLong { what: what(), seconds: SETTING_UP.as_secs() }),
    }
}

impl Folder {
    fn command(&self) -> Command {
        let mut wine = command(WINE);
        self.set(wine.as_std_mut());
        wine
    }

    async fn succeed(&self, arguments: &[&str]) -> Result<(), Failure> {
        succeed(self.quiet().args(arguments)).await
    }

    /// Programs started by Wine live on; they must not keep the pipes of the suite's starter open.
    fn quiet(&self) -> Command {
        let log = || File::options().create(true).append(true).open(&self.log);
        let to = || log().map_or_else(|_| Stdio::null(), Stdio::from);
        let mut command = self.command();
        command.stdout(to()).stderr(to());
        command
    }

    /// From the caller's environment, programs only get the search path.
    fn set(&self, command: &mut process::Command) {
        let programs = Path::new(WINE).parent().unwrap_or(Path::new("/"));
        let path = env::var("PATH").unwrap_or_default();
        command.env_clear().env("PATH", format!("{}:{path}", programs.display()));
        command.env("WINEPREFIX", &self.path).env("HOME", &self.path).env("LANG", "C.UTF-8");
        command.env("WINEDEBUG", "-all");
        // No .NET, no browser, no entries in the menus of the desktop.
        command.env("WINEDLLOVERRIDES", "mscoree=;mshtml=;winemenubuilder.exe=");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for request in ["--kill", "--wait"] {
            let mut server = process::Command::new(Path::new(WINE).with_file_name("wineserver"));
            self.set(&mut server);
            // If there is no server, there is nothing to end.
            let _ = server.arg(request).stdin(Stdio::null()).stderr(Stdio::null()).status();
        }
    }
}
