//! Ctrl-C and similar signals as messages.

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::thread;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Ctrl-C, a termination request, and the loss of the terminal.
pub(crate) const ENDS: [SignalKind; 3] =
    [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];

/// From now on, calls `heard` for each Ctrl-C, termination request, or loss of the terminal,
/// instead of ending the process.
///
/// # Errors
/// Returns an error if the system refuses; then the signals end the process as usual.
pub(crate) fn hear(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    hear_each(&ENDS, move |_| heard())
}

/// From now on, calls `heard` for each of these signals, instead of what the system does by default.
///
/// # Errors
/// Returns an error if the system refuses.
pub(crate) fn hear_each(kinds: &[SignalKind], heard: impl Fn(SignalKind) + Send + 'static) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut signals = {
        let _entered = runtime.enter();
        let listen = |kind: &SignalKind| Ok((*kind, signal(*kind)?));
        kinds.iter().map(listen).collect::<io::Result<Vec<_>>>()?
    };
    let all = move || {
        runtime.block_on(poll_fn(|context| {
            for (kind, signal) in &mut signals {
                while signal.poll_recv(context).is_ready() {
                    heard(*kind);
                }
            }
            Poll::<()>::Pending
        }));
    };
    thread::Builder::new().name("signals".into()).spawn(all).map(drop)
}
