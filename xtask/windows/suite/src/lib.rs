//! What the tests of the Windows suite stand on: they play the part of Windows' own broker.
//!
//! Empty on other systems. The tests run under Wine, which has COM between processes but neither
//! Windows' broker nor package identity; what they prove and what not stands in `docs/windows.md`.

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
