//! Packages come and go: added by the user, installed by the system, or beside an app that calls.

use std::path::{Path, PathBuf};

use oncue_core::{Consent, Effect, Event, FamilyName, Package, Request, RequestId, ServerId};
use oncue_wire::{ClassInfo, Code, Identity, Origin, PackageInfo, Refused, ServerInfo, ask};
use zbus::Message;

use super::hear::Heard;
use super::{PeerId, Question};
use crate::event_loop::{Inbox, Loop};
use crate::launch::{Blame, NotMade};
use crate::package::{Candidate, Files, Loaded, News, Trouble, folder_of};

impl Loop {
    pub(super) fn add_package(&mut self, id: PeerId, message: &Message, call: ask::AddPackage) -> Heard {
        let consent = if call.allow_downgrade { Consent::Insisted } else { Consent::Offered };
        let request = self.question(id, message);
        self.finder.offered(request, PathBuf::from(call.folder), consent, self.packages.locations());
        Heard::Asked(request)
    }

    pub(super) fn remove_package(
        &mut self,
        id: PeerId,
        message: &Message,
        family: &str,
    ) -> Result<Heard, Refused> {
        let family = FamilyName::new(family);
        let caller = self.caller(id);
        if !caller.may_steer(&family) {
            caller.must_be_tool("remove other packages")?;
        }
        let heard = self.ask(id, message, Request::RemovePackage(family.clone()));
        self.let_go(&family);
        Ok(heard)
    }

    /// Takes in what looking at folders has brought.
    pub(crate) fn package_news(&mut self, news: News) {
        match news {
            News::Read { family, location, result } => self.package_read(family, location, result),
            News::Offered { request, consent, result } => self.package_offered(request, consent, result),
            News::Found { beside, result } => {
                let refused = self.package_found(result);
                if let Some(peer) = beside.and_then(|id| self.peers.get_mut(&id)) {
                    peer.refused = refused;
                }
            }
            News::Gone { family, location } => self.package_gone(&family, location),
            News::LookedForShared => self.finder.looked_for_shared(),
            News::LookedFor(id) => self.let_speak(id),
        }
    }

    /// The folder of a known package was read, at the start or after trouble.
    fn package_read(&mut self, family: FamilyName, location: PathBuf, result: Result<Loaded, Trouble>) {
        if self.packages.get(&family).is_none_or(|files| files.location != location) {
            return;
        }
        let (blame, why) = match result {
            Ok(loaded) if loaded.package.family != family => {
                (Blame::Program, format!("the folder now holds package {}", loaded.package.family))
            }
            Ok(loaded) if self.core.package(&family) == Some(&loaded.package) => {
                let waiting = self.packages.remove(&family);
                self.packages.insert(family.clone(), loaded.files);
                self.forget_callers();
                for (server, exe) in waiting {
                    self.launch(server, &family, exe);
                }
                return;
            }
            Ok(loaded) => {
                let request = self.next_request();
                let found = Candidate { loaded, vacated: None };
                match self.add(request, found, Consent::Found) {
                    Ok(()) => return,
                    Err(refused) => (Blame::Program, refused.message),
                }
            }
            Err(trouble) => (trouble.blame(), trouble.to_string()),
        };
        tracing::warn!("package {family}: {why}; its tasks cannot be activated");
        for (server, _) in self.packages.trouble(&family, why.clone()) {
            self.not_made(server, NotMade { blame, why: why.clone() });
        }
    }

    fn package_offered(&mut self, request: RequestId, consent: Consent, read: Result<Candidate, Trouble>) {
        // Nothing is done for a client that has gone meanwhile.
        if !self.questions.contains_key(&request) {
            return;
        }
        match read {
            // The core answers, and the client is told why not.
            Ok(offered) => drop(self.add(request, offered, consent)),
            Err(trouble) => self.refuse(request, &refused(&trouble)),
        }
    }

    /// Takes up a package that nobody offers; returns why not.
    fn package_found(&mut self, result: Result<Candidate, Trouble>) -> Option<Refused> {
        let refused = match result {
            Ok(found) if self.is_up_to_date(&found) => return None,
            Ok(found) => {
                let request = self.next_request();
                self.add(request, found, Consent::Found).err()?
            }
            Err(trouble) => refused(&trouble),
        };
        self.warn_of_package(&refused.message);
        Some(refused)
    }

    fn is_up_to_date(&self, found: &Candidate) -> bool {
        let package = &found.loaded.package;
        let is_usable = |files: &Files| files.problem().is_none();
        self.core.package(&package.family) == Some(package)
            && self.packages.get(&package.family).is_some_and(is_usable)
    }

    /// Says once why a package is not taken up: every caller leads to the same look.
    fn warn_of_package(&mut self, why: &str) {
        const REMEMBERED: usize = 64;
        if self.warned.len() >= REMEMBERED {
            self.warned.clear();
        }
        if self.warned.insert(why.to_owned()) {
            tracing::warn!("{why}; the package was not added");
        }
    }

