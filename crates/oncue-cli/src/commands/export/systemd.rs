//! Tasks as user units of systemd: a service for each task, with the unit that starts it.

mod quote;
mod service;
mod start;

use oncue_types::AfterEnd;

use super::subject::Subject;
use super::translation::{Notes, Translation};
use crate::declared::Values;

/// The longest name of a unit.
const LONGEST: usize = 255;

/// Translates tasks.
pub(super) fn translate(subjects: &[Subject], values: Values) -> Translation {
    let mut translation = Translation::default();
    for subject in subjects {
        let mut notes = Notes::of(&subject.name);
        let units = units(subject, subjects, values, &mut notes).unwrap_or_default();
        translation.add(notes, units);
    }
    translation
}

fn units(
    subject: &Subject,
    all: &[Subject],
    values: Values,
    notes: &mut Notes,
) -> Option<Vec<(String, String)>> {
    let unit = quote::unit_name(&subject.name);
    if unit.len() + ".service".len() > LONGEST {
        notes.lost("its name is too long for a unit");
        return None;
    }
    let starter = start::of(subject, all, notes);
    let service = service::of(subject, &unit, &followers(subject, all), values, notes)?;
    let mut units = vec![(format!("{unit}.service"), service)];
    units.extend(starter.map(|(kind, text)| (format!("{unit}.{kind}"), text)));
    Some(units)
}

/// A task that follows another one.
struct Follower {
    /// The name of its service.
    service: String,
    end: AfterEnd,
}

/// Returns the tasks that follow a task, among those that are translated.
fn followers(subject: &Subject, all: &[Subject]) -> Vec<Follower> {
    let follower = |other: &Subject| {
        let (task, end) = other.trigger.follows()?;
        let follows = **task == *subject.name && !other.policy.disabled;
        follows.then(|| Follower { service: format!("{}.service", quote::unit_name(&other.name)), end })
    };
    all.iter().filter_map(follower).collect()
}
