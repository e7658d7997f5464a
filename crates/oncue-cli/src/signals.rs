//! Ctrl-C and similar signals as messages.

use std::io;
use std::thread;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// From now on, calls `heard` for each Ctrl-C, termination request, or loss of the terminal,
/// instead of ending the process.
///
/// # Errors
/// Returns an error if the system refuses; then the signals end the process as usual.
pub(crate) fn hear(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate, mut hangup) = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?)
    };
    thread::Builder::new().name("signals".into()).spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
                heard();
            }
        });
    })?;
    Ok(())
}
