//! The server that dbus-daemon activates and that clients call.

use futures_util::StreamExt as _;
use zbus::connection::Builder;
use zbus::message::Type;
use zbus::{Message, MessageStream};

use super::bus::runtime;
use super::unmeasured::Unmeasured;

/// The server's name on the bus.
pub(super) const NAME: &str = "org.oncue.Bench";
/// The path of its one object.
pub(super) const OBJECT: &str = "/org/oncue/Bench";
/// The interface of that object.
pub(super) const INTERFACE: &str = "org.oncue.Bench1";

/// Serves on the bus at `address` until told to leave or until the bus is gone.
pub(super) fn serve(address: &str) -> Result<(), Unmeasured> {
    runtime()?.block_on(async {
        // The stream exists before the server has its name, so that no call is missed.
        let connection = Builder::address(address).build().await?;
        let mut messages = MessageStream::from(&connection);
        connection.request_name(NAME).await?;
        while let Some(Ok(message)) = messages.next().await {
            if message.message_type() == Type::MethodCall && answer(&connection, &message).await? {
                break;
            }
        }
        // The connection closes only with the process, so that a client that sees the name
        // disappear does not measure the end of this server together with the start of the next.
        std::process::exit(0)
    })
}

/// Answers a call, as quickly as zbus can. Returns whether the server is to leave.
async fn answer(connection: &zbus::Connection, call: &Message) -> Result<bool, Unmeasured> {
    let header = call.header();
    match header.member().map_or("", |member| member.as_str()) {
        "Echo" => {
            let number: u64 = call.body().deserialize()?;
            connection.reply(&header, &number).await?;
            Ok(false)
        }
        "Leave" => {
            connection.reply(&header, &()).await?;
            Ok(true)
        }
        _ => {
            connection.reply_error(&header, "org.freedesktop.DBus.Error.UnknownMethod", &"unknown").await?;
            Ok(false)
        }
    }
}
