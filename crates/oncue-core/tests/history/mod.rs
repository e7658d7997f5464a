//! Random histories of a broker: what happens, what an observer notes, and the laws that hold after each step.

mod before;
mod book;
mod ending;
mod health;
mod law;
mod machine;
mod op;
mod perform;
mod play;

pub(crate) use op::history;
pub(crate) use play::Play;
