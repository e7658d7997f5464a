//! The machine's time zone and the zones' rules: `/etc/localtime` and the files that it may link to.

use std::convert::Infallible;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, timeout_at};

use crate::calendar::{LOCAL_TIME, ZONE_RULES};
use crate::descriptor;
use crate::errand::Errands;
use crate::inbox::Inbox;
use crate::source::timing::Settle;

/// The maximum number of watched folders of rules; there are about twenty.
const FOLDERS: usize = 256;

/// How long reading the files may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before reading files again that did not answer.
const PAUSE: Duration = Duration::from_secs(5 * 60);

/// Reports when the local zone changes, or the rules of any zone are replaced.
pub(super) async fn follow(errands: Errands, inbox: &mpsc::Sender<Inbox>) -> io::Result<Infallible> {
    let mut files = Files::new(LOCAL_TIME.into(), ZONE_RULES.into(), errands)?;
    let zone = files.look().await?;
    files.follow(zone, inbox).await
}

/// What distinguishes one zone from another.
#[derive(Debug, PartialEq, Eq)]
struct Zone {
    /// The target of the link; `None` if it is a file, or does not exist.
    target: Option<PathBuf>,
    /// The file's inode and its time of change; `None` if it does not exist.
    file: Option<(u64, i64)>,
}

impl Zone {
    fn of(link: &Path) -> Self {
        let file = fs::metadata(link).ok().map(|file| (file.ino(), file.mtime()));
        Self { target: fs::read_link(link).ok(), file }
    }
}

/// The folders that are watched for replaced files.
struct Files {
    link: PathBuf,
    rules: PathBuf,
    errands: Errands,
    watch: AsyncFd<OwnedFd>,
    /// The folder of the link.
    local: i32,
}

impl Files {
    fn new(link: PathBuf, rules: PathBuf, errands: Errands) -> io::Result<Self> {
        let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok(Self { link, rules, errands, watch: descriptor::readable(watch)?, local: -1 })
    }

    /// Reports every change since `known`.
    async fn follow(&mut self, mut known: Zone, inbox: &mpsc::Sender<Inbox>) -> io::Result<Infallible> {
        loop {
            let mut replaced = self.changed().await?;
            let first = Instant::now();
            let mut last = first;
            while let Ok(more) = timeout_at(Settle::ZONES.over(first, last), self.changed()).await {
                replaced |= more?;
                last = Instant::now();
            }
            // The folders may have changed too.
            let now = self.look().await?;
            if replaced || now != known {
                known = now;
                tracing::info!("the time zone or the rules of time zones were changed");
                // If the loop is gone, the source is about to end.
                let _ = inbox.send(Inbox::ZonesChanged).await;
            }
        }
    }

    /// Watches the folders that exist now, besides those watched already, and returns the current zone.
    /// Waits for files that do not answer.
    async fn look(&mut self) -> io::Result<Zone> {
        loop {
            let (link, rules) = (self.link.clone(), self.rules.clone());
            let watch = self.watch.get_ref().try_clone()?;
            let look = move || watch_all(&watch, &link, &rules).map(|local| (local, Zone::of(&link)));
            let answers = Arc::new(Notify::new());
            let late = Arc::clone(&answers);
            match self.errands.run(&self.link, PATIENCE, look, move |_| late.notify_one()).await {
                Ok(looked) => {
                    let (local, zone) = looked?;
                    self.local = local;
                    return Ok(zone);
                }
                Err(unanswered) => {
                    tracing::warn!("{unanswered}; changes to time zones go unnoticed until then");
                    let _ = tokio::time::timeout(PAUSE, answers.notified()).await;
                }
            }
        }
    }

    /// Waits until the link or the rules change; returns whether the rules have changed.
    async fn changed(&mut self) -> io::Result<bool> {
        let own_name = self.link.file_name().unwrap_or_default().as_bytes();
        loop {
            let mut ready = self.watch.readable().await?;
            let mut room = [MaybeUninit::uninit(); 4_096];
            let mut reader = Reader::new(ready.get_inner(), &mut room);
            let (mut link, mut rules) = (false, false);
            loop {
                match reader.next() {
                    Ok(event) if event.events().contains(ReadFlags::QUEUE_OVERFLOW) => rules = true,
                    Ok(event) if event.wd() == self.local => {
                        link |= event.file_name().is_some_and(|name| name.to_bytes() == own_name);
                    }
                    Ok(_) => rules = true,
                    Err(Errno::AGAIN) => break,
                    Err(error) => return Err(error.into()),
                }
            }
            ready.clear_ready();
            if link || rules {
                return Ok(rules);
            }
        }
    }
}

