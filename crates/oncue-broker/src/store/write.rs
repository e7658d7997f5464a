//! Writes records as rows, in the caller's transaction.

use std::fmt::Display;
use std::str::FromStr;

use oncue_core::{
    Action, Clocks, Command, Due, FamilyName, Firing, Guid, InstanceId, LedgerEntry, Package, PauseScope,
    Record, Stamp, StoredPause, TaskId, TaskSpec, Wall, When,
};
use rusqlite::{Connection, Params, params};

use super::cell::cause_name;
use super::fault::Why;
use super::key::key;
use super::{pause, used_up};

/// Writes one record.
pub(super) fn record(db: &Connection, record: &Record) -> Result<(), Why> {
    match record {
        Record::PackageAdded(package) => package_added(db, package),
        Record::PackageRemoved(family) => run(db, "DELETE FROM package WHERE family = ?1", [family.as_str()]),
        Record::TaskRegistered { task, package, spec, at, next_due }
        | Record::TaskReplaced { task, package, spec, at, next_due, former: _ } => {
            task_registered(db, *task, package, spec, *at, *next_due)
        }
        Record::TaskRemoved(task) => run(db, "DELETE FROM task WHERE id = ?1", [key(task.0)]),
        Record::Held { task, firing, since, next_due } => held(db, *task, firing.as_ref(), *since, *next_due),
        Record::RunBegan { instance, task, name, package, firing, next_due } => {
            run_began(db, *instance, *task, name, package, firing)?;
            held(db, *task, None, None, *next_due)
        }
        Record::UsedUp { instance, by } => run(
            db,
            "UPDATE run SET used_up = ?2 WHERE instance = ?1",
            params![key(instance.0), used_up::number(*by)],
        ),
        Record::Health { task, strikes, attempt, retry_at } => run(
            db,
            "UPDATE task SET strikes = ?2, attempt = ?3, retry_at = ?4, retry_ahead = ?5 WHERE id = ?1",
            params![key(task.0), strikes, attempt, retry_at.map(|at| at.wall.0), ahead(*retry_at)],
        ),
        Record::AccessSet { package, access } => run(
            db,
            "INSERT INTO access (package, access) VALUES (?1, ?2)
             ON CONFLICT (package) DO UPDATE SET access = excluded.access",
            params![package.as_str(), access.name()],
        ),
        Record::Paused { scope, pause } => paused(db, *scope, *pause),
        Record::Resumed(scope) => run(db, "DELETE FROM pause WHERE task = ?1", [pause::key(*scope)]),
        Record::SessionBegan(session) => run(db, "UPDATE birth SET boot = ?1", [key(*session)]),
        Record::Clocks(Clocks { boot, seen, wall_ahead, steady_ahead, behind }) => run(
            db,
            "INSERT OR REPLACE INTO clocks (only, boot, seen, wall_ahead, steady_ahead, behind)
             VALUES (1, ?1, ?2, ?3, ?4, ?5)",
            params![boot.map(key), seen.0, wall_ahead, steady_ahead, behind],
        ),
        Record::Ended(entry) => ended(db, entry),
    }
}

/// Deletes the ledger's entries that ended before `wall`, and those that have `keep` later ones of their
/// task.
pub(super) fn forget(db: &Connection, wall: Wall, keep: u32) -> Result<usize, Why> {
    let old = db.execute("DELETE FROM ledger WHERE ended_at < ?1", [wall.0])?;
    let surplus = db.execute(
        "WITH
             chatty AS (SELECT task FROM ledger GROUP BY task HAVING count(*) > ?1),
             ranked AS (
                 SELECT number, row_number() OVER (PARTITION BY task ORDER BY number DESC) AS place
                 FROM ledger WHERE task IN chatty)
         DELETE FROM ledger WHERE number IN (SELECT number FROM ranked WHERE place > ?1)",
        [keep],
    )?;
    Ok(old + surplus)
}

