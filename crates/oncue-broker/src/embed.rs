//! For apps that embed the broker: one line at the start of `main`.

use oncue_wire::names::{EMBEDDED_ARGUMENT, SERVICE_ARGUMENT};

use oncue_wire::StartedBy;

use crate::broker::run_as;
use crate::service::Role;

/// Lets this program run the broker if no other one is available. Call it first in `main`.
///
/// If the SDK finds no running broker and no installed `oncue`, it starts the program again with a
/// special argument; the service does the same at log-in. In that process, this function runs the broker and does not return. In every
/// other process it returns immediately. If several programs embed the broker, only one of them
/// runs it.
#[expect(clippy::disallowed_methods, reason = "`main` must not go on, and the broker has ended")]
pub fn embed() {
    let asked = std::env::args_os().nth(1).is_some_and(|argument| argument == EMBEDDED_ARGUMENT);
    if !asked {
        oncue_wire::embedded::announce();
        return;
    }
    let by_service = std::env::args_os().nth(2).is_some_and(|argument| argument == SERVICE_ARGUMENT);
    let started = if by_service { StartedBy::Service } else { StartedBy::Client };
    let failed = run_as(Role::Embedded, started).is_err();
    std::process::exit(i32::from(failed));
}
