//! Packages come and go: what the finder reports is offered to the core, and their files follow what the core
//! decides.

use std::path::PathBuf;

use oncue_core::{Consent, Effect, Event, FamilyName, Request, RequestId};
use oncue_wire::{Code, PackageInfo, Refused};

use super::Loop;
use crate::front::Known;
use crate::hosts::ToStart;
use crate::launch::Blame;
use crate::package::{Candidate, Loaded, News, Trouble};

impl Loop {
    pub(super) fn package_news(&mut self, news: News) {
        match news {
            News::Read { family, location, result } => self.package_read(family, location, result),
            News::Offered { request, consent, result } => self.package_offered(request, consent, result),
            News::Found { beside, result } => {
                let refused = self.package_found(result);
                if let Some(id) = beside {
                    self.front.package_refused(id, refused);
                }
            }
            News::Gone { family, location } => self.package_gone(&family, location),
            News::LookedForShared => self.hosts.looked_for_shared(),
            News::Listed(request) => self.answer_packages(request),
            News::LookedFor(id) => self.front.let_speak(id),
        }
    }

    /// The folder of a known package was read, at the start or after trouble.
    fn package_read(&mut self, family: FamilyName, location: PathBuf, result: Result<Loaded, Trouble>) {
        if self.hosts.packages().get(&family).is_none_or(|files| files.location != location) {
            return;
        }
        let (blame, why) = match result {
            Ok(loaded) if loaded.package.family != family => {
                (Blame::Program, format!("the folder now holds package {}", loaded.package.family))
            }
            Ok(loaded) if self.core.package(&family) == Some(&loaded.package) => {
                let waiting = self.hosts.replace(family.clone(), loaded.files);
                self.front.forget_callers();
                return self.launch_all(waiting, &family);
            }
            Ok(loaded) => {
                let request = self.front.number();
                let found = Candidate { loaded, vacated: None };
                match self.add(request, found, Consent::Found) {
                    Ok(()) => return,
                    Err(refused) => (Blame::Program, refused.message),
                }
            }
            Err(trouble) => (trouble.blame(), trouble.to_string()),
        };
        for event in self.hosts.cannot_start(&family, blame, &why) {
            self.handle(event);
        }
    }

    /// The folder of a package that a client wants to add was read.
    fn package_offered(&mut self, request: RequestId, consent: Consent, read: Result<Candidate, Trouble>) {
        // Nothing is done for a client that has gone in the meantime.
        if !self.front.awaits(request) {
            return;
        }
        match read {
            // The core answers, and the client is told why not.
            Ok(offered) => drop(self.add(request, offered, consent)),
            Err(trouble) => self.front.refuse(request, &refused(&trouble)),
        }
    }

    /// Adds a package that was found without a request; returns why it is not added, if so.
    fn package_found(&mut self, result: Result<Candidate, Trouble>) -> Option<Refused> {
        let refused = match result {
            Ok(found) if self.is_up_to_date(&found) => return None,
            Ok(found) => {
                let request = self.front.number();
                self.add(request, found, Consent::Found).err()?
            }
            Err(trouble) => refused(&trouble),
        };
        self.hosts.warn_of_package(&refused.message);
        Some(refused)
    }

    fn is_up_to_date(&self, found: &Candidate) -> bool {
        let package = &found.loaded.package;
        self.core.package(&package.family) == Some(package)
            && self.hosts.packages().is_usable(&package.family)
    }

    /// Removes a package that the system has removed, unless it still works: a package manager may be about
    /// to put it back.
    fn package_gone(&mut self, family: &FamilyName, location: PathBuf) {
        let packages = self.hosts.packages();
        if packages.is_usable(family) || packages.get(family).is_none_or(|files| files.location != location) {
            return;
        }
        tracing::info!("package {family} is no longer installed; its tasks are removed");
        let request = self.front.number();
        self.handle(Event::Asked { request, what: Request::RemovePackage(family.clone()) });
        self.let_go(family);
    }

    /// Asks the core to add or update a package. Its files replace the old ones before any effect is
    /// performed, because a task server that the core starts due to the update must be the new program.
    fn add(&mut self, request: RequestId, found: Candidate, consent: Consent) -> Result<(), Refused> {
        let Candidate { loaded: Loaded { package, files, .. }, vacated } = found;
        let family = package.family.clone();
        let same = self.core.package(&family) == Some(&package);
        let offered = Box::new(package.clone());
        let effects = self.decide(Event::Asked {
            request,
            what: Request::AddPackage { package: offered, consent, vacated },
        });
        let mut waiting = ToStart::new();
        if self.core.package(&family) == Some(&package) {
            waiting = self.hosts.replace(family.clone(), files);
            self.front.forget_callers();
        }
        let refused = effects.after.iter().find_map(|effect| {
            let Effect::Reply { answer: Err(refusal), .. } = effect else { return None };
            Some(Refused::from(refusal.clone()))
        });
        self.keep(effects);
        if same {
            self.launch_all(waiting, &family);
        } else {
            self.launches_failed(waiting, "its package was updated");
        }
        refused.map_or(Ok(()), Err)
    }

    /// Forgets the files of a package that the core has forgotten.
    pub(super) fn let_go(&mut self, family: &FamilyName) {
        if self.core.package(family).is_none() {
            let waiting = self.hosts.remove(family);
            self.launches_failed(waiting, "its package was removed");
            self.front.forget_callers();
        }
    }

    fn launch_all(&mut self, waiting: ToStart, family: &FamilyName) {
        for (server, exe) in waiting {
            self.launch(server, family, exe);
        }
    }

    fn launches_failed(&mut self, waiting: ToStart, why: &str) {
        for (server, _) in waiting {
            self.handle(Event::LaunchFailed { server, why: why.to_owned() });
        }
    }

    /// Answers with the packages that the caller may see.
    fn answer_packages(&mut self, request: RequestId) {
        let (core, packages, place) = (&self.core, self.hosts.packages(), &self.place);
        self.front.answer_at_length(request, Known { core, packages }, |caller| {
            let seen = core.packages().filter(|package| caller.may_steer(&package.family));
            let shown: Vec<PackageInfo> = seen.map(|package| packages.info(package, core, place)).collect();
            move || shown
        });
    }
}

fn refused(trouble: &Trouble) -> Refused {
    Refused::new(Code::BadPackage, trouble.to_string(), trouble.way_out())
}
