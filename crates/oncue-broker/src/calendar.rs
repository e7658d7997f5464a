//! The calendar that the core is handed: schedules in the zones of this machine.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::Schedule;
use oncue_core::{Calendar, Wall};

/// How many schedules stay read; beyond that they are read again.
const KEPT: usize = 1_024;

/// Schedules by the zones of this machine; a clone is the same calendar.
#[derive(Clone, Debug)]
pub(crate) struct Zones {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    local: TimeZone,
    /// Schedules with the zones that they are meant in.
    read: HashMap<String, (Schedule, TimeZone)>,
}

impl Zones {
    /// Takes the local zone as the machine has it now.
    pub(crate) fn here() -> Self {
        Self { shared: Arc::new(Mutex::new(Shared { local: local(), read: HashMap::new() })) }
    }

    /// Takes the zones anew, after the local one or the rules of any were changed.
    pub(crate) fn look_again(&self) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        jiff::tz::db().reset();
        shared.local = local();
        shared.read.clear();
    }
}

/// Where the machine says what its zone is, see localtime(5).
pub(crate) const LOCAL_TIME: &str = "/etc/localtime";
/// Where the rules of all zones lie, see tzfile(5).
pub(crate) const ZONE_RULES: &str = "/usr/share/zoneinfo";

/// The local zone; UTC where the machine names none, as it is for every other program there.
///
/// It is read anew each time, for `jiff` would answer with what it read up to five minutes ago. The
/// variable `TZ` is ignored: it belongs to the process that started the broker.
fn local() -> TimeZone {
    read_zone(Path::new(LOCAL_TIME)).unwrap_or_else(|why| {
        tracing::warn!("cannot read the local time zone from {LOCAL_TIME}: {why}; schedules use UTC");
        TimeZone::UTC
    })
}

/// Reads a zone from the file that holds its rules; a file that is not there stands for UTC.
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

impl Shared {
    fn find(&mut self, text: &str) -> Result<&(Schedule, TimeZone), String> {
        if !self.read.contains_key(text) {
            let expression = text.strip_prefix("calendar ").unwrap_or(text);
            let schedule = Schedule::parse(expression).map_err(|error| error.to_string())?;
            let lookup = |name: &str| TimeZone::get(name).ok();
            let zone = schedule.zone_from(&self.local, lookup).map_err(|error| error.to_string())?;
            if self.read.len() >= KEPT {
                self.read.clear();
            }
            self.read.insert(text.to_owned(), (schedule, zone));
        }
        self.read.get(text).ok_or_else(|| "it was forgotten".to_owned())
    }
}

impl Calendar for Zones {
    fn check(&self, schedule: &str) -> Result<(), String> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.find(schedule).map(|_| ())
    }

    fn next(&self, schedule: &str, after: Wall) -> Option<Wall> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (schedule, zone) = shared.find(schedule).ok()?;
        let after = Timestamp::from_microsecond(after.0).ok()?;
        schedule.next(after, zone).map(|next| Wall(next.as_microsecond()))
    }

    fn is_wild(&self, schedule: &str) -> bool {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.find(schedule).is_ok_and(|(schedule, _)| schedule.is_wild())
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
        let zones = Zones::here();
        let after = wall("2026-11-22T10:00:00Z");
        assert_eq!(zones.next("calendar *-*-* 12:30:00 UTC", after), Some(wall("2026-11-22T12:30:00Z")));
        assert_eq!(zones.next("calendar hourly UTC", after), Some(wall("2026-11-22T11:00:00Z")));
        assert!(zones.next("cron 30 4 * * mon", after).is_some());
        assert_eq!(zones.next("calendar 2020-01-01 UTC", after), None);
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        let zones = Zones::here();
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
                assert!(!text.exists(), "{name} is there and cannot be read");
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
    fn many_schedules_are_read_again_when_they_are_needed() {
        let zones = Zones::here();
        for minute in 0..3_000 {
            let schedule = format!(
                "calendar *-*-* {:02}:{:02}:{:02} UTC",
                minute / 60 % 24,
                minute % 60,
                minute / 1_440
            );
            assert!(zones.next(&schedule, Wall(0)).is_some(), "{schedule}");
        }
        assert!(zones.shared.lock().unwrap().read.len() <= KEPT);
    }
}
