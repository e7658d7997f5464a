//! A broker for the demonstration only: a child process that ends with it.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oncue::tools::Broker;
use oncue_wire::names::READY;

use crate::commands::demo::error::DemoError;
use crate::process;

/// How long the broker may take to cancel its runs and to end.
const STOP_WITHIN: Duration = Duration::from_secs(15);

/// The broker, and a connection to it.
#[derive(Debug)]
pub(crate) struct OwnBroker {
    child: Child,
    /// The connection.
    pub(crate) asked: Broker,
}

impl OwnBroker {
    /// Starts `oncue daemon` and waits until it is ready.
    pub(crate) fn start() -> Result<Self, DemoError> {
        let own = env::current_exe().map_err(DemoError::Start)?;
        let mut child = Command::new(own)
            .args(["daemon", "--from-client"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C on the terminal is for the demonstration, which then ends the broker properly.
            .process_group(0)
            .spawn()
            .map_err(system("starting `oncue daemon`"))?;
        let mut said = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut said).map_err(system("listening to `oncue daemon`"))?;
        }
        if said.trim_end() != READY {
            let status = child.wait().map_err(system("waiting for `oncue daemon`"))?;
            let what = format!("`oncue daemon` ended with {status} before it was ready");
            return Err(DemoError::missing(what));
        }
        match Broker::connect_running() {
            Ok(asked) => Ok(Self { child, asked }),
            Err(error) => {
                // It does not answer, so it does not have to end properly.
                let _ = child.kill().and_then(|()| child.wait());
                Err(error.into())
            }
        }
    }

    /// Returns the broker's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the broker, properly if possible, and returns an error if it had to be killed.
    pub(crate) fn stop(mut self) -> Result<(), DemoError> {
        let process = process::hold(self.pid());
        let asked = self.asked.stop();
        let ended = asked.is_ok() && process.is_none_or(|process| process::has_ended(&process, STOP_WITHIN));
        if !ended {
            // If the process has ended in the meantime, killing it fails, which does not matter.
            let _ = self.child.kill();
        }
        let status = self.child.wait().map_err(system("waiting for `oncue daemon`"))?;
        asked?;
        if !ended {
            let what = format!("the broker did not end within {} s and was killed", STOP_WITHIN.as_secs());
            return Err(DemoError::missing(what));
        }
        if !status.success() {
            return Err(DemoError::missing(format!("the broker ended with {status}")));
        }
        Ok(())
    }
}

/// Adds what was attempted to an error of the system.
pub(crate) fn system(what: &str) -> impl FnOnce(std::io::Error) -> DemoError {
    let what = what.to_owned();
    move |source| DemoError::System { what, source }
}
