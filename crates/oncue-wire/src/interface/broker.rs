//! The broker's interface, `org.oncue.Broker1`.

use oncue_types::{InstanceId, TaskId};

use super::row::{Kind, Who, members, methods};
use crate::message::{
    BrokerInfo, CommandChange, CommandSpec, Entry, FactInfo, Fired, Identity, PackageInfo, PauseSpec, Paused,
    ProgressReport, RefusedChange, Registered, Resumed, TaskInfo, TaskSpec, Watched,
};
use crate::word::Word;

methods! {
    /// The first call of a task server: binds the connection to the server that was started with this one-time
    /// token. With an empty token, only returns the broker's version.
    [Who::Anyone, Kind::Change]
    Hello(token: String) -> version: String;

    /// Returns the package that the caller's process belongs to.
    [Who::App, Kind::Look]
    Identity() -> identity: Identity;

    /// Registers a task of the caller's package. The registration is durable when the answer arrives. Calling
    /// it twice creates two tasks, unless the mode is keep or replace.
    [Who::App, Kind::Change]
    Register(task: TaskSpec) -> registered: Registered;

    /// Registers a command of the user as a task, which belongs to no package. The registration is durable when
    /// the answer arrives. Calling it twice returns TaskExists, unless the mode is keep or replace.
    [Who::Tool("add commands as tasks"), Kind::Change]
    AddCommand(task: CommandSpec) -> registered: Registered;

    /// Gives the task of a command another specification, and another name if that differs; the mode is
    /// ignored. Its id, its history and its run stay.
    [Who::Tool("change the tasks of commands"), Kind::Change]
    ChangeCommand(task_id: String, task: CommandSpec) -> registered: Registered;

    /// Checks changes of commands without making them: each as if those before it that are possible had been
    /// made. Returns the ones that would be refused.
    [Who::Tool("check changes of commands"), Kind::Look]
    CheckCommands(changes: Vec<CommandChange>) -> refused: Vec<RefusedChange>;

    /// Notes what a command says about its run.
    [Who::Tool("report the progress of commands"), Kind::Change]
    ReportProgress(instance_id: String, report: ProgressReport);

    /// Ends a registration; cancel also cancels the task's run. Calling it twice returns UnknownTask.
    [Who::Anyone, Kind::Change]
    Unregister(task_id: String, cancel: bool);

    /// Lists tasks, ordered by id. whose is 0 for the caller's own package and 1 for all, which
    /// only a tool may ask for; after is the last id of the previous page, or empty; most is 0 for as many as
    /// one answer holds.
    [Who::Anyone, Kind::List]
    Tasks(whose: Watched, after: String, most: u32) -> tasks: Vec<TaskInfo>;

    /// Lists the tasks that match a name, package/name or the start of an id.
    [Who::Anyone, Kind::List]
    Find(named: String) -> tasks: Vec<TaskInfo>;

    /// Fires a task now. Its conditions still apply, unless force is true.
    [Who::Anyone, Kind::Change]
    Fire(task_id: String, force: bool) -> fired: Fired;

    /// Cancels a task's run with a reason from BackgroundTaskCancellationReason (0 is Abort), or drops its held
    /// firing.
    [Who::Anyone, Kind::Change]
    Cancel(task_id: String, reason: u32);

    /// Releases a quarantined task. Calling it twice returns NotActive.
    [Who::Tool("release quarantined tasks"), Kind::Change]
    Release(task_id: String);

    /// Pauses a task, or all tasks if task_id is empty: nothing starts, and what fires is held. A pause of one task
    /// and the pause of all are independent. Calling it again replaces the end of the pause.
    [Who::Tool("pause tasks"), Kind::Change]
    Pause(task_id: String, pause: PauseSpec) -> paused: Paused;

    /// Ends the pause of a task, or that of all tasks if task_id is empty. What was held is judged again. If there
    /// is no pause, nothing changes.
    [Who::Tool("resume tasks"), Kind::Change]
    Resume(task_id: String) -> resumed: Resumed;

    /// Requests a run of a task with an application trigger. The result is an ApplicationTriggerResult: 0
    /// allowed, 1 currently running, 2 disabled by policy.
    [Who::Anyone, Kind::Change]
    Request(task_id: String, arguments: Vec<String>) -> result: u32;

    /// Raises an event by name, for the tasks of the caller's package, or for all tasks if the caller is the
    /// user's own tool. Returns how many tasks fired.
    [Who::Anyone, Kind::Change]
    Signal(name: String, arguments: Vec<String>) -> fired: u32;

    /// Pins a fact to a value such as on, off or 80%, regardless of what is observed, until the broker ends. An
    /// empty value unpins it.
    [Who::Tool("simulate facts"), Kind::Change]
    Pin(fact: String, value: String);

    /// Lists the entries of the ledger, latest first: of one task, of one package, or of all.
    [Who::Anyone, Kind::List]
    History(task_id: String, package: String, most: u32) -> entries: Vec<Entry>;

    /// Continues History: lists the entries that were written before the one with this ended_at and
    /// instance_id, the last entry of the previous page. A page may be shorter than most; an empty page is the
    /// end.
    [Who::Anyone, Kind::List]
    HistoryBefore(task_id: String, package: String, ended_at: i64, instance_id: String, most: u32)
        -> entries: Vec<Entry>;

    /// Starts to send the signals of this interface over this connection. whose is as in Tasks.
    [Who::Anyone, Kind::Change]
    Watch(whose: Watched);

    /// Adds the package in a folder, or updates it. Adding it again changes nothing. A version older than the
    /// installed one is refused, and so is a folder other than that of the installed one, unless
    /// allow_downgrade is true.
    [Who::Tool("add packages"), Kind::Change]
    AddPackage(folder: String, allow_downgrade: bool) -> package: PackageInfo;

    /// Removes a package and its tasks; its files stay. An app may remove its own package. Calling it twice
    /// returns UnknownPackage.
    [Who::Anyone, Kind::Change]
    RemovePackage(family_name: String);

    /// Sets what a package may do in the background: always, policy or denied.
    [Who::Tool("set what packages may do"), Kind::Change]
    SetAccess(family_name: String, access: String);

    /// Lists the packages.
    [Who::Anyone, Kind::List]
    Packages() -> packages: Vec<PackageInfo>;

    /// Lists the current facts.
    [Who::Anyone, Kind::Look]
    Facts() -> facts: Vec<FactInfo>;

    /// Describes this broker: its version, and which features a client may use.
    [Who::Anyone, Kind::Look]
    About() -> broker: BrokerInfo;

    /// Cancels all runs and ends the broker.
    [Who::Tool("stop the broker"), Kind::Change]
    Stop();

    /// Registers a class object of the caller's package. Activations may arrive before the answer.
    [Who::App, Kind::Change]
    RegisterClass(class_id: String, single_use: bool) -> cookie: u32;

    /// Registers a class object of the caller's package that serves only after ResumeClasses.
    [Who::App, Kind::Change]
    RegisterClassSuspended(class_id: String, single_use: bool) -> cookie: u32;

    /// Resumes all suspended class objects of the caller at once. Activations may arrive before the answer.
    /// Calling it twice changes nothing.
    [Who::Server, Kind::Change]
    ResumeClasses();

    /// Revokes a class object; current runs continue.
    [Who::Server, Kind::Change]
    RevokeClass(cookie: u32);

    /// Reports that a run was entered. No answer is needed; the id of a run that has ended is ignored.
    [Who::Server, Kind::Tell]
    Entered(instance_id: String);

    /// Reports a run's progress. No answer is needed; the id of a run that has ended is ignored.
    [Who::Server, Kind::Tell]
    SetProgress(instance_id: String, value: u32);

    /// Reports that a run has ended; error is empty, or holds the text of one error. No answer is needed; the
    /// id of a run that has already ended is ignored.
    [Who::Server, Kind::Tell]
    Completed(instance_id: String, error: Option<String>);

    /// Asks whether the task server may end. If so, it gets no further runs.
    [Who::Server, Kind::Change]
    Leave() -> may_leave: bool;
}

impl Method {
    /// Returns whether it makes the caller a task server, or is of use only to one. Runs are delivered over a
    /// server's own connection.
    #[must_use]
    pub const fn is_of_servers(self) -> bool {
        match self.who() {
            Who::Server => true,
            Who::Anyone | Who::App | Who::Tool(_) => {
                matches!(self, Self::RegisterClass | Self::RegisterClassSuspended)
            }
        }
    }
}

members! {
    /// The signals of the broker.
    mod signal;

    /// A signal of the broker.
    enum Signal;

    /// A task was registered, replaced, held or armed, or began a run.
    TaskChanged(task_id: Word<TaskId>);

    /// A task is no longer registered.
    TaskRemoved(task_id: Word<TaskId>);

    /// A run was entered.
    RunEntered(task_id: Word<TaskId>, instance_id: Word<InstanceId>);

    /// A run has a new progress value.
    Progress(task_id: Word<TaskId>, instance_id: Word<InstanceId>, value: u32);

    /// A firing has ended.
    Ended(entry: Entry);
}

impl Method {
    /// Returns the method of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.name() == name)
    }
}