fn paused(db: &Connection, scope: PauseScope, StoredPause { since, until }: StoredPause) -> Result<(), Why> {
    let (until, by_clock) = match until {
        None => (None, false),
        Some(When::Span(at)) => (Some(at), false),
        Some(When::Schedule(at)) => (Some(at), true),
    };
    run(
        db,
        "INSERT OR REPLACE INTO pause (task, since, since_ahead, until, until_ahead, by_clock)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            pause::key(scope),
            since.wall.0,
            ahead(Some(since)),
            until.map(|until| until.wall.0),
            ahead(until),
            by_clock,
        ],
    )
}

fn package_added(db: &Connection, package: &Package) -> Result<(), Why> {
    let Package { family, full_name, display_name, version, location, servers } = package;
    run(
        db,
        "INSERT INTO package (family, full_name, display_name, version, location)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (family) DO UPDATE SET
             full_name = excluded.full_name, display_name = excluded.display_name,
             version = excluded.version, location = excluded.location",
        params![family.as_str(), full_name, display_name, version.to_string(), location],
    )?;
    run(db, "DELETE FROM server WHERE package = ?1", [family.as_str()])?;
    for (place, server) in (0_u32..).zip(servers) {
        let classes: Vec<String> = server.classes.iter().map(Guid::to_string).collect();
        run(
            db,
            "INSERT INTO server (package, place, classes, command) VALUES (?1, ?2, ?3, ?4)",
            params![family.as_str(), place, classes.join(" "), server.command],
        )?;
    }
    Ok(())
}

/// A task that is already registered gets another spec; its waiting firings and last outcome stay.
fn task_registered(
    db: &Connection,
    task: TaskId,
    package: &FamilyName,
    spec: &TaskSpec,
    at: Wall,
    next_due: Due<Stamp>,
) -> Result<(), Why> {
    run(
        db,
        "INSERT INTO task (id, package, name, class, trigger, condition, policy, registered_at, next_due,
                           group_id, group_name, spent, due_ahead)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (id) DO UPDATE SET
             package = excluded.package, name = excluded.name, class = excluded.class,
             trigger = excluded.trigger, condition = excluded.condition, policy = excluded.policy,
             registered_at = excluded.registered_at, next_due = excluded.next_due,
             group_id = excluded.group_id, group_name = excluded.group_name, spent = excluded.spent,
             due_ahead = excluded.due_ahead",
        params![
            key(task.0),
            package.as_str(),
            &*spec.name,
            key(spec.action.class().unwrap_or_default()),
            spec.trigger.to_string(),
            shown(task, "condition", spec.condition.as_deref())?,
            shown(task, "policy", spec.policy.as_deref())?,
            at.0,
            next_due.at().map(|due| due.wall.0),
            spec.group.as_ref().map(|group| &*group.id),
            spec.group.as_ref().map(|group| &*group.name),
            next_due == Due::Never,
            ahead(next_due.at()),
        ],
    )?;
    match &spec.action {
        Action::Class(_) => run(db, "DELETE FROM command WHERE task = ?1", [key(task.0)]),
        Action::Command(command) => command_registered(db, task, command),
    }
}

fn command_registered(db: &Connection, task: TaskId, command: &Command) -> Result<(), Why> {
    let Command { program, arguments, folder, environment, input, success } = command;
    let variables = environment.iter().flat_map(|(name, value)| [name, value]);
    run(
        db,
        "INSERT OR REPLACE INTO command (task, program, arguments, folder, variables, input, success)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            key(task.0),
            program,
            ended_texts(arguments),
            folder,
            ended_texts(variables),
            input,
            success.to_string(),
        ],
    )
}

