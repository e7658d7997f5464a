//! The laws about servers that end: what happens to processes that they leave, and which of their runs wait
//! again.

use oncue_core::{Effect, Effects, Exit, Firing, InstanceId, Record};

use super::book::Book;

impl Book {
    /// Processes that a server leaves are killed if it failed or had a run, and otherwise left alone.
    pub(crate) fn remains_are_ended(&mut self, effects: &Effects) {
        let Some((id, exit)) = self.exited.take() else {
            return;
        };
        let mut killed =
            effects.at_once.iter().filter(|e| matches!(e, Effect::Kill { server } if *server == id));
        let with_run = effects.records.iter().any(|record| match record {
            Record::Ended(_) => true,
            // In a shortage, its run waits again.
            Record::Held { firing: Some(Firing { begun, .. }), .. } => begun.is_some(),
            _ => false,
        });
        assert_eq!(killed.next().is_some(), exit != Exit::Code(0) || with_run, "what {id:?} left behind");
        assert!(killed.next().is_none(), "once is enough");
    }

    /// Notes that a run waits again because of a shortage, as if it had not begun.
    pub(crate) fn waits_again(&mut self, run: InstanceId) {
        if let Some(begun) = self.runs.remove(&run) {
            assert!(begun.server.is_none() && begun.told.is_none(), "only what no server has waits again");
            self.reborn.insert(run);
            self.again.push(begun.began);
        }
    }
}