/// Watches the folders of the link and of the rules; returns the number of the first watch.
fn watch_all(watch: &OwnedFd, link: &Path, rules: &Path) -> io::Result<i32> {
    // The link itself gets replaced, so its folder is watched.
    let local = add(watch, link.parent().unwrap_or(Path::new("/")))?;
    for folder in folders(rules) {
        if let Err(error) = add(watch, &folder) {
            tracing::debug!("{}: {error}; changes to its time zones are noticed later", folder.display());
        }
    }
    Ok(local)
}

fn add(watch: &OwnedFd, folder: &Path) -> io::Result<i32> {
    let what = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE | WatchFlags::CLOSE_WRITE;
    Ok(inotify::add_watch(watch, folder, what | WatchFlags::ONLYDIR)?)
}

/// Returns the folder and those below it, at most [`FOLDERS`].
fn folders(top: &Path) -> Vec<PathBuf> {
    let mut found = vec![top.to_owned()];
    let mut at = 0;
    while let Some(folder) = found.get(at).cloned() {
        at += 1;
        let below = fs::read_dir(&folder).into_iter().flatten().flatten();
        let below = below.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let room = FOLDERS.saturating_sub(found.len());
        found.extend(below.map(|entry| entry.path()).take(room));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Runs `story` on a link and a folder of rules while they are watched.
    async fn while_followed(story: impl AsyncFnOnce(&Path, &mut mpsc::Receiver<Inbox>)) {
        let folder = tempfile::tempdir().unwrap();
        let (link, rules) = (folder.path().join("localtime"), folder.path().join("rules"));
        fs::create_dir_all(rules.join("Europe")).unwrap();
        fs::write(rules.join("Europe/Berlin"), "old").unwrap();
        symlink(rules.join("UTC"), &link).unwrap();
        let (inbox, mut heard) = mpsc::channel(8);
        let mut files = Files::new(link, rules, Errands::default()).unwrap();
        let zone = files.look().await.unwrap();
        tokio::select! {
            Err(error) = files.follow(zone, &inbox) => panic!("{error}"),
            () = story(folder.path(), &mut heard) => {}
        }
    }

    #[tokio::test]
    async fn a_link_that_is_replaced_is_another_zone() {
        while_followed(async |folder, heard| {
            symlink(folder.join("rules/Europe/Berlin"), folder.join("new")).unwrap();
            fs::rename(folder.join("new"), folder.join("localtime")).unwrap();
            heard.recv().await.unwrap();
        })
        .await;
    }

    #[tokio::test]
    async fn rules_that_are_replaced_are_a_change_wherever_they_lie() {
        while_followed(async |folder, heard| {
            fs::write(folder.join("rules/.new"), "new").unwrap();
            fs::rename(folder.join("rules/.new"), folder.join("rules/Europe/Berlin")).unwrap();
            heard.recv().await.unwrap();
            fs::create_dir(folder.join("rules/Asia")).unwrap();
            heard.recv().await.unwrap();
            fs::write(folder.join("rules/Asia/Tokyo"), "in a folder that is new").unwrap();
            heard.recv().await.unwrap();
        })
        .await;
    }

    #[tokio::test]
    async fn other_files_and_the_same_zone_again_are_none() {
        while_followed(async |folder, heard| {
            fs::write(folder.join("hosts"), "").unwrap();
            symlink(folder.join("rules/UTC"), folder.join("new")).unwrap();
            fs::rename(folder.join("new"), folder.join("localtime")).unwrap();
            fs::remove_file(folder.join("localtime")).unwrap();
            heard.recv().await.unwrap();
            assert!(heard.try_recv().is_err(), "only its removal was a change");
        })
        .await;
    }
}
