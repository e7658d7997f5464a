//! Holds back answers and effects until the changes they depend on are recorded, and keeps their order.
//!
//! If the file system of the store does not answer, no one waits for long: changes that were made but not
//! recorded are reported as such, new work is refused, and the records are kept until the store answers.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use oncue_core::{Boot, Effect, Event, Record, Unrecorded};
use oncue_wire::{Code, Refused};
use tokio::time::{Instant, sleep_until};
use zbus::Message;

use crate::clock;
use crate::errand::HANGS;
use crate::event_loop::Loop;
use crate::front::{Charge, PeerId};
use crate::recorder::{Done, MAX_OWED, NotRecorded, Recorder, Turn};
use crate::store::StoreError;

/// How many turns may wait for the disk. Beyond that, no new work is accepted until it has caught up.
const MAX_WAITING: usize = 256;

/// How long a record may take. After that, the store counts as one that does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The records and effects of this turn, and the pending effects of earlier turns.
#[derive(Debug)]
pub(crate) struct Promises {
    pub(crate) recorder: Recorder,
    pub(crate) records: Vec<Record>,
    pub(crate) after: Vec<After>,
    turn: Turn,
    waiting: VecDeque<(Turn, Vec<After>)>,
    /// When the recorder last got an order or finished one.
    seen: Instant,
    /// The store does not answer; the recorder gets no orders until it does.
    silent: bool,
    /// Why recording failed, and when this was last logged: the log may be on the same disk.
    told: Option<(String, Boot)>,
}

/// What waits for a record.
#[derive(Debug)]
pub(crate) enum After {
    /// An effect of the core.
    Effect(Effect),
    /// An answer that does not come from the core.
    Answer(PeerId, Message, Charge),
}

impl Promises {
    pub(crate) fn new(recorder: Recorder) -> Self {
        Self {
            recorder,
            records: Vec::new(),
            after: Vec::new(),
            turn: 0,
            waiting: VecDeque::new(),
            seen: Instant::now(),
            silent: false,
            told: None,
        }
    }

    /// Returns whether the disk is too far behind to accept more.
    pub(crate) fn too_many(&self) -> bool {
        !self.silent && self.waiting.len() >= MAX_WAITING
    }

    /// Returns whether the store does not answer.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent
    }

    /// Waits until the store counts as one that does not answer.
    pub(crate) async fn silence(&self) {
        if self.silent || self.waiting.is_empty() {
            return std::future::pending().await;
        }
        sleep_until(self.seen + PATIENCE).await;
    }

    /// Passes all remaining records to the recorder and waits until they are recorded, but not for a store
    /// that does not answer.
    pub(crate) fn end(&mut self) -> Result<(), NotRecorded> {
        let records = std::mem::take(&mut self.records);
        if !records.is_empty() {
            // The recorder reports how it ended.
            let _ = self.recorder.record(self.turn + 1, records);
        }
        self.recorder.end()
    }

    /// Keeps records for a store that does not answer; if there are too many, drops the oldest.
    fn keep_back(&mut self) {
        let surplus = self.records.len().saturating_sub(MAX_OWED);
        if surplus > 0 {
            tracing::error!("giving up {surplus} records that could not be written");
            self.records.drain(..surplus);
        }
    }

    /// Returns whether to log why recording failed: once for each cause, and once a minute.
    fn is_news(&mut self, why: &str, now: Boot) -> bool {
        const AGAIN: Duration = Duration::from_secs(60);
        let known = self.told.as_ref().is_some_and(|(told, at)| told == why && now < at.after(AGAIN));
        if !known {
            self.told = Some((why.to_owned(), now));
        }
        !known
    }

    /// Removes what waited for the turns up to this one.
    fn up_to(&mut self, turn: Turn) -> Vec<After> {
        let mut said = Vec::new();
        while self.waiting.front().is_some_and(|(waits_for, _)| *waits_for <= turn) {
            said.extend(self.waiting.pop_front().into_iter().flat_map(|(_, after)| after));
        }
        said
    }
}

