//! What clients and task servers ask for and the core decides.

use oncue_core::{CancellationReason, Event};
use oncue_wire::interface::Method;
use oncue_wire::{Refused, hear};
use zbus::Message;

use super::PeerId;
use super::hear::{Heard, answered};
use crate::event_loop::Loop;

impl Loop {
    pub(super) fn hear_client(
        &mut self,
        id: PeerId,
        method: Method,
        message: &Message,
    ) -> Result<Heard, Refused> {
        let caller = self.caller(id);
        if method == Method::Stop {
            caller.must_be_tool("stop the broker")?;
            self.stopping = true;
            self.handle(Event::StopAsked { reason: CancellationReason::Terminating, within: None });
            return answered(message, &());
        }
        let what = hear::client(method, message, &caller, |task| self.core.package_of(task))?;
        Ok(self.ask(id, message, what))
    }

    pub(super) fn hear_server(
        &mut self,
        id: PeerId,
        method: Method,
        message: &Message,
    ) -> Result<Heard, Refused> {
        let server = self.server_of(id);
        let what = hear::server(method, message, server, || self.caller(id))?;
        Ok(self.ask(id, message, what))
    }
}
