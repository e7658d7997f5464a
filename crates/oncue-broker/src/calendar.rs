//! The calendar that is passed to the core: schedules in the time zones of this machine.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::Schedule;
use oncue_core::{Calendar, Wall};
use tokio::sync::mpsc;

use crate::errand::{Errands, Unanswered};
use crate::inbox::Inbox;

/// How many parsed schedules are kept; others are parsed again.
const KEPT: usize = 1_024;

/// How long the loop waits for the files of time zones. While they do not answer, it waits only once.
const PATIENCE: Duration = Duration::from_millis(300);

/// Schedules in the time zones of this machine; clones share the same state.
#[derive(Clone, Debug)]
pub(crate) struct Zones {
    shared: Arc<Mutex<Shared>>,
    files: Files,
}

#[derive(Debug)]
struct Shared {
    local: TimeZone,
    /// The zones that schedules name.
    named: HashMap<String, TimeZone>,
    /// Schedules with their zones.
    read: HashMap<String, (Schedule, TimeZone)>,
}

/// The files that define the zones. Errands read them, since the folder may be on a file system that
/// does not answer.
#[derive(Clone, Debug)]
struct Files {
    local: PathBuf,
    errands: Errands,
    /// Receives zones that could be read only after the calendar had stopped waiting for them.
    inbox: mpsc::Sender<Inbox>,
}

impl Zones {
    /// Reads the machine's current local zone.
    pub(crate) fn here(errands: Errands, inbox: mpsc::Sender<Inbox>) -> Self {
        let files = Files { local: LOCAL_TIME.into(), errands, inbox };
        let local = files.local_zone().unwrap_or_else(|why| {
            tracing::warn!("{why}; schedules use UTC");
            TimeZone::UTC
        });
        let shared = Shared { local, named: HashMap::new(), read: HashMap::new() };
        Self { shared: Arc::new(Mutex::new(shared)), files }
    }

    /// Reads the machine's current local zone, in a program that is not the broker.
    pub(crate) fn alone() -> Self {
        // Nobody hears of zones that could be read only later.
        let (inbox, _) = mpsc::channel(1);
        Self::here(Errands::default(), inbox)
    }

    /// Reads the zones again, after the local one or the rules of any have changed. Zones that cannot be
    /// read stay as they were.
    pub(crate) fn look_again(&self) {
        let mut shared = self.shared();
        match self.files.local_zone() {
            Ok(local) => shared.local = local,
            Err(why) => tracing::warn!("{why}; schedules use the zone as it was"),
        }
        match self.files.named_zones(shared.named.keys().cloned().collect()) {
            Ok(named) => shared.named.extend(named),
            Err(why) => tracing::warn!("{why}; schedules use the time zones as they were"),
        }
        shared.read.clear();
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The machine's local zone; see localtime(5).
pub(crate) const LOCAL_TIME: &str = "/etc/localtime";
/// The folder with the rules of all zones; see tzfile(5).
pub(crate) const ZONE_RULES: &str = "/usr/share/zoneinfo";

impl Files {
    /// Reads the local zone; UTC if the machine defines none, as for every other program.
    ///
    /// It is read each time, because `jiff` returns results that are up to five minutes old. The variable
    /// `TZ` is ignored: it belongs to the process that started the broker.
    fn local_zone(&self) -> Result<TimeZone, String> {
        let file = self.local.clone();
        let read = self.read(&self.local, move || read_zone(&file)).map_err(|why| why.to_string());
        read.flatten()
            .map_err(|why| format!("cannot read the local time zone from {}: {why}", self.local.display()))
    }

    /// Reads the zones of these names, as far as they still exist.
    fn named_zones(&self, names: Vec<String>) -> Result<HashMap<String, TimeZone>, Unanswered> {
        self.read(Path::new(ZONE_RULES), move || {
            jiff::tz::db().reset();
            let read = |name: String| TimeZone::get(&name).ok().map(|zone| (name, zone));
            names.into_iter().filter_map(read).collect()
        })
    }

    /// Reads the zone of this name; returns `None` if it does not exist.
    fn named_zone(&self, name: &str) -> Result<Option<TimeZone>, Unanswered> {
        let name = name.to_owned();
        self.read(Path::new(ZONE_RULES), move || TimeZone::get(&name).ok())
    }

    /// Reads from files. If that succeeds late, everything is read again.
    fn read<T: Send + 'static>(
        &self,
        place: &Path,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        let inbox = self.inbox.clone();
        let late = move |_| drop(inbox.blocking_send(Inbox::ZonesChanged));
        self.errands.run_blocking(place, PATIENCE, work, late)
    }
}

/// Reads a zone from the file with its rules; a missing file means UTC.
fn read_zone(file: &Path) -> Result<TimeZone, String> {
    let rules = match fs::read(file) {
        Ok(rules) => rules,
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::read_link(file).is_err() => {
            return Ok(TimeZone::UTC);
        }
        Err(error) => return Err(error.to_string()),
    };
    let target = fs::canonicalize(file).unwrap_or_default();
    let name = target.to_str().and_then(|path| path.split_once("/zoneinfo/")).map(|(_, name)| name);
    TimeZone::tzif(name.unwrap_or("Local"), &rules).map_err(|error| error.to_string())
}

/// Why a schedule cannot be used.
enum Unusable {
    /// It is wrong, or its zone does not exist.
    Wrong(String),
    /// The files of its zone do not answer.
    Unanswered(Box<Schedule>, Unanswered),
}

impl Shared {
    /// Returns a schedule with its zone, which is the local one while the files of its own do not answer.
    fn find(&mut self, text: &str, files: &Files) -> Result<&(Schedule, TimeZone), String> {
        if !self.read.contains_key(text) {
            let found = match self.look_up(text, files) {
                Ok(found) => found,
                Err(Unusable::Unanswered(schedule, why)) => {
                    tracing::warn!("`{text}`: {why}; using the local time zone until it does");
                    (*schedule, self.local.clone())
                }
                Err(Unusable::Wrong(why)) => return Err(why),
            };
            if self.read.len() >= KEPT {
                self.read.clear();
            }
            self.read.insert(text.to_owned(), found);
        }
        self.read.get(text).ok_or_else(|| "it was forgotten".to_owned())
    }

