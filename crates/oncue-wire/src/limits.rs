//! How much a client can make the broker hold.
//!
//! Every amount is given back when the thing that it pays for goes: a call's when the last byte of
//! its answer has been written, a connection's when it closes.

/// The longest message that the broker accepts, in bytes. A longer one is refused without being read
/// into memory, and the connection stays open.
pub const MESSAGE: usize = 1 << 20;

/// The longest answer that lists tasks or entries of the ledger, in bytes. A list that would be longer
/// ends early, after a whole item, and holds at least one.
pub const ANSWER: usize = 1 << 20;

/// A list of fewer tasks than this is the last page: so many fit into [`ANSWER`] however long their
/// texts are. A longer page may have ended early.
pub const SURELY_LAST: usize = 32;

/// How many connections one process may have.
pub const CONNECTIONS_PER_PROCESS: usize = 64;

/// How many connections there are at most. Task servers that the broker started have further places.
/// There are fewer when the broker may open only few files.
pub const CONNECTIONS: usize = 384;

/// How many bytes the unanswered calls of one process may take. The broker stops reading from a
/// process that has reached this limit until answers have been read.
pub const CALLS_PER_PROCESS: usize = 1 << 20;

/// What each call is charged on top of its own length: roughly what it and a short answer take.
pub const CALL: usize = 512;

/// How many long answers one process may have that it has not read.
pub const ANSWERS_PER_PROCESS: usize = 2;

/// How many long answers there are at most that nobody has read.
pub const ANSWERS: usize = 16;

/// How many bytes of signals and calls may wait for one connection. A client that lets more come
/// without reading is disconnected.
pub const UNREAD: usize = 1 << 20;
