//! Tests with a fake user manager that serves its interface on a real socket.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use tokio::net::UnixListener;
use zbus::connection::Builder;
use zbus::{Guid, MessageStream, Variant, message::Type};

use super::*;

/// A manager that returns these variables.
struct FakeManager {
    told: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl FakeManager {
    /// Listens at this path, and answers all callers.
    fn listen(path: &Path) -> Self {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let listener = UnixListener::bind(path).unwrap();
        let connections: Arc<AtomicUsize> = Arc::default();
        let (tells, accepted) = (told.clone(), connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, tells.clone()));
            }
        });
        Self { told, connections }
    }

    fn set(&self, variables: &[&str]) {
        *self.told.lock().unwrap() = variables.iter().map(|entry| (*entry).to_owned()).collect();
    }
}

async fn serve(stream: tokio::net::UnixStream, told: Arc<Mutex<Vec<String>>>) {
    let stream = stream.into_std().unwrap();
    let served = Builder::unix_stream(stream).server(Guid::generate()).p2p().build().await.unwrap();
    let mut calls = MessageStream::from(&served);
    while let Some(Ok(call)) = calls.next().await {
        if call.message_type() != Type::MethodCall {
            continue;
        }
        let asked: (String, String) = call.body().deserialize().unwrap();
        assert_eq!(asked, ("org.freedesktop.systemd1.Manager".into(), "Environment".into()));
        let variables = told.lock().unwrap().clone();
        served.reply(&call.header(), &Variant::from(variables)).await.unwrap();
    }
}

fn session(socket: PathBuf, places: &[(&str, &str)]) -> Session {
    let places = places.iter().map(|(name, value)| (name.into(), Some(value.into()))).collect();
    Session::new(UserManager::at(socket, None), Login::of_this_process(), places)
}

async fn all(session: &Session) -> Variables {
    session.variables(session.of_manager().await)
}

fn value<'v>(variables: &'v Variables, name: &str) -> Option<&'v str> {
    variables.get(&OsString::from(name)).and_then(|value| value.to_str())
}

#[tokio::test]
async fn a_change_of_the_session_counts_for_the_next_server() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("systemd/private");
    let manager = FakeManager::listen(&socket);
    let session = session(socket, &[("ONCUE_HOME", "/home/ann/oncue")]);
    manager.set(&["LANG=de_DE.UTF-8", "TZ=Asia/Tokyo", "ONCUE_HOME=/elsewhere", "PATH=/opt/bin"]);
    let first = all(&session).await;
    assert_eq!(value(&first, "LANG"), Some("de_DE.UTF-8"));
    assert_eq!(value(&first, "PATH"), Some("/opt/bin"));
    assert_eq!(value(&first, "ONCUE_HOME"), Some("/home/ann/oncue"), "it finds its own broker");
    assert_eq!(value(&first, "TZ"), None);
    assert!(value(&first, "HOME").is_some(), "the variables of every login are set");

    manager.set(&["WAYLAND_DISPLAY=wayland-1"]);
    let second = all(&session).await;
    assert_eq!(value(&second, "WAYLAND_DISPLAY"), Some("wayland-1"));
    assert_eq!(value(&second, "LANG"), None);
    assert_eq!(manager.connections.load(Ordering::Relaxed), 1, "the connection stays open");
}

#[tokio::test]
async fn without_a_manager_they_are_what_a_login_gives() {
    let folder = tempfile::tempdir().unwrap();
    let variables = all(&session(folder.path().join("nobody"), &[])).await;
    assert!(value(&variables, "PATH").is_some_and(|search| search.contains("/usr/bin")), "{variables:?}");
    assert!(value(&variables, "HOME").is_some_and(|home| home.starts_with('/')), "{variables:?}");
    assert_eq!(value(&variables, "CARGO"), None, "the test's own environment does not matter");
}

#[tokio::test]
async fn a_manager_that_does_not_answer_is_waited_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("private");
    let silent = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    silent.set_nonblocking(true).unwrap();
    let session = session(socket, &[]);
    let asked = || std::iter::from_fn(|| silent.accept().ok()).count();
    assert!(value(&all(&session).await, "PATH").is_some());
    tokio::task::yield_now().await;
    assert!(asked() > 0);
    assert!(value(&all(&session).await, "PATH").is_some());
    tokio::task::yield_now().await;
    assert_eq!(asked(), 0, "it has not answered yet");
}
