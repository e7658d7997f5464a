//! Packages come and go: added by the user, installed by the system, or beside an app that calls.

use std::path::Path;

use oncue_core::{Downgrade, Event, FamilyName, Package, Request};
use oncue_wire::hear::body;
use oncue_wire::interface::Method;
use oncue_wire::{Caller, Code, Identity, PackageInfo, Refused, ServerInfo};
use zbus::Message;

use super::PeerId;
use super::hear::Heard;
use crate::event_loop::Loop;
use crate::package::{self, Files, Loaded, PackageProblem, is_shared};

impl Loop {
    pub(super) fn hear_of_package(
        &mut self,
        id: PeerId,
        method: Method,
        message: &Message,
    ) -> Result<Heard, Refused> {
        let caller = self.caller(id);
        if method == Method::RemovePackage {
            let family = FamilyName::new(&body::<String>(message)?);
            if !caller.may_steer(&family) {
                caller.must_be_tool("remove other packages")?;
            }
            let heard = self.ask(id, message, Request::RemovePackage(family.clone()));
            self.packages.remove(&family);
            self.forget_callers();
            return Ok(heard);
        }
        caller.must_be_tool("add packages")?;
        let (folder, allow): (String, bool) = body(message)?;
        let loaded = package::load(Path::new(&folder)).map_err(|problem| refused(&problem))?;
        let package = Box::new(loaded.package.clone());
        let downgrade = if allow { Downgrade::Allow } else { Downgrade::Refuse };
        let heard = self.ask(id, message, Request::AddPackage { package, downgrade });
        self.take_files(loaded);
        Ok(heard)
    }

    /// The files of a package count from now on, if the core has taken it.
    fn take_files(&mut self, loaded: Loaded) {
        let Loaded { package, files, .. } = loaded;
        if self.core.package(&package.family) == Some(&package) {
            self.packages.insert(package.family, files);
            self.forget_callers();
        }
    }

    /// Who was nobody may be somebody now, and the other way round.
    fn forget_callers(&mut self) {
        self.peers.values_mut().for_each(|peer| peer.caller = None);
    }

    /// Finds the package that a connection's process belongs to: a server's is known by its token,
    /// others go by their executable.
    pub(super) fn identify(&mut self, id: PeerId) -> Caller {
        let Some(peer) = self.peers.get(&id) else {
            return Caller::Tool { executable: "a process that is gone".into() };
        };
        if let Some(family) = peer.server.and_then(|server| self.core.package_of_server(server)) {
            return Caller::App(family.clone());
        }
        let executable = match peer.process.executable() {
            Ok(executable) => executable,
            Err(error) => return Caller::Tool { executable: format!("a process that is gone ({error})") },
        };
        if let Some(family) = self.packages.of_executable(&executable) {
            return Caller::App(family.clone());
        }
        self.look_for_shared();
        if self.packages.of_executable(&executable).is_none() {
            self.look_beside(&executable);
        }
        match self.packages.of_executable(&executable) {
            Some(family) => Caller::App(family.clone()),
            None => Caller::Tool { executable: executable.display().to_string() },
        }
    }

    /// Takes up what the system has installed since, and lets go what it has removed.
    pub(crate) fn look_for_shared(&mut self) {
        let gone: Vec<FamilyName> = (self.core.packages())
            .filter(|package| self.packages.get(&package.family).is_some_and(|files| files.problem.is_some()))
            .filter(|package| was_shared(Path::new(&package.location)))
            .map(|package| package.family.clone())
            .collect();
        for family in gone {
            tracing::info!("package {family} is no longer installed; its tasks end");
            self.packages.remove(&family);
            self.tell_core(Request::RemovePackage(family));
        }
        for folder in package::shared_folders() {
            self.take_folder(&folder);
        }
    }

    /// An app that was never added may bring its manifest beside its executable.
    fn look_beside(&mut self, executable: &Path) {
        let Some(folder) = executable.parent().filter(|folder| folder.join("AppxManifest.xml").is_file())
        else {
            return;
        };
        self.take_folder(folder);
    }

    fn take_folder(&mut self, folder: &Path) {
        match package::load(folder) {
            Ok(loaded) if self.core.package(&loaded.package.family) == Some(&loaded.package) => {}
            Ok(loaded) => {
                let package = Box::new(loaded.package.clone());
                self.tell_core(Request::AddPackage { package, downgrade: Downgrade::InPlace });
                self.take_files(loaded);
            }
            Err(problem) => tracing::warn!("{problem}; package not taken up"),
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
            location: package.location.clone(),
            local_folder: self.place.local_folder(family.as_str()).display().to_string(),
            access: self.core.access(family).name().into(),
        })
    }

    pub(super) fn package_infos(&mut self, id: PeerId) -> Vec<PackageInfo> {
        let caller = self.caller(id);
        self.look_for_shared();
        let packages = self.core.packages().filter(|package| caller.may_steer(&package.family));
        packages.map(|package| self.package_info(package)).collect()
    }

    /// Shows one package.
    pub(crate) fn package_info(&self, package: &Package) -> PackageInfo {
        let files = self.packages.get(&package.family);
        let shared = files.is_some_and(|files| is_shared(&files.location));
        PackageInfo {
            family_name: package.family.as_str().into(),
            full_name: package.full_name.clone(),
            display_name: package.display_name.clone(),
            version: package.version.to_string(),
            location: package.location.clone(),
            local_folder: self.place.local_folder(package.family.as_str()).display().to_string(),
            access: self.core.access(&package.family).name().into(),
            origin: if shared { "installed" } else { "added" }.into(),
            servers: files.map(servers).unwrap_or_default(),
            tasks: u32::try_from(self.core.n_tasks_of(&package.family)).unwrap_or(u32::MAX),
            problem: files.and_then(|files| files.problem.clone()).unwrap_or_default(),
        }
    }
}

fn servers(files: &Files) -> Vec<ServerInfo> {
    let shown = files.servers.iter().map(|program| ServerInfo {
        executable: program.executable.display().to_string(),
        arguments: program.arguments.clone(),
        classes: program.classes.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
    });
    shown.collect()
}

fn was_shared(location: &Path) -> bool {
    location.parent().is_some_and(|parent| parent.ends_with("oncue/packages"))
}

fn refused(problem: &PackageProblem) -> Refused {
    Refused::new(Code::BadPackage, problem.to_string(), problem.way_out())
}
