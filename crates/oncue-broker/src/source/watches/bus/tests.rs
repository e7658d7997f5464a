//! Tasks wait for signals of a small bus, which starts and ends.

use std::path::PathBuf;

use oncue_core::Guid;
use tempfile::TempDir;
use zbus::Connection;

use super::small_bus::SmallBus;
use super::*;

const ONE: TaskId = TaskId(Guid::from_u128(1));
const TWO: TaskId = TaskId(Guid::from_u128(2));

struct Desk {
    home: TempDir,
    signals: Orders<Rule>,
    inbox: mpsc::Receiver<Inbox>,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let (sender, inbox) = mpsc::channel(64);
        let place = Place::At(format!("unix:path={}", home.path().join("bus").display()));
        Self { home, signals: open(place, sender), inbox }
    }

    fn path(&self) -> PathBuf {
        self.home.path().join("bus")
    }

    fn begin(&self, task: TaskId, rule: &str) {
        self.signals.begin(task, Rule::parse(rule).unwrap());
    }

    async fn noticed(&mut self) -> (TaskId, Vec<String>) {
        match self.inbox.recv().await.unwrap() {
            Inbox::Event(Event::Noticed { task, details, .. }) => (task, details.items),
            other => panic!("{other:?} instead of a signal"),
        }
    }

    async fn troubled(&mut self) -> (TaskId, Option<String>) {
        match self.inbox.recv().await.unwrap() {
            Inbox::Event(Event::Troubled { task, why }) => (task, why),
            other => panic!("{other:?} instead of trouble"),
        }
    }
}

async fn client(bus: &SmallBus) -> Connection {
    Builder::address(bus.address()).build().await.unwrap()
}

async fn emit(from: &Connection, member: &str, text: &str) {
    from.emit_signal(None::<&str>, "/org/example", "org.example.Player", member, &text).await.unwrap();
}

fn rule(member: &str) -> String {
    format!("type='signal',interface='org.example.Player',member='{member}'")
}

/// A desk on an open bus, with a player; task one waits for `Next`.
async fn set() -> (Desk, SmallBus, Connection) {
    let home = tempfile::tempdir().unwrap();
    let bus = SmallBus::open(&home.path().join("bus"));
    let (sender, inbox) = mpsc::channel(64);
    let signals = open(Place::At(bus.address().into()), sender);
    let desk = Desk { home, signals, inbox };
    let player = client(&bus).await;
    desk.begin(ONE, &rule("Next"));
    bus.asked(&format!("AddMatch {}", rule("Next"))).await;
    (desk, bus, player)
}

#[tokio::test]
async fn a_signal_reaches_the_tasks_whose_rules_select_it() {
    let (mut desk, bus, player) = set().await;
    desk.begin(TWO, &rule("Stop"));
    bus.asked(&format!("AddMatch {}", rule("Stop"))).await;
    emit(&player, "Next", "song").await;
    let name = player.unique_name().unwrap().to_string();
    let items = vec![name, "/org/example".into(), "org.example.Player".into(), "Next".into(), "song".into()];
    assert_eq!(desk.noticed().await, (ONE, items));
    emit(&player, "Stop", "now").await;
    assert_eq!(desk.noticed().await.0, TWO);
    assert_eq!(bus.n_clients(), 2, "both tasks have one connection");
}

#[tokio::test]
async fn a_storm_of_signals_is_one_run() {
    let (mut desk, _bus, player) = set().await;
    for number in 0..200 {
        emit(&player, "Next", &number.to_string()).await;
    }
    emit(&player, "Next", "last").await;
    let mut told = 1;
    while !desk.noticed().await.1.contains(&"last".into()) {
        told += 1;
    }
    assert!(told <= 3, "{told} runs for 201 signals");
}

#[tokio::test]
async fn an_ended_task_hears_nothing_and_the_connection_ends_with_the_last() {
    let (mut desk, bus, player) = set().await;
    desk.begin(TWO, &rule("Next"));
    desk.signals.end(ONE);
    bus.asked(&format!("RemoveMatch {}", rule("Next"))).await;
    emit(&player, "Next", "song").await;
    assert_eq!(desk.noticed().await.0, TWO);
    drop(desk.signals);
    assert!(desk.inbox.recv().await.is_none(), "who listened has ended");
}

#[tokio::test]
async fn a_name_stands_for_its_present_owner_alone() {
    let (mut desk, bus, player) = set().await;
    desk.signals.end(ONE);
    desk.begin(TWO, "sender='org.example.Music',interface='org.example.Player'");
    bus.asked("GetNameOwner org.example.Music").await;
    bus.asked("AddMatch type='signal',sender='org.example.Music',interface='org.example.Player'").await;
    emit(&player, "Next", "from nobody").await;
    player.request_name("org.example.Music").await.unwrap();
    emit(&player, "Next", "from the owner").await;
    assert_eq!(desk.noticed().await.1[4..], ["from the owner"]);
    let other = client(&bus).await;
    other.request_name("org.example.Music").await.unwrap();
    emit(&player, "Next", "from the former owner").await;
    emit(&other, "Next", "from the new one").await;
    assert_eq!(desk.noticed().await.1[4..], ["from the new one"]);
}

#[tokio::test]
async fn a_bus_that_goes_is_named_until_it_comes_again() {
    let (mut desk, bus, _player) = set().await;
    drop(bus);
    let (task, why) = desk.troubled().await;
    assert!(task == ONE && why.clone().unwrap().contains("the test bus is not available"), "{why:?}");
    let bus = SmallBus::open(&desk.path());
    assert_eq!(desk.troubled().await, (ONE, None));
    emit(&client(&bus).await, "Next", "song").await;
    assert_eq!(desk.noticed().await.0, ONE);
}

#[tokio::test]
async fn a_task_that_comes_while_there_is_no_bus_is_told_so() {
    let mut desk = Desk::new();
    desk.begin(ONE, &rule("Next"));
    let (task, why) = desk.troubled().await;
    assert!(task == ONE && why.clone().unwrap().contains("not available"), "{why:?}");
    let _bus = SmallBus::open(&desk.path());
    assert_eq!(desk.troubled().await, (ONE, None));
}

#[tokio::test]
async fn what_the_bus_refuses_is_told_by_name() {
    let (mut desk, _bus, _player) = set().await;
    for number in 0..16 {
        desk.begin(TaskId(Guid::from_u128(100 + number)), &rule(&format!("Signal{number}")));
    }
    let (task, why) = desk.troubled().await;
    assert_eq!(task, TaskId(Guid::from_u128(115)), "one was there before");
    assert!(why.unwrap().contains("the test bus refuses the match rule: no type='signal'"));
}
