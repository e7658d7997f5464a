//! The processes that belong to a task server: its descendants, wherever they have gone.
//!
//! The broker is the subreaper of its descendants (prctl(2), `PR_SET_CHILD_SUBREAPER`): a process
//! that loses its parent becomes a child of the broker, which recognises it by the token in its
//! environment. If the broker itself has died, the process becomes a child of init or of another
//! subreaper, and is searched for everywhere.

use std::collections::HashSet;

use oncue_wire::names::{RUN_TOKEN_VARIABLE, TOKEN_VARIABLE};
use rustix::process::Pid;

use super::process::{Process, has_in_environment};

/// A server's processes.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// The server itself.
    pub(super) root: Pid,
    /// When it started; `None` once it has ended and its id may have been reused.
    pub(super) started: Option<u64>,
    /// The one-time token in its environment; `None` for a server that the broker did not start.
    pub(super) token: Option<String>,
    /// The broker, and the other servers that it started, none of which belong to the tree.
    pub(super) broker: Pid,
    pub(super) others: HashSet<Pid>,
    pub(super) orphans: Orphans,
}

/// Where to search for processes that have lost their parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Orphans {
    /// Among the children of this broker, which started the server.
    Adopted,
    /// Among all processes: an earlier broker, which has died, started the server.
    Anywhere,
}

impl Tree {
    /// Returns the processes that belong to the tree and have not ended. `known` are those found
    /// earlier; processes that they have started belong to the tree, too.
    pub(super) fn members(&self, all: &[Process], known: &HashSet<(Pid, u64)>) -> Vec<Process> {
        self.members_by(all, known, |pid| {
            self.token.as_ref().is_some_and(|token| {
                let entries = [TOKEN_VARIABLE, RUN_TOKEN_VARIABLE].map(|name| format!("{name}={token}"));
                has_in_environment(pid, &entries)
            })
        })
    }

    fn members_by(
        &self,
        all: &[Process],
        known: &HashSet<(Pid, u64)>,
        shows_token: impl Fn(Pid) -> bool,
    ) -> Vec<Process> {
        let mut found: HashSet<Pid> = HashSet::new();
        let alive = || all.iter().filter(|process| !process.ended && self.may_belong(process));
        // As long as a group has members, its number is not given to another process.
        let at_root = all.iter().find(|process| process.pid == self.root);
        let mut group_is_ours = at_root.is_none_or(|process| Some(process.started) == self.started);
        if self.orphans == Orphans::Anywhere && at_root.is_none() {
            // The group was not watched in the meantime: it may have ended, and its number may have been
            // reused.
            let in_group = alive().filter(|process| process.group == Some(self.root));
            group_is_ours = in_group.into_iter().any(|process| shows_token(process.pid));
        }
        for process in alive() {
            let is_root = process.pid == self.root && Some(process.started) == self.started;
            let is_orphan = self.orphans == Orphans::Anywhere || process.parent == Some(self.broker);
            let led = group_is_ours && is_orphan && self.token.is_some() && process.group == Some(self.root);
            let is_known = known.contains(&(process.pid, process.started));
            if is_root || is_known || led || is_orphan && shows_token(process.pid) {
                found.insert(process.pid);
            }
        }
        loop {
            let is_of = |id: Option<Pid>| id.is_some_and(|id| found.contains(&id));
            // A server that the broker did not start may share its group with others: a shell puts
            // all of a pipe into one.
            let led = |p: &Process| self.token.is_some() && (is_of(p.group) || is_of(p.session));
            let more: Vec<Pid> = alive()
                .filter(|process| !found.contains(&process.pid))
                .filter(|process| is_of(process.parent) || led(process))
                .map(|process| process.pid)
                .collect();
            if more.is_empty() {
                break;
            }
            found.extend(more);
        }
        alive().filter(|process| found.contains(&process.pid)).copied().collect()
    }

