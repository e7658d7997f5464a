//! Looking for packages in folders that may never answer: as errands, whose news reach the loop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use oncue_core::{Consent, FamilyName, RequestId};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::executable::ExecutableError;
use super::load::{Candidate, Loaded, PackageProblem, load};
use super::{Locations, MANIFEST, place, shared};
use crate::errand::{Errands, Unanswered};
use crate::event_loop::Inbox;
use crate::front::PeerId;
use crate::launch::Blame;

/// How long a folder that somebody asks for may take to be read.
const READ: Duration = Duration::from_secs(5);

/// How long a folder may take where nobody asked for it, but a caller may belong to it.
const LOOK: Duration = Duration::from_secs(1);

/// How many folders are read at a time.
const AT_ONCE: usize = 8;

/// What looking at folders has brought.
#[derive(Debug)]
pub(crate) enum News {
    /// The folder of a known package was read.
    Read { family: FamilyName, location: PathBuf, result: Result<Loaded, Trouble> },
    /// The folder that a client offers was read.
    Offered { request: RequestId, consent: Consent, result: Result<Candidate, Trouble> },
    /// A package was found below `XDG_DATA_DIRS`, or beside the program of that connection.
    Found { beside: Option<PeerId>, result: Result<Candidate, Trouble> },
    /// What the system had installed in a folder is there no more.
    Gone { family: FamilyName, location: PathBuf },
    /// Everything below `XDG_DATA_DIRS` has been looked at.
    LookedForShared,
    /// Everything that a connection's program may belong to has been looked at.
    LookedFor(PeerId),
}

/// Why a folder gave no package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Package(#[from] PackageProblem),
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
}

impl Trouble {
    /// Returns who is to blame.
    pub(crate) fn blame(&self) -> Blame {
        match self {
            Self::Package(PackageProblem::Unreadable { source, .. })
            | Self::Package(PackageProblem::Executable {
                problem: ExecutableError::Unreadable { source, .. },
            }) => Blame::of(source),
            Self::Package(_) => Blame::Program,
            Self::Unanswered(unanswered) => unanswered.into(),
        }
    }

    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::Package(problem) => problem.way_out(),
            Self::Unanswered(unanswered) => unanswered.way_out().into(),
        }
    }
}

/// Sends the errands, and knows who waits for the look that is under way.
#[derive(Debug)]
pub(crate) struct Finder {
    ways: Ways,
    /// Who waits for the look for what the system has installed, if one is under way.
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

    /// Reads the folder that a client offers; an answer that comes late is nobody's any more.
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

    /// Looks for what the system has installed and removed since; what is returned ends with that.
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

    /// Lets those go on who wait for the look that is over.
    pub(crate) fn looked_for_shared(&mut self) {
        self.waiting = None;
    }

    /// Looks for a package beside the program of a connection, which is let speak after that, and
    /// after the look for what the system has installed.
    pub(crate) fn look_beside(
        &self,
        id: PeerId,
        executable: &Path,
        known: Arc<Locations>,
        shared: oneshot::Receiver<()>,
    ) {
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

    /// Looks whether a package that the system had installed is there no more.
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

    /// Looks for a package in a folder, and else for the manifest of one program there. That there is none
    /// is no news.
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

    /// Reads a folder, and tells of it even if that comes late.
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
        // When the loop is gone, nobody needs to know.
        let _ = self.inbox.send(Inbox::Package(Box::new(news))).await;
    }
}
