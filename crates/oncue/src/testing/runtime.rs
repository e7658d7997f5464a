//! Which program of a test the threads act for that this crate did not start.
//!
//! A runtime's workers are threads that this crate did not start. They act for the program on whose
//! threads the runtime was first seen: where the test created its broker, where a run is polled, or
//! where a call was made.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use oncue_wire::starting::Failed;
use tokio::runtime::{Handle, Id};

use super::time::Played;
use crate::broker::client::Client;
use crate::broker::clock::Clock;
use crate::broker::scope::{self, PLAYED};
use crate::broker::unreachable::Unreachable;
use crate::lock::lock;

/// The owner of a runtime.
enum Owner {
    Program(Weak<Client>),
    /// Several tests have used it at once, so its threads cannot be attributed to one of them.
    Several,
}

static OWNERS: Mutex<Option<HashMap<Id, Owner>>> = Mutex::new(None);

/// If the current thread is in a runtime, records that the runtime belongs to that program.
fn remember(client: &Arc<Client>) {
    let Ok(runtime) = Handle::try_current() else { return };
    let mut owners = lock(&OWNERS);
    let owners = owners.get_or_insert_default();
    let known = match owners.get(&runtime.id()) {
        Some(Owner::Program(known)) => known.upgrade(),
        Some(Owner::Several) => return,
        None => None,
    };
    let owner = match known {
        Some(known) if are_of_one_test(&known, client) => return,
        Some(_) => Owner::Several,
        None => Owner::Program(Arc::downgrade(client)),
    };
    owners.retain(|_, owner| !matches!(owner, Owner::Program(client) if client.strong_count() == 0));
    owners.insert(runtime.id(), owner);
}

/// Returns the program that this thread's runtime belongs to.
fn program() -> Option<Arc<Client>> {
    let runtime = Handle::try_current().ok()?;
    match lock(&OWNERS).as_ref()?.get(&runtime.id())? {
        Owner::Program(client) => client.upgrade(),
        Owner::Several => None,
    }
}

/// Makes threads that this crate did not start act for the programs of tests, or for nobody.
pub(super) fn play() {
    PLAYED.get_or_init(|| scope::Played { acts: remember, program, stranger });
}

fn are_of_one_test(one: &Client, other: &Client) -> bool {
    match (played(one), played(other)) {
        (Some(one), Some(other)) => Arc::ptr_eq(&one.time, &other.time),
        (None, _) | (_, None) => false,
    }
}

fn played(client: &Client) -> Option<&Played> {
    let time: &dyn Any = &*client.serving().clock().0;
    time.downcast_ref()
}

/// Returns the client of a thread that acts for nobody. It cannot reach the user's own broker.
fn stranger() -> Arc<Client> {
    static STRANGER: OnceLock<Arc<Client>> = OnceLock::new();
    let refuse = || {
        Arc::new(|_, _| {
            Err(Unreachable::Failed(Failed {
                what: "this process runs tests, but this thread does not belong to a program of a test"
                    .into(),
                way_out:
                    "create the `TestBroker` inside the tokio runtime that this thread belongs to, or make \
                          the call within `testing::Program::within`"
                        .into(),
            }))
        })
    };
    let make = || Arc::new(Client::new(None, Clock::default(), refuse()));
    Arc::clone(STRANGER.get_or_init(make))
}
