//! Holds back answers and effects until the changes they depend on are recorded, and keeps their order.
//!
//! If the file system of the store does not answer, no one waits for long: changes that were made but not
//! recorded are reported as such, new work is refused, and the records are kept until the store answers.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use oncue_core::{Boot, Effect, Record, RequestId, Unrecorded};
use oncue_wire::{Code, Refused};
use tokio::time::{Instant, sleep_until};

use crate::clock;
use crate::errand::HANGS;
use crate::front::Reply;
use crate::recorder::{Gone, MAX_OWED, NotRecorded, Recorder, Turn, Wanted};
use crate::store::{Of, StoreError};

/// How many turns may wait for the disk. Beyond that, no new work is accepted until it has caught up.
const MAX_WAITING: usize = 256;

/// How long a record may take. After that, the store counts as one that does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The records and effects of this turn, and the pending effects of earlier turns.
#[derive(Debug)]
pub(crate) struct Promises {
    recorder: Recorder,
    /// The folder of the store.
    state: PathBuf,
    /// What this turn has to record.
    records: Vec<Record>,
    /// What depends on the records of this turn and of earlier ones.
    after: Vec<After>,
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
    Reply(Reply),
    /// A refusal instead of the core's answer, because the record was not made.
    Refusal(RequestId, Refused),
}

impl Promises {
    pub(crate) fn new(recorder: Recorder, state: &Path) -> Self {
        Self {
            recorder,
            state: state.to_owned(),
            records: Vec::new(),
            after: Vec::new(),
            turn: 0,
            waiting: VecDeque::new(),
            seen: Instant::now(),
            silent: false,
            told: None,
        }
    }

    /// Adds records to those of this turn.
    pub(crate) fn record(&mut self, records: &mut Vec<Record>) {
        self.records.append(records);
    }

    /// Holds back effects until the records of this turn and of earlier ones are durable.
    pub(crate) fn hold_back(&mut self, effects: impl Iterator<Item = Effect>) {
        self.after.extend(effects.map(After::Effect));
    }

    /// Holds back an answer that does not come from the core, so that it does not overtake others.
    pub(crate) fn reply(&mut self, reply: Reply) {
        self.after.push(After::Reply(reply));
    }

    /// Returns whether the disk is too far behind to accept more.
    pub(crate) fn too_many(&self) -> bool {
        !self.silent && self.waiting.len() >= MAX_WAITING
    }

    /// Waits until the store counts as one that does not answer.
    pub(crate) async fn silence(&self) {
        if self.silent || self.waiting.is_empty() {
            return std::future::pending().await;
        }
        sleep_until(self.seen + PATIENCE).await;
    }

    /// Ends a turn: passes on its records, and returns what depends on durable changes only.
    ///
    /// # Errors
    /// Returns an error if the recorder has ended.
    pub(crate) fn finish_turn(&mut self) -> Result<Vec<After>, Gone> {
        let after = std::mem::take(&mut self.after);
        if self.silent {
            self.keep_back();
            return Ok(self.unrecorded(after));
        }
        let records = std::mem::take(&mut self.records);
        if records.is_empty() {
            let Some((_, waiting)) = self.waiting.back_mut() else { return Ok(after) };
            waiting.extend(after);
        } else {
            self.turn += 1;
            if self.waiting.is_empty() {
                self.seen = Instant::now();
            }
            self.waiting.push_back((self.turn, after));
            self.recorder.record(self.turn, records)?;
        }
        Ok(Vec::new())
    }

    /// Notes that the recorder has done something, so the store answers.
    pub(crate) fn heard(&mut self) {
        self.seen = Instant::now();
        self.silent = false;
    }

    /// Notes that the store can be written again.
    pub(crate) fn works(&mut self) {
        tracing::info!("the store can be written again");
        self.told = None;
    }

    /// Returns what waited for the turns up to this one, which could not be recorded. Registrations are
    /// undone; all other changes stay in memory only. Clients that wait for the answer to a change are
    /// told which of the two applies.
    pub(crate) fn not_recorded(&mut self, turn: Turn, error: &StoreError) -> Vec<After> {
        let why = error.to_string();
        if self.is_news(&why, clock::now().boot) {
            tracing::error!("recording: {error}; refusing new work until it succeeds");
        }
        let undone = Refused::new(
            Code::StoreUnwritable,
            format!("the store cannot be written: {why}"),
            error.way_out(),
        );
        without_record(self.up_to(turn), &undone, &stands(&why, error.way_out()))
    }

