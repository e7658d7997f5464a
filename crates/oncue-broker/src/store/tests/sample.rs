//! Records of every kind, drawn by a seeded die.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{
    Access, Action, Begun, Boot, CancellationReason, Cause, Clocks, Command, Details, Due, ExeServer, Exit,
    FamilyName, Firing, Group, Guid, HoldEnd, HoldLimit, InstanceId, LedgerEntry, Missed, Notify, Outcome,
    Package, PauseScope, Policy, Priority, Record, Retry, Stamp, Steady, StoredPause, TaskId, TaskSpec,
    Trigger, UsedUp, Version, Wall, When,
};

use crate::store::{Born, Store};

/// When every test takes place.
pub(super) const NOW: Wall = Wall(1_795_330_800_000_000);

/// A folder of its own with a path for a store.
pub(super) struct Place {
    pub(super) folder: tempfile::TempDir,
    pub(super) store: PathBuf,
}

impl Place {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        Self { folder, store }
    }

    pub(super) fn open(&self) -> Store {
        self.open_born().0
    }

    pub(super) fn open_born(&self) -> (Store, Born) {
        Store::open(&self.store).unwrap()
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.folder.path().join("store.db-wal")
    }
}

/// The names that people give: short, of other scripts, quoting, and as long as is allowed.
const NAMES: [&str; 8] =
    ["sync", "Größe", "背景任務", "🦀 nightly", "it's \"quoted\"; DROP TABLE task; --", " ", "a\0b", "%_\\"];

const CONDITIONS: [&str; 4] = [
    "internet",
    "not no-internet",
    "(internet and free-network) or not (no-internet or free-network)",
    "not not not internet",
];

/// SplitMix64; the same seed draws the same records.
pub(super) struct Die(pub(super) u64);

