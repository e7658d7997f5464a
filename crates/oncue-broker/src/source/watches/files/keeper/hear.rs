//! Handles the reports of the lookout, and reports to the tasks.

use oncue_core::{Event, TaskId};
use tokio::time::{Duration, Instant};

use super::Keeper;
use crate::clock;
use crate::source::watches::files::lookout::{Lookout, Report};
use crate::source::watches::files::mounts::Mount;
use crate::source::watches::files::room::Lack;
use crate::source::watches::files::trouble::Trouble;
use crate::source::watches::files::walk::Found;
use crate::source::watches::files::watched::{News, State, Watched};
use crate::source::watches::settle::Burst;

impl Keeper {
    pub(super) async fn hear(&mut self, report: Report, lookout: &Lookout) {
        match report {
            Report::Planned { task, turn, found } => {
                if lookout.index(|index| index.turn(task)) == Some(turn) {
                    self.planned(task, found, lookout).await;
                }
            }
            Report::Grown { task, changed, left_out, trouble } => {
                let now = Instant::now();
                changed.into_iter().for_each(|item| self.settling.add(now, task, item));
                if left_out > 0 {
                    self.settling.lose(now, task, left_out);
                }
                if trouble.is_some() {
                    self.plan(task, lookout);
                }
            }
            Report::Mounts(points) => self.remounted(&points, lookout),
            Report::Silent { task, mount, blamed } => self.silent(task, mount, blamed, lookout).await,
            Report::Abandoned(task) => self.start_anew(task, lookout),
            Report::Answers(mount) => {
                let waits = Some(Trouble::Silent(mount));
                self.plan_where(lookout, |watched| watched.trouble == waits);
            }
        }
    }

    async fn planned(&mut self, task: TaskId, found: Found, lookout: &Lookout) {
        let Some(watched) = self.tasks.get_mut(&task) else { return };
        let trouble = found.trouble.clone();
        let path = watched.path.clone();
        let news = watched.take(found);
        lookout.index(|index| {
            index.settle(task);
            if trouble.as_ref().is_some_and(Trouble::is_short_of_room) {
                index.leave(task, &path);
            }
        });
        let again = matches!(watched.state, State::Planning { again: true });
        watched.state = State::Planned;
        match again.then(|| watched.pause()) {
            None => watched.rest(),
            Some(Duration::ZERO) => self.plan(task, lookout),
            Some(pause) => {
                watched.state = State::Pausing;
                self.pausing.insert((Instant::now() + pause, task));
            }
        }
        match news {
            News::None => {}
            News::Changed => self.changed(task, &path),
            News::Unknown => {
                self.changed(task, &path);
                self.settling.lose(Instant::now(), task, 1);
            }
        }
        self.say_trouble(task, trouble).await;
        self.tell_owed(task).await;
    }

    /// A file system does not answer. The path that led there is planned as far as possible.
    async fn silent(&mut self, task: Option<TaskId>, mount: Mount, blamed: bool, lookout: &Lookout) {
        let Some(task) = task else { return };
        if blamed {
            self.start_anew(task, lookout);
        } else if let Some(watched) = self.tasks.get_mut(&task) {
            watched.state = State::Planned;
            self.say_trouble(task, Some(Trouble::Silent(mount))).await;
            self.tell_owed(task).await;
        }
    }

    /// Plans a path again whose planning was abandoned.
    fn start_anew(&mut self, task: TaskId, lookout: &Lookout) {
        if let Some(watched) = self.tasks.get_mut(&task) {
            watched.state = State::Planned;
            self.plan(task, lookout);
        }
    }

    pub(super) async fn say_trouble(&mut self, task: TaskId, trouble: Option<Trouble>) {
        let Some(watched) = self.tasks.get_mut(&task) else { return };
        if watched.trouble == trouble {
            return;
        }
        watched.trouble.clone_from(&trouble);
        let lack = self.tasks.values().map(Watched::lack).max().unwrap_or(Lack::Nothing);
        self.room.wait_for(lack, Instant::now());
        let why = trouble.map(|trouble| trouble.to_string());
        let _ = self.inbox.send(Event::Troubled { task, why }.into()).await;
    }

    /// Reports settled changes. Those of a path that is being planned wait, because the plan may
    /// show the same.
    pub(super) async fn tell(&mut self, now: Instant) {
        for (task, burst) in self.settling.take_bursts(now) {
            match self.tasks.get_mut(&task) {
                Some(watched) if matches!(watched.state, State::Planning { .. }) => {
                    watched.owed = Some(match watched.owed.take() {
                        Some(owed) => owed.and(burst),
                        None => burst,
                    });
                }
                Some(_) => self.notice(task, burst).await,
                None => {}
            }
        }
    }

    async fn tell_owed(&mut self, task: TaskId) {
        let Some(watched) = self.tasks.get_mut(&task) else { return };
        let planning = matches!(watched.state, State::Planning { .. });
        if let Some(owed) = watched.owed.take_if(|_| !planning) {
            let burst = match self.settling.take_of(task) {
                Some(later) => owed.and(later),
                None => owed,
            };
            self.notice(task, burst).await;
        }
    }

    async fn notice(&self, task: TaskId, burst: Burst) {
        let during = Some(burst.during(clock::now().boot));
        let noticed = Event::Noticed { task, count: 1, during, details: burst.details() };
        let _ = self.inbox.send(noticed.into()).await;
    }
}
