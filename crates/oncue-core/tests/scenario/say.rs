//! Effects in words, in the order in which they are performed.
//!
//! Notices that only repeat a record (`TaskChanged`, `TaskRemoved` and `Ended`) are omitted; the properties
//! compare them with the records. Records that a firing is used up and of the clocks are omitted, too:
//! restarts show them.

use oncue_core::{
    Answer, Blocker, Cause, Condition, Effect, Effects, FireResult, Firing, LedgerEntry, Notice, Outcome,
    Package, Pause, PauseScope, Record, RegisterResult, ServerId, TaskId, Wall, When, show_span,
};

use super::Stage;
use crate::world::BEGIN;

impl Stage {
    /// Returns the effects in words, or `None` if there are none.
    pub(super) fn say(&mut self, effects: &Effects) -> Option<String> {
        self.learn(effects);
        let at_once = effects.at_once.iter().filter_map(|effect| self.effect(effect));
        let records = effects.records.iter().filter_map(|record| self.record(record));
        let after = effects.after.iter().filter_map(|effect| self.effect(effect));
        let words: Vec<String> = at_once.chain(records).chain(after).collect();
        (!words.is_empty()).then(|| self.names.in_words(&words.join(" · ")))
    }

    fn learn(&mut self, effects: &Effects) {
        for record in &effects.records {
            match record {
                Record::TaskRegistered { task, spec, .. } => self.names.learn_task(*task, &spec.name),
                Record::RunBegan { instance, task, .. } => self.names.learn_run(*instance, *task),
                _ => {}
            }
        }
        for effect in &effects.at_once {
            if let Effect::Deliver { activation, .. } | Effect::Start { activation, .. } = effect {
                self.names.learn_run(activation.instance, activation.task);
            }
        }
    }

    fn effect(&self, effect: &Effect) -> Option<String> {
        Some(match effect {
            Effect::Launch { server, package, exe } => {
                let exe = if *exe == 0 { String::new() } else { format!(" (exe {})", exe + 1) };
                let of = if package.as_str() == "app" { String::new() } else { format!(" of {package}") };
                format!("launch {}{of}{exe}", self.server(*server))
            }
            Effect::Start { server, command, activation, .. } => {
                let run = self.names.of_run(activation.instance).unwrap_or_default();
                format!("start {} as `{command}` for {run}", self.server(*server))
            }
            Effect::Terminate { server } => format!("terminate {}", self.server(*server)),
            Effect::Deliver { server, activation, .. } => {
                let run = self.names.of_run(activation.instance).unwrap_or_default();
                let orphan = if activation.trigger.is_none() { " (unregistered)" } else { "" };
                let firing = self.firing(&activation.firing);
                format!("deliver {run}{firing}{orphan} to {}", self.server(*server))
            }
            Effect::TellCancel { server, instance, reason } => {
                let run = self.names.of_run(*instance).unwrap_or_default();
                format!("tell {} to cancel {run} ({})", self.server(*server), reason.name())
            }
            Effect::KillRest { server, after } => {
                format!("kill the rest of {} in {}", self.server(*server), show_span(*after))
            }
            Effect::Kill { server } => format!("kill {}", self.server(*server)),
            Effect::Watch { task, watch } => format!("watch {watch} for {}", self.names.of_task(*task)),
            Effect::Unwatch { task } => format!("unwatch for {}", self.names.of_task(*task)),
            Effect::Reply { answer: Ok(answer), .. } => format!("reply {}", self.answer(answer)),
            Effect::Reply { answer: Err(refusal), .. } => format!("refuse: {refusal}"),
            Effect::Announce { notice: Notice::RunEntered { instance, .. }, .. } => {
                format!("entered {}", self.names.of_run(*instance)?)
            }
            Effect::Announce { notice: Notice::RunProgressed { instance, value, .. }, .. } => {
                format!("progressed {} {value}", self.names.of_run(*instance)?)
            }
            // It only says where the output of the server goes.
            Effect::Await { .. } => return None,
            Effect::Announce {
                notice: Notice::TaskChanged(_) | Notice::TaskRemoved(_) | Notice::Ended(_),
                ..
            } => return None,
            Effect::NotifyUser(entry) => {
                let run = self.names.of_run(entry.instance).unwrap_or_default();
                format!("notify of {run} {}", entry.outcome.name())
            }
            Effect::LetSleep => "let sleep".into(),
            Effect::LetSessionEnd => "let the session end".into(),
            Effect::StartAtLogIn { wanted: true } => "start at log-in".into(),
            Effect::StartAtLogIn { wanted: false } => "no start at log-in".into(),
            Effect::Leave => "leave".into(),
            Effect::HandOver => "hand over".into(),
        })
    }

