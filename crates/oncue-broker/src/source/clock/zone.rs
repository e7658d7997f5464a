//! The machine's time zone, as `/etc/localtime` links to it.

use std::convert::Infallible;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use tokio::sync::mpsc;

use super::tell;
use crate::descriptor;
use crate::event_loop::Inbox;

const LOCAL_TIME: &str = "/etc/localtime";

/// Tells whenever the link leads elsewhere.
pub(super) async fn follow(inbox: &mpsc::Sender<Inbox>) -> io::Result<Infallible> {
    follow_link(Path::new(LOCAL_TIME), inbox).await
}

async fn follow_link(link: &Path, inbox: &mpsc::Sender<Inbox>) -> io::Result<Infallible> {
    // The link itself is replaced, so it is its folder that tells.
    let folder = link.parent().unwrap_or(Path::new("/"));
    let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    let what = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE | WatchFlags::CLOSE_WRITE;
    inotify::add_watch(&watch, folder, what | WatchFlags::ONLYDIR)?;
    let watch = descriptor::readable(watch)?;
    let mut known = Zone::of(link);
    loop {
        let mut ready = watch.readable().await?;
        let drained = ready.try_io(|watch| {
            let mut room = [MaybeUninit::uninit(); 4_096];
            Reader::new(watch.get_ref(), &mut room).next().map(drop).map_err(io::Error::from)
        });
        match drained {
            Ok(Ok(())) => {
                let now = Zone::of(link);
                if now != known {
                    known = now;
                    tell(inbox, true).await;
                }
            }
            Ok(Err(error)) => return Err(error),
            Err(_would_block) => {}
        }
    }
}

/// What tells one zone from another.
#[derive(Debug, PartialEq, Eq)]
struct Zone {
    /// Where the link leads; nothing if it is a file, or not there.
    target: Option<PathBuf>,
    /// The file's inode and its time of change; nothing if there is none.
    file: Option<(u64, i64)>,
}

impl Zone {
    fn of(link: &Path) -> Self {
        let file = fs::metadata(link).ok().map(|file| (file.ino(), file.mtime()));
        Self { target: fs::read_link(link).ok(), file }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Lets `story` happen to a link while it is followed.
    async fn while_followed(story: impl AsyncFnOnce(&Path, &mut mpsc::Receiver<Inbox>)) {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("localtime");
        symlink("/usr/share/zoneinfo/UTC", &link).unwrap();
        let (inbox, mut heard) = mpsc::channel(8);
        let following = follow_link(&link, &inbox);
        tokio::select! {
            // The link is known before anything happens to it.
            biased;
            Err(error) = following => panic!("{error}"),
            () = story(folder.path(), &mut heard) => {}
        }
    }

    #[tokio::test]
    async fn a_link_that_is_replaced_is_another_zone() {
        while_followed(async |folder, heard| {
            symlink("/usr/share/zoneinfo/Europe/Berlin", folder.join("new")).unwrap();
            fs::rename(folder.join("new"), folder.join("localtime")).unwrap();
            heard.recv().await.unwrap();
        })
        .await;
    }

    #[tokio::test]
    async fn other_files_and_the_same_zone_again_are_none() {
        while_followed(async |folder, heard| {
            fs::write(folder.join("hosts"), "").unwrap();
            symlink("/usr/share/zoneinfo/UTC", folder.join("new")).unwrap();
            fs::rename(folder.join("new"), folder.join("localtime")).unwrap();
            fs::remove_file(folder.join("localtime")).unwrap();
            heard.recv().await.unwrap();
            assert!(heard.try_recv().is_err(), "only its removal was a change");
        })
        .await;
    }
}