    /// Reads a schedule and its zone.
    fn look_up(&mut self, text: &str, files: &Files) -> Result<(Schedule, TimeZone), Unusable> {
        let expression = text.strip_prefix("calendar ").unwrap_or(text);
        let schedule = Schedule::parse(expression).map_err(|error| Unusable::Wrong(error.to_string()))?;
        let (local, mut unanswered) = (self.local.clone(), None);
        let zone = schedule.zone_from(&local, |name| match self.zone(name, files) {
            Ok(zone) => zone,
            Err(error) => {
                unanswered = Some(error);
                None
            }
        });
        match (zone, unanswered) {
            (_, Some(unanswered)) => Err(Unusable::Unanswered(Box::new(schedule), unanswered)),
            (Ok(zone), None) => Ok((schedule, zone)),
            (Err(error), None) => Err(Unusable::Wrong(error.to_string())),
        }
    }

    fn zone(&mut self, name: &str, files: &Files) -> Result<Option<TimeZone>, Unanswered> {
        if let Some(known) = self.named.get(name) {
            return Ok(Some(known.clone()));
        }
        let zone = files.named_zone(name)?;
        // Names that do not exist are not kept, so that clients cannot fill the memory with made-up names.
        if let Some(zone) = &zone {
            self.named.insert(name.to_owned(), zone.clone());
        }
        Ok(zone)
    }
}

impl Calendar for Zones {
    fn check(&self, schedule: &str) -> Result<(), String> {
        self.shared().look_up(schedule, &self.files).map(drop).map_err(|unusable| match unusable {
            Unusable::Wrong(why) => why,
            Unusable::Unanswered(_, unanswered) => unanswered.to_string(),
        })
    }

    fn next(&self, schedule: &str, after: Wall) -> Option<Wall> {
        let mut shared = self.shared();
        let (schedule, zone) = shared.find(schedule, &self.files).ok()?;
        let after = Timestamp::from_microsecond(after.0).ok()?;
        schedule.next(after, zone).map(|next| Wall(next.as_microsecond()))
    }

