//! Tests against a simulated logind that goes to sleep, shuts down and changes its mind.

use std::cell::RefCell;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use futures_util::StreamExt as _;
use oncue_core::Event;
use tokio::sync::mpsc;
use zbus::{Connection, Fd, Message, MessageStream, ObjectPath, Variant, message::Type};

use super::{MANAGER, NAME, PATH, follow, is_logging_off};
use crate::inbox::Inbox;
use crate::source::delay::Delay;
use crate::source::service::connected;

/// The other end of the connection: the bus and logind.
struct FakeLogind {
    connection: Connection,
    state: &'static str,
    /// The tests' ends of the delays that were taken: for what, and readable once it is released.
    taken: RefCell<Vec<(String, UnixStream)>>,
}

impl FakeLogind {
    async fn new(state: &'static str) -> (Self, Connection) {
        let (connection, client) = connected().await;
        (Self { connection, state, taken: RefCell::default() }, client)
    }

    async fn serve(&self) {
        let mut calls = MessageStream::from(&self.connection);
        while let Some(Ok(call)) = calls.next().await {
            let header = call.header();
            if call.message_type() != Type::MethodCall {
                continue;
            }
            assert_eq!(header.destination().unwrap().as_str(), NAME);
            let replied = match header.member().unwrap().as_str() {
                "Inhibit" => {
                    let (what, who, _, mode): (String, String, String, String) =
                        call.body().deserialize().unwrap();
                    assert_eq!((who.as_str(), mode.as_str()), ("oncue", "delay"));
                    let (ours, theirs) = UnixStream::pair().unwrap();
                    self.taken.borrow_mut().push((what, ours));
                    self.connection.reply(&header, &Fd::from(OwnedFd::from(theirs))).await
                }
                "GetSessionByPID" => {
                    let none = "org.freedesktop.login1.NoSessionForPID";
                    self.connection.reply_error(&header, none, &"no session").await
                }
                "GetUser" => {
                    let path = ObjectPath::try_from("/org/freedesktop/login1/user/me").unwrap();
                    self.connection.reply(&header, &path).await
                }
                "Get" => {
                    let (_, name): (String, String) = call.body().deserialize().unwrap();
                    let value = match name.as_str() {
                        "InhibitDelayMaxUSec" => Variant::from(5_000_000_u64),
                        "PreparingForShutdown" => Variant::from(self.state == "shutdown"),
                        "State" if self.state == "shutdown" => Variant::from("closing"),
                        "State" => Variant::from(self.state),
                        other => panic!("{other} must not be asked for"),
                    };
                    self.connection.reply(&header, &value).await
                }
                other => panic!("{other} must not be called"),
            };
            replied.unwrap();
        }
    }

    async fn signal(&self, member: &str, begins: bool) {
        let signal = Message::signal(PATH, MANAGER, member).sender(":1.2").build(&begins).unwrap();
        self.connection.send(&signal).await.unwrap();
    }

    /// How often this has been delayed.
    fn delays(&self, what: &str) -> usize {
        self.taken.borrow().iter().filter(|(taken, _)| taken == what).count()
    }

    /// Waits until the first delay of this kind is released: the other end is closed.
    fn is_let_go(&self, what: &str) -> bool {
        let taken = self.taken.borrow();
        let (_, first) = taken.iter().find(|(taken, _)| taken == what).unwrap();
        first.set_nonblocking(true).unwrap();
        let mut first = first;
        matches!(first.read(&mut [0]), Ok(0))
    }
}

#[tokio::test]
async fn sleep_and_shutdown_are_told_with_what_delays_them() {
    let (logind, client) = FakeLogind::new("active").await;
    let (inbox, mut told) = mpsc::channel(8);
    let story = async {
        // Sent only once both delays have been taken, because nobody would receive earlier signals.
        while logind.delays("shutdown") == 0 {
            tokio::task::yield_now().await;
        }
        logind.signal("PrepareForSleep", true).await;
        let Some(Inbox::Announced(Event::GoingToSleep, Delay::Sleep(Some(delay)))) = told.recv().await else {
            panic!("it goes to sleep")
        };
        assert!(!logind.is_let_go("sleep"), "sleep waits for who holds the delay");
        drop(delay);
        assert!(logind.is_let_go("sleep"));
        logind.signal("PrepareForSleep", false).await;
        assert!(matches!(told.recv().await, Some(Inbox::Announced(Event::Woke { .. }, Delay::Sleep(None)))));
        assert_eq!(logind.delays("sleep"), 2, "the next sleep is delayed too");

        logind.signal("PrepareForShutdown", true).await;
        let Some(Inbox::Announced(event, Delay::Shutdown(Some(delay)))) = told.recv().await else {
            panic!("it shuts down")
        };
        let Event::SessionEnding { within, .. } = event else { panic!("{event:?}") };
        assert_eq!(within.map(|within| within.as_millis()), Some(4_500));
        drop(delay);
        assert!(logind.is_let_go("shutdown"));
        logind.signal("PrepareForShutdown", false).await;
        assert!(matches!(
            told.recv().await,
            Some(Inbox::Announced(Event::SessionGoesOn, Delay::Shutdown(None)))
        ));
        assert_eq!(logind.delays("shutdown"), 2);
    };
    tokio::select! {
        () = logind.serve() => panic!("the connection ended"),
        () = follow(&client, &inbox) => panic!("followed no longer"),
        () = story => {}
    }
}

#[tokio::test]
async fn a_user_who_logs_off_is_told_from_a_system_that_shuts_down() {
    for (state, logs_off) in [("closing", true), ("shutdown", false), ("active", false)] {
        let (logind, client) = FakeLogind::new(state).await;
        let asked = tokio::select! {
            () = logind.serve() => panic!("the connection ended"),
            asked = is_logging_off(&client) => asked.unwrap(),
        };
        assert_eq!(asked, logs_off, "{state}");
    }
}