    /// Notes that the recorder has waited for the disk for too long; returns why.
    pub(crate) fn fall_silent(&mut self) -> String {
        self.silent = true;
        let why = silent(&self.state);
        tracing::error!("{why}; refusing new work until it does");
        why
    }

    /// Returns all that waits for records which the store has not accepted yet.
    pub(crate) fn all_unrecorded(&mut self) -> Vec<After> {
        let waiting = std::mem::take(&mut self.waiting);
        self.unrecorded(waiting.into_iter().flat_map(|(_, after)| after).collect())
    }

    /// Has the ledger read; the answer comes from the recorder. `unwritable` says why the store cannot be
    /// written, if it cannot.
    pub(crate) fn read(
        &self,
        request: RequestId,
        (of, wanted): (Of, Wanted),
        unwritable: Option<&str>,
    ) -> Result<(), Refused> {
        if self.silent {
            let why = unwritable.unwrap_or("the store does not answer");
            return Err(Refused::new(Code::Fault, format!("the history cannot be read: {why}"), HANGS));
        }
        self.recorder.read(request, of, wanted).map_err(|gone| {
            Refused::new(
                Code::Fault,
                gone.to_string(),
                "see the broker's log; `oncue doctor` shows where it is",
            )
        })
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

    /// Returns what to do instead of what depends on records that the store has not accepted yet.
    fn unrecorded(&self, after: Vec<After>) -> Vec<After> {
        if after.is_empty() {
            return after;
        }
        let why = silent(&self.state);
        without_record(after, &unknown(&why), &stands(&why, HANGS))
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

    /// Takes what waits for the turns up to this one.
    pub(crate) fn up_to(&mut self, turn: Turn) -> Vec<After> {
        let mut said = Vec::new();
        while self.waiting.front().is_some_and(|(waits_for, _)| *waits_for <= turn) {
            said.extend(self.waiting.pop_front().into_iter().flat_map(|(_, after)| after));
        }
        said
    }
}

/// Replaces the answers to requests for a change by refusals, with one text for registrations and another
/// for all other changes. Everything else stays as it is.
fn without_record(after: Vec<After>, registration: &Refused, other: &Refused) -> Vec<After> {
    let instead = |after| match after {
        After::Effect(Effect::Reply { request, answer }) => match answer.as_ref().map(Unrecorded::of) {
            Ok(Unrecorded::TakenBack) => After::Refusal(request, registration.clone()),
            Ok(Unrecorded::Stands) => After::Refusal(request, other.clone()),
            Ok(Unrecorded::Unaffected) | Err(_) => After::Effect(Effect::Reply { request, answer }),
        },
        After::Effect(_) | After::Reply(_) | After::Refusal(..) => after,
    };
    after.into_iter().map(instead).collect()
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

#[cfg(test)]
mod tests {
    use oncue_core::{Answer, Guid, Refusal, RegisterResult, ServerId, TaskId};

    use super::*;

    #[test]
    fn what_was_not_recorded_is_refused_and_everything_else_is_said() {
        let [undone, stands] = ["undone", "stands"].map(|why| Refused::new(Code::StoreUnwritable, why, ""));
        let said = |answer: Result<Answer, Refusal>| {
            let reply = After::Effect(Effect::Reply { request: RequestId(1), answer });
            match without_record(vec![reply], &undone, &stands).pop() {
                Some(After::Refusal(RequestId(1), refused)) => refused.message,
                Some(After::Effect(Effect::Reply { request: RequestId(1), .. })) => "as it is".to_owned(),
                other => panic!("{other:?}"),
            }
        };
        let task = TaskId(Guid::from_u128(1));
        assert_eq!(said(Ok(Answer::Registered { task, how: RegisterResult::New })), "undone");
        assert_eq!(said(Ok(Answer::Done)), "stands");
        assert_eq!(said(Ok(Answer::MayLeave(true))), "as it is");
        assert_eq!(said(Err(Refusal::Stopping)), "as it is");
        let server = ServerId::Joined(1);
        let kept = without_record(vec![After::Effect(Effect::Kill { server })], &undone, &stands).pop();
        assert!(matches!(kept, Some(After::Effect(Effect::Kill { .. }))), "{kept:?}");
    }
}
