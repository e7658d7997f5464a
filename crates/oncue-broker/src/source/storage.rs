//! Observes whether the disk that holds the user's state has room.
//!
//! Linux tells nobody that a disk fills up or has room again, so somebody must look. While there is
//! room, the loop looks only when it is awake for something else: what wakes it is what may fire a
//! task, and the task is then judged by what is the case. Nothing wakes the broker to look. While
//! room is low, which is rare and holds tasks up, it looks once a minute. What this cannot notice
//! in time is a task that waits for room to *become* low: it runs when something else wakes the
//! broker.
//!
//! Looking is one statvfs(3) on the file system that the store is on. It is an errand, for that file
//! system may not answer; what is seen is known before the loop goes on, unless it takes long.

use std::path::{Path, PathBuf};
use std::time::Duration;

use oncue_core::{Boot, FactKind, Moment, Reading};
use rustix::fs::{StatVfs, statvfs};

use super::Seen;
use crate::errand::Errands;
use crate::event_loop::Inbox;

/// Room is low when less than a twentieth of the file system is free, or than this, whichever is
/// less: a large disk is not low because of its share, nor a small one because of its size.
const LOW_BYTES: u64 = 500_000_000;
const LOW_SHARE: u64 = 20;

/// For so long nobody looks again, however busy the loop is.
const FRESH: Duration = Duration::from_secs(10);

/// How long the loop waits for a look. While the file system does not answer, it waits only once.
const PATIENCE: Duration = Duration::from_millis(100);

/// So often somebody looks while room is low.
const WHILE_LOW: Duration = Duration::from_secs(60);

/// The file system, and what was seen of it last.
#[derive(Debug)]
pub(crate) struct Storage {
    folder: PathBuf,
    errands: Errands,
    seen: Option<(Boot, Seen)>,
}

impl Storage {
    /// Makes the source for the file system that a folder is on.
    pub(crate) fn of(folder: &Path, errands: Errands) -> Self {
        Self { folder: folder.to_owned(), errands, seen: None }
    }

    /// Looks, unless somebody did just now; returns what is to be told.
    pub(crate) async fn look(&mut self, now: Moment) -> Option<Inbox> {
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
        (before.is_none_or(|(_, before)| before != seen)).then(|| seen.message(now.wall))
    }

    /// Whether nobody has looked for a while.
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        self.seen.as_ref().is_none_or(|(at, _)| now.boot >= at.after(FRESH))
    }

    /// When somebody must look again though nothing happens.
    pub(crate) fn next_look(&self) -> Option<Boot> {
        let (at, seen) = self.seen.as_ref()?;
        (seen.value == Ok(Reading::Is(false))).then(|| at.after(WHILE_LOW))
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
            let later = Moment { boot: now.boot.after(FRESH), ..now };
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
        assert_eq!(storage.next_look(), Some(now.boot.after(WHILE_LOW)));
    }
}
