//! Reads calls to the broker as requests and reports.

use std::panic::{AssertUnwindSafe, catch_unwind};

use oncue_types::{
    Access, CancellationReason, ClassObject, ClassUse, Cookie, FamilyName, InstanceId, NoReading, PauseEnd,
    PauseScope, Register, Report, Request, ServerId, TaskId, Wall, parse_span, start_of,
};
use zbus::{Message, Signature};

use crate::interface::{Ask, Member, ask};
use crate::{Caller, Code, PauseSpec, Refused, convert};

/// Reads a call's arguments.
///
/// # Errors
/// Returns an error if they do not have the types that the interface specifies.
pub fn arguments<T: Member>(call: &Message) -> Result<T, Refused> {
    let body = call.body();
    if !is_form_of::<T>(body.signature()) {
        let why = format!(
            "arguments of {}: their types are `{}` instead of `{}`",
            T::NAME,
            body.signature().to_string_no_parens(),
            T::SIGNATURE.to_string_no_parens()
        );
        return Err(invalid(why));
    }
    // A bug in the deserializer must not let a client end the broker. Only the message is accessed here,
    // so nothing is left in an invalid state.
    let read = catch_unwind(AssertUnwindSafe(|| body.deserialize_ignore_signature::<T>()));
    let why = match read {
        Ok(Ok(arguments)) => return Ok(arguments),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "they could not be read".to_owned(),
    };
    Err(invalid(format!("arguments of {}: {why}", T::NAME)))
}

/// Returns whether a message has arguments of these types. One argument is encoded like a structure that
/// contains only that argument.
fn is_form_of<T: Member>(body: &Signature) -> bool {
    if let Signature::Structure(fields) = T::SIGNATURE
        && fields.len() == 1
        && fields.iter().all(|field| field == body)
    {
        return true;
    }
    body == T::SIGNATURE
}

fn invalid(why: String) -> Refused {
    Refused::new(Code::InvalidArgument, why, "see docs/interface for their types")
}

/// Returns whether the caller waits for an answer.
#[must_use]
pub fn wants_answer(call: &Message) -> bool {
    !call.primary_header().flags().contains(zbus::message::Flags::NO_REPLY_EXPECTED)
}

/// What the broker knows about a caller.
pub trait Calling {
    /// Returns the caller's identity.
    fn caller(&mut self) -> Caller;
    /// Returns the caller's id as a task server. A process that the broker did not start gets a new one.
    fn server(&mut self) -> ServerId;
    /// Returns the package of a task.
    fn package_of(&self, task: TaskId) -> Option<&FamilyName>;
}

/// A call that is a request to the core.
pub trait Requested: Ask {
    /// Reads the request.
    ///
    /// # Errors
    /// Returns an error if an argument is invalid, or if this caller may not make the request.
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused>;
}

/// A call that reports something about a run.
pub trait Reported: Ask {
    /// Reads the run's id and the report.
    ///
    /// # Errors
    /// Returns an error if an argument is invalid.
    fn report(self) -> Result<(InstanceId, Report), Refused>;
}

impl Requested for ask::Register {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        let package = calling.caller().package()?.clone();
        let (spec, mode) = convert::spec(&self.task)?;
        Ok(Request::Register(Box::new(Register { package, spec, mode })))
    }
}

impl Requested for ask::AddCommand {
    fn request(self, _: &mut impl Calling) -> Result<Request, Refused> {
        let (spec, mode) = self.task.spec()?;
        Ok(Request::Register(Box::new(Register { package: FamilyName::commands(), spec, mode })))
    }
}

impl Requested for ask::ChangeCommand {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        let (spec, _) = self.task.spec()?;
        Ok(Request::Change { task: task_to_steer(&self.task_id, calling)?, spec: Box::new(spec) })
    }
}

impl Requested for ask::ReportProgress {
    fn request(self, _: &mut impl Calling) -> Result<Request, Refused> {
        let note = self.report.note.map(|note| bounded(note).into());
        Ok(Request::ReportProgress { instance: instance(&self.instance_id)?, value: self.report.value, note })
    }
}

