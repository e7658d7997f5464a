//! Looks for packages in folders that may never answer. Errands do the work, and report [`News`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use oncue_core::{Consent, FamilyName, RequestId};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::load::{Candidate, PackageProblem, load};
use super::news::{News, Trouble};
use super::{Locations, MANIFEST, place, shared};
use crate::errand::Errands;
use crate::front::PeerId;
use crate::inbox::Inbox;

/// How long reading a requested folder may take.
const READ: Duration = Duration::from_secs(5);

/// How long reading a folder may take that nobody requested, but that may contain a caller's package.
const LOOK: Duration = Duration::from_secs(1);

/// How many folders are read at a time.
const AT_ONCE: usize = 8;

/// Sends the errands, and knows who waits for the current search.
#[derive(Debug)]
pub(crate) struct Finder {
    ways: Ways,
    /// Who waits for the search for installed packages, while there is one.
    waiting: Option<Vec<oneshot::Sender<()>>>,
}

/// What an errand needs.
#[derive(Clone, Debug)]
struct Ways {
    errands: Errands,
    inbox: mpsc::Sender<Inbox>,
    room: Arc<Semaphore>,
}

impl Finder {
    pub(crate) fn new(errands: Errands, inbox: mpsc::Sender<Inbox>) -> Self {
        Self { ways: Ways { errands, inbox, room: Arc::new(Semaphore::new(AT_ONCE)) }, waiting: None }
    }

    /// Reads the folder of a known package.
    pub(crate) fn read(&self, family: FamilyName, location: PathBuf) {
        let ways = self.ways.clone();
        tokio::spawn(async move {
            let folder = location.clone();
            let news =
                move |result| News::Read { family: family.clone(), location: location.clone(), result };
            ways.bring(&folder, READ, load, news).await;
        });
    }

    /// Reads the folder that a client wants to add. A late result is dropped, because the client has been
    /// refused by then.
    pub(crate) fn offered(
        &self,
        request: RequestId,
        folder: PathBuf,
        consent: Consent,
        known: Arc<Locations>,
    ) {
        let ways = self.ways.clone();
        tokio::spawn(async move {
            let path = folder.clone();
            let result = ways.errands.ask(&folder, READ, move || Candidate::read(&path, &known)).await;
            let result = result.map_err(Trouble::from).and_then(|read| read.map_err(Trouble::from));
            ways.tell(News::Offered { request, consent, result }).await;
        });
    }

    /// Looks for packages that the system has installed or removed; the receiver completes afterwards.
    pub(crate) fn look_for_shared(&mut self, known: Arc<Locations>) -> oneshot::Receiver<()> {
        let (sender, over) = oneshot::channel();
        if let Some(waiting) = &mut self.waiting {
            waiting.push(sender);
            return over;
        }
        self.waiting = Some(vec![sender]);
        let ways = self.ways.clone();
        tokio::spawn(async move {
            let places = shared::places();
            join_all(places.iter().map(|place| ways.look_through(place, &known))).await;
            join_all(known.iter().map(|(family, location)| ways.look_after(family, location))).await;
            ways.tell(News::LookedForShared).await;
        });
        over
    }

    /// Wakes those who wait for the search, which has ended.
    pub(crate) fn looked_for_shared(&mut self) {
        self.waiting = None;
    }

    /// Looks for installed packages, and reports afterwards that a client waits for the list.
    pub(crate) fn list(&mut self, request: RequestId, known: Arc<Locations>) {
        let over = self.look_for_shared(known);
        let ways = self.ways.clone();
        tokio::spawn(async move {
            let _ = over.await;
            ways.tell(News::Listed(request)).await;
        });
    }

    /// Looks for a package beside the program of a connection, and for installed packages. The connection
    /// may send calls after that.
    pub(crate) fn look_beside(&mut self, id: PeerId, executable: &Path, known: Arc<Locations>) {
        let shared = self.look_for_shared(known.clone());
        let ways = self.ways.clone();
        let executable = executable.to_owned();
        tokio::spawn(async move {
            if let Some(folder) = executable.parent() {
                let of_program = place::of_program(&executable);
                ways.look_at(folder, of_program, known, Some(id)).await;
            }
            let _ = shared.await;
            ways.tell(News::LookedFor(id)).await;
        });
    }
}

impl Ways {
    async fn look_through(&self, place: &Path, known: &Arc<Locations>) {
        let folder = place.to_owned();
        match self.errands.ask(place, LOOK, move || shared::list(&folder)).await {
            Ok(folders) => {
                join_all(folders.iter().map(|folder| self.look_at(folder, None, known.clone(), None))).await;
            }
            Err(unanswered) => tracing::warn!("{unanswered}; packages installed there are not added"),
        }
    }

    /// Checks whether a package that the system had installed has been removed.
    async fn look_after(&self, family: &FamilyName, location: &Path) {
        if !shared::was_shared(location) {
            return;
        }
        let folder = location.to_owned();
        let gone = self.errands.ask(location, LOOK, move || shared::is_gone(&folder)).await;
        if matches!(gone, Ok(true)) {
            self.tell(News::Gone { family: family.clone(), location: location.to_owned() }).await;
        }
    }

    /// Looks for a package in a folder, or else for the manifest of one program there. Nothing is reported if
    /// there is neither.
    async fn look_at(
        &self,
        folder: &Path,
        of_program: Option<PathBuf>,
        known: Arc<Locations>,
        beside: Option<PeerId>,
    ) {
        let path = folder.to_owned();
        let look = move || {
            let found = Candidate::look(&path.join(MANIFEST), &known);
            found.or_else(|| Candidate::look(&of_program?, &known))
        };
        let inbox = self.inbox.clone();
        let late = move |found: Option<Result<Candidate, PackageProblem>>| {
            if let Some(result) = found {
                let result = result.map_err(Trouble::from);
                let _ = inbox.blocking_send(Inbox::Package(Box::new(News::Found { beside: None, result })));
            }
        };
        let _room = self.room.acquire().await;
        let result = match self.errands.run(folder, LOOK, look, late).await {
            Ok(None) => return,
            Ok(Some(result)) => result.map_err(Trouble::from),
            Err(unanswered) => Err(unanswered.into()),
        };
        self.tell(News::Found { beside, result }).await;
    }

    /// Reads a folder, and reports the result even if it is late.
    async fn bring<T: Send + 'static>(
        &self,
        folder: &Path,
        patience: Duration,
        read: impl FnOnce(&Path) -> Result<T, PackageProblem> + Send + 'static,
        news: impl Fn(Result<T, Trouble>) -> News + Clone + Send + 'static,
    ) {
        let (path, inbox, late_news) = (folder.to_owned(), self.inbox.clone(), news.clone());
        let late = move |read: Result<T, PackageProblem>| {
            let _ = inbox.blocking_send(Inbox::Package(Box::new(late_news(read.map_err(Trouble::from)))));
        };
        let _room = self.room.acquire().await;
        let result = match self.errands.run(folder, patience, move || read(&path), late).await {
            Ok(read) => read.map_err(Trouble::from),
            Err(unanswered) => Err(unanswered.into()),
        };
        self.tell(news(result)).await;
    }

    async fn tell(&self, news: News) {
        // If the loop is gone, nobody needs to know.
        let _ = self.inbox.send(Inbox::Package(Box::new(news))).await;
    }
}
