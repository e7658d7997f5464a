//! The calls of an app that the host of this platform answers.
//!
//! The types themselves are values and do not know the host, so that the host can return them.

mod package;
mod registration;
mod trigger;

pub use package::BackgroundExecutionManager;
pub use trigger::raise_custom_system_event;
