//! Which run waits for a server, or was passed to it.

use std::collections::{HashMap, HashSet};

use oncue_core::{InstanceId, ServerId};

use super::last_lines::Mark;
use crate::output::Run;

/// The runs that have a server.
#[derive(Debug, Default)]
pub(super) struct Runs {
    all: HashMap<InstanceId, Of>,
}

/// A run that has a server.
#[derive(Debug)]
struct Of {
    server: ServerId,
    run: Run,
    /// The beginning of its part of the server's standard error, once the run was passed to the server.
    begins: Option<Mark>,
}

impl Runs {
    /// Records that a run waits for a server, instead of another one.
    pub(super) fn wait(&mut self, server: ServerId, run: Run) {
        self.all.insert(run.instance, Of { server, run, begins: None });
    }

    /// Records that a run was passed to a server.
    pub(super) fn pass(&mut self, server: ServerId, run: Run, begins: Mark) {
        self.all.insert(run.instance, Of { server, run, begins: Some(begins) });
    }

    /// Forgets a run, and returns its server.
    pub(super) fn remove(&mut self, instance: InstanceId) -> Option<ServerId> {
        self.all.remove(&instance).map(|of| of.server)
    }

    /// Returns the server of a run.
    pub(super) fn server_of(&self, instance: InstanceId) -> Option<ServerId> {
        self.all.get(&instance).map(|of| of.server)
    }

    /// Returns the runs of a server, which include those that wait for it.
    pub(super) fn of(&self, server: ServerId) -> impl Iterator<Item = Run> {
        self.all.values().filter(move |of| of.server == server).map(|of| of.run.clone())
    }

    /// Returns the runs that were passed to a server, and where their parts of its standard error begin.
    pub(super) fn passed_to(&self, server: ServerId) -> impl Iterator<Item = (InstanceId, Mark)> {
        let of_server = self.all.iter().filter(move |(_, of)| of.server == server);
        of_server.filter_map(|(instance, of)| Some((*instance, of.begins?)))
    }

    /// Returns the servers to which runs were passed.
    pub(super) fn busy(&self) -> HashSet<ServerId> {
        self.all.values().filter(|of| of.begins.is_some()).map(|of| of.server).collect()
    }
}
