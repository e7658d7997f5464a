//! Random histories of commands that follow each other and take turns.

mod law;
mod op;
mod play;
mod rehearsal;

pub(crate) use op::chain_history;
pub(crate) use play::Chains;
