//! The broker's log: standard error in a terminal, a file when a client started it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::broker::Started;

/// A log that is larger than this at start is put aside as `broker.log.old`.
const MAX_BYTES: u64 = 1 << 20;

/// Opens the log; `ONCUE_LOG` sets what it tells, as `debug` or `oncue_broker=trace`.
pub(crate) fn open(started: Started, state: &Path) -> io::Result<()> {
    let filter = EnvFilter::try_from_env("ONCUE_LOG").unwrap_or_else(|_| EnvFilter::new("info,zbus=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    // A program that embeds the broker may have a subscriber of its own already; then that one serves.
    let _ = match started {
        Started::ByUser => {
            let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let colour = !plain && rustix::termios::isatty(io::stderr());
            builder.with_ansi(colour).with_writer(io::stderr).try_init()
        }
        Started::ByClient => builder.with_ansi(false).with_writer(Mutex::new(file(state)?)).try_init(),
    };
    Ok(())
}

fn file(state: &Path) -> io::Result<File> {
    let path = state.join("broker.log");
    if std::fs::metadata(&path).is_ok_and(|known| known.len() > MAX_BYTES) {
        std::fs::rename(&path, state.join("broker.log.old"))?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}
