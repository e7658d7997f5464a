//! Reports the events of runs to the broker.

use std::sync::Arc;

use oncue_types::{InstanceId, start_of};
use oncue_wire::{Activation, ask};
use zbus::message::Message;

use crate::broker::answers::registration;
use crate::broker::clock::Clock;
use crate::broker::link::Link;
use crate::broker::moment::system_time;
use crate::broker::question;
use crate::broker::scope::Scope;
use crate::broker::serving::Serving;
use crate::broker::throttle;
use crate::details::TriggerDetails;
use crate::run::{Report, Run};
use crate::throttle::BackgroundTaskThrottleCounter;
use crate::worker;

/// The maximum number of bytes of an error's text to send.
const LONGEST_ERROR: usize = 4_096;

/// Reports to the broker, and to the server in this process.
struct ToBroker {
    link: Link,
    serving: Arc<Serving>,
}

/// Creates the run of an activation.
pub(crate) fn run(activation: Activation, link: &Link, serving: &Arc<Serving>) -> Run {
    let report = ToBroker { link: link.clone(), serving: Arc::clone(serving) };
    let Activation {
        instance_id, task_id, name, trigger, group, fired_at, firings, details, left_out, ..
    } = activation;
    let task = registration(task_id, name, trigger.unwrap_or_default(), group);
    let details = TriggerDetails {
        trigger: task.trigger().clone(),
        fired_at: system_time(fired_at),
        firings,
        items: details,
        left_out,
    };
    Run::new(instance_id.0, task, details, Box::new(report))
}

impl Report for ToBroker {
    fn progress(&self, run: &Arc<Run>) {
        self.link.progress(Arc::clone(run));
    }

    fn completed(&self, run: &Arc<Run>, error: Option<String>) {
        let _ending = self.serving.clock().activity();
        self.link.completed(run, error.map(sendable).as_deref());
        // This comes last, because the server may ask to leave when it sees that nothing is
        // running.
        self.serving.ended(run.id);
    }

    fn tell(&self, telling: Box<dyn FnOnce() + Send>) {
        let (scope, under_way) = (Scope::here(), self.serving.clock().activity());
        worker::run(move || {
            scope.within(telling);
            under_way.end();
        });
    }

    fn suspended_count(&self) -> u32 {
        0
    }

    fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32 {
        throttle::count(counter)
    }
}

/// Starts a run on its own thread.
pub(crate) fn on_worker(clock: &Clock, run: impl FnOnce() + Send + 'static) {
    let (scope, beginning) = (Scope::here(), clock.activity());
    worker::run(move || {
        beginning.end();
        scope.within(run);
    });
}

/// Returns the message with the latest progress value, unless it has been sent.
pub(crate) fn unsent_progress(run: &Run) -> Option<Message> {
    let value = run.take_progress()?;
    question::tell(&ask::SetProgress { instance_id: run.id.to_string(), value }).ok()
}

/// Reports that `run` has been entered.
pub(crate) fn entered(link: &Link, run: &Run) {
    if let Ok(message) = question::tell(&ask::Entered { instance_id: run.id.to_string() }) {
        link.tell(&message);
    }
}

/// Returns the message that the run has ended.
pub(crate) fn completed(run: &Run, error: Option<&str>) -> Option<Message> {
    let error = error.map(str::to_owned);
    question::tell(&ask::Completed { instance_id: run.id.to_string(), error }).ok()
}

/// Reports that a run could not be entered.
pub(crate) fn failed(link: &Link, instance: InstanceId, error: String) {
    let completed = ask::Completed { instance_id: instance.to_string(), error: Some(error) };
    if let Ok(message) = question::tell(&completed) {
        link.tell(&message);
    }
}

/// The D-Bus protocol does not allow NUL characters, and the text in the ledger is limited.
fn sendable(text: String) -> String {
    let mut text = text.replace('\0', "\u{fffd}");
    if text.len() > LONGEST_ERROR {
        text.truncate(start_of(&text, LONGEST_ERROR).len());
        text.push('…');
    }
    text
}
