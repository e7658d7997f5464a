//! The systemd user manager, as far as the service's units need it.

use std::time::Duration;

use tokio::time::timeout;
use zbus::OwnedObjectPath;

use super::ServiceError;
use crate::variables::UserManager;

/// How long the manager may take to answer. Reading its units again takes seconds on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The units.
const SOCKET: &str = "oncue.socket";
const SERVICE: &str = "oncue.service";

/// Asks the manager, and waits for its answers.
#[derive(Debug)]
pub(super) struct Units(UserManager);

impl Units {
    pub(super) fn here() -> Self {
        Self(UserManager::of_this_process())
    }

    /// No manager, for tests.
    #[cfg(test)]
    pub(super) fn nowhere() -> Self {
        Self(UserManager::at("/nowhere".into(), None))
    }

    /// Makes the manager read its units again.
    pub(super) fn reload(&self) -> Result<(), ServiceError> {
        self.ask("read its units again", async |manager| manager.call::<_, ()>("Reload", &()).await)
    }

    /// Starts listening at the socket, and the broker.
    pub(super) fn start(&self) -> Result<(), ServiceError> {
        for unit in [SOCKET, SERVICE] {
            self.ask("start the broker", async |manager| {
                manager.call::<_, OwnedObjectPath>("StartUnit", &(unit, "replace")).await
            })?;
        }
        Ok(())
    }

    /// Stops listening at the socket. A broker that serves it goes on, until it ends by itself.
    pub(super) fn let_go(&self) {
        let stopped = self.ask("stop listening at the broker's socket", async |manager| {
            manager.call::<_, OwnedObjectPath>("StopUnit", &(SOCKET, "replace")).await
        });
        // It does not listen anyway if it does not run or does not know the unit.
        if let Err(error) = stopped {
            tracing::debug!("{error}");
        }
    }

    fn ask<T>(
        &self,
        what: &'static str,
        ask: impl AsyncFnOnce(&UserManager) -> zbus::Result<T>,
    ) -> Result<T, ServiceError> {
        let refused = |why: String| ServiceError::Manager { what, why };
        let answered = super::portal::block_on(async { timeout(PATIENCE, ask(&self.0)).await });
        match answered.map_err(|error| refused(error.to_string()))? {
            Ok(answer) => answer.map_err(|error| refused(error.to_string())),
            Err(_) => Err(refused(format!("it did not answer within {} s", PATIENCE.as_secs()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::thread;

    use futures_util::StreamExt as _;
    use zbus::connection::Builder;
    use zbus::{Guid, MessageStream, ObjectPath, message::Type};

    use super::super::portal::block_on;
    use super::*;

    /// Answers one caller after the other as a manager does that does not know the socket; returns the calls.
    fn manager(socket: &Path, callers: usize) -> thread::JoinHandle<Vec<String>> {
        let listener = UnixListener::bind(socket).unwrap();
        let answer_all = move || {
            let mut heard = Vec::new();
            for _ in 0..callers {
                let (stream, _) = listener.accept().unwrap();
                heard.extend(block_on(answer(stream)).unwrap());
            }
            heard
        };
        thread::Builder::new().spawn(answer_all).unwrap()
    }

    async fn answer(stream: std::os::unix::net::UnixStream) -> Vec<String> {
        let served = Builder::unix_stream(stream).server(Guid::generate()).p2p().build().await.unwrap();
        let mut calls = MessageStream::from(&served);
        let mut heard = Vec::new();
        while let Some(Ok(call)) = calls.next().await {
            if call.message_type() != Type::MethodCall {
                continue;
            }
            let header = call.header();
            let method = header.member().unwrap().to_string();
            match method.as_str() {
                "Reload" => served.reply(&header, &()).await.unwrap(),
                "StartUnit" => {
                    let job = ObjectPath::try_from("/org/freedesktop/systemd1/job/1").unwrap();
                    served.reply(&header, &job).await.unwrap();
                }
                _ => {
                    let name = "org.freedesktop.systemd1.NoSuchUnit";
                    served.reply_error(&header, name, &"Unit oncue.socket not loaded.").await.unwrap();
                }
            }
            let unit = call.body().deserialize::<(String, String)>();
            heard
                .push(unit.map_or_else(|_| method.clone(), |(unit, mode)| format!("{method} {unit} {mode}")));
        }
        heard
    }

    #[test]
    fn the_manager_is_asked_and_its_error_is_told_in_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("private");
        let heard = manager(&socket, 4);
        let units = Units(UserManager::at(socket, None));
        units.reload().unwrap();
        units.start().unwrap();
        let refused = units.ask("stop", async |manager| {
            manager.call::<_, OwnedObjectPath>("StopUnit", &(SOCKET, "replace")).await
        });
        let told = refused.unwrap_err().to_string();
        assert!(told.ends_with("Unit oncue.socket not loaded."), "{told}");
        assert_eq!(
            heard.join().unwrap(),
            [
                "Reload",
                "StartUnit oncue.socket replace",
                "StartUnit oncue.service replace",
                "StopUnit oncue.socket replace"
            ]
        );
    }
}