    fn is_wild(&self, schedule: &str) -> bool {
        self.shared().find(schedule, &self.files).is_ok_and(|(schedule, _)| schedule.is_wild())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(time: &str) -> Wall {
        Wall(time.parse::<Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn both_languages_are_understood() {
        let zones = Zones::alone();
        let after = wall("2026-11-22T10:00:00Z");
        assert_eq!(zones.next("calendar *-*-* 12:30:00 UTC", after), Some(wall("2026-11-22T12:30:00Z")));
        assert_eq!(zones.next("calendar hourly UTC", after), Some(wall("2026-11-22T11:00:00Z")));
        assert!(zones.next("cron 30 4 * * mon", after).is_some());
        assert_eq!(zones.next("calendar 2020-01-01 UTC", after), None);
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        let zones = Zones::alone();
        for (schedule, why) in [
            ("calendar *-02-30", "february has no such day"),
            ("calendar soon", "soon"),
            ("cron * * *", ""),
            ("calendar daily Atlantis/Capital", "Atlantis/Capital"),
        ] {
            let said = zones.check(schedule).unwrap_err();
            assert!(said.contains(why), "{schedule}: {said}");
            assert_eq!(zones.next(schedule, Wall(0)), None);
        }
    }

    #[test]
    fn a_zone_is_what_its_file_says_now() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("localtime");
        assert_eq!(read_zone(&file).unwrap(), TimeZone::UTC, "no file at all");
        for name in ["Asia/Tokyo", "America/New_York"] {
            let rules = TimeZone::get(name).unwrap();
            let text = Path::new(ZONE_RULES).join(name);
            let _ = fs::remove_file(&file);
            std::os::unix::fs::symlink(&text, &file).unwrap();
            let Ok(read) = read_zone(&file) else {
                assert!(!text.exists(), "{name} exists and cannot be read");
                continue;
            };
            let at = wall("2026-07-01T00:00:00Z");
            let at = Timestamp::from_microsecond(at.0).unwrap();
            assert_eq!(read.to_offset(at), rules.to_offset(at));
            assert_eq!(read.iana_name(), Some(name));
        }
        fs::remove_file(&file).unwrap();
        fs::write(&file, "no rules").unwrap();
        assert!(read_zone(&file).is_err());
    }

    #[test]
    fn a_zone_whose_file_does_not_answer_stays_as_it_was_until_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("localtime");
        // Opening it waits for a writer.
        rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let (inbox, mut heard) = mpsc::channel(1);
        let mut zones = Zones::here(Errands::default(), inbox);
        zones.files.local = file.clone();
        zones.shared().local = TimeZone::fixed(jiff::tz::offset(5));
        zones.look_again();
        let due = zones.next("calendar *-*-* 12:00:00", wall("2026-11-22T00:00:00Z"));
        assert_eq!(due, Some(wall("2026-11-22T07:00:00Z")));
        let writer = fs::OpenOptions::new().write(true).open(&file).unwrap();
        drop(writer);
        let told = heard.blocking_recv().unwrap();
        assert!(matches!(told, Inbox::ZonesChanged), "{told:?}");
    }

    #[test]
    fn a_schedule_whose_zone_does_not_answer_is_refused_and_goes_on_by_the_local_zone() {
        let zones = Zones::alone();
        zones.shared().local = TimeZone::fixed(jiff::tz::offset(5));
        let (answer, dead) = std::sync::mpsc::channel::<()>();
        let hung = zones.files.read(Path::new(ZONE_RULES), move || dead.recv());
        assert!(matches!(hung, Err(Unanswered::Hangs { .. })));
        let schedule = "calendar *-*-* 12:00:00 Asia/Tokyo";
        let refused = zones.check(schedule).unwrap_err();
        assert!(refused.contains("does not answer"), "{refused}");
        let after = wall("2026-11-22T00:00:00Z");
        assert_eq!(zones.next(schedule, after), Some(wall("2026-11-22T07:00:00Z")));
        drop(answer);
        while zones.check(schedule).is_err() {
            std::thread::yield_now();
        }
        zones.look_again();
        assert_eq!(zones.next(schedule, after), Some(wall("2026-11-22T03:00:00Z")));
    }

    #[test]
    fn many_schedules_are_read_again_when_they_are_needed() {
        let zones = Zones::alone();
        for minute in 0..3_000 {
            let schedule = format!(
                "calendar *-*-* {:02}:{:02}:{:02} UTC",
                minute / 60 % 24,
                minute % 60,
                minute / 1_440
            );
            assert!(zones.next(&schedule, Wall(0)).is_some(), "{schedule}");
        }
        assert!(zones.shared().read.len() <= KEPT);
    }
}