impl Die {
    pub(super) fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut n = self.0;
        n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (n ^ n >> 31) % sides
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn maybe<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(2) == 0).then(|| draw(self))
    }

    /// One of few tasks, so that records meet.
    pub(super) fn task(&mut self) -> TaskId {
        TaskId(Guid::from_u128(u128::MAX / 7 * u128::from(self.below(6))))
    }

    pub(super) fn family(&mut self) -> FamilyName {
        FamilyName::new(self.one(&["Contoso.Primes_8wekyb3d8bbwe", "Žluťoučký.Kůň_0000000000000", "x_y"]))
    }

    fn guid(&mut self) -> Guid {
        Guid::from_u128(u128::from(self.below(u64::MAX)) << 64 | u128::from(self.below(u64::MAX)))
    }

    fn name(&mut self) -> String {
        match self.below(10) {
            0 => "名".repeat(256),
            _ => self.one(&NAMES).to_owned(),
        }
    }

    fn wall(&mut self) -> Wall {
        match self.below(14) {
            0 => Wall(i64::MIN),
            1 => Wall(i64::MAX),
            2 => Wall(-1),
            _ => Wall(NOW.0 - i64::try_from(self.below(1 << 50)).unwrap()),
        }
    }

    fn count(&mut self) -> u32 {
        self.one(&[0, 1, 2, 15, 43_199, u32::MAX])
    }

    fn span(&mut self) -> Duration {
        let micros = self.below(u64::MAX) >> self.below(64);
        Duration::from_micros(micros)
    }

    fn firing(&mut self) -> Firing {
        let cause = self.one(&[Cause::Trigger, Cause::Asked, Cause::Forced, Cause::Retry]);
        let details = self.maybe(|die| {
            let items = (0..=die.below(3)).map(|_| die.name().replace('\0', "")).collect();
            Arc::new(Details { items, left_out: die.count() })
        });
        Firing { at: self.wall(), count: self.count(), cause, details, begun: None }
    }

    fn waiting(&mut self) -> Firing {
        let begun = self.maybe(|die| Begun { run: InstanceId(die.guid()), firings: die.count() });
        Firing { begun, ..self.firing() }
    }

    fn stamp(&mut self) -> Stamp {
        let wall = self.wall();
        let ahead = i64::try_from(self.below(1 << 50)).unwrap();
        Stamp { wall, steady: Steady(wall.0.saturating_add(ahead)) }
    }

    fn clocks(&mut self) -> Clocks {
        Clocks {
            boot: self.maybe(Self::guid),
            seen: Boot(self.wall().0),
            wall_ahead: self.wall().0,
            steady_ahead: self.wall().0,
            behind: self.maybe(|die| die.wall().0),
        }
    }

    fn due(&mut self) -> Due<Stamp> {
        match self.below(3) {
            0 => Due::OnEvent,
            1 => Due::Never,
            _ => Due::At(self.stamp()),
        }
    }

    fn policy(&mut self) -> Policy {
        Policy {
            disabled: self.below(2) == 0,
            notify: self.maybe(|die| die.one(&Notify::ALL)),
            queue: self.maybe(|die| die.one(&["disk", "network"]).into()),
            priority: self.one(&Priority::ALL),
            missed: self.one(&[Missed::Once, Missed::Skip]),
            slack: self.maybe(Self::span),
            cancel_on_condition_loss: self.below(2) == 0,
            hold_limit: self
                .maybe(|die| HoldLimit { after: die.span(), then: die.one(&[HoldEnd::Drop, HoldEnd::Run]) }),
            time_limit: self.maybe(Self::span),
            grace: self.maybe(Self::span),
            retry: self.maybe(|die| {
                let kinds: [fn(Duration, u32) -> Retry; 2] = [Retry::linear, Retry::exponential];
                die.one(&kinds)(die.span(), die.count())
            }),
        }
    }

    /// A text that the system can pass to a program.
    fn text(&mut self) -> String {
        self.name().replace('\0', "")
    }

    fn action(&mut self) -> Action {
        if self.below(2) == 0 {
            return self.guid().into();
        }
        Action::Command(Arc::new(Command {
            arguments: (0..self.below(4)).map(|_| self.text()).collect(),
            environment: (0..self.below(3)).map(|_| (self.text(), self.text())).collect(),
            input: self.maybe(Self::name),
            success: self.one(&["0", "0,2", "255"]).parse().unwrap(),
            ..Command::new(self.name(), self.name())
        }))
    }

    pub(super) fn spec(&mut self) -> TaskSpec {
        TaskSpec {
            name: self.name().into(),
            group: self.maybe(|die| Box::new(Group { id: die.name().into(), name: die.name().into() })),
            action: self.action(),
            trigger: Trigger::Time { minutes: self.count(), one_shot: self.below(2) == 0 },
            condition: self.maybe(|die| Box::new(die.one(&CONDITIONS).parse().unwrap())),
            policy: self.maybe(|die| Box::new(die.policy())),
        }
    }

    fn package(&mut self) -> Package {
        let servers = (0..self.below(4))
            .map(|_| ExeServer {
                classes: (0..self.below(4)).map(|_| self.guid()).collect(),
                command: format!("/opt/{}\n-Serve {}", self.name(), self.name()),
            })
            .collect();
        Package {
            family: self.family(),
            full_name: self.name(),
            display_name: self.name(),
            version: Version::new(self.one(&[0, 1, u16::MAX]), 2, 3, self.one(&[0, 4])),
            location: format!("/opt/{}", self.name()),
            servers,
        }
    }

    pub(super) fn entry(&mut self) -> LedgerEntry {
        LedgerEntry {
            instance: InstanceId(self.guid()),
            task: self.task(),
            name: self.name().into(),
            package: self.family(),
            fired_at: self.wall(),
            started_at: self.maybe(Self::wall),
            ended_at: self.wall(),
            outcome: self.one(&Outcome::ALL),
            reason: self.maybe(|die| die.one(&CancellationReason::ALL)),
            progress: self.maybe(Self::count),
            firings: self.count(),
            exit: self.maybe(|die| {
                die.one(&[Exit::Code(0), Exit::Code(-3), Exit::Signal(9), Exit::Signal(40), Exit::Code(255)])
            }),
            message: self.maybe(|die| "last words ⏎\n".repeat(die.one(&[0, 1, 5_000]))),
        }
    }

    pub(super) fn registered(&mut self) -> Record {
        Record::TaskRegistered {
            task: self.task(),
            package: self.family(),
            spec: self.spec(),
            at: self.wall(),
            next_due: self.due(),
        }
    }

    fn used_up(&mut self) -> UsedUp {
        match self.maybe(|die| die.one(&CancellationReason::ALL)) {
            Some(reason) => UsedUp::Cancelled(reason),
            None => UsedUp::Entered,
        }
    }

    fn began(&mut self) -> Record {
        Record::RunBegan {
            instance: InstanceId(self.guid()),
            task: self.task(),
            name: self.name().into(),
            package: self.family(),
            firing: self.firing(),
            next_due: self.due(),
        }
    }

    /// All tasks or one of few, so that records meet.
    fn scope(&mut self) -> PauseScope {
        self.maybe(Self::task).map_or(PauseScope::All, PauseScope::Task)
    }

    fn pause(&mut self) -> StoredPause {
        let until = self.maybe(|die| {
            let kinds: [fn(Stamp) -> When<Stamp, Stamp>; 2] = [When::Span, When::Schedule];
            die.one(&kinds)(die.stamp())
        });
        StoredPause { since: self.stamp(), until }
    }

    /// Any record; one of `alive` may end.
    pub(super) fn record(&mut self, alive: &[InstanceId]) -> Record {
        match self.below(20) {
            0 => Record::PackageAdded(Box::new(self.package())),
            1 => Record::PackageRemoved(self.family()),
            2..=4 => self.registered(),
            5 => Record::TaskRemoved(self.task()),
            6..=7 => Record::Held {
                task: self.task(),
                firing: self.maybe(Self::waiting),
                since: self.maybe(Self::stamp),
                next_due: self.due(),
            },
            8..=9 => self.began(),
            12 => Record::Health {
                task: self.task(),
                strikes: self.count(),
                attempt: self.count(),
                retry_at: self.maybe(Self::stamp),
            },
            18 => Record::Paused { scope: self.scope(), pause: self.pause() },
            19 => Record::Resumed(self.scope()),
            14 => Record::SessionBegan(self.guid()),
            17 => Record::Clocks(self.clocks()),
            13 => Record::AccessSet { package: self.family(), access: self.one(&Access::ALL) },
            11 if !alive.is_empty() => Record::UsedUp { instance: self.one(alive), by: self.used_up() },
            10 if !alive.is_empty() => {
                Record::Ended(Box::new(LedgerEntry { instance: self.one(alive), ..self.entry() }))
            }
            _ => Record::Ended(Box::new(self.entry())),
        }
    }
}