impl Requested for ask::Unregister {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        Ok(Request::Unregister { task: task_to_steer(&self.task_id, calling)?, cancel: self.cancel })
    }
}

impl Requested for ask::Fire {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        Ok(Request::Fire { task: task_to_steer(&self.task_id, calling)?, force: self.force })
    }
}

impl Requested for ask::Cancel {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        let reason = reason(self.reason)?;
        Ok(Request::Cancel { task: task_to_steer(&self.task_id, calling)?, reason })
    }
}

impl Requested for ask::Release {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        Ok(Request::Release { task: task_to_steer(&self.task_id, calling)? })
    }
}

impl Requested for ask::Pause {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        let scope = scope(&self.task_id, calling)?;
        let PauseSpec { until, lasts, cancel } = self.pause;
        Ok(Request::Pause { scope, end: pause_end(until, &lasts)?, cancel })
    }
}

impl Requested for ask::Resume {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        scope(&self.task_id, calling).map(Request::Resume)
    }
}

impl Requested for ask::Request {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        let task = task_to_steer(&self.task_id, calling)?;
        Ok(Request::Application { task, arguments: plain(self.arguments)? })
    }
}

impl Requested for ask::Signal {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        let package = calling.caller().package().ok().cloned();
        Ok(Request::Signal { id: self.name.into(), package, arguments: plain(self.arguments)? })
    }
}

impl Requested for ask::Pin {
    fn request(self, _: &mut impl Calling) -> Result<Request, Refused> {
        pin(&self.fact, &self.value)
    }
}

impl Requested for ask::SetAccess {
    fn request(self, _: &mut impl Calling) -> Result<Request, Refused> {
        let access = self.access.parse::<Access>().map_err(|_| {
            let message = format!(
                "unknown access `{}`: it must be always, policy or denied",
                convert::short(&self.access)
            );
            Refused::new(Code::InvalidArgument, message, "choose one of them")
        })?;
        Ok(Request::SetAccess { package: FamilyName::new(&self.family_name), access })
    }
}

impl Requested for ask::RegisterClass {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        offer(&self.class_id, self.single_use, false, calling)
    }
}

impl Requested for ask::RegisterClassSuspended {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        offer(&self.class_id, self.single_use, true, calling)
    }
}

impl Requested for ask::ResumeClasses {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        Ok(Request::ResumeClasses { server: calling.server() })
    }
}

impl Requested for ask::RevokeClass {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        Ok(Request::RevokeClass { server: calling.server(), cookie: Cookie(self.cookie) })
    }
}

impl Requested for ask::Leave {
    fn request(self, calling: &mut impl Calling) -> Result<Request, Refused> {
        Ok(Request::Leave { server: calling.server() })
    }
}

impl Reported for ask::Entered {
    fn report(self) -> Result<(InstanceId, Report), Refused> {
        Ok((instance(&self.instance_id)?, Report::Entered))
    }
}

impl Reported for ask::SetProgress {
    fn report(self) -> Result<(InstanceId, Report), Refused> {
        Ok((instance(&self.instance_id)?, Report::Progress(self.value)))
    }
}

impl Reported for ask::Completed {
    fn report(self) -> Result<(InstanceId, Report), Refused> {
        let result = self.error.map_or(Ok(()), |error| Err(bounded(error)));
        Ok((instance(&self.instance_id)?, Report::Completed(result)))
    }
}

fn offer(class: &str, single: bool, suspended: bool, calling: &mut impl Calling) -> Result<Request, Refused> {
    let class = convert::guid("class id", class)?;
    let package = calling.caller().package()?.clone();
    let class_use = if single { ClassUse::Single } else { ClassUse::Multiple };
    let object = ClassObject { class, class_use, suspended };
    Ok(Request::RegisterClass { server: calling.server(), package, object })
}

fn instance(text: &str) -> Result<InstanceId, Refused> {
    convert::guid("instance id", text).map(InstanceId)
}

