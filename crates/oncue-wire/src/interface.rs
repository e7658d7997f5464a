//! The interfaces as a table: members, the signatures of their arguments, and the XML that
//! documents them.

mod fields;

use std::fmt::Write as _;

use zbus::Type;

use self::fields::fields;
use crate::message::{
    Activation, BrokerInfo, Entry, FactInfo, Fired, Identity, PackageInfo, Progress, Registered, TaskInfo,
    TaskSpec, Watched,
};
use crate::names::{BROKER_INTERFACE, SERVER_INTERFACE, server, signal};

/// The methods of the broker.
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
    /// Returns the method with this name.
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
    /// The method.
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
            "The first call of a task server: binds the connection to the server that was started with this one-time \
             token. With an empty token, only returns the broker's version.",
        ),
        row(
            Method::Identity,
            "Identity",
            vec![],
            fields::<Identity>(),
            "Returns the package that the caller's process belongs to.",
        ),
        row(
            Method::Register,
            "Register",
            vec![sig::<TaskSpec>("task")],
            fields::<Registered>(),
            "Registers a task of the caller's package. The registration is durable when the answer arrives. Calling it \
             twice creates two tasks, unless the mode is keep or replace.",
        ),
        row(
            Method::Unregister,
            "Unregister",
            vec![sig::<String>("task_id"), sig::<bool>("cancel")],
            vec![],
            "Ends a registration; cancel also cancels the task's run. Calling it twice returns UnknownTask.",
        ),
        row(
            Method::Tasks,
            "Tasks",
            vec![sig::<Watched>("whose"), sig::<String>("after"), sig::<u32>("most")],
            vec![sig::<Vec<TaskInfo>>("tasks")],
            "Lists tasks, ordered by id; after is the last id of the previous page, or empty.",
        ),
        row(
            Method::Find,
            "Find",
            vec![sig::<String>("named")],
            vec![sig::<Vec<TaskInfo>>("tasks")],
            "Lists the tasks that match a name, package/name or the start of an id.",
        ),
        row(
            Method::Fire,
            "Fire",
            vec![sig::<String>("task_id"), sig::<bool>("force")],
            fields::<Fired>(),
            "Fires a task now. Its conditions still apply, unless force is true.",
        ),
        row(
            Method::Cancel,
            "Cancel",
            vec![sig::<String>("task_id"), sig::<u32>("reason")],
            vec![],
            "Cancels a task's run with a reason from BackgroundTaskCancellationReason (0 is Abort), or drops its held \
             firing.",
        ),
        row(
            Method::Release,
            "Release",
            vec![sig::<String>("task_id")],
            vec![],
            "Releases a quarantined task. Calling it twice returns NotActive.",
        ),
        row(
            Method::Request,
            "Request",
            vec![sig::<String>("task_id"), sig::<Vec<String>>("arguments")],
            vec![sig::<u32>("result")],
            "Requests a run of a task with an application trigger. The result is an ApplicationTriggerResult: 0 \
             allowed, 1 currently running, 2 disabled by policy.",
        ),
        row(
            Method::Signal,
            "Signal",
            vec![sig::<String>("name"), sig::<Vec<String>>("arguments")],
            vec![sig::<u32>("fired")],
            "Raises an event by name, for the tasks of the caller's package, or for all tasks if the caller is the \
             user's own tool. Returns how many tasks fired.",
        ),
        row(
            Method::Pin,
            "Pin",
            vec![sig::<String>("fact"), sig::<String>("value")],
            vec![],
            "Pins a fact to a value such as on, off or 80%, regardless of what is observed, until the broker ends. An \
             empty value unpins it.",
        ),
        row(
            Method::History,
            "History",
            vec![sig::<String>("task_id"), sig::<String>("package"), sig::<u32>("most")],
            vec![sig::<Vec<Entry>>("entries")],
            "Lists the entries of the ledger, latest first: of one task, of one package, or of all.",
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
            "Starts to send the signals of this interface over this connection.",
        ),
        row(
            Method::AddPackage,
            "AddPackage",
            vec![sig::<String>("folder"), sig::<bool>("allow_downgrade")],
            fields::<PackageInfo>(),
            "Adds the package in a folder, or updates it. Adding it again changes nothing. A version older than the \
             installed one is refused, and so is a folder other than that of the installed one, unless \
             allow_downgrade is true.",
        ),
        row(
            Method::RemovePackage,
            "RemovePackage",
            vec![sig::<String>("family_name")],
            vec![],
            "Removes a package and its tasks; its files stay. Calling it twice returns UnknownPackage.",
        ),
        row(
            Method::SetAccess,
            "SetAccess",
            vec![sig::<String>("family_name"), sig::<String>("access")],
            vec![],
            "Sets what a package may do in the background: always, policy or denied.",
        ),
        row(
            Method::Packages,
            "Packages",
            vec![],
            vec![sig::<Vec<PackageInfo>>("packages")],
            "Lists the packages.",
        ),
        row(Method::Facts, "Facts", vec![], vec![sig::<Vec<FactInfo>>("facts")], "Lists the current facts."),
        row(Method::About, "About", vec![], fields::<BrokerInfo>(), "Describes this broker."),
        row(Method::Stop, "Stop", vec![], vec![], "Cancels all runs and ends the broker."),
        row(
            Method::RegisterClass,
            "RegisterClass",
            vec![sig::<String>("class_id"), sig::<bool>("single_use")],
            vec![sig::<u32>("cookie")],
            "Registers a class object of the caller's package. Activations may arrive before the answer.",
        ),
        row(
            Method::RegisterClassSuspended,
            "RegisterClassSuspended",
            vec![sig::<String>("class_id"), sig::<bool>("single_use")],
            vec![sig::<u32>("cookie")],
            "Registers a class object of the caller's package that serves only after ResumeClasses.",
        ),
        row(
            Method::ResumeClasses,
            "ResumeClasses",
            vec![],
            vec![],
            "Resumes all suspended class objects of the caller at once. Activations may arrive before the answer. \
             Calling it twice changes nothing.",
        ),
        row(
            Method::RevokeClass,
            "RevokeClass",
            vec![sig::<u32>("cookie")],
            vec![],
            "Revokes a class object; current runs continue.",
        ),
        row(
            Method::Entered,
            "Entered",
            vec![sig::<String>("instance_id")],
            vec![],
            "Reports that a run was entered. No answer is needed; the id of a run that has ended is ignored.",
        ),
        row(
            Method::SetProgress,
            "SetProgress",
            vec![sig::<String>("instance_id"), sig::<u32>("value")],
            vec![],
            "Reports a run's progress. No answer is needed; the id of a run that has ended is ignored.",
        ),
        row(
            Method::Completed,
            "Completed",
            vec![sig::<String>("instance_id"), sig::<Option<String>>("error")],
            vec![],
            "Reports that a run has ended. No answer is needed; the id of a run that has already ended is ignored.",
        ),
        row(
            Method::Leave,
            "Leave",
            vec![],
            vec![sig::<bool>("may_leave")],
            "Asks whether the task server may end. If so, it gets no further runs.",
        ),
    ]
}

/// Returns the XML of both interfaces, as in `docs/interface/org.oncue.Broker1.xml`.
#[must_use]
pub fn xml() -> String {
    let mut xml = String::from(
        "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n  \
         \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n",
    );
    open(
        &mut xml,
        BROKER_INTERFACE,
        "The broker's interface for apps, tools and task servers, at /org/oncue/Broker1.",
    );
    for row in methods() {
        member(&mut xml, "method", row.name, row.meaning, &row.takes, &row.gives);
    }
    let ids = vec![sig::<String>("task_id"), sig::<String>("instance_id")];
    let changed = "A task was registered, replaced, held or armed, or began a run.";
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
    open(
        &mut xml,
        SERVER_INTERFACE,
        "The interface of task servers for the broker, at /org/oncue/TaskServer1.",
    );
    let run = "Runs an instance. There is no answer; Entered and Completed follow.";
    member(&mut xml, "method", server::RUN, run, &fields::<Activation>(), &[]);
    let cancel = "Cancels an instance, with a reason from BackgroundTaskCancellationReason. There is no answer; Completed follows.";
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
