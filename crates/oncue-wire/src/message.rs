//! What messages describe: dictionaries whose fields are defined here and nowhere else.
//!
//! The fields have the vocabulary's types. An instant is sent as microseconds since 1970-01-01 00:00 UTC;
//! an id, and everything that can be a [`Word`] of a newer version, as text.

use oncue_types::{
    Access, Blocker, CancellationReason, Condition, Exit, FactKind, Guid, InstanceId, Outcome, Policy,
    Reading, RegisterMode, Statuses, TaskId, TaskState, Trigger, Wall,
};
use serde::{Deserialize, Serialize};
use zbus::Type;

use crate::dictionary::dictionaries;
use crate::word::{How, Origin, RunState, StartedBy, Word};

dictionaries! {
    /// A task to be registered.
    TaskSpec {
        /// Its name.
        name: String,
        /// The group that it belongs to.
        group: Option<GroupInfo>,
        /// The class that runs it, a GUID.
        class_id: Word<Guid>,
        /// Its trigger: `every 15m`, `once 15m`.
        trigger: Word<Trigger>,
        /// Its condition: `internet and not free-network`. None if it has none.
        condition: Option<Word<Condition>>,
        /// Its policy: `missed=skip slack=30s`. None for the defaults.
        policy: Option<Word<Policy>>,
        /// What to do if the package already has a task of that name in that group, or in none. `always`
        /// if it is missing.
        mode: Word<RegisterMode>,
    }

    /// A command to be registered as a task.
    CommandSpec {
        /// The task's name. A command's name is unique, and contains no slash.
        name: String,
        /// The command.
        command: CommandInfo,
        /// Its trigger: `every 15m`, `calendar Mon..Fri 9:00`. `application` for a task that only runs on
        /// request.
        trigger: Word<Trigger>,
        /// Its condition: `internet and not free-network`. None if it has none.
        condition: Option<Word<Condition>>,
        /// Its policy: `missed=skip slack=30s`. None for the defaults.
        policy: Option<Word<Policy>>,
        /// What to do if there is a task of that name. `new` if it is missing.
        mode: Word<RegisterMode>,
    }

    /// A change of the user's commands that is only checked.
    CommandChange {
        /// The id of the task that would be changed. Empty for one that would be added.
        task_id: String,
        /// What would be registered.
        task: CommandSpec,
    }

    /// A change that would be refused.
    RefusedChange {
        /// Its place among the changes, counted from 0.
        place: u32,
        /// The name of the D-Bus error.
        error: String,
        /// The facts.
        message: String,
        /// What the caller can do.
        way_out: String,
    }

    /// A command that runs as a task: the process is the run.
    CommandInfo {
        /// The program: a path, or a name that is looked up in the `PATH` of `environment`.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// The folder in which it starts, an absolute path.
        folder: String,
        /// The variables that it gets in addition to those of the user's session: `NAME=VALUE`.
        environment: Vec<String>,
        /// The file that is its standard input. None for an empty one.
        input: Option<String>,
        /// The exit statuses that mean success: `0,2`. None for 0.
        success: Option<Word<Statuses>>,
    }

    /// What a command says about its run.
    ProgressReport {
        /// How far it has come. None to leave that as it is.
        value: Option<u32>,
        /// What it is doing, or its result. None to leave that as it is.
        note: Option<String>,
    }

    /// What registering did.
    Registered {
        /// The task's id.
        task_id: TaskId,
        /// What was done.
        how: Word<How>,
        /// Which parts of a replaced task changed: `name`, `group`, `class`,
        /// `command`, `trigger`, `condition`, `policy`.
        changed: Vec<String>,
    }

    /// A group of tasks.
    GroupInfo {
        /// Its id.
        id: String,
        /// Its name for people; may be empty.
        name: String,
    }

    /// A task and its current state.
    TaskInfo {
        /// Its id.
        task_id: TaskId,
        /// Its name.
        name: String,
        /// Its package's family name.
        package: String,
        /// The group that it belongs to.
        group: Option<GroupInfo>,
        /// The class that runs it. The GUID of zeros for a command.
        class_id: Guid,
        /// The command that it runs. None if a class runs it.
        command: Option<CommandInfo>,
        /// Its trigger.
        trigger: Word<Trigger>,
        /// Its condition. None if it has none.
        condition: Option<Word<Condition>>,
        /// Its policy. None for the defaults.
        policy: Option<Word<Policy>>,
        /// Where it stands.
        state: Word<TaskState>,
        /// When its trigger fires next.
        next_due: Option<Wall>,
        /// The latest time of the next firing: it can wait to share a wake-up with others.
        next_by: Option<Wall>,
        /// The parts of its condition that do not hold now.
        failing: Vec<Word<Condition>>,
        /// What else keeps it from running. After `shortage` and `out_of_reach` the reason follows:
        /// `shortage: open files`.
        blocked: Vec<Word<Blocker>>,
        /// Its own pause.
        paused: Option<PauseInfo>,
        /// The pause of all tasks.
        all_paused: Option<PauseInfo>,
        /// The firings that wait.
        waiting: Option<WaitingInfo>,
        /// Why its trigger cannot be observed. Empty if it can.
        trouble: String,
        /// Since when its firing waits for its condition or for what blocks it.
        held_since: Option<Wall>,
        /// How many activations in a row crashed or never registered.
        strikes: u32,
        /// The next attempt after a failure.
        retry: Option<RetryInfo>,
        /// The run that is alive.
        instance_id: Option<InstanceId>,
        /// When that run's firing was due; the first, if it answers several.
        fired_at: Option<Wall>,
        /// When that run was entered.
        started_at: Option<Wall>,
        /// That run's progress.
        progress: Option<u32>,
        /// What that run says about itself. Empty if it says nothing.
        note: String,
        /// How its last run ended.
        last: Option<LastRun>,
    }

    /// Firings that wait.
    WaitingInfo {
        /// How many.
        firings: u32,
        /// When the first of them was due.
        since: Wall,
    }

    /// How to pause a task or all tasks.
    PauseSpec {
        /// When the pause ends, by the wall clock. If neither this nor `lasts` is given, it lasts until
        /// `Resume` is called.
        until: Option<Wall>,
        /// How long the pause lasts, in real time: `2h`, `1h30m`.
        lasts: String,
        /// Whether to cancel what runs, with `Abort`; otherwise runs finish.
        cancel: bool,
    }

    /// A pause.
    PauseInfo {
        /// When it began.
        since: Wall,
        /// When it ends. None if it lasts until `Resume` is called.
        until: Option<Wall>,
    }

    /// What pausing did.
    Paused {
        /// The pause.
        pause: Option<PauseInfo>,
        /// How many runs were told to end.
        cancelled: u32,
    }

    /// What resuming did.
    Resumed {
        /// Whether it was paused.
        was_paused: bool,
        /// How many tasks are paused by themselves now.
        tasks_paused: u32,
    }

    /// The next attempt after a failure.
    RetryInfo {
        /// Which attempt it is, counted from 1.
        attempt: u32,
        /// When it is made.
        at: Wall,
    }

    /// How a task's last run ended.
    LastRun {
        /// The run.
        instance_id: InstanceId,
        /// How it ended.
        outcome: Word<Outcome>,
        /// When it ended.
        ended_at: Wall,
    }

    /// What firing a task did.
    Fired {
        /// The task.
        task_id: TaskId,
        /// What became of the firing.
        state: Word<RunState>,
        /// The run that began, or the one whose end is waited for. None if the task is held.
        instance_id: Option<InstanceId>,
        /// The parts of the condition that do not hold, if the task is held.
        failing: Vec<Word<Condition>>,
        /// What else keeps it from running, as in `TaskInfo`.
        blocked: Vec<Word<Blocker>>,
    }

    /// A run as its task server gets it.
    Activation {
        /// The run.
        instance_id: InstanceId,
        /// Its task.
        task_id: TaskId,
        /// The task's name.
        name: String,
        /// The task's group. None if the task was unregistered meanwhile.
        group: Option<GroupInfo>,
        /// The class whose object is to run it.
        class_id: Guid,
        /// The task's trigger. None if the task was unregistered meanwhile.
        trigger: Option<Word<Trigger>>,
        /// When the trigger fired first.
        fired_at: Wall,
        /// How many firings it answers.
        firings: u32,
        /// What the trigger tells about them: paths, arguments, a device.
        details: Vec<String>,
        /// How many more details there were than can be sent.
        left_out: u32,
    }

    /// The ledger's entry about one firing.
    Entry {
        /// The run. A firing without a run has an id of its own too.
        instance_id: InstanceId,
        /// Its task.
        task_id: TaskId,
        /// The task's name at that time.
        name: String,
        /// Its package's family name.
        package: String,
        /// When the firing was due.
        fired_at: Wall,
        /// When `run` was entered.
        started_at: Option<Wall>,
        /// When it ended.
        ended_at: Wall,
        /// How it ended.
        outcome: Word<Outcome>,
        /// Why it was cancelled, as WinRT names it.
        reason: Option<Word<CancellationReason>>,
        /// The last progress value.
        progress: Option<u32>,
        /// How many firings it answers; of skipped, dropped or coalesced ones, how many there were.
        firings: u32,
        /// How the server's process ended: `exit 3`, `SIGSEGV`.
        exit_status: Option<Word<Exit>>,
        /// The task's error, why its activation failed, which run caused its server to be killed, or the
        /// last lines that its server wrote to standard error after it received the run.
        message: Option<String>,
    }

    /// A package.
    PackageInfo {
        /// Its family name.
        family_name: String,
        /// Its full name.
        full_name: String,
        /// Its name for people.
        display_name: String,
        /// Its version.
        version: String,
        /// The folder that holds its manifest.
        location: String,
        /// Its local folder for data.
        local_folder: String,
        /// What the user allows it.
        access: Word<Access>,
        /// How it came to be known.
        origin: Word<Origin>,
        /// Its task servers.
        servers: Vec<ServerInfo>,
        /// How many tasks it has.
        tasks: u32,
        /// What is wrong with it now. Empty if nothing is.
        problem: String,
    }

    /// One executable of a package that makes classes.
    ServerInfo {
        /// The executable's path.
        executable: String,
        /// Its arguments.
        arguments: String,
        /// The classes that it makes.
        classes: Vec<ClassInfo>,
    }

    /// A class that a task server makes.
    ClassInfo {
        /// Its id, a GUID.
        class_id: Guid,
        /// Its name for people.
        display_name: String,
    }

    /// The caller's package.
    Identity {
        /// Its family name.
        family_name: String,
        /// Its full name.
        full_name: String,
        /// The folder that holds its manifest.
        location: String,
        /// Its local folder for data.
        local_folder: String,
        /// What the user allows it.
        access: Word<Access>,
    }

    /// A fact and its source.
    FactInfo {
        /// Its name.
        name: Word<FactKind>,
        /// Its value: `on`, `off`, `80%`. None if it is unknown.
        value: Option<Word<Reading>>,
        /// What it counts as now, known or not.
        counts_as: Word<Reading>,
        /// Whether it is simulated instead of observed.
        pinned: bool,
        /// Who reports it. Empty if nobody has yet.
        source: String,
        /// Since when.
        since: Option<Wall>,
        /// Why it is unknown. Empty if it is known.
        why: String,
    }

    /// The broker about itself.
    BrokerInfo {
        /// Its version.
        version: String,
        /// What it supports, a word each: see `features`.
        features: Vec<String>,
        /// Its process id.
        pid: u32,
        /// Its executable.
        executable: String,
        /// When it started.
        started_at: Wall,
        /// Where its configuration is.
        config: String,
        /// Where its store is.
        store: String,
        /// How many tasks are registered.
        tasks: u32,
        /// How many packages are known.
        packages: u32,
        /// Why nothing can be recorded. Empty if it can.
        store_problem: String,
        /// Who started it.
        started_by: Word<StartedBy>,
        /// The pause of all tasks.
        all_paused: Option<PauseInfo>,
    }
}

impl Copy for WaitingInfo {}
impl Copy for RetryInfo {}
impl Copy for PauseInfo {}

/// What to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub enum Watched {
    /// The caller's own package.
    Own,
    /// All packages of the user.
    All,
}