/// Returns the task with this id if the caller may control it. For an app, tasks of other packages do not
/// exist.
fn task_to_steer(text: &str, calling: &mut impl Calling) -> Result<TaskId, Refused> {
    let task = convert::task_id(text)?;
    let caller = calling.caller();
    match calling.package_of(task) {
        Some(package) if caller.may_steer(package) => Ok(task),
        Some(_) | None => {
            let message = format!("no task {task} is registered");
            Err(Refused::new(Code::UnknownTask, message, "list the tasks: `oncue list`"))
        }
    }
}

/// Returns what is paused or resumed: the task with this id, or all tasks if it is empty.
fn scope(task_id: &str, calling: &mut impl Calling) -> Result<PauseScope, Refused> {
    match task_id {
        "" => Ok(PauseScope::All),
        task => task_to_steer(task, calling).map(PauseScope::Task),
    }
}

fn pause_end(until: Option<Wall>, lasts: &str) -> Result<PauseEnd, Refused> {
    match (until, lasts) {
        (None, "") => Ok(PauseEnd::WhenResumed),
        (Some(until), "") => Ok(PauseEnd::At(until)),
        (None, span) => parse_span(span).map(PauseEnd::After).map_err(|error| {
            let message = format!("`{}` is not a length of time", convert::short(&error.text));
            Refused::new(Code::InvalidArgument, message, "write it as in `2h` or `1h30m`")
        }),
        (Some(_), _) => {
            let message = "a pause has one end, but both `until` and `lasts` are given";
            Err(Refused::new(Code::InvalidArgument, message, "omit one of them"))
        }
    }
}

fn pin(fact: &str, value: &str) -> Result<Request, Refused> {
    let kind = fact.parse().map_err(|_| {
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

/// Refuses NUL characters, because the store separates texts with them.
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

/// Shortens the text of a task's error to the limit.
fn bounded(mut error: String) -> String {
    const LIMIT: usize = 8_192;
    if error.len() > LIMIT {
        error.truncate(start_of(&error, LIMIT).len());
        error.push('…');
    }
    error
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use zbus::DynamicType;

    use super::*;
    use crate::interface::{Call, Method};
    use crate::names::{BROKER_INTERFACE, BROKER_PATH};
    use crate::{TaskSpec, Watched};

    fn read(method: Method, body: &(impl Serialize + DynamicType)) -> Result<Call, Refused> {
        let call = Message::method_call(BROKER_PATH, method.name()).interface(BROKER_INTERFACE);
        Call::read(method, &call.build(body).unwrap())
    }

    #[test]
    fn arguments_are_read_alone_and_as_one_structure() {
        let facts = Call::Facts(ask::Facts);
        assert_eq!(read(Method::Facts, &()).unwrap(), facts);
        assert_eq!(read(Method::Facts, &ask::Facts).unwrap(), facts);
        let find = ask::Find { named: "a task".into() };
        for call in
            [read(Method::Find, &"a task"), read(Method::Find, &("a task",)), read(Method::Find, &find)]
        {
            assert_eq!(call.unwrap(), Call::Find(find.clone()));
        }
        let tasks = ask::Tasks { whose: Watched::All, after: String::new(), most: 3 };
        assert_eq!(read(Method::Tasks, &(1_u32, "", 3_u32)).unwrap(), Call::Tasks(tasks));
        let register = ask::Register { task: TaskSpec { name: "a task".into(), ..TaskSpec::default() } };
        for call in [read(Method::Register, &register), read(Method::Register, &register.task)] {
            assert_eq!(call.unwrap(), Call::Register(register.clone()));
        }
    }

    #[test]
    fn arguments_of_other_types_are_refused_by_their_types() {
        for (method, refused) in [
            (read(Method::Facts, &"one too many"), "their types are `s` instead of ``"),
            (read(Method::Find, &()), "their types are `` instead of `s`"),
            (read(Method::Find, &7_u32), "their types are `u` instead of `s`"),
            (read(Method::Fire, &("id", 7_u32)), "their types are `su` instead of `sb`"),
            (read(Method::Tasks, &(7_u32, "", 3_u32)), "arguments of Tasks: "),
        ] {
            let error = method.unwrap_err();
            assert_eq!(error.code, Code::InvalidArgument);
            assert!(error.message.contains(refused), "{error}");
        }
    }
}
