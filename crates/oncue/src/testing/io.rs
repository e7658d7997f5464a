//! The single thread of a process that plays brokers.

use std::future::{Future, pending};
use std::io;
use std::sync::Mutex;
use std::thread;

use tokio::runtime::{Builder, Handle};

use crate::broker::unreachable::Unreachable;
use crate::lock::lock;

static IO: Mutex<Option<Handle>> = Mutex::new(None);

/// Runs `future` on the I/O thread, which is started for the first one.
pub(super) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<(), Unreachable> {
    let mut io = lock(&IO);
    let handle = match &*io {
        Some(handle) => handle,
        None => io.insert(start().map_err(Unreachable::NoThread)?),
    };
    handle.spawn(future);
    Ok(())
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("oncue".to_owned()).spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(handle)
}
