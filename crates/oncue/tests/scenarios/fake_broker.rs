//! A broker scripted by a test, and the app that talks to it from another process.

use std::env;
use std::future::Future;
use std::path::Path;
use std::process::{Child, Command};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use oncue::{Guid, TaskServer};
use oncue_types::Wall;
use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH, SERVER_INTERFACE, SERVER_PATH};
use oncue_wire::{Activation, Code, Place, Word};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use zbus::message::{Flags, Message, Type as Kind};
use zbus::zvariant::{DynamicType, Type};
use zbus::{Connection, MessageStream};

/// Set in the process that plays the app.
const APP: &str = "ONCUE_TEST_APP";
/// No step of a test takes nearly this long; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const CLASS: Guid = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);
pub(crate) const TASK: &str = "00000000-0000-8000-8000-00000000000a";
pub(crate) const FIRST: &str = "00000000-0000-8000-8000-000000000001";
pub(crate) const SECOND: &str = "00000000-0000-8000-8000-000000000002";

/// Whether this process plays the app.
pub(crate) fn is_app() -> bool {
    env::var_os(APP).is_some()
}

pub(crate) struct FakeBroker {
    runtime: Rc<Runtime>,
    listener: UnixListener,
    app: App,
    home: TempDir,
}

/// The app's process; it does not outlive its test.
struct App(Child);

