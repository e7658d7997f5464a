//! The store as a whole: what it is given it gives back, whatever happens in between.

mod compat;
mod damage;
mod ledger;
mod model;
mod refusal;
mod sample;
mod survival;
mod unsynced;
