//! Finds the package of a connection's process, before its calls are handled.

use oncue_wire::Caller;

use super::{Peer, PeerId};
use crate::event_loop::Loop;

impl Loop {
    /// Handles a new connection. Its calls are handled once it has been identified. If its program
    /// does not belong to a known package, or if its package comes with the program, folders are
    /// searched first, which may take time.
    pub(crate) fn connected(&mut self, id: PeerId, peer: Peer) {
        let executable = peer.process.executable();
        self.turns.open(id, peer.process.pid.as_raw_nonzero().get());
        self.peers.insert(id, peer);
        match executable {
            Ok(executable) if self.packages.must_look(&executable) => {
                let shared = self.finder.look_for_shared(self.packages.locations());
                self.finder.look_beside(id, &executable, self.packages.locations(), shared);
            }
            Ok(_) | Err(_) => self.let_speak(id),
        }
    }

    /// Permits a connection to send calls.
    pub(super) fn let_speak(&mut self, id: PeerId) {
        if let Some(speak) = self.peers.get_mut(&id).and_then(|peer| peer.speak.take()) {
            // The connection may already have closed.
            let _ = speak.send(());
        }
    }

    /// Callers without a package may now have one, and vice versa.
    pub(super) fn forget_callers(&mut self) {
        self.peers.values_mut().for_each(|peer| peer.caller = None);
    }

    /// Identifies a caller, once per connection and again when packages have been added or removed.
    pub(super) fn caller(&mut self, id: PeerId) -> Caller {
        let known = self.peers.get(&id).and_then(|peer| peer.caller.clone());
        known.unwrap_or_else(|| {
            let caller = self.identify(id);
            if let Some(peer) = self.peers.get_mut(&id) {
                peer.caller = Some(caller.clone());
            }
            caller
        })
    }

    /// Finds the package of a connection's process: of a server by its token, otherwise by its
    /// executable.
    fn identify(&self, id: PeerId) -> Caller {
        let gone =
            |why: String| Caller::Tool { executable: format!("a process that is gone{why}"), refused: None };
        let Some(peer) = self.peers.get(&id) else { return gone(String::new()) };
        if let Some(family) = peer.server.and_then(|server| self.core.package_of_server(server)) {
            return Caller::App(family.clone());
        }
        let executable = match peer.process.executable() {
            Ok(executable) => executable,
            Err(error) => return gone(format!(" ({error})")),
        };
        match self.packages.of_executable(&executable) {
            Some(family) => Caller::App(family.clone()),
            None => Caller::Tool {
                executable: executable.display().to_string(),
                refused: peer.refused.clone().map(Box::new),
            },
        }
    }
}
