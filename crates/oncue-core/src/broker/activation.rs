//! Describes why an activation failed: the program, the class, the usual cause, and the server's
//! output.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use oncue_types::{Action, Command, Exit, Guid, show_span};

use crate::server::Server;

/// How an activation failed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failed<'a> {
    /// The server could not be started, for this reason.
    NotStarted(&'a str),
    /// The server ended before its class object was registered.
    Ended(Exit),
    /// The class object was not registered in time.
    Late(Duration),
    /// The class object was registered, but the run was not entered in time.
    NotEntered(Duration),
}

/// Describes why a run was not activated, and what its server wrote.
pub(super) fn told(server: &Server, action: &Action, how: Failed<'_>, wrote: &str) -> String {
    match action {
        Action::Class(class) => told_of_class(server, *class, how, wrote),
        Action::Command(command) => told_of_command(command, how),
    }
}

/// Describes why a run was not activated if no process is known for it.
pub(super) fn unserved(action: &Action) -> String {
    match action {
        Action::Class(class) => format!("no task server served class {class}"),
        Action::Command(command) => format!("`{command}` was not started"),
    }
}

fn told_of_command(command: &Command, how: Failed<'_>) -> String {
    match how {
        Failed::NotStarted(why) => why.to_string(),
        Failed::Ended(exit) => format!("`{command}` ended ({exit}) before its run began"),
        Failed::Late(limit) | Failed::NotEntered(limit) => {
            format!("`{command}` was not started within {}", show_span(limit))
        }
    }
}

fn told_of_class(server: &Server, class: Guid, how: Failed<'_>, wrote: &str) -> String {
    let mut text = facts(server, class, how);
    if let Some(usual) = usual(server, class, how, wrote) {
        text.push_str("; ");
        text.push_str(usual);
    }
    if !wrote.is_empty() {
        text.push_str("\nit wrote:\n");
        text.push_str(wrote);
    }
    text
}

fn facts(server: &Server, class: Guid, how: Failed<'_>) -> String {
    let program = match &server.program {
        Some(program) => format!("`{program}`"),
        None => "the task server".to_string(),
    };
    let suspended = is_suspended(server, class);
    let facts = match how {
        Failed::NotStarted(why) => return format!("class {class} has no task server: {why}"),
        Failed::Ended(exit) if suspended => {
            format!("{program} registered class {class} suspended, but ended ({exit}) without resuming it")
        }
        Failed::Ended(exit) => format!("{program} ended ({exit}) before it registered class {class}"),
        Failed::Late(limit) if suspended => {
            let limit = show_span(limit);
            format!("{program} registered class {class} suspended, but did not resume it within {limit}")
        }
        Failed::Late(limit) => {
            format!("{program} did not register class {class} within {}", show_span(limit))
        }
        Failed::NotEntered(limit) => {
            let limit = show_span(limit);
            format!("{program} registered class {class} but did not enter its run within {limit}")
        }
    };
    let others: Vec<String> = server
        .objects
        .values()
        .map(|object| object.class)
        .filter(|of| *of != class)
        .take(3)
        .map(|of| of.to_string())
        .collect();
    match how {
        Failed::Ended(_) | Failed::Late(_) if !others.is_empty() => {
            format!("{facts}; it only registered {}", others.join(" and "))
        }
        Failed::NotStarted(_) | Failed::NotEntered(_) | Failed::Ended(_) | Failed::Late(_) => facts,
    }
}

/// The most common cause, and what to do.
fn usual(server: &Server, class: Guid, how: Failed<'_>, wrote: &str) -> Option<&'static str> {
    if is_suspended(server, class) {
        return Some("call `resume_class_objects` once all classes are registered");
    }
    let silent = server.objects.is_empty();
    match how {
        Failed::Ended(Exit::Code(0)) if silent => Some(
            "usually `main` ignores the arguments in the manifest: when started with them, it must register \
             the class and wait, without moving to the background",
        ),
        Failed::Ended(Exit::Code(126)) => Some("status 126 usually means that a command cannot be executed"),
        Failed::Ended(Exit::Code(127)) => {
            Some("status 127 usually means that a shared library or a command is missing")
        }
        Failed::Ended(Exit::Signal(9)) => Some("usually someone killed it, or the system ran out of memory"),
        Failed::Ended(Exit::Code(_)) if wrote.is_empty() => Some("start it by hand to see why"),
        Failed::Late(_) if silent => Some(
            "usually `main` does not call `register_class_object` when it is started with the arguments in the \
             manifest, or takes too long to get there",
        ),
        Failed::Ended(_) | Failed::Late(_) | Failed::NotEntered(_) | Failed::NotStarted(_) => None,
    }
}

fn is_suspended(server: &Server, class: Guid) -> bool {
    server.objects.values().any(|object| object.class == class && object.suspended)
}
