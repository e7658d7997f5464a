//! A call to the broker, read as a request or a report.

use oncue_types::{
    Access, CancellationReason, ClassObject, ClassUse, Cookie, FamilyName, InstanceId, NoReading, Register,
    Report, Request, ServerId, TaskId,
};
use serde::de::DeserializeOwned;
use zbus::Message;

use crate::interface::Method;
use crate::{Caller, Code, Refused, TaskSpec, convert};

/// Reads a call's arguments.
///
/// # Errors
/// Returns an error if they have another form than the interface says.
pub fn body<T: DeserializeOwned + zbus::Type>(call: &Message) -> Result<T, Refused> {
    // A fault of the deserializer on a stranger's bytes must not take the broker along. Nothing but the
    // message is touched meanwhile.
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| call.body().deserialize::<T>()));
    let why = match read {
        Ok(Ok(arguments)) => return Ok(arguments),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "they could not be read".to_owned(),
    };
    let member = call.header().member().map(ToString::to_string).unwrap_or_default();
    let why = format!("arguments of {member}: {why}");
    Err(Refused::new(Code::InvalidArgument, why, "see docs/interface for their types"))
}

/// Returns whether the caller waits for an answer.
#[must_use]
pub fn wants_answer(call: &Message) -> bool {
    !call.primary_header().flags().contains(zbus::message::Flags::NO_REPLY_EXPECTED)
}

/// Reads what a client asks for: `Register`, `Unregister`, `Fire`, `Cancel`, `Release`, `Request`,
/// `Signal`, `Pin` or `SetAccess`. `package_of` returns the package of a task.
///
/// # Errors
/// Returns an error if the arguments are wrong, or if this caller may not ask for it.
pub fn client<'p>(
    method: Method,
    call: &Message,
    caller: &Caller,
    package_of: impl FnOnce(TaskId) -> Option<&'p FamilyName>,
) -> Result<Request, Refused> {
    let task_to_steer = |text: &str| task_to_steer(text, caller, package_of);
    Ok(match method {
        Method::Register => {
            let asked: TaskSpec = body(call)?;
            let package = caller.package()?.clone();
            let (spec, mode) = convert::spec(&asked)?;
            Request::Register(Box::new(Register { package, spec, mode }))
        }
        Method::Unregister => {
            let (text, cancel): (String, bool) = body(call)?;
            Request::Unregister { task: task_to_steer(&text)?, cancel }
        }
        Method::Fire => {
            let (text, force): (String, bool) = body(call)?;
            Request::Fire { task: task_to_steer(&text)?, force }
        }
        Method::Cancel => {
            let (text, number): (String, u32) = body(call)?;
            let reason = reason(number)?;
            Request::Cancel { task: task_to_steer(&text)?, reason }
        }
        Method::Release => {
            caller.must_be_tool("release quarantined tasks")?;
            Request::Release { task: task_to_steer(&body::<String>(call)?)? }
        }
        Method::Request => {
            let (text, arguments): (String, Vec<String>) = body(call)?;
            let task = task_to_steer(&text)?;
            Request::Application { task, arguments: plain(arguments)? }
        }
        Method::Signal => {
            let (id, arguments): (String, Vec<String>) = body(call)?;
            let package = caller.package().ok().cloned();
            Request::Signal { id: id.into(), package, arguments: plain(arguments)? }
        }
        Method::Pin => {
            caller.must_be_tool("simulate facts")?;
            let (fact, value): (String, String) = body(call)?;
            pin(&fact, &value)?
        }
        Method::SetAccess => {
            caller.must_be_tool("set what packages may do")?;
            let (family, access): (String, String) = body(call)?;
            let access = access.parse::<Access>().map_err(|()| {
                let message = format!(
                    "unknown access `{}`: it must be always, policy or denied",
                    convert::short(&access)
                );
                Refused::new(Code::InvalidArgument, message, "choose one of them")
            })?;
            Request::SetAccess { package: FamilyName::new(&family), access }
        }
        _ => return Err(no_question(call)),
    })
}

