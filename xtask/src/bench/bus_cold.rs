//! Peer: a method call through dbus-daemon that first has to start the server.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use zbus::message::{Flags, Message, Type};
use zbus::{Connection, MatchRule, MessageStream};

use super::bus::{PrivateBus, call, runtime};
use super::bus_server::{INTERFACE, NAME, OBJECT};
use super::room::{Plan, Room};
use super::unmeasured::Unmeasured;

const PLAN: Plan = Plan { full: 300, quick: 50 };

/// How long the server may take to leave.
const PATIENCE: Duration = Duration::from_secs(25);

/// From the call to the first reply. The server is not running at the start of a round.
pub(super) fn measure(room: &Room, bus: &PrivateBus) -> Result<Vec<Duration>, Unmeasured> {
    let rounds = room.rounds(&PLAN);
    runtime()?.block_on(async {
        let connection = bus.connect().await?;
        let mut owners = owners(&connection).await?;
        // It may still be running after an earlier measurement.
        call(&connection).await?;
        send_off(&connection, &mut owners).await?;
        let mut durations = Vec::with_capacity(rounds.counted);
        for round in 0..rounds.warm_up + rounds.counted {
            let start = Instant::now();
            call(&connection).await?;
            let took = start.elapsed();
            if round >= rounds.warm_up {
                durations.push(took);
            }
            send_off(&connection, &mut owners).await?;
        }
        Ok(durations)
    })
}

/// The bus's signals about the owner of the server's name.
async fn owners(connection: &Connection) -> Result<MessageStream, Unmeasured> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")
        .interface("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .add_arg(NAME)
        .build()?;
    Ok(MessageStream::for_match_rule(rule, connection, None).await?)
}

/// Tells the server to leave and waits until its name has no owner.
async fn send_off(connection: &Connection, owners: &mut MessageStream) -> Result<(), Unmeasured> {
    let leave = Message::method_call(OBJECT, "Leave")
        .destination(NAME)
        .interface(INTERFACE)
        .with_flags(Flags::NO_REPLY_EXPECTED)
        .build(&())?;
    connection.send(&leave).await?;
    tokio::time::timeout(PATIENCE, name_lost(owners))
        .await
        .map_err(|_| Unmeasured::Stays { seconds: PATIENCE.as_secs() })?
}

async fn name_lost(owners: &mut MessageStream) -> Result<(), Unmeasured> {
    while let Some(message) = owners.try_next().await? {
        let body = message.body();
        let (_name, _old, new): (&str, &str, &str) = body.deserialize()?;
        if new.is_empty() {
            return Ok(());
        }
    }
    Err(Unmeasured::Bus(zbus::Error::Failure("the connection closed".to_owned())))
}