    fn may_belong(&self, process: &Process) -> bool {
        process.pid != self.broker && process.pid != Pid::INIT && !self.others.contains(&process.pid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(number: i32) -> Pid {
        Pid::from_raw(number).unwrap()
    }

    fn process(id: i32, parent: i32, group: i32, session: i32) -> Process {
        let (parent, group, session) = (Pid::from_raw(parent), Pid::from_raw(group), Pid::from_raw(session));
        Process { pid: pid(id), started: 1, parent, group, session, ended: false }
    }

    /// The broker is 10, the server is 20, and 30 is another server.
    fn tree(started: Option<u64>) -> Tree {
        let others = [pid(30)].into();
        let orphans = Orphans::Adopted;
        Tree { root: pid(20), started, token: Some("t".into()), broker: pid(10), others, orphans }
    }

    fn members(tree: &Tree, all: &[Process], token: &[i32]) -> Vec<i32> {
        let found = tree.members_by(all, &HashSet::new(), |asked| token.iter().any(|id| pid(*id) == asked));
        found.iter().map(|process| process.pid.as_raw_nonzero().get()).collect()
    }

    #[test]
    fn children_in_sessions_of_their_own_and_orphans_belong_to_it() {
        let all = [
            process(10, 1, 10, 10),
            process(20, 10, 20, 10),
            process(21, 20, 20, 10),
            process(22, 21, 22, 22),
            // Orphans: of its group, with its token, and their descendants.
            process(23, 10, 20, 10),
            process(24, 10, 24, 24),
            process(25, 24, 25, 24),
            // The other server, its child, an orphan of unknown origin, and an unrelated process.
            process(30, 10, 30, 10),
            process(31, 30, 30, 10),
            process(40, 10, 40, 40),
            process(50, 1, 50, 50),
        ];
        assert_eq!(members(&tree(Some(1)), &all, &[20, 24]), [20, 21, 22, 23, 24, 25]);
    }

    #[test]
    fn a_process_that_got_the_number_of_a_server_that_ended_is_left_alone() {
        let other = Process { started: 9, ..process(20, 10, 20, 20) };
        let all = [process(10, 1, 10, 10), other, process(26, 10, 20, 20), process(27, 10, 27, 27)];
        assert_eq!(members(&tree(Some(1)), &all, &[27]), [27]);
        assert_eq!(members(&tree(None), &all, &[27]), [27]);
    }

    #[test]
    fn what_an_earlier_broker_left_behind_is_found_whoever_adopted_it() {
        let all = [
            process(10, 1, 10, 10),
            // Of its group, with its token, and their descendants; an unrelated process and its
            // child.
            process(23, 1, 20, 20),
            process(24, 5, 24, 24),
            process(25, 24, 25, 24),
            process(26, 1, 20, 20),
            process(40, 1, 40, 40),
            process(41, 40, 40, 40),
        ];
        let earlier = Tree { orphans: Orphans::Anywhere, ..tree(Some(1)) };
        assert_eq!(members(&earlier, &all, &[23, 24]), [23, 24, 25, 26]);
        assert_eq!(members(&tree(Some(1)), &all, &[23, 24]), [0; 0]);
        // Without a token in the group, its number may by now belong to an unrelated group.
        assert_eq!(members(&earlier, &all, &[24]), [24, 25]);
    }

    #[test]
    fn of_a_process_that_came_by_itself_only_what_descends_from_it() {
        let all = [
            process(10, 1, 10, 10),
            process(20, 5, 20, 5),
            process(21, 20, 21, 21),
            process(22, 5, 20, 5),
            process(23, 10, 20, 20),
        ];
        assert_eq!(members(&Tree { token: None, ..tree(Some(1)) }, &all, &[]), [20, 21]);
    }

    #[test]
    fn what_was_found_before_is_followed_and_what_has_ended_is_not() {
        let ended = Process { ended: true, ..process(21, 10, 20, 10) };
        let all = [process(10, 1, 10, 10), ended, process(22, 10, 22, 22), process(23, 22, 22, 22)];
        let known = [(pid(22), 1)].into();
        let found = tree(None).members_by(&all, &known, |_| false);
        assert_eq!(found.iter().map(|p| p.pid).collect::<Vec<_>>(), [pid(22), pid(23)]);
    }
}