impl App {
    /// Waits for its assertions; an app that hangs fails its test.
    fn succeeds(&mut self) {
        let until = Instant::now() + PATIENCE;
        let ended = loop {
            match self.0.try_wait().unwrap() {
                Some(ended) => break ended,
                None if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                None => panic!("the app does not end"),
            }
        };
        assert!(ended.success(), "the app failed: {ended}");
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl FakeBroker {
    /// Listens, then starts the test with this name again as the app.
    pub(crate) fn with_app(test: &str, environment: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let socket = Place::below(home.path()).socket();
        std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let listener = runtime.block_on(async { UnixListener::bind(&socket).unwrap() });
        let app = App(command(test, home.path(), environment).spawn().unwrap());
        Self { runtime: Rc::new(runtime), listener, app, home }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Waits for the app to connect.
    pub(crate) fn accept(&self) -> Peer {
        let greeted = async {
            let (stream, _) = self.listener.accept().await.unwrap();
            let stream = stream.into_std().unwrap();
            let builder = zbus::connection::Builder::unix_stream(stream);
            builder.server(zbus::Guid::generate()).p2p().build_message_stream().await.unwrap()
        };
        let messages = wait(&self.runtime, greeted);
        let connection = Connection::from(&messages);
        Peer { runtime: Rc::clone(&self.runtime), messages, connection }
    }

    /// Waits for the app to connect, and disconnects without a word.
    pub(crate) fn refuses_to_greet(&self) {
        let (stream, _) = wait(&self.runtime, self.listener.accept()).unwrap();
        drop(stream);
    }

    /// Waits for the app to connect and to register [`CLASS`].
    pub(crate) fn accept_server(&self) -> Peer {
        let mut peer = self.accept();
        let call = peer.expect("RegisterClass");
        assert_eq!(read::<(String, bool)>(&call), (CLASS.to_string(), false));
        peer.answer(&call, &7_u32);
        peer
    }

    /// Waits for the app's own assertions.
    pub(crate) fn app_succeeds(mut self) {
        self.app.succeeds();
    }

    /// The same after the broker has vanished, including its socket.
    pub(crate) fn vanishes_and_app_succeeds(self, peer: Peer) {
        let Self { runtime, listener, mut app, home } = self;
        peer.hang_up();
        drop((listener, runtime));
        app.succeeds();
        drop(home);
    }
}

/// Starts this test binary again for one test, as the app.
pub(crate) fn command(test: &str, home: &Path, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(APP, "1").env("ONCUE_HOME", home);
    command.env_remove("ONCUE_BROKER").envs(environment.iter().copied());
    command
}

/// The broker's end of one connection.
pub(crate) struct Peer {
    runtime: Rc<Runtime>,
    messages: MessageStream,
    connection: Connection,
}

impl Peer {
    /// Waits for the next call, which must have this name.
    pub(crate) fn expect(&mut self, name: &str) -> Message {
        let call = self.next();
        assert_eq!(member(&call), name);
        call
    }

    pub(crate) fn next(&mut self) -> Message {
        let message = wait(&self.runtime, self.messages.next()).unwrap().unwrap();
        assert_eq!(message.message_type(), Kind::MethodCall);
        assert_eq!(message.header().interface().unwrap().as_str(), BROKER_INTERFACE);
        message
    }

    /// Waits for the report that a run was entered.
    pub(crate) fn expect_entered(&mut self, instance: &str) {
        assert_eq!(read::<String>(&self.expect("Entered")), instance);
    }

    /// Waits for the report that a run has ended.
    pub(crate) fn expect_completed(&mut self, instance: &str, error: Option<&str>) {
        let (ended, message) = read::<(String, Option<String>)>(&self.expect("Completed"));
        assert_eq!((ended.as_str(), message.as_deref()), (instance, error));
    }

    /// Waits for the reports that both runs have ended, in any order.
    pub(crate) fn expect_both_completed(&mut self, first: Option<&str>, second: Option<&str>) {
        let mut next = || read::<(String, Option<String>)>(&self.expect("Completed"));
        let mut ended = [next(), next()];
        ended.sort();
        let expected = [(FIRST, first), (SECOND, second)];
        assert_eq!(ended, expected.map(|(id, text)| (id.to_owned(), text.map(str::to_owned))));
    }

    /// Waits for `Leave`, and answers it.
    pub(crate) fn leave(&mut self, may: bool) {
        let call = self.expect("Leave");
        self.answer(&call, &may);
    }

    /// Closes the connection.
    pub(crate) fn hang_up(self) {
        let Self { runtime, messages, connection } = self;
        drop(messages);
        wait(&runtime, connection.close()).unwrap();
    }

    pub(crate) fn answer(&self, call: &Message, body: &(impl Serialize + DynamicType)) {
        self.send(&Message::method_return(&call.header()).build(body).unwrap());
    }

    pub(crate) fn refuse(&self, call: &Message, code: Code, text: &str, way_out: &str) {
        self.send(
            &Message::error(&call.header(), code.name()).build(&(text, way_out, code.hresult())).unwrap(),
        );
    }

    pub(crate) fn signal(&self, name: &str, body: &(impl Serialize + DynamicType)) {
        self.send(&Message::signal(BROKER_PATH, BROKER_INTERFACE, name).build(body).unwrap());
    }

    /// Makes the app run [`CLASS`].
    pub(crate) fn run(&self, instance: &str) {
        self.run_class(instance, &CLASS.to_string());
    }

    pub(crate) fn run_class(&self, instance: &str, class: &str) {
        let activation = Activation {
            instance_id: instance.parse().unwrap(),
            task_id: TASK.parse().unwrap(),
            name: "SampleTask".into(),
            group: Some(oncue_wire::GroupInfo { id: "com.example.mail".into(), name: "Mail".into() }),
            class_id: class.parse().unwrap(),
            trigger: Some(Word::read("every 15m")),
            fired_at: Wall(1_000_000),
            firings: 3,
            details: Vec::new(),
            left_out: 0,
        };
        self.call("Run", &(activation,));
    }

    pub(crate) fn cancel(&self, instance: &str, reason: u32) {
        self.call("Cancel", &(instance, reason));
    }

    fn call(&self, name: &str, body: &(impl Serialize + DynamicType)) {
        let call = Message::method_call(SERVER_PATH, name).interface(SERVER_INTERFACE);
        self.send(&call.with_flags(Flags::NO_REPLY_EXPECTED).build(body).unwrap());
    }

    fn send(&self, message: &Message) {
        wait(&self.runtime, self.connection.send(message)).unwrap();
    }
}

fn wait<T>(runtime: &Runtime, future: impl Future<Output = T>) -> T {
    runtime.block_on(async { timeout(PATIENCE, future).await.expect("what the test waits for") })
}

pub(crate) fn member(message: &Message) -> String {
    message.header().member().unwrap().to_string()
}

pub(crate) fn read<T: DeserializeOwned + Type>(message: &Message) -> T {
    message.body().deserialize_ignore_signature().unwrap()
}

/// The app's half: registers [`CLASS`] and serves with this policy.
pub(crate) fn serve(factory: impl oncue::ClassFactory, until: oncue::IdlePolicy) -> Result<(), oncue::Error> {
    let server = TaskServer::new().unwrap();
    server.register_class_object(CLASS, factory, oncue::ClassUse::Multiple).unwrap();
    server.wait(until)
}

/// A task that is a closure.
pub(crate) struct Task<F>(pub(crate) F);

impl<F> oncue::BackgroundTask for Task<F>
where
    F: Fn(&oncue::BackgroundTaskInstance) -> Result<(), oncue::TaskError> + Send + Sync + 'static,
{
    fn run(&self, instance: &oncue::BackgroundTaskInstance) -> Result<(), oncue::TaskError> {
        (self.0)(instance)
    }
}
