//! The basis of the Windows suite's tests, which act as Windows' own broker.
//!
//! Empty on other systems. The tests run under Wine, which has COM between processes, but neither
//! Windows' broker nor package identity. `docs/windows.md` describes what they prove and what not.

#![cfg(windows)]
#![expect(unsafe_code, reason = "COM is called, and COM objects are made")]
#![expect(non_snake_case, reason = "methods are called as Windows calls them")]

mod activation;
mod deferral;
mod instance;
mod process;
mod registration;
mod stage;

pub use activation::{Apartment, activate};
pub use instance::{Heard, Instance};
pub use process::{Process, processes};
pub use stage::{calls, clear, local_folder, refuse, sample, setting, without_identity};
