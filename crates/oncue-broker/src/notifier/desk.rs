//! The connection to the notification service, and what its actions do.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};

use futures_util::StreamExt as _;
use oncue_core::{InstanceId, TaskId};
use zbus::message::Type;
use zbus::{Connection, Message, MessageStream, Variant};

use super::Notice;
use crate::output::Archive;
use crate::variables::Session;

const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// The action that opens the output.
const OUTPUT: &str = "output";

/// How many notifications that may still be clicked are remembered.
const SHOWN: usize = 64;

/// The program that opens a file as the user prefers: xdg-open(1).
const OPENER: &str = "xdg-open";

type Run = (TaskId, InstanceId);

/// A connection to the service.
pub(super) struct Desk {
    messages: MessageStream,
    bus: Connection,
    archive: Archive,
    session: Session,
    /// The calls that have not been answered, and the runs that they are about.
    asked: HashMap<NonZeroU32, Run>,
    /// The notifications by the service's number.
    shown: HashMap<u32, Run>,
}

impl Desk {
    /// Connects to the session bus.
    pub(super) async fn open(archive: Archive, session: Session) -> zbus::Result<Self> {
        let messages = zbus::connection::Builder::session().build_message_stream().await?;
        let bus = Connection::from(&messages);
        let rule = format!("type='signal',interface='{SERVICE}'");
        let bus_name = "org.freedesktop.DBus";
        let call = Message::method_call("/org/freedesktop/DBus", "AddMatch");
        bus.send(&call.destination(bus_name).interface(bus_name).build(&rule)?).await?;
        Ok(Self { messages, bus, archive, session, asked: HashMap::new(), shown: HashMap::new() })
    }

    /// Shows a notification. Whether the service accepts it is heard later.
    pub(super) async fn show(&mut self, notice: &Notice) -> zbus::Result<()> {
        let urgency: u8 = if notice.is_bad { 2 } else { 1 };
        let hints = HashMap::from([("urgency", Variant::from(urgency))]);
        let actions = [OUTPUT, "Show output"];
        let body = ("oncue", 0_u32, "", &notice.title, &notice.body, &actions[..], hints, -1_i32);
        let call =
            Message::method_call(PATH, "Notify").destination(SERVICE).interface(SERVICE).build(&body)?;
        self.asked.insert(call.primary_header().serial_num(), (notice.task, notice.instance));
        self.bus.send(&call).await
    }

    /// Handles the next message; returns whether the connection is still there.
    pub(super) async fn hear(&mut self) -> bool {
        let Some(Ok(message)) = self.messages.next().await else { return false };
        let header = message.header();
        match message.message_type() {
            Type::MethodReturn => {
                let asked = header.reply_serial().and_then(|serial| self.asked.remove(&serial));
                if let (Some(run), Ok(number)) = (asked, message.body().deserialize::<u32>()) {
                    if self.shown.len() >= SHOWN {
                        self.shown.clear();
                    }
                    self.shown.insert(number, run);
                }
            }
            Type::Error => {
                let asked = header.reply_serial().and_then(|serial| self.asked.remove(&serial));
                if asked.is_some() {
                    let why = message.body().deserialize::<String>().unwrap_or_default();
                    tracing::warn!("the notification service refused a notification: {why}");
                }
            }
            Type::Signal => match header.member().map(|member| member.as_str()) {
                Some("ActionInvoked") => {
                    if let Ok((number, action)) = message.body().deserialize::<(u32, String)>()
                        && let Some(run) =
                            self.shown.get(&number).filter(|_| action == OUTPUT || action == "default")
                    {
                        self.open_output(*run);
                    }
                }
                Some("NotificationClosed") => {
                    if let Ok((number, _)) = message.body().deserialize::<(u32, u32)>() {
                        self.shown.remove(&number);
                    }
                }
                Some(_) | None => {}
            },
            Type::MethodCall => {}
        }
        true
    }

    /// Opens the output of a run in the user's preferred program.
    fn open_output(&self, (task, instance): Run) {
        let (archive, session) = (self.archive.clone(), self.session.clone());
        tokio::spawn(async move {
            let of_manager = session.of_manager().await;
            // The file system and the program may hang.
            let opening = tokio::task::spawn_blocking(move || {
                let path = match archive.run(task, instance) {
                    Ok(Some(run)) => run.path,
                    // It wrote nothing, but there may be other runs.
                    Ok(None) | Err(_) => archive.folder_of(task),
                };
                let mut opener = Command::new(OPENER);
                opener.arg(&path).env_clear().envs(session.variables(of_manager)).current_dir("/");
                opener.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                // It is reaped with the other processes that the broker has adopted.
                if let Err(error) = opener.spawn() {
                    tracing::warn!("starting {OPENER} to show {}: {error}", path.display());
                }
            });
            let _ = opening.await;
        });
    }
}
