//! What may be said only once it is recorded, and the order in which it waits.

use std::collections::VecDeque;
use std::time::Duration;

use oncue_core::{Boot, Effect, Event, Record, Unrecorded};
use oncue_wire::{Code, Refused};
use zbus::Message;

use crate::clock;
use crate::event_loop::Loop;
use crate::front::{Charge, PeerId};
use crate::recorder::{Done, Recorder, Turn};
use crate::store::StoreError;

/// How many turns may wait for the disk; then nothing new is taken in until it has caught up.
const MAX_WAITING: usize = 256;

/// What this turn records and says, and what earlier turns still have to say.
#[derive(Debug)]
pub(crate) struct Promises {
    pub(crate) recorder: Recorder,
    pub(crate) records: Vec<Record>,
    pub(crate) after: Vec<After>,
    turn: Turn,
    waiting: VecDeque<(Turn, Vec<After>)>,
    /// Why recording failed and when the log last said so: the log may lie on the same disk.
    told: Option<(String, Boot)>,
}

/// What waits for the record.
#[derive(Debug)]
pub(crate) enum After {
    /// What the core wants said.
    Effect(Effect),
    /// An answer that the shell gives by itself.
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
            told: None,
        }
    }

    /// Returns whether the disk is too far behind to take in more.
    pub(crate) fn too_many(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    /// Returns whether the log is to say why recording failed: once for each cause, and once a minute.
    fn is_news(&mut self, why: &str, now: Boot) -> bool {
        const AGAIN: Duration = Duration::from_secs(60);
        let known = self.told.as_ref().is_some_and(|(told, at)| told == why && now < at.after(AGAIN));
        if !known {
            self.told = Some((why.to_owned(), now));
        }
        !known
    }

    /// Takes out what waited for the turns up to this one.
    fn up_to(&mut self, turn: Turn) -> Vec<After> {
        let mut said = Vec::new();
        while self.waiting.front().is_some_and(|(waits_for, _)| *waits_for <= turn) {
            said.extend(self.waiting.pop_front().into_iter().flat_map(|(_, after)| after));
        }
        said
    }
}

impl Loop {
    /// Ends a turn: gives its records away, and says what rests on nothing that is not durable.
    pub(crate) fn finish_turn(&mut self) {
        let promises = &mut self.promises;
        let records = std::mem::take(&mut promises.records);
        let after = std::mem::take(&mut promises.after);
        if !records.is_empty() {
            promises.turn += 1;
            promises.waiting.push_back((promises.turn, after));
            if let Err(gone) = promises.recorder.record(promises.turn, records) {
                tracing::error!("{gone}; leaving, since nothing can be recorded");
                self.left = true;
            }
        } else if let Some((_, waiting)) = promises.waiting.back_mut() {
            waiting.extend(after);
        } else {
            self.say(after);
        }
    }

    /// The recorder has done something.
    pub(crate) fn done(&mut self, done: Done) {
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

    fn say(&mut self, after: Vec<After>) {
        for said in after {
            match said {
                After::Effect(effect) => self.perform(effect),
                After::Answer(peer, message, charge) => self.reply(peer, message, charge),
            }
        }
    }

    /// The registrations did not happen; everything else stands in memory only. Whoever waits for the
    /// answer to a change is told which of the two is true.
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
        let stands = Refused::new(
            Code::StoreUnwritable,
            format!(
                "it was done, but could not be recorded: {why}; the broker records it once the store can be \
                 written, and loses it if it ends before"
            ),
            error.way_out(),
        );
        for said in self.promises.up_to(turn) {
            match said {
                After::Effect(Effect::Reply { request, answer }) => {
                    match answer.as_ref().map(Unrecorded::of) {
                        Ok(Unrecorded::TakenBack) => self.refuse(request, &refused),
                        Ok(Unrecorded::Stands) => self.refuse(request, &stands),
                        Ok(Unrecorded::Unaffected) | Err(_) => self.answer(request, answer),
                    }
                }
                After::Effect(effect) => self.perform(effect),
                After::Answer(peer, message, charge) => self.reply(peer, message, charge),
            }
        }
    }
}
