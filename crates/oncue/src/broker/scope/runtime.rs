//! Finds the program of a test that the threads of a tokio runtime act for.
//!
//! A runtime's workers are threads that this crate did not start. They act for the program on whose
//! threads the runtime was first seen: where the test created its broker, where a run is polled, or
//! where a call was made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use tokio::runtime::{Handle, Id};

use crate::broker::client::Client;
use crate::lock::lock;

/// The owner of a runtime.
enum Owner {
    Program(Weak<Client>),
    /// Several tests have used it at once, so its threads cannot be attributed to one of them.
    Several,
}

static OWNERS: Mutex<Option<HashMap<Id, Owner>>> = Mutex::new(None);

/// If the current thread is in a runtime, records that the runtime belongs to that program.
pub(super) fn remember(client: &Arc<Client>) {
    let Ok(runtime) = Handle::try_current() else { return };
    let mut owners = lock(&OWNERS);
    let owners = owners.get_or_insert_default();
    let known = match owners.get(&runtime.id()) {
        Some(Owner::Program(known)) => known.upgrade(),
        Some(Owner::Several) => return,
        None => None,
    };
    let owner = match known {
        Some(known) if known.is_of_the_test_of(client) => return,
        Some(_) => Owner::Several,
        None => Owner::Program(Arc::downgrade(client)),
    };
    owners.retain(|_, owner| !matches!(owner, Owner::Program(client) if client.strong_count() == 0));
    owners.insert(runtime.id(), owner);
}

/// Returns the program that this thread's runtime belongs to.
pub(super) fn client() -> Option<Arc<Client>> {
    let runtime = Handle::try_current().ok()?;
    match lock(&OWNERS).as_ref()?.get(&runtime.id())? {
        Owner::Program(client) => client.upgrade(),
        Owner::Several => None,
    }
}
