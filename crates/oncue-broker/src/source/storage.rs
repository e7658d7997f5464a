//! Observes whether the disk with the user's state has enough free space.
//!
//! Linux does not notify anyone when a disk fills up, so it has to be checked. While there is
//! enough space, the loop checks only when something else wakes it: that is what may fire a task,
//! and the task is then judged by the current value. Nothing wakes the broker just for a check.
//! While space is low, which is rare and holds tasks, it checks once a minute. Only one thing is
//! not noticed in time: a task that waits for the space to *become* low runs when something else
//! wakes the broker.
//!
//! A check is one statvfs(3) on the file system of the store. It is an errand, because that file
//! system may not answer. The result is known before the loop continues, unless it takes long.

use std::path::{Path, PathBuf};
use std::time::Duration;

use oncue_core::{Boot, Event, FactKind, Moment, Reading};
use rustix::fs::{StatVfs, statvfs};

use super::Seen;
use super::timing::Checks;
use crate::errand::Errands;

/// Space is low if less than a twentieth of the file system or less than this is free, whichever is
/// less: a large disk is not low because of the percentage, and a small one not because of its
/// size.
const LOW_BYTES: u64 = 500_000_000;
const LOW_SHARE: u64 = 20;

/// How long the loop waits for a check. If the file system does not answer, it waits only once.
const PATIENCE: Duration = Duration::from_millis(100);

/// The file system, and the last result.
#[derive(Debug)]
pub(crate) struct Storage {
    folder: PathBuf,
    errands: Errands,
    seen: Option<(Boot, Seen)>,
}

impl Storage {
    /// Creates the source for the file system that contains a folder.
    pub(crate) fn of(folder: &Path, errands: Errands) -> Self {
        Self { folder: folder.to_owned(), errands, seen: None }
    }

    /// Checks, unless the last check is recent; returns what to report.
    pub(crate) async fn look(&mut self, now: Moment) -> Option<Event> {
        if !self.is_due(now) {
            return None;
        }
        let folder = self.folder.clone();
        let value = match self.errands.ask(&self.folder, PATIENCE, move || statvfs(&folder)).await {
            Ok(Ok(room)) => Ok(Reading::Is(!is_low(&room))),
            Ok(Err(error)) => {
                Err(format!("cannot determine the free space at {}: {error}", self.folder.display()))
            }
            Err(unanswered) => Err(unanswered.to_string()),
        };
        let seen = Seen { kind: FactKind::StorageNotLow, value, source: "statvfs" };
        let before = self.seen.replace((now.boot, seen.clone()));
        (before.is_none_or(|(_, before)| before != seen)).then(|| seen.event(now.wall))
    }

    /// Whether the last check is not recent.
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        self.seen.as_ref().is_none_or(|(at, _)| now.boot >= at.after(Checks::STORAGE.least))
    }

    /// When the next check is due even if nothing happens.
    pub(crate) fn next_look(&self) -> Option<Boot> {
        let (at, seen) = self.seen.as_ref()?;
        (seen.value == Ok(Reading::Is(false))).then(|| at.after(Checks::STORAGE.while_held))
    }
}

fn is_low(room: &StatVfs) -> bool {
    let unit = if room.f_frsize == 0 { room.f_bsize } else { room.f_frsize };
    let bytes = |blocks: u64| blocks.saturating_mul(unit);
    bytes(room.f_bavail) < LOW_BYTES.min(bytes(room.f_blocks) / LOW_SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    const GIB: u64 = 1 << 30;

    fn room(total: u64, free: u64) -> StatVfs {
        let mut room = statvfs("/").unwrap();
        (room.f_frsize, room.f_blocks, room.f_bavail) = (4_096, total / 4_096, free / 4_096);
        room
    }

    #[test]
    fn a_large_disk_is_low_by_its_bytes_and_a_small_one_by_its_share() {
        assert!(!is_low(&room(1_000 * GIB, GIB)));
        assert!(is_low(&room(1_000 * GIB, GIB / 4)));
        assert!(!is_low(&room(GIB, GIB / 10)));
        assert!(is_low(&room(GIB, GIB / 50)));
    }

    #[test]
    fn room_is_looked_at_again_only_after_a_while() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut storage = Storage::of(Path::new("/"), Errands::default());
        let now = clock::now();
        runtime.block_on(async {
            assert!(storage.look(now).await.is_some(), "the first look tells");
            storage.folder = PathBuf::from("/nowhere");
            assert!(storage.look(now).await.is_none(), "it is fresh");
            let later = Moment { boot: now.boot.after(Checks::STORAGE.least), ..now };
            assert!(storage.look(later).await.is_some(), "it is unknown now");
        });
        assert_eq!(storage.next_look(), None, "nobody is held up");
    }

    #[test]
    fn while_room_is_low_somebody_looks() {
        let now = clock::now();
        let low = Seen { kind: FactKind::StorageNotLow, value: Ok(Reading::Is(false)), source: "statvfs" };
        let mut storage = Storage::of(Path::new("/"), Errands::default());
        storage.seen = Some((now.boot, low));
        assert_eq!(storage.next_look(), Some(now.boot.after(Checks::STORAGE.while_held)));
    }
}
