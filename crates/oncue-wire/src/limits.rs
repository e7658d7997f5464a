//! How much a client can make the broker hold.
//!
//! Every amount is released together with the resource that it is charged for: a call's when the last
//! byte of its answer has been written, a connection's when it closes.

/// The longest message that the broker accepts, in bytes. A longer one is refused without being read
/// into memory, and the connection stays open.
pub const MESSAGE: usize = 1 << 20;

/// The longest answer that lists tasks or entries of the ledger, in bytes. A list that would be longer
/// ends early, after a complete item, and has at least one.
pub const ANSWER: usize = 1 << 20;

/// A list with fewer tasks than this is the last page: this many always fit into [`ANSWER`], however
/// long their texts are. A longer page may have ended early.
pub const SURELY_LAST: usize = 32;

/// How many changes of commands one call may have checked.
pub const CHANGES: usize = 500;

/// How many connections one process may have.
pub const CONNECTIONS_PER_PROCESS: usize = 64;

/// The maximum number of connections. Task servers that the broker started have places of their own.
/// The limit is lower if the broker may open only a few files.
pub const CONNECTIONS: usize = 384;

/// How many steps of work outside its calls a process may cause at once. A connection takes 20 steps; a
/// read takes one if it is part of the handshake, of a message that arrives in pieces, or of a message
/// that is too long. The broker pauses a process that has used up its steps until they are refilled.
pub const STEPS: u32 = 2_000;

/// How many steps are refilled each second.
pub const STEPS_PER_SECOND: u32 = 2_000;

/// How many bytes the unanswered calls of one process may take. The broker stops reading from a
/// process that has reached this limit until answers have been read.
pub const CALLS_PER_PROCESS: usize = 1 << 20;

/// What each call is charged on top of its own length: roughly what it and a short answer take.
pub const CALL: usize = 512;

/// How many unread long answers one process may have.
pub const ANSWERS_PER_PROCESS: usize = 2;

/// How many unread long answers all processes together may have.
pub const ANSWERS: usize = 16;

/// How many bytes of signals and calls may wait for one connection. A client that lets more pile up is
/// disconnected.
pub const UNREAD: usize = 1 << 20;
