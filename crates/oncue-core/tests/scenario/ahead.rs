//! What comes, in words: `15m sync for 4m · 19m backup due 15m for 1m · 1 wake-up · backup behind sync, 4m`.

use std::collections::BTreeMap;
use std::time::Duration;

use oncue_core::ahead::{self, Alive, Behind, ComingRun, Horizon, Outlook, Present};
use oncue_core::{Broker, Cause, Firing, Stored, TaskId, Wall, show_span};

use super::Stage;
use crate::world::BEGIN;
use crate::world::hours::Hours;

/// How far to look ahead, and how long runs of tasks usually take.
#[derive(Debug)]
pub(crate) struct Looking {
    pub(crate) span: Duration,
    pub(crate) usual: BTreeMap<TaskId, Duration>,
    /// How many steps to play at most.
    pub(crate) steps: u64,
}

impl Stage {
    /// Looks ahead, without a change to the world.
    pub(super) fn look_ahead(&self, looking: &Looking) -> String {
        let (now, known) = (self.world.now, &self.world.broker);
        let new = Broker::new(known.settings().clone(), 1, 1).with_calendar(Hours);
        let horizon = Horizon { until: now.wall.after(looking.span), runs_per_task: 3, steps: looking.steps };
        let outlook =
            ahead::look_ahead(new.with_facts(known.facts().clone()), now, self.present(), horizon, |task| {
                looking.usual.get(&task).copied()
            });
        let mut runs: Vec<(Wall, TaskId, &ComingRun)> = (outlook.coming.iter())
            .flat_map(|(task, coming)| coming.runs.iter().map(|run| (run.at, *task, run)))
            .collect();
        runs.sort_by_key(|(at, task, _)| (*at, *task));
        let runs = runs.into_iter().map(|(_, task, run)| self.coming(task, run));
        let words: Vec<String> = runs.chain(self.sums(&outlook)).collect();
        words.join(" · ")
    }

    /// What the broker stores, and what runs.
    fn present(&self) -> Present {
        let broker = &self.world.broker;
        let (now, stored) = (self.world.now, self.world.store.stored.clone());
        let mut running = Vec::new();
        for id in broker.task_ids(None) {
            let Some(view) = broker.view(now, id) else { continue };
            if let (Some(_), Some(at)) = (view.instance, view.fired_at) {
                let firing = Firing::once(at, Cause::Trigger);
                running.push(Alive { task: id, firing, entered: view.started_at });
            }
        }
        Present { stored: Stored { runs: Vec::new(), ..stored }, running }
    }

    fn coming(&self, task: TaskId, run: &ComingRun) -> String {
        let ComingRun { due, at, usual, cause, firings, is_running, wait } = run;
        let mut words = format!("{} {}", since_begin(*at), self.names.of_task(task));
        if due != at {
            words += &format!(" due {}", since_begin(*due));
        }
        if *firings > 1 {
            words += &format!(" ×{firings}");
        }
        if *cause == Cause::Retry {
            words += " retry";
        }
        words += &usual.map(|usual| format!(" for {}", show_span(usual))).unwrap_or_default();
        if *is_running {
            words += " (runs)";
        }
        if let Some(wait) = wait {
            let blocked = wait.blocked.iter().map(|blocker| blocker.name().to_string());
            let failing = wait.failing.iter().map(ToString::to_string);
            let mut why: Vec<String> = blocked.chain(failing).collect();
            if why.is_empty() {
                why.push("itself".into());
            }
            words += &format!(" (waited: {})", why.join(", "));
        }
        words
    }

    /// What the outlook counts.
    fn sums(&self, outlook: &Outlook) -> Vec<String> {
        let mut words = Vec::new();
        for (task, coming) in &outlook.coming {
            let name = self.names.of_task(*task);
            if let (true, Some(last)) = (coming.count > coming.runs.len() as u64, coming.last) {
                words.push(format!("{name} {} times until {}", coming.count, since_begin(last)));
            }
            if coming.without_run > 0 {
                words.push(format!("{name} {} without a run", coming.without_run));
            }
        }
        words.push(match outlook.wake_ups {
            1 => "1 wake-up".into(),
            n => format!("{n} wake-ups"),
        });
        for clash in &outlook.clashes {
            let behind = match &clash.behind {
                Behind::Itself => "itself",
                Behind::Queue(name) => name,
            };
            let (name, longest) = (self.names.of_task(clash.task), show_span(clash.longest));
            words.push(format!("{name} behind {behind} ×{}, {longest}", clash.count));
        }
        if outlook.is_cut {
            words.push(format!("cut at {}", since_begin(outlook.reached)));
        }
        words
    }
}

fn since_begin(at: Wall) -> String {
    show_span(at.since(BEGIN.wall))
}