impl Loop {
    /// Ends a turn: passes on its records, and releases what depends only on durable changes.
    pub(crate) fn finish_turn(&mut self) {
        let after = std::mem::take(&mut self.promises.after);
        if self.promises.silent {
            self.promises.keep_back();
            return self.say_unrecorded(after);
        }
        let promises = &mut self.promises;
        let records = std::mem::take(&mut promises.records);
        if !records.is_empty() {
            promises.turn += 1;
            if promises.waiting.is_empty() {
                promises.seen = Instant::now();
            }
            promises.waiting.push_back((promises.turn, after));
            if let Err(gone) = promises.recorder.record(promises.turn, records) {
                tracing::error!("{gone}; exiting, because nothing can be recorded");
                self.left = true;
            }
        } else if let Some((_, waiting)) = promises.waiting.back_mut() {
            waiting.extend(after);
        } else {
            self.say(after);
        }
    }

    /// Handles a report of the recorder.
    pub(crate) fn done(&mut self, done: Done) {
        self.promises.seen = Instant::now();
        self.promises.silent = false;
        match done {
            Done::Recorded(turn) => {
                if self.core.unwritable().is_some() {
                    tracing::info!("the store can be written again");
                    self.promises.told = None;
                    self.handle(Event::RecordWorks);
                }
                let said = self.promises.up_to(turn);
                self.say(said);
            }
            Done::Failed { turn, lost, error } => self.not_recorded(turn, lost, &error),
            Done::Read(request, entries) => self.answer_history(request, entries),
        }
    }

    /// Handles a recorder that has waited for the disk for too long.
    pub(crate) fn store_is_silent(&mut self) {
        self.promises.silent = true;
        let why = silent(&self.place.state);
        tracing::error!("{why}; refusing new work until it does");
        self.handle(Event::RecordFailed { lost: None, why });
        for (_, after) in std::mem::take(&mut self.promises.waiting) {
            self.say_unrecorded(after);
        }
    }

    /// Releases what depends on records that the store has not accepted yet.
    fn say_unrecorded(&mut self, after: Vec<After>) {
        let why = silent(&self.place.state);
        self.say_without_record(after, &unknown(&why), &stands(&why, HANGS));
    }

    /// Releases what depends on records that were not made. Clients that asked for a change are refused,
    /// with one text for registrations and another for all other changes.
    fn say_without_record(&mut self, after: Vec<After>, registration: &Refused, other: &Refused) {
        for said in after {
            match said {
                After::Effect(Effect::Reply { request, answer }) => {
                    match answer.as_ref().map(Unrecorded::of) {
                        Ok(Unrecorded::TakenBack) => self.refuse(request, registration),
                        Ok(Unrecorded::Stands) => self.refuse(request, other),
                        Ok(Unrecorded::Unaffected) | Err(_) => self.answer(request, answer),
                    }
                }
                After::Effect(effect) => self.perform(effect),
                After::Answer(peer, message, charge) => self.reply(peer, message, charge),
            }
        }
    }

    fn say(&mut self, after: Vec<After>) {
        for said in after {
            match said {
                After::Effect(effect) => self.perform(effect),
                After::Answer(peer, message, charge) => self.reply(peer, message, charge),
            }
        }
    }

    /// The registrations are undone; all other changes stay in memory only. Clients that wait for the
    /// answer to a change are told which of the two applies.
    fn not_recorded(&mut self, turn: Turn, lost: Vec<Record>, error: &StoreError) {
        let why = error.to_string();
        if self.promises.is_news(&why, clock::now().boot) {
            tracing::error!("recording: {error}; refusing new work until it succeeds");
        }
        self.handle(Event::RecordFailed { lost: None, why: why.clone() });
        for record in lost {
            self.handle(Event::RecordFailed { lost: Some(Box::new(record)), why: why.clone() });
        }
        let refused = Refused::new(
            Code::StoreUnwritable,
            format!("the store cannot be written: {why}"),
            error.way_out(),
        );
        let stands = stands(&why, error.way_out());
        let said = self.promises.up_to(turn);
        self.say_without_record(said, &refused, &stands);
    }
}

fn silent(state: &Path) -> String {
    format!("{} does not answer: its file system is unreachable", state.display())
}

/// Returns the refusal of a registration that may or may not be recorded.
fn unknown(why: &str) -> Refused {
    let what = format!("it is not known whether the registration is recorded: {why}");
    Refused::new(
        Code::StoreUnwritable,
        what,
        "once it answers, check with `oncue list` whether the task exists",
    )
}

/// Returns the refusal for a change that was made but not recorded.
fn stands(why: &str, way_out: &str) -> Refused {
    let what = format!(
        "it was done, but could not be recorded: {why}; the broker records it once the store can be \
         written, and loses it if it ends before"
    );
    Refused::new(Code::StoreUnwritable, what, way_out)
}
