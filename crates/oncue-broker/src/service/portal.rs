//! The Background portal, which a sandboxed app asks to start it at log-in.
//!
//! The portal may ask the user, and answers with a signal of a request object:
//! <https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Background.html>

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::{Connection, MatchRule, MessageStream, OwnedVariant, Variant, message};

use super::{Program, ServiceError};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const BACKGROUND: &str = "org.freedesktop.portal.Background";
const REQUEST: &str = "org.freedesktop.portal.Request";

/// How long the portal, and a user whom it asks, may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The last element of the path of the request's object.
const TOKEN: &str = "oncue";

/// The message to the user.
const REASON: &str = "Background tasks run when they are due.";

/// The portal, on the session bus.
#[derive(Debug)]
pub(super) struct Portal {
    bus: Option<String>,
}

impl Portal {
    pub(super) fn here() -> Self {
        Self { bus: std::env::var("DBUS_SESSION_BUS_ADDRESS").ok().filter(|address| !address.is_empty()) }
    }

    /// No portal, for tests.
    #[cfg(test)]
    pub(super) fn nowhere() -> Self {
        Self { bus: None }
    }

    /// Asks for `program` to be started at log-in, or for nothing to be started any more.
    pub(super) fn request(&self, program: Option<&Program>) -> Result<(), ServiceError> {
        let command = match program {
            None => Vec::new(),
            Some(program) => {
                let [first, second] = program.arguments();
                vec![program.text()?.to_owned(), first.into(), second.into()]
            }
        };
        let refused = |why: String| ServiceError::Portal { why };
        let address = self.bus.as_deref().ok_or_else(|| refused("there is no session bus".into()))?;
        let asked = async {
            let bus = Builder::address(address).build().await.map_err(|error| error.to_string())?;
            ask(&bus, &command).await
        };
        let answered =
            block_on(async { timeout(PATIENCE, asked).await }).map_err(|error| refused(error.to_string()))?;
        let late = |_| Err(format!("it did not answer within {} s", PATIENCE.as_secs()));
        answered.unwrap_or_else(late).map_err(refused)
    }
}

/// Sends the request, and waits for the signal that answers it.
async fn ask(bus: &Connection, command: &[String]) -> Result<(), String> {
    let told = |error: zbus::Error| error.to_string();
    let answer = MatchRule::builder().msg_type(message::Type::Signal).interface(REQUEST).member("Response");
    let answer = answer.build().map_err(told)?;
    // Before the request, so that a quick answer is not missed.
    let mut answers = MessageStream::for_match_rule(answer, bus, None).await.map_err(told)?;
    let autostart = !command.is_empty();
    let mut options: HashMap<&str, Variant<'_>> = HashMap::new();
    options.insert("handle_token", TOKEN.into());
    options.insert("reason", REASON.into());
    options.insert("autostart", autostart.into());
    if autostart {
        options.insert("commandline", command.to_vec().into());
    }
    bus.call_method(Some(NAME), PATH, Some(BACKGROUND), "RequestBackground", &("", options))
        .await
        .map_err(told)?;
    while let Some(signal) = answers.next().await {
        let signal = signal.map_err(told)?;
        let is_ours =
            signal.header().path().is_some_and(|path| path.as_str().rsplit('/').next() == Some(TOKEN));
        if !is_ours {
            continue;
        }
        let (code, mut results): (u32, HashMap<String, OwnedVariant>) =
            signal.body().deserialize().map_err(told)?;
        let granted = results.remove("autostart").and_then(|value| bool::try_from(value).ok());
        return match (code, granted) {
            (0, granted) if granted.unwrap_or(autostart) == autostart => Ok(()),
            (0, _) => Err("it refused".into()),
            (1, _) => Err("the user refused".into()),
            (code, _) => Err(format!("it ended the request (response {code})")),
        };
    }
    Err("the session bus closed the connection".into())
}

/// Waits for an exchange with another process. Only called where waiting is allowed.
pub(super) fn block_on<T>(exchange: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(exchange))
}

#[cfg(test)]
mod tests {
    use zbus::message::Type;

    use super::*;
    use crate::source::connected;

    /// Answers one request as a portal does.
    async fn portal(connection: Connection, code: u32, granted: bool) -> (String, Vec<String>) {
        let mut calls = MessageStream::from(&connection);
        loop {
            let call = calls.next().await.unwrap().unwrap();
            if call.message_type() != Type::MethodCall {
                continue;
            }
            let header = call.header();
            let (parent, mut options): (String, HashMap<String, OwnedVariant>) =
                call.body().deserialize().unwrap();
            assert_eq!((parent.as_str(), header.member().unwrap().as_str()), ("", "RequestBackground"));
            let path = "/org/freedesktop/portal/desktop/request/1_7/oncue";
            let none: Option<&str> = None;
            let results = HashMap::from([("autostart", Variant::from(granted))]);
            // An answer may come before that to the call.
            connection.emit_signal(none, path, REQUEST, "Response", &(code, results)).await.unwrap();
            let handle = zbus::ObjectPath::try_from(path).unwrap();
            connection.reply(&header, &handle).await.unwrap();
            let command = options.remove("commandline").map(|command| command.try_into().unwrap());
            let autostart: bool = options.remove("autostart").unwrap().try_into().unwrap();
            return (autostart.to_string(), command.unwrap_or_default());
        }
    }

    async fn asked(
        command: &[&str],
        code: u32,
        granted: bool,
    ) -> (Result<(), String>, (String, Vec<String>)) {
        let (theirs, ours) = connected().await;
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        tokio::join!(ask(&ours, &command), portal(theirs, code, granted))
    }

    #[tokio::test]
    async fn the_portal_is_given_the_command_and_its_answer_counts() {
        let (answer, (autostart, command)) = asked(&["/app/bin/a", "--oncue-broker"], 0, true).await;
        assert_eq!((answer, autostart.as_str()), (Ok(()), "true"));
        assert_eq!(command, ["/app/bin/a", "--oncue-broker"]);
        let (answer, (autostart, command)) = asked(&[], 0, false).await;
        assert_eq!((answer, autostart.as_str(), command), (Ok(()), "false", Vec::new()));
        let (answer, _) = asked(&["/app/bin/a"], 0, false).await;
        assert_eq!(answer, Err("it refused".into()));
        let (answer, _) = asked(&["/app/bin/a"], 1, false).await;
        assert_eq!(answer, Err("the user refused".into()));
    }
}
