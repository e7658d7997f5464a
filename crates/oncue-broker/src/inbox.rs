//! What reaches the loop: events for the core, and I/O that the shell has to handle itself.
//!
//! Everything that sends messages to the loop imports this module, and not the loop. What it names comes from
//! modules that only define data.

use oncue_core::{CancellationReason, Event, Exit, ServerId};

use crate::front::peers::Peer;
use crate::front::questions::{Call, Reply};
use crate::front::turns::PeerId;
use crate::launch::blame::NotMade;
use crate::launch::spawn::Made;
use crate::package::news::News;
use crate::source::delay::Delay;

/// One thing that reaches the loop.
#[derive(Debug)]
pub(crate) enum Inbox {
    /// Something that only the core needs to know.
    Event(Event),
    /// An event that the machine waits for, and what makes it wait until the core lets it continue.
    Announced(Event, Delay),
    /// The local time zone or the rules of any zone have changed. The calendar reads them before the core
    /// is told.
    ZonesChanged,
    /// A client has connected.
    Connected(PeerId, Peer),
    /// A client has sent a call.
    Received(PeerId, Call),
    /// The scribe has written a long answer.
    Written(Reply),
    /// A connection has closed.
    Closed(PeerId),
    /// The finder has read or searched folders of packages.
    Package(Box<News>),
    /// A task server's process was created, or could not be.
    Launched(ServerId, Result<Made, NotMade>),
    /// A task server's process has ended.
    ProcessEnded(ServerId, Exit),
    /// A child of this process has ended, perhaps one that a task server left behind.
    ChildEnded,
    /// The last messages of a task server whose process has ended are no longer waited for.
    LastWordsOver(ServerId),
    /// A signal asks the broker to end.
    StopSignal(CancellationReason),
}

impl From<Event> for Inbox {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}
