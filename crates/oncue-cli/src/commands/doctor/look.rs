//! Collects information: folders, the configuration, the broker, and its packages.

use std::error::Error;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use oncue::tools::{Broker, BrokerInfo, FactInfo, PackageInfo, Watched};
use oncue_broker::Config;
use oncue_wire::Place;

use super::bus;
use super::finding::{self, Finding};
use super::folders;
use super::log_in::{self, LogIn};
use super::patience;
use super::store;
use crate::render::report::whole;
use crate::render::time::Clock;
use crate::zone;

/// The collected information.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) broker: Option<BrokerInfo>,
    /// Whether `doctor` started the broker.
    pub(super) started: bool,
    pub(super) runtime: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) config: PathBuf,
    pub(super) has_config: bool,
    /// The log of brokers that were started by programs.
    pub(super) log: PathBuf,
    pub(super) has_log: bool,
    pub(super) packages: Vec<PackageInfo>,
    pub(super) facts: Vec<FactInfo>,
    pub(super) log_in: LogIn,
    pub(super) problems: Vec<Finding>,
}

/// Collects the information. A step that fails becomes a finding, and the others continue.
pub(super) fn around(clock: &Clock) -> Look {
    let mut look = Look { log_in: log_in::look(), ..Look::default() };
    if let Err(unknown) = zone::check() {
        look.finds(&unknown, unknown.way_out());
    }
    let place = match Place::find() {
        Ok(place) => place,
        Err(error) => {
            look.finds(&error, error.way_out());
            return look;
        }
    };
    look.runtime.clone_from(&place.runtime);
    look.socket = place.socket();
    look.config = place.config.join("config.toml");
    look.log = place.state.join("broker.log");
    look.at_runtime_folder(&place.runtime);
    look.at_configuration(&place.config);
    look.has_log = look.ask(&place.state, Path::exists, "broker.log").unwrap_or(false);
    if let Err(error) = look.at_broker(clock) {
        let way_out = error.way_out().unwrap_or("see the broker's log").to_owned();
        look.finds(&error, &way_out);
    }
    look
}

impl Look {
    fn finds(&mut self, error: &dyn Error, way_out: &str) {
        self.found(whole(error), way_out);
    }

    fn found(&mut self, what: String, way_out: &str) {
        self.problems.push(Finding { what, way_out: way_out.to_owned() });
    }

    /// Reads a file in a folder; if it does not answer, that is a finding.
    fn ask<T: Send + 'static>(
        &mut self,
        folder: &Path,
        look: impl FnOnce(&Path) -> T + Send + 'static,
        file: &str,
    ) -> Option<T> {
        let path = folder.join(file);
        patience::look(folder, move || look(&path)).map_err(|finding| self.problems.push(finding)).ok()
    }

    fn at_configuration(&mut self, folder: &Path) {
        let read = |folder: &Path| (folder.join("config.toml").exists(), Config::read(folder).err());
        let Some((exists, wrong)) = self.ask(folder, read, "") else { return };
        self.has_config = exists;
        if let Some(error) = wrong {
            self.finds(&error, error.way_out());
        }
    }

    /// The broker creates the folder when it starts. A folder that others can write to is not safe.
    fn at_runtime_folder(&mut self, folder: &Path) {
        let Some(Ok(known)) = self.ask(folder, |path| fs::metadata(path), "") else { return };
        let (owner, us) = (known.uid(), rustix::process::getuid().as_raw());
        if owner != us {
            let what = format!("{} belongs to user {owner}, and you are user {us}", folder.display());
            self.found(what, "remove it, or set XDG_RUNTIME_DIR to the folder that a log-in creates");
        } else if known.mode() & 0o022 != 0 {
            let what = format!("others can write to {} (mode {:o})", folder.display(), known.mode() & 0o777);
            self.found(what, &format!("chmod 700 {}", folder.display()));
        }
    }

    fn at_broker(&mut self, clock: &Clock) -> Result<(), oncue::Error> {
        let broker = match Broker::connect_running() {
            Err(error) if error.is_unreachable() => {
                self.started = true;
                Broker::connect()?
            }
            broker => broker?,
        };
        let about = broker.about()?;
        self.at_version(&about);
        if !about.store_problem.is_empty() {
            let what = format!("the store cannot be written: {}", about.store_problem);
            self.found(what, "check the disk's space and the folder's permissions; oncue retries by itself");
        }
        let store = PathBuf::from(&about.store);
        match patience::look(&store.clone(), move || store::look_at(&store)) {
            Ok(findings) => self.problems.extend(findings),
            Err(finding) => self.problems.push(finding),
        }
        self.problems.extend(bus::finding(about.pid));
        self.broker = Some(about);
        self.facts = broker.facts()?;
        self.packages = broker.packages()?;
        self.packages.sort_by(|a, b| a.family_name.cmp(&b.family_name));
        self.problems.extend(folders::look_into(&self.packages));
        self.problems.extend(finding::of_facts(&self.facts));
        let tasks = broker.tasks(Watched::All)?;
        self.problems.extend(finding::of_tasks(&tasks, clock));
        self.problems.extend(self.log_in.finding(tasks.len()));
        Ok(())
    }

    fn at_version(&mut self, about: &BrokerInfo) {
        let ours = env!("CARGO_PKG_VERSION");
        if about.version != ours {
            let what = format!("the broker is version {}, but this program is version {ours}", about.version);
            self.found(
                what,
                "stop the broker with `oncue daemon --stop`; the next one will be of this version",
            );
        }
    }
}