/// Reads what a task server asks for: `RegisterClass`, suspended or not, `ResumeClasses`, `RevokeClass`
/// or `Leave`.
///
/// # Errors
/// Returns an error if the arguments are wrong, or when a class is offered by a caller without a
/// package.
pub fn server(
    method: Method,
    call: &Message,
    server: ServerId,
    caller: impl FnOnce() -> Caller,
) -> Result<Request, Refused> {
    Ok(match method {
        Method::RegisterClass | Method::RegisterClassSuspended => {
            let (class, single): (String, bool) = body(call)?;
            let class = convert::guid("class id", &class)?;
            let package = caller().package()?.clone();
            let class_use = if single { ClassUse::Single } else { ClassUse::Multiple };
            let suspended = method == Method::RegisterClassSuspended;
            let object = ClassObject { class, class_use, suspended };
            Request::RegisterClass { server, package, object }
        }
        Method::ResumeClasses => Request::ResumeClasses { server },
        Method::RevokeClass => Request::RevokeClass { server, cookie: Cookie(body::<u32>(call)?) },
        Method::Leave => Request::Leave { server },
        _ => return Err(no_question(call)),
    })
}

/// Reads what a task server says of a run: `Entered`, `SetProgress` or `Completed`.
///
/// # Errors
/// Returns an error if the arguments are wrong.
pub fn of_run(method: Method, call: &Message) -> Result<(InstanceId, Report), Refused> {
    let instance = |text: &str| convert::guid("instance id", text).map(InstanceId);
    Ok(match method {
        Method::SetProgress => {
            let (text, value): (String, u32) = body(call)?;
            (instance(&text)?, Report::Progress(value))
        }
        Method::Completed => {
            let (text, error): (String, Option<String>) = body(call)?;
            let result = error.map_or(Ok(()), |error| Err(bounded(error)));
            (instance(&text)?, Report::Completed(result))
        }
        Method::Entered => (instance(&body::<String>(call)?)?, Report::Entered),
        _ => return Err(no_question(call)),
    })
}

/// Returns the task of that id, if the caller may steer it; an app does not learn of others' tasks.
fn task_to_steer<'p>(
    text: &str,
    caller: &Caller,
    package_of: impl FnOnce(TaskId) -> Option<&'p FamilyName>,
) -> Result<TaskId, Refused> {
    let task = convert::task_id(text)?;
    match package_of(task) {
        Some(package) if caller.may_steer(package) => Ok(task),
        Some(_) | None => {
            let message = format!("no task {task} is registered");
            Err(Refused::new(Code::UnknownTask, message, "list the tasks: `oncue list`"))
        }
    }
}

fn pin(fact: &str, value: &str) -> Result<Request, Refused> {
    let kind = fact.parse().map_err(|()| {
        let message = format!("unknown fact `{}`", convert::short(fact));
        Refused::new(Code::InvalidArgument, message, "list the facts with `oncue doctor`")
    })?;
    let value = match value {
        "" => None,
        text => Some(text.parse().map_err(|error: NoReading| {
            let message = format!("{fact} `{}`: {error}", convert::short(text));
            Refused::new(Code::InvalidArgument, message, "use one of these values")
        })?),
    };
    Ok(Request::Pin { kind, value })
}

/// The store ends each text with a NUL.
fn plain(arguments: Vec<String>) -> Result<Vec<String>, Refused> {
    match arguments.iter().position(|argument| argument.contains('\0')) {
        Some(at) => {
            let message = format!("argument {} contains a NUL character", at + 1);
            Err(Refused::new(Code::InvalidArgument, message, "remove it"))
        }
        None => Ok(arguments),
    }
}

fn reason(number: u32) -> Result<CancellationReason, Refused> {
    CancellationReason::numbered(number).ok_or_else(|| {
        let message = format!("unknown cancellation reason {number}");
        let way_out = "use a value of BackgroundTaskCancellationReason, 0 to 11";
        Refused::new(Code::InvalidArgument, message, way_out)
    })
}

fn no_question(call: &Message) -> Refused {
    let member = call.header().member().map(ToString::to_string).unwrap_or_default();
    let message = format!("{member} is not a request to the core");
    Refused::new(Code::UnknownMethod, message, "see docs/interface for the existing methods")
}

/// What a task says of its error is kept, up to a limit.
fn bounded(mut error: String) -> String {
    const LIMIT: usize = 8_192;
    if error.len() > LIMIT {
        let end = (0..=LIMIT).rev().find(|at| error.is_char_boundary(*at)).unwrap_or(0);
        error.truncate(end);
        error.push('…');
    }
    error
}
