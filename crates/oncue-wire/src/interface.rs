//! The interfaces as tables: one row for each method and each signal.
//!
//! A row gives a member's name, its arguments, its documentation and, for a method of the broker, who may
//! call it and what it answers. Everything else comes from the rows: the types that carry the arguments,
//! the enumerations that the receiver of a message has to match completely, and the published XML.

mod broker;
pub mod reference;
mod row;
mod server;
pub mod xml;

pub use broker::{Call, Method, Signal, ask, signal};
pub use row::{Argument, Ask, Kind, Member, Row, Who};
pub use server::{Order, order};
