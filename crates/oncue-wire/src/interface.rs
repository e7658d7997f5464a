//! The interfaces as a table: members, their arguments' signatures, and the XML that publishes them.

mod fields;

use std::fmt::Write as _;

use zbus::Type;

use self::fields::fields;
use crate::message::{
    Activation, BrokerInfo, Entry, FactInfo, Fired, Identity, PackageInfo, Progress, Registered, TaskInfo,
    TaskSpec, Watched,
};
use crate::names::{BROKER_INTERFACE, SERVER_INTERFACE, server, signal};

/// What can be asked of the broker: the method's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says what each does")]
pub enum Method {
    Hello,
    Identity,
    Register,
    Unregister,
    Tasks,
    Find,
    Fire,
    Cancel,
    Release,
    Request,
    Signal,
    Pin,
    History,
    HistoryBefore,
    Watch,
    AddPackage,
    RemovePackage,
    SetAccess,
    Packages,
    Facts,
    About,
    Stop,
    RegisterClass,
    RegisterClassSuspended,
    ResumeClasses,
    RevokeClass,
    Entered,
    SetProgress,
    Completed,
    Leave,
}

impl Method {
    /// Returns the method of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Hello" => Self::Hello,
            "Identity" => Self::Identity,
            "Register" => Self::Register,
            "Unregister" => Self::Unregister,
            "Tasks" => Self::Tasks,
            "Find" => Self::Find,
            "Fire" => Self::Fire,
            "Cancel" => Self::Cancel,
            "Release" => Self::Release,
            "Request" => Self::Request,
            "Signal" => Self::Signal,
            "Pin" => Self::Pin,
            "SetAccess" => Self::SetAccess,
            "History" => Self::History,
            "HistoryBefore" => Self::HistoryBefore,
            "Watch" => Self::Watch,
            "AddPackage" => Self::AddPackage,
            "RemovePackage" => Self::RemovePackage,
            "Packages" => Self::Packages,
            "Facts" => Self::Facts,
            "About" => Self::About,
            "Stop" => Self::Stop,
            "RegisterClass" => Self::RegisterClass,
            "RegisterClassSuspended" => Self::RegisterClassSuspended,
            "ResumeClasses" => Self::ResumeClasses,
            "RevokeClass" => Self::RevokeClass,
            "Entered" => Self::Entered,
            "SetProgress" => Self::SetProgress,
            "Completed" => Self::Completed,
            "Leave" => Self::Leave,
            _ => return None,
        })
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which method.
    pub method: Method,
    /// Its name.
    pub name: &'static str,
    /// Its arguments: name and signature.
    pub takes: Vec<(&'static str, String)>,
    /// Its results: name and signature.
    pub gives: Vec<(&'static str, String)>,
    /// What it does.
    pub meaning: &'static str,
}

fn sig<T: Type>(name: &'static str) -> (&'static str, String) {
    (name, T::SIGNATURE.to_string())
}

/// Returns the methods of the broker's interface.
#[must_use]
pub fn methods() -> Vec<Row> {
    let row = |method, name, takes, gives, meaning| Row { method, name, takes, gives, meaning };
    vec![
        row(
            Method::Hello,
            "Hello",
            vec![sig::<String>("token")],
            vec![sig::<String>("version")],
            "Binds the connection to the started server that carries this one-time token; an empty token asks only \
             for the broker's version. First call of a task server.",
        ),
        row(
            Method::Identity,
            "Identity",
            vec![],
            fields::<Identity>(),
            "Says which package the caller's process belongs to.",
        ),
        row(
            Method::Register,
            "Register",
            vec![sig::<TaskSpec>("task")],
            fields::<Registered>(),
            "Registers a task of the caller's package; it is durable when the answer comes. Twice in a row gives two \
             tasks, unless the mode is keep or replace.",
        ),
        row(
            Method::Unregister,
            "Unregister",
            vec![sig::<String>("task_id"), sig::<bool>("cancel")],
            vec![],
            "Ends a registration; cancel also cancels its run. Twice in a row: UnknownTask.",
        ),
        row(
            Method::Tasks,
            "Tasks",
            vec![sig::<Watched>("whose"), sig::<String>("after"), sig::<u32>("most")],
            vec![sig::<Vec<TaskInfo>>("tasks")],
            "Lists tasks in the order of their ids; after is the last id of the page before, or empty.",
        ),
        row(
            Method::Find,
            "Find",
            vec![sig::<String>("named")],
            vec![sig::<Vec<TaskInfo>>("tasks")],
            "Lists the tasks that a name, package/name or the start of an id may mean.",
        ),
        row(
            Method::Fire,
            "Fire",
            vec![sig::<String>("task_id"), sig::<bool>("force")],
            fields::<Fired>(),
            "Fires a task now; its conditions still decide, unless force.",
        ),
        row(
            Method::Cancel,
            "Cancel",
            vec![sig::<String>("task_id"), sig::<u32>("reason")],
            vec![],
            "Cancels a task's run for a reason of BackgroundTaskCancellationReason, 0 is Abort, or drops its held \
             firing.",
        ),
        row(
            Method::Release,
            "Release",
            vec![sig::<String>("task_id")],
            vec![],
            "Lets a quarantined task run again. Twice in a row: NotActive.",
        ),
        row(
            Method::Request,
            "Request",
            vec![sig::<String>("task_id"), sig::<Vec<String>>("arguments")],
            vec![sig::<u32>("result")],
            "Has a task run that has an application trigger. The result is that of ApplicationTriggerResult: 0 \
             allowed, 1 currently running, 2 disabled by policy.",
        ),
        row(
            Method::Signal,
            "Signal",
            vec![sig::<String>("name"), sig::<Vec<String>>("arguments")],
            vec![sig::<u32>("fired")],
            "Raises an event by name for the tasks of the caller's package, or for all when the user's own tool asks; \
             says how many tasks fired.",
        ),
        row(
            Method::Pin,
            "Pin",
            vec![sig::<String>("fact"), sig::<String>("value")],
            vec![],
            "Lets a fact count as on, off or 80%, whatever is observed, until the broker ends; an empty value lets what \
             is observed count again.",
        ),
        row(
            Method::History,
            "History",
            vec![sig::<String>("task_id"), sig::<String>("package"), sig::<u32>("most")],
            vec![sig::<Vec<Entry>>("entries")],
            "Lists the ledger's entries, latest first, of one task, of one package, or of all.",
        ),
        row(
            Method::HistoryBefore,
            "HistoryBefore",
            vec![
                sig::<String>("task_id"),
                sig::<String>("package"),
                sig::<i64>("ended_at"),
                sig::<String>("instance_id"),
                sig::<u32>("most"),
            ],
            vec![sig::<Vec<Entry>>("entries")],
            "Continues History: lists the entries that were written before the one with this ended_at and instance_id, \
             the last entry of the previous page. A page may be shorter than most; an empty page is the end.",
        ),
        row(
            Method::Watch,
            "Watch",
            vec![sig::<Watched>("whose")],
            vec![],
            "Sends the signals of this interface over this connection from now on.",
        ),
        row(
            Method::AddPackage,
            "AddPackage",
            vec![sig::<String>("folder"), sig::<bool>("allow_downgrade")],
            fields::<PackageInfo>(),
            "Adds the package in a folder, or updates it. Adding it again changes nothing. A version older than the \
             present one is refused, and so is a folder other than the present one, unless allow_downgrade is set.",
        ),
        row(
            Method::RemovePackage,
            "RemovePackage",
            vec![sig::<String>("family_name")],
            vec![],
            "Forgets a package with its tasks; its files stay. Twice in a row: UnknownPackage.",
        ),
        row(
            Method::SetAccess,
            "SetAccess",
            vec![sig::<String>("family_name"), sig::<String>("access")],
            vec![],
            "Says what a package may do in the background: always, policy or denied.",
        ),
        row(
            Method::Packages,
            "Packages",
            vec![],
            vec![sig::<Vec<PackageInfo>>("packages")],
            "Lists the packages.",
        ),
        row(
            Method::Facts,
            "Facts",
            vec![],
            vec![sig::<Vec<FactInfo>>("facts")],
            "Lists the facts as they stand.",
        ),
        row(Method::About, "About", vec![], fields::<BrokerInfo>(), "Describes this broker."),
        row(Method::Stop, "Stop", vec![], vec![], "Cancels what runs and ends the broker."),
        row(
            Method::RegisterClass,
            "RegisterClass",
            vec![sig::<String>("class_id"), sig::<bool>("single_use")],
            vec![sig::<u32>("cookie")],
            "Offers a class object of the caller's package; activations may come before the answer does.",
        ),
        row(
            Method::RegisterClassSuspended,
            "RegisterClassSuspended",
            vec![sig::<String>("class_id"), sig::<bool>("single_use")],
            vec![sig::<u32>("cookie")],
            "Offers a class object of the caller's package that serves only from ResumeClasses on.",
        ),
        row(
            Method::ResumeClasses,
            "ResumeClasses",
            vec![],
            vec![],
            "Lets all suspended class objects of the caller serve, at once; activations may come before the answer \
             does. Twice in a row changes nothing.",
        ),
        row(
            Method::RevokeClass,
            "RevokeClass",
            vec![sig::<u32>("cookie")],
            vec![],
            "Takes a class object back; runs go on.",
        ),
        row(
            Method::Entered,
            "Entered",
            vec![sig::<String>("instance_id")],
            vec![],
            "Says that run was entered. No answer is needed; a stale id is ignored.",
        ),
        row(
            Method::SetProgress,
            "SetProgress",
            vec![sig::<String>("instance_id"), sig::<u32>("value")],
            vec![],
            "Gives a run's progress. No answer is needed; a stale id is ignored.",
        ),
        row(
            Method::Completed,
            "Completed",
            vec![sig::<String>("instance_id"), sig::<Option<String>>("error")],
            vec![],
            "Ends a run. No answer is needed; a stale id is ignored.",
        ),
        row(
            Method::Leave,
            "Leave",
            vec![],
            vec![sig::<bool>("may_leave")],
            "Asks whether the task server may end; after a yes it gets nothing more to do.",
        ),
    ]
}

/// Returns the XML of both interfaces, as `docs/interface/org.oncue.Broker1.xml` holds it.
#[must_use]
pub fn xml() -> String {
    let mut xml = String::from(
        "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n  \
         \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n",
    );
    open(
        &mut xml,
        BROKER_INTERFACE,
        "What apps, tools and task servers ask the broker, at /org/oncue/Broker1.",
    );
    for row in methods() {
        member(&mut xml, "method", row.name, row.meaning, &row.takes, &row.gives);
    }
    let ids = vec![sig::<String>("task_id"), sig::<String>("instance_id")];
    let changed = "A task was registered, replaced, held, armed, or began a run.";
    member(&mut xml, "signal", signal::TASK_CHANGED, changed, &ids[..1], &[]);
    member(&mut xml, "signal", signal::TASK_REMOVED, "A task is no longer registered.", &ids[..1], &[]);
    member(&mut xml, "signal", signal::RUN_ENTERED, "A run was entered.", &ids, &[]);
    member(
        &mut xml,
        "signal",
        signal::PROGRESS,
        "A run has a new progress value.",
        &fields::<Progress>(),
        &[],
    );
    member(&mut xml, "signal", signal::ENDED, "A firing has ended.", &fields::<Entry>(), &[]);
    xml.push_str("  </interface>\n");
    open(&mut xml, SERVER_INTERFACE, "What the broker asks of a task server, at /org/oncue/TaskServer1.");
    let run = "Run an instance. No answer; Entered and Completed follow.";
    member(&mut xml, "method", server::RUN, run, &fields::<Activation>(), &[]);
    let cancel =
        "Cancel an instance, for a reason of BackgroundTaskCancellationReason. No answer; Completed follows.";
    let arguments = [sig::<String>("instance_id"), sig::<u32>("reason")];
    member(&mut xml, "method", server::CANCEL, cancel, &arguments, &[]);
    xml.push_str("  </interface>\n</node>\n");
    xml
}

fn open(xml: &mut String, interface: &str, meaning: &str) {
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(xml, "  <interface name=\"{interface}\">\n    <!-- {meaning} -->");
}

fn member(
    xml: &mut String,
    kind: &str,
    name: &str,
    meaning: &str,
    takes: &[(&str, String)],
    gives: &[(&str, String)],
) {
    let _ = writeln!(xml, "    <!-- {meaning} -->\n    <{kind} name=\"{name}\">");
    let direction = |way| if kind == "method" { format!(" direction=\"{way}\"") } else { String::new() };
    for (arguments, way) in [(takes, "in"), (gives, "out")] {
        for (argument, signature) in arguments {
            let _ = writeln!(xml, "      <arg name=\"{argument}\" type=\"{signature}\"{}/>", direction(way));
        }
    }
    let _ = writeln!(xml, "    </{kind}>");
}