/// Formats a part of a task, and checks that it parses to the same value: otherwise, the store could
/// never be loaded again.
fn shown<T>(task: TaskId, part: &'static str, value: Option<&T>) -> Result<Option<String>, Why>
where
    T: Display + FromStr + PartialEq,
{
    let Some(value) = value else {
        return Ok(None);
    };
    let text = value.to_string();
    if text.parse().is_ok_and(|read: T| read == *value) {
        Ok(Some(text))
    } else {
        Err(Why::NoText { task, part, text })
    }
}

fn held(
    db: &Connection,
    task: TaskId,
    firing: Option<&Firing>,
    since: Option<Stamp>,
    next_due: Due<Stamp>,
) -> Result<(), Why> {
    let details = firing.and_then(|firing| firing.details.as_deref());
    let begun = firing.and_then(|firing| firing.begun);
    if let Some(begun) = begun {
        // It waits again, so the run that had begun to answer it no longer exists.
        run(db, "DELETE FROM run WHERE instance = ?1", [key(begun.run.0)])?;
    }
    run(
        db,
        "UPDATE task SET held_at = ?2, held_count = ?3, held_cause = ?4, next_due = ?5, held_since = ?6,
                         held_details = ?7, held_left_out = ?8, held_begun = ?9, held_begun_firings = ?10,
                         spent = ?11, due_ahead = ?12, since_ahead = ?13
         WHERE id = ?1",
        params![
            key(task.0),
            firing.map(|firing| firing.at.0),
            firing.map(|firing| firing.count),
            firing.map(|firing| cause_name(firing.cause)),
            next_due.at().map(|due| due.wall.0),
            since.map(|since| since.wall.0),
            details.map(|details| ended_texts(&details.items)),
            details.map(|details| details.left_out),
            begun.map(|begun| key(begun.run.0)),
            begun.map(|begun| begun.firings),
            next_due == Due::Never,
            ahead(next_due.at()),
            ahead(since),
        ],
    )
}

/// Returns how far the wall clock was ahead of the steady one.
fn ahead(stamp: Option<Stamp>) -> i64 {
    stamp.map_or(0, |stamp| stamp.wall.0.saturating_sub(stamp.steady.0))
}

/// Ends each text of a list; none of them can contain it.
pub(super) const TEXT_END: &str = "\0";

fn run_began(
    db: &Connection,
    instance: InstanceId,
    task: TaskId,
    name: &str,
    package: &FamilyName,
    firing: &Firing,
) -> Result<(), Why> {
    let details = firing.details.as_deref();
    // A run that an earlier broker began is begun again; one that was entered never is.
    run(db, "DELETE FROM run WHERE instance = ?1 AND used_up = 0", [key(instance.0)])?;
    run(
        db,
        "INSERT INTO run (instance, task, name, package, fired_at, firings, cause, used_up, details, left_out)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9)",
        params![
            key(instance.0),
            key(task.0),
            name,
            package.as_str(),
            firing.at.0,
            firing.count,
            cause_name(firing.cause),
            details.map(|details| ended_texts(&details.items)),
            details.map(|details| details.left_out),
        ],
    )
}

fn ended_texts<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    items.into_iter().flat_map(|item| [item.as_str(), TEXT_END]).collect()
}

/// Moves the run to the ledger; if its task still exists, records it as the task's last run.
fn ended(db: &Connection, entry: &LedgerEntry) -> Result<(), Why> {
    let (instance, task) = (key(entry.instance.0), key(entry.task.0));
    run(db, "DELETE FROM run WHERE instance = ?1", [instance])?;
    if entry.outcome.is_last() {
        run(
            db,
            "UPDATE task SET last_instance = ?2, last_outcome = ?3, last_ended_at = ?4 WHERE id = ?1",
            params![task, instance, entry.outcome.name(), entry.ended_at.0],
        )?;
    }
    run(
        db,
        "INSERT INTO ledger (instance, task, name, package, fired_at, started_at, ended_at, outcome,
                             reason, progress, firings, exit, message)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            instance,
            task,
            &*entry.name,
            entry.package.as_str(),
            entry.fired_at.0,
            entry.started_at.map(|at| at.0),
            entry.ended_at.0,
            entry.outcome.name(),
            entry.reason.map(|reason| reason.name()),
            entry.progress,
            entry.firings,
            entry.exit.map(|exit| exit.to_string()),
            entry.message,
        ],
    )
}

/// Runs a statement, and keeps it prepared for the next time.
fn run(db: &Connection, sql: &str, params: impl Params) -> Result<(), Why> {
    db.prepare_cached(sql)?.execute(params)?;
    Ok(())
}