    fn record(&self, record: &Record) -> Option<String> {
        Some(match record {
            Record::PackageAdded(package) => {
                let Package { family, version, .. } = &**package;
                format!("added {family} {version}")
            }
            Record::SessionBegan(session) => format!("session {}", session.to_u128()),
            Record::PackageRemoved(family) => format!("removed {family}"),
            Record::TaskRegistered { task, .. } => format!("registered {}", self.names.of_task(*task)),
            Record::TaskReplaced { task, .. } => format!("replaced {}", self.names.of_task(*task)),
            Record::TaskRemoved(task) => format!("unregistered {}", self.names.of_task(*task)),
            Record::Held { task, firing: None, .. } => format!("not held {}", self.names.of_task(*task)),
            Record::Held { task, firing: Some(firing), .. } => {
                let firing = self.firing(firing);
                format!("held {}{firing} ({})", self.names.of_task(*task), self.why_held(*task))
            }
            Record::RunBegan { instance, firing, .. } => {
                let run = self.names.of_run(*instance).unwrap_or_default();
                format!("began {run}{}", self.firing(firing))
            }
            Record::UsedUp { .. } | Record::Clocks(_) => return None,
            Record::Health { task, strikes, attempt, retry_at } => {
                let attempts = match (attempt, retry_at) {
                    (0, _) => String::new(),
                    (attempt, None) => format!(", attempt {attempt}"),
                    (attempt, Some(at)) => retry_of((*attempt, at.wall)),
                };
                let words = strikes_of(*strikes) + &attempts;
                let words = words.strip_prefix(", ").unwrap_or("good");
                format!("health of {}: {words}", self.names.of_task(*task))
            }
            Record::Paused { scope, pause } => {
                let until = pause.until.map(|until| match until {
                    When::Span(at) => format!(" until {}", since_begin(at.wall)),
                    When::Schedule(at) => format!(" until the clock shows {}", since_begin(at.wall)),
                });
                format!("paused {}{}", self.scope(*scope), until.unwrap_or_default())
            }
            Record::Resumed(scope) => format!("resumed {}", self.scope(*scope)),
            Record::AccessSet { package, access } => format!("access of {package}: {access}"),
            Record::Ended(entry) => self.ended(entry),
        })
    }

    fn ended(&self, entry: &LedgerEntry) -> String {
        let run = self.names.of_run(entry.instance).unwrap_or_else(|| self.names.of_task(entry.task));
        let mut words = format!("ended {run} {}", entry.outcome.name());
        if entry.firings != 1 {
            words += &format!(" ×{}", entry.firings);
        }
        if let Some(reason) = entry.reason {
            words += &format!(" ({})", reason.name());
        }
        if let Some(progress) = entry.progress {
            words += &format!(", progress {progress}");
        }
        if let Some(exit) = entry.exit {
            words += &format!(", {exit}");
        }
        // All lost runs have the same message.
        if let Some(message) = entry.message.as_ref().filter(|_| entry.outcome != Outcome::Lost) {
            words += &format!(", \"{}\"", message.replace('\n', " / "));
        }
        words
    }

    fn answer(&self, answer: &Answer) -> String {
        match answer {
            Answer::Done => "done".into(),
            Answer::Registered { how: RegisterResult::New, .. } => "new".into(),
            Answer::Registered { task, how: RegisterResult::Kept } => {
                format!("kept {}", self.names.of_task(*task))
            }
            Answer::Registered { task, how: RegisterResult::Replaced(changes) } => {
                format!("replaced {} ({changes})", self.names.of_task(*task))
            }
            Answer::Fired(FireResult::Started(run)) => {
                format!("started {}", self.names.of_run(*run).unwrap_or_default())
            }
            Answer::Fired(FireResult::Held { failing, blocked }) => {
                format!("held ({})", by(failing, blocked))
            }
            Answer::Fired(FireResult::AfterThis(run)) => {
                format!("after {}", self.names.of_run(*run).unwrap_or_default())
            }
            Answer::Requested(result) => format!("{result:?}"),
            Answer::Signalled(count) => format!("{count} fired"),
            Answer::Paused { cancelled: 0, .. } => "paused".into(),
            Answer::Paused { cancelled, .. } => format!("paused, {cancelled} cancelled"),
            Answer::Resumed { was_paused, tasks_paused } => {
                let was = if *was_paused { "resumed" } else { "was not paused" };
                match tasks_paused {
                    0 => was.into(),
                    tasks => format!("{was}, tasks paused: {tasks}"),
                }
            }
            Answer::PackageAdded(family) => format!("package {family}"),
            Answer::ClassRegistered(cookie) => format!("cookie {}", cookie.0),
            Answer::MayLeave(true) => "may leave".into(),
            Answer::MayLeave(false) => "stay".into(),
        }
    }

