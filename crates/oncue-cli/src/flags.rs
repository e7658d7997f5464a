//! The flags that describe a command's task, shared by the verbs that add and change one.

pub(crate) mod command;
pub(crate) mod policy;
pub(crate) mod task;
pub(crate) mod trigger;
pub(crate) mod when;