    /// What the system has removed is let go, but not while it is in use: a package manager may be
    /// about to put it back.
    fn package_gone(&mut self, family: &FamilyName, location: PathBuf) {
        let files = self.packages.get(family);
        if files.is_none_or(|files| files.location != location || files.problem().is_none()) {
            return;
        }
        tracing::info!("package {family} is no longer installed; its tasks are removed");
        self.tell_core(Request::RemovePackage(family.clone()));
        self.let_go(family);
    }

    /// Asks the core to take a package. Its files take the place of the old ones before anything is
    /// done about it: whatever the core starts because of the update is to be the new program.
    fn add(&mut self, request: RequestId, found: Candidate, consent: Consent) -> Result<(), Refused> {
        let Candidate { loaded: Loaded { package, files, .. }, vacated } = found;
        let family = package.family.clone();
        let same = self.core.package(&family) == Some(&package);
        let offered = Box::new(package.clone());
        let effects = self.decide(Event::Asked {
            request,
            what: Request::AddPackage { package: offered, consent, vacated },
        });
        let mut waiting = Vec::new();
        if self.core.package(&family) == Some(&package) {
            waiting = self.packages.remove(&family);
            self.packages.insert(family.clone(), files);
            self.forget_callers();
        }
        let refused = effects.after.iter().find_map(|effect| match effect {
            Effect::Reply { answer: Err(refusal), .. } => Some(Refused::from(refusal.clone())),
            _ => None,
        });
        self.keep(effects);
        if same {
            waiting.into_iter().for_each(|(server, exe)| self.launch(server, &family, exe));
        } else {
            self.launches_failed(waiting, "its package was updated");
        }
        refused.map_or(Ok(()), Err)
    }

    /// Forgets the files of a package that the core has forgotten.
    fn let_go(&mut self, family: &FamilyName) {
        if self.core.package(family).is_none() {
            let waiting = self.packages.remove(family);
            self.launches_failed(waiting, "its package was removed");
            self.forget_callers();
        }
    }

    fn launches_failed(&mut self, waiting: Vec<(ServerId, usize)>, why: &str) {
        for (server, _) in waiting {
            self.handle(Event::LaunchFailed { server, why: why.to_owned() });
        }
    }

    /// Asks the core for something that no client waits for.
    fn tell_core(&mut self, what: Request) {
        let request = self.next_request();
        self.handle(Event::Asked { request, what });
    }

    pub(super) fn identity(&mut self, id: PeerId) -> Result<Identity, Refused> {
        let caller = self.caller(id);
        let family = caller.package()?;
        let package = self.core.package(family).ok_or_else(|| {
            Refused::new(
                Code::UnknownPackage,
                format!("no package {family} is known"),
                "add it: `oncue package add FOLDER`",
            )
        })?;
        Ok(Identity {
            family_name: family.as_str().into(),
            full_name: package.full_name.clone(),
            location: folder_of(Path::new(&package.location)).display().to_string(),
            local_folder: self.place.local_folder(family.as_str()).display().to_string(),
            access: self.core.access(family).into(),
        })
    }

    /// Answers with the packages once it was looked for what the system has installed since.
    pub(super) fn list_packages(&mut self, id: PeerId, message: &Message) -> Heard {
        let over = self.finder.look_for_shared(self.packages.locations());
        let request = self.question(id, message);
        let inbox = self.inbox.clone();
        tokio::spawn(async move {
            let _ = over.await;
            let _ = inbox.send(Inbox::PackagesAsked(request)).await;
        });
        Heard::Asked(request)
    }

    pub(crate) fn answer_packages(&mut self, request: RequestId) {
        let Some(Question { peer, call, charge }) = self.questions.remove(&request) else { return };
        let caller = self.caller(peer);
        let packages = self.core.packages().filter(|package| caller.may_steer(&package.family));
        let packages: Vec<PackageInfo> = packages.map(|package| self.package_info(package)).collect();
        self.scribe.write((peer, call, charge), move || packages);
    }

    /// Shows one package.
    pub(crate) fn package_info(&self, package: &Package) -> PackageInfo {
        let files = self.packages.get(&package.family);
        let shared = files.is_some_and(|files| files.shared);
        PackageInfo {
            family_name: package.family.as_str().into(),
            full_name: package.full_name.clone(),
            display_name: package.display_name.clone(),
            version: package.version.to_string(),
            location: package.location.clone(),
            local_folder: self.place.local_folder(package.family.as_str()).display().to_string(),
            access: self.core.access(&package.family).into(),
            origin: if shared { Origin::Installed } else { Origin::Added }.into(),
            servers: files.map(servers).unwrap_or_default(),
            tasks: u32::try_from(self.core.n_tasks_of(&package.family)).unwrap_or(u32::MAX),
            problem: files.and_then(Files::problem).unwrap_or_default().into(),
        }
    }
}

fn servers(files: &Files) -> Vec<ServerInfo> {
    let shown = files.servers.iter().map(|program| ServerInfo {
        executable: program.executable.display().to_string(),
        arguments: program.arguments.clone(),
        classes: (program.classes.iter())
            .map(|(id, name)| ClassInfo { class_id: id.to_string(), display_name: name.clone() })
            .collect(),
    });
    shown.collect()
}

fn refused(trouble: &Trouble) -> Refused {
    Refused::new(Code::BadPackage, trouble.to_string(), trouble.way_out())
}
