//! `cargo xtask test-windows`: the Windows side, built on Linux and run under Wine.
//!
//! Everything it needs is installed from Debian and with rustup; if something cannot be installed,
//! the suite fails. It leaves no processes or files behind, even if it is interrupted.

mod build;
mod debian;
mod failure;
mod prefix;
mod program;
mod proxy;
mod registry;
mod rust;
mod stage;
mod tally;

use std::future::Future;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use failure::Failure;
use stage::Stage;
use tally::Tally;

/// What the suite proves, printed at its end.
const PROVED: &str = "
What this has shown, with Wine's COM between processes:
  - the SDK and the sample build for Windows, and the SDK's own tests pass there;
  - COM starts the sample's server by its manifest's command line, and a client of another process
    runs its task: deferral, progress, cancellation, completion, end of the process;
  - `oncue` checks packages there, and says of its other verbs who does it on Windows;
  - our registrar calls Windows' runtime classes as their documentation asks for.
What it has not shown, for Wine has none of it:
  - Windows' own broker: when a trigger fires, how long a task may run, what a refusal is called;
  - package identity, and how Windows reads AppxManifest.xml;
  - that the runtime classes answer as the stand-in does: it only writes down what it is asked;
  - Windows' marshalling of these interfaces: proxies of our own take its place, so the sample and
    the tests are built without debug assertions (docs/windows.md says why).
A person with Windows checks that: examples/primes/verify.ps1.
";

/// Runs the suite; the exit code is 0 if every test passed, otherwise 1.
pub(crate) fn run(root: &Path) -> ExitCode {
    let started = Instant::now();
    let ended = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)
        .and_then(|runtime| runtime.block_on(until_interrupted(suite(root))));
    match ended {
        Ok(tally) => {
            println!("{PROVED}\n{}", tally.summary(started.elapsed()));
            if tally.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(failure) => {
            eprintln!("test-windows: {failure}\n  {}", failure.way_out());
            ExitCode::FAILURE
        }
    }
}

/// Work that is interrupted is dropped, which cleans up.
async fn until_interrupted<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::Runtime)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(Failure::Runtime)?;
    tokio::select! {
        ended = work => ended,
        _ = interrupt.recv() => Err(Failure::Interrupted),
        _ = terminate.recv() => Err(Failure::Interrupted),
        _ = hangup.recv() => Err(Failure::Interrupted),
    }
}

async fn suite(root: &Path) -> Result<Tally, Failure> {
    debian::install(&debian::NEEDED).await?;
    let rust = rust::Rust::for_windows().await?;
    let built = build::build(&rust, root).await?;
    let stage = Stage::set(root, &built).await?;
    let mut tally = Tally::default();
    for test in &built.tests {
        tally.add(stage.run(test).await?);
    }
    Ok(tally)
}
