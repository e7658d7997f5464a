//! What clients and task servers ask for and the core decides.

use oncue_core::{CancellationReason, ClassUse, Cookie, Event, Register, Request, TaskId};
use oncue_wire::interface::Method;
use oncue_wire::{Code, Refused, TaskSpec};
use zbus::Message;

use super::hear::{Heard, answered, body};
use super::{PeerId, convert};
use crate::event_loop::Loop;

impl Loop {
    pub(super) fn hear_client(
        &mut self,
        id: PeerId,
        method: Method,
        message: &Message,
    ) -> Result<Heard, Refused> {
        let what = match method {
            Method::Register => {
                let asked: TaskSpec = body(message)?;
                let package = self.caller(id).package()?.clone();
                let (spec, mode) = convert::spec(&asked)?;
                Request::Register(Box::new(Register { package, spec, mode }))
            }
            Method::Unregister => {
                let (text, cancel): (String, bool) = body(message)?;
                Request::Unregister { task: self.task_to_steer(id, &text)?, cancel }
            }
            Method::Fire => {
                let (text, force): (String, bool) = body(message)?;
                Request::Fire { task: self.task_to_steer(id, &text)?, force }
            }
            Method::Cancel => {
                let (text, number): (String, u32) = body(message)?;
                let reason = CancellationReason::numbered(number).ok_or_else(|| {
                    let message = format!("{number} is no cancellation reason");
                    Refused::new(
                        Code::InvalidArgument,
                        message,
                        "give one of BackgroundTaskCancellationReason, 0 to 11",
                    )
                })?;
                Request::Cancel { task: self.task_to_steer(id, &text)?, reason }
            }
            Method::Release => {
                self.caller(id).must_be_tool("release quarantined tasks")?;
                Request::Release { task: self.task_to_steer(id, &body::<String>(message)?)? }
            }
            _ => {
                self.caller(id).must_be_tool("stop the broker")?;
                self.stopping = true;
                self.handle(Event::StopAsked { reason: oncue_core::CancellationReason::Terminating });
                return answered(message, &());
            }
        };
        Ok(self.ask(id, message, what))
    }

    pub(super) fn hear_server(
        &mut self,
        id: PeerId,
        method: Method,
        message: &Message,
    ) -> Result<Heard, Refused> {
        let what = match method {
            Method::RegisterClass => {
                let (class, single): (String, bool) = body(message)?;
                let class = convert::guid("class id", &class)?;
                let package = self.caller(id).package()?.clone();
                let class_use = if single { ClassUse::Single } else { ClassUse::Multiple };
                Request::RegisterClass { server: self.server_of(id), package, class, class_use }
            }
            Method::RevokeClass => {
                Request::RevokeClass { server: self.server_of(id), cookie: Cookie(body::<u32>(message)?) }
            }
            _ => Request::Leave { server: self.server_of(id) },
        };
        Ok(self.ask(id, message, what))
    }

    /// Returns the task of that id, if the caller may steer it; an app does not learn of others' tasks.
    fn task_to_steer(&mut self, id: PeerId, text: &str) -> Result<TaskId, Refused> {
        let task = convert::task_id(text)?;
        let caller = self.caller(id);
        match self.core.package_of(task) {
            Some(package) if caller.may_steer(package) => Ok(task),
            Some(_) | None => {
                let message = format!("no task {task} is registered");
                Err(Refused::new(Code::UnknownTask, message, "list the tasks that are there: `oncue list`"))
            }
        }
    }
}