    fn scope(&self, scope: PauseScope) -> String {
        match scope {
            PauseScope::All => "all".into(),
            PauseScope::Task(task) => self.names.of_task(task),
        }
    }

    /// Returns the count, the cause, and since when if not just now.
    fn firing(&self, firing: &Firing) -> String {
        let mut words = String::new();
        if firing.count != 1 {
            words += &format!(" ×{}", firing.count);
        }
        match firing.cause {
            Cause::Trigger => {}
            Cause::Asked => words += " asked",
            Cause::Forced => words += " forced",
            Cause::Retry => words += " retry",
        }
        if firing.at != self.world.now.wall {
            words += &format!(" due {}", show_span(firing.at.since(BEGIN.wall)));
        }
        if let Some(details) = &firing.details {
            words += &format!(" [{}]", details.items.join(" "));
        }
        words
    }

    fn why_held(&self, task: TaskId) -> String {
        match self.world.broker.view(self.world.now, task) {
            Some(view) if view.instance.is_some() => "runs".into(),
            Some(view) => by(&view.failing, &view.blocked),
            None => "gone".into(),
        }
    }

    fn server(&self, server: ServerId) -> String {
        match server {
            ServerId::Launched(number) => format!("server {number}"),
            ServerId::Joined(number) => format!("peer {number}"),
        }
    }

    /// Returns a task as a person sees it.
    pub(super) fn show(&self, task: TaskId) -> String {
        let Some(view) = self.world.broker.view(self.world.now, task) else {
            return "gone".into();
        };
        let mut words = view.state.name().to_string();
        if let Some(firing) = view.waiting {
            words += &format!(", waiting{}", self.firing(&firing));
        }
        if let Some(why) = &view.trouble {
            words += &format!(", cannot watch: {why}");
        }
        if !view.failing.is_empty() || !view.blocked.is_empty() {
            words += &format!(", blocked by {}", by(&view.failing, &view.blocked));
        }
        for (what, pause) in [("paused", view.paused), ("all paused", view.all_paused)] {
            let Some(Pause { since, until }) = pause else { continue };
            let until = until.map(|until| format!(" until {}", since_begin(until))).unwrap_or_default();
            words += &format!(", {what} since {}{until}", since_begin(since));
        }
        words += &strikes_of(view.strikes);
        words += &view.retry.map(retry_of).unwrap_or_default();
        if let Some(progress) = view.progress {
            words += &format!(", progress {progress}");
        }
        if let Some(due) = view.next_due {
            words += &format!(", next {}", show_span(due.since(BEGIN.wall)));
        }
        if let Some(by) = view.next_by.filter(|by| Some(*by) > view.next_due) {
            words += &format!(" to {}", show_span(by.since(BEGIN.wall)));
        }
        if let Some(last) = view.last {
            words += &format!(", last {}", last.outcome.name());
        }
        words
    }

    /// Returns when the broker must be woken next.
    pub(super) fn deadline(&self) -> String {
        self.world.broker.next_deadline().map_or_else(
            || "no deadline".into(),
            |at| {
                let at = self.world.now.wall_at(at);
                format!("deadline {}", show_span(at.since(BEGIN.wall)))
            },
        )
    }
}

/// Returns what keeps a task from running.
fn by(failing: &[Condition], blocked: &[Blocker]) -> String {
    let word = |blocker: &Blocker| match blocker {
        Blocker::Quarantined => "quarantine".into(),
        Blocker::Denied => "denied".into(),
        Blocker::Paused => "paused".into(),
        Blocker::AllPaused => "all paused".into(),
        Blocker::EnergySaver => "energy saver".into(),
        Blocker::MemoryShort => "memory".into(),
        Blocker::Shortage(why) => format!("short of {why}"),
        Blocker::Queue(name) => format!("behind {name}"),
        Blocker::OutOfReach(why) => format!("out of reach: {why}"),
        Blocker::Circling => "circling".into(),
        Blocker::Asleep => "asleep".into(),
        Blocker::SessionEnding => "session ending".into(),
        Blocker::Stopping => "stopping".into(),
    };
    let failing = failing.iter().map(ToString::to_string);
    failing.chain(blocked.iter().map(word)).collect::<Vec<_>>().join(", ")
}

/// Returns the time since the scenario began.
fn since_begin(at: Wall) -> String {
    show_span(at.since(BEGIN.wall))
}

fn strikes_of(strikes: u32) -> String {
    match strikes {
        0 => String::new(),
        1 => ", 1 strike".into(),
        _ => format!(", {strikes} strikes"),
    }
}

fn retry_of((attempt, at): (u32, Wall)) -> String {
    format!(", retry {attempt} at {}", show_span(at.since(BEGIN.wall)))
}
