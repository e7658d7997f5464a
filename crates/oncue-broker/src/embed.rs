//! An app that carries the broker: one line at the start of `main`.

use oncue_wire::names::EMBEDDED_ARGUMENT;

use crate::broker::{Started, run};

/// Lets this program be the broker when no other is to be had; call it first in `main`.
///
/// When the SDK finds no broker running and no `oncue` installed, it starts the program anew with an
/// argument of its own; that process becomes the broker inside this call and does not return from it.
/// In every other process it returns at once. Several programs that embed the broker agree on one.
pub fn embed() {
    let asked = std::env::args_os().nth(1).is_some_and(|argument| argument == EMBEDDED_ARGUMENT);
    if !asked {
        oncue_wire::embedded::announce();
        return;
    }
    let failed = run(Started::ByClient).is_err();
    std::process::exit(i32::from(failed));
}
