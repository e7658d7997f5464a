//! What comes: the tasks of the broker, played ahead with the usual durations of their runs.

mod usual;

use std::time::Duration;

use oncue::tools::{Broker, FactInfo, TaskInfo, Wall, Watched};
use oncue_broker::ahead::{Horizon, Outlook, Shown};
use oncue_broker::{Config, ConfigError};
use oncue_wire::Place;

use crate::exit::Exit;
use crate::failure::Failure;
use usual::Usual;

/// How many steps are played at most, so that the answer comes within seconds. A run is about six.
const STEPS: u64 = 1_000_000;

/// The tasks as they are now, and what comes.
#[derive(Debug)]
pub(crate) struct Ahead {
    /// When the tasks were as described.
    pub(crate) now: Wall,
    /// All tasks, ordered by id.
    pub(crate) tasks: Vec<TaskInfo>,
    /// The facts, which are assumed to stay as they are.
    pub(crate) facts: Vec<FactInfo>,
    /// How long intervals may be delayed so that wake-ups coincide, unless the task says so itself.
    pub(crate) slack: Duration,
    /// What comes.
    pub(crate) outlook: Outlook,
    /// Whether there were too many tasks to look up the usual durations of all.
    pub(crate) durations_cut: bool,
}

impl Ahead {
    /// Asks the broker about the present, and plays ahead until `until`. Of each task, `runs_per_task` runs are
    /// described.
    pub(crate) fn look(
        broker: &Broker,
        now: Wall,
        until: Wall,
        runs_per_task: usize,
    ) -> Result<Self, Failure> {
        let place = Place::find()?;
        let Config { settings, .. } = Config::read(&place.config)?;
        let (tasks, packages, facts) = (broker.tasks(Watched::All)?, broker.packages()?, broker.facts()?);
        let (all_paused, slack) = (broker.about()?.all_paused, settings.slack);
        let shown = Shown { tasks: &tasks, packages: &packages, facts: &facts, all_paused, settings };
        let mut usual = Usual::new(broker);
        let horizon = Horizon { until, runs_per_task, steps: STEPS };
        let outlook = shown.look_ahead(now, horizon, |task| usual.of(task));
        let durations_cut = usual.end()?;
        Ok(Self { now, tasks, facts, slack, outlook, durations_cut })
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let way_out = error.way_out();
        Self::new(Exit::Failed, error).with_way_out(way_out)
    }
}

#[cfg(test)]
mod sample {
    use super::*;
    use crate::commands::sample::no_internet;

    impl Ahead {
        /// What comes for these tasks within a span, if each run takes a minute, for tests.
        pub(crate) fn of(now: Wall, tasks: Vec<TaskInfo>, span: Duration, runs_per_task: usize) -> Self {
            let settings = Config::default().settings;
            let slack = settings.slack;
            let facts = vec![no_internet()];
            let shown = Shown { tasks: &tasks, packages: &[], facts: &facts, all_paused: None, settings };
            let horizon = Horizon { until: now.after(span), runs_per_task, steps: STEPS };
            let outlook = shown.look_ahead(now, horizon, |_| Some(Duration::from_secs(60)));
            Self { now, tasks, facts, slack, outlook, durations_cut: false }
        }
    }
}
