//! Rows become what the core starts from, and the ledger's entries.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use oncue_core::{
    Action, Begun, Boot, Clocks, Command, Details, Due, ExeServer, FamilyName, Firing, Group, InstanceId,
    Last, LedgerEntry, Package, PauseScope, Stamp, Steady, Stored, StoredHealth, StoredPause, StoredRun,
    StoredTask, TaskId, TaskSpec, Wall, When,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params};

use super::cell::{self, CellError, Cells};
use super::fault::Why;
use super::key::key;
use super::write::TEXT_END;
use super::{Before, Of, Part, Slice, pause, used_up};

const PACKAGES: &str =
    "SELECT family, full_name, display_name, version, location FROM package ORDER BY family";

const SERVERS: &str = "SELECT package, classes, command FROM server WHERE package = ?1 ORDER BY place";

const TASKS: &str = "
    SELECT id, package, name, group_id, group_name, class, trigger, condition, policy, next_due, due_ahead, spent,
           held_at, held_count, held_cause, held_details, held_left_out,
           held_begun, held_begun_firings, held_since, since_ahead, last_instance, last_outcome, last_ended_at,
           strikes, attempt, retry_at, retry_ahead
    FROM task ORDER BY id";

const PAUSES: &str = "SELECT task, since, since_ahead, until, until_ahead, by_clock FROM pause ORDER BY task";
const COMMANDS: &str =
    "SELECT task, program, arguments, folder, variables, input, success FROM command ORDER BY task";

const CLOCKS: &str = "SELECT only, boot, seen, wall_ahead, steady_ahead, behind FROM clocks";

const RUNS: &str =
    "SELECT instance, task, name, package, fired_at, firings, cause, details, left_out, used_up
     FROM run ORDER BY instance";

const ENTRIES: &str = "
    SELECT instance, task, name, package, fired_at, started_at, ended_at, outcome, reason, progress,
           firings, exit, message, number
    FROM ledger";

/// Reads all that the broker starts from.
pub(super) fn stored(db: &Connection) -> Result<Stored, Why> {
    let mut families = Families::default();
    let mut commands = rows(db, "command", COMMANDS, [], command)?.into_iter().collect();
    Ok(Stored {
        packages: packages(db, &mut families)?,
        access: rows(db, "access", "SELECT package, access FROM access ORDER BY package", [], |cells| {
            Ok((cells.read(|value| families.read(value))?, cells.read(cell::access)?))
        })?,
        pauses: rows(db, "pause", PAUSES, [], paused)?,
        tasks: rows(db, "task", TASKS, [], |cells| task(cells, &mut families, &mut commands))?,
        session: rows(db, "birth", "SELECT only, boot FROM birth", [], |cells| {
            cells.skip(1);
            cells.maybe(cell::guid)
        })?
        .into_iter()
        .flatten()
        .next(),
        clocks: rows(db, "clocks", CLOCKS, [], clocks)?.into_iter().next(),
        runs: rows(db, "run", RUNS, [], |cells| run(cells, &mut families))?,
    })
}

fn paused(cells: &mut Cells<'_>) -> Result<(PauseScope, StoredPause), Why> {
    let scope = cells.read(pause::scope)?;
    let since = cells.read(cell::wall)?;
    let since = stamp_of(since, cells.read(cell::number)?);
    let until = stamp(cells)?;
    let by_clock: bool = cells.read(cell::number)?;
    let until = until.map(|at| if by_clock { When::Schedule(at) } else { When::Span(at) });
    Ok((scope, StoredPause { since, until }))
}

fn clocks(cells: &mut Cells<'_>) -> Result<Clocks, Why> {
    cells.skip(1);
    Ok(Clocks {
        boot: cells.maybe(cell::guid)?,
        seen: cells.read(cell::number).map(Boot)?,
        wall_ahead: cells.read(cell::number)?,
        steady_ahead: cells.read(cell::number)?,
        behind: cells.maybe(cell::number)?,
    })
}

/// Reads a part of the ledger, the latest entry first.
pub(super) fn history(db: &Connection, of: &Of, part: Part) -> Result<Slice, Why> {
    let sql = |which| format!("{ENTRIES} WHERE number < ?2 {which} ORDER BY number DESC LIMIT ?1");
    let most = i64::try_from(part.most).unwrap_or(i64::MAX);
    let before = part.before.unwrap_or(i64::MAX);
    match of {
        Of::Task(id) => slice(db, &sql("AND task = ?3"), (most, before, key(id.0)), part),
        Of::Package(family) => slice(db, &sql("AND package = ?3"), (most, before, family.as_str()), part),
        Of::All => slice(db, &sql(""), (most, before), part),
    }
}

/// Finds an entry by the index of when entries ended.
pub(super) fn number_of(db: &Connection, Before { ended_at, instance }: Before) -> Result<Option<i64>, Why> {
    let mut statement =
        db.prepare_cached("SELECT number FROM ledger WHERE ended_at = ?1 AND instance = ?2")?;
    Ok(statement.query_row((ended_at.0, key(instance.0)), |row| row.get(0)).optional()?)
}

fn slice(db: &Connection, sql: &str, params: impl Params, part: Part) -> Result<Slice, Why> {
    /// What an entry takes besides its texts of any length.
    const ENTRY: usize = 256;

    let mut families = Families::default();
    let mut slice = Slice::default();
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let number = row.get("number")?;
        let entry = match entry(&mut Cells::of("ledger", row), &mut families) {
            Err(Why::Row(error)) => {
                tracing::warn!("{error}; left out");
                continue;
            }
            read => read?,
        };
        slice.bytes += ENTRY + entry.name.len() + entry.message.as_ref().map_or(0, String::len);
        slice.entries.push(entry);
        if slice.bytes >= part.bytes || slice.entries.len() >= part.most {
            slice.next = Some(number);
            break;
        }
    }
    Ok(slice)
}

/// The family names met so far: the many tasks of one package share one text.
#[derive(Default)]
struct Families(HashSet<Arc<str>>);

impl Families {
    fn read(&mut self, value: ValueRef<'_>) -> Result<FamilyName, CellError> {
        let text = cell::text(value)?;
        if let Some(known) = self.0.get(text) {
            return Ok(FamilyName(known.clone()));
        }
        let family = FamilyName::new(text);
        self.0.insert(family.0.clone());
        Ok(family)
    }
}

fn rows<T>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut Cells<'_>) -> Result<T, Why>,
) -> Result<Vec<T>, Why> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(&mut Cells::of(table, row))?);
    }
    Ok(all)
}

fn packages(db: &Connection, families: &mut Families) -> Result<Vec<Package>, Why> {
    let mut packages = rows(db, "package", PACKAGES, [], |cells| {
        Ok(Package {
            family: cells.read(|value| families.read(value))?,
            full_name: cells.read(cell::owned)?,
            display_name: cells.read(cell::owned)?,
            version: cells.read(cell::parsed)?,
            location: cells.read(cell::owned)?,
            servers: Vec::new(),
        })
    })?;
    for package in &mut packages {
        package.servers = rows(db, "server", SERVERS, [package.family.as_str()], server)?;
    }
    Ok(packages)
}

fn server(cells: &mut Cells<'_>) -> Result<ExeServer, Why> {
    cells.skip(1);
    let classes = cells.read(|value| {
        let class = |text: &str| cell::parsed(ValueRef::Text(text.as_bytes()));
        cell::text(value)?.split_whitespace().map(class).collect()
    })?;
    Ok(ExeServer { classes, command: cells.read(cell::owned)? })
}

fn command(cells: &mut Cells<'_>) -> Result<(TaskId, Command), Why> {
    let task = cells.read(cell::guid).map(TaskId)?;
    let texts = |cells: &mut Cells<'_>| cells.read(cell::text).map(ended_texts);
    Ok((
        task,
        Command {
            program: cells.read(cell::owned)?,
            arguments: texts(cells)?,
            folder: cells.read(cell::owned)?,
            environment: pairs(texts(cells)?),
            input: cells.maybe(cell::owned)?,
            success: cells.read(cell::parsed)?,
        },
    ))
}

fn pairs(texts: Vec<String>) -> BTreeMap<String, String> {
    let mut texts = texts.into_iter();
    std::iter::from_fn(|| texts.next().zip(texts.next())).collect()
}

fn task(
    cells: &mut Cells<'_>,
    families: &mut Families,
    commands: &mut HashMap<TaskId, Command>,
) -> Result<StoredTask, Why> {
    let id = cells.read(cell::guid).map(TaskId)?;
    Ok(StoredTask {
        id,
        package: cells.read(|value| families.read(value))?,
        spec: TaskSpec {
            name: cells.read(cell::text)?.into(),
            group: together(cells, 2, |cells| {
                let id = cells.read(cell::text)?.into();
                Ok(Box::new(Group { id, name: cells.read(cell::text)?.into() }))
            })?,
            action: {
                let class = cells.read(cell::guid)?;
                let command = commands.remove(&id);
                command.map_or(Action::Class(class), |command| Action::Command(command.into()))
            },
            trigger: cells.read(cell::parsed)?,
            condition: cells.maybe(cell::parsed)?.map(Box::new),
            policy: cells.maybe(cell::parsed)?.map(Box::new),
        },
        next_due: due(cells)?,
        held: together(cells, 7, |cells| {
            let firing = firing(cells)?;
            let begun = together(cells, 2, |cells| {
                let run = cells.read(cell::guid).map(InstanceId)?;
                Ok(Begun { run, firings: cells.read(cell::number)? })
            })?;
            Ok(Firing { begun, ..firing })
        })?,
        held_since: stamp(cells)?,
        last: together(cells, 3, |cells| {
            Ok(Last {
                instance: cells.read(cell::guid).map(InstanceId)?,
                outcome: cells.read(cell::outcome)?,
                ended_at: cells.read(cell::wall)?,
            })
        })?,
        health: StoredHealth {
            strikes: cells.read(cell::number)?,
            attempt: cells.read(cell::number)?,
            retry_at: stamp(cells)?,
        },
    })
}

/// Reads an instant, and how far the wall clock is ahead of the steady one then.
fn stamp(cells: &mut Cells<'_>) -> Result<Option<Stamp>, Why> {
    let wall = cells.maybe(cell::wall)?;
    let ahead: i64 = cells.read(cell::number)?;
    Ok(wall.map(|wall| stamp_of(wall, ahead)))
}

fn stamp_of(wall: Wall, ahead: i64) -> Stamp {
    Stamp { wall, steady: Steady(wall.0.saturating_sub(ahead)) }
}

fn due(cells: &mut Cells<'_>) -> Result<Due<Stamp>, Why> {
    let at = stamp(cells)?;
    let spent: bool = cells.read(cell::number)?;
    Ok(match (at, spent) {
        (Some(at), _) => Due::At(at),
        (None, false) => Due::OnEvent,
        (None, true) => Due::Never,
    })
}

fn firing(cells: &mut Cells<'_>) -> Result<Firing, Why> {
    Ok(Firing {
        at: cells.read(cell::wall)?,
        count: cells.read(cell::number)?,
        cause: cells.read(cell::cause)?,
        details: details(cells)?,
        begun: None,
    })
}

fn ended_texts(text: &str) -> Vec<String> {
    text.split_terminator(TEXT_END).map(Into::into).collect()
}

fn details(cells: &mut Cells<'_>) -> Result<Option<Arc<Details>>, Why> {
    let details = together(cells, 2, |cells| {
        let text: String = cells.read(cell::owned)?;
        Ok(Details { items: ended_texts(&text), left_out: cells.read(cell::number)? })
    })?;
    Ok(details.map(Arc::new))
}

/// Reads `count` cells that make one thing; there is none when the first is NULL.
fn together<T>(
    cells: &mut Cells<'_>,
    count: usize,
    read: impl FnOnce(&mut Cells<'_>) -> Result<T, Why>,
) -> Result<Option<T>, Why> {
    if cells.at_null()? {
        cells.skip(count);
        return Ok(None);
    }
    read(cells).map(Some)
}

fn run(cells: &mut Cells<'_>, families: &mut Families) -> Result<StoredRun, Why> {
    Ok(StoredRun {
        instance: cells.read(cell::guid).map(InstanceId)?,
        task: cells.read(cell::guid).map(TaskId)?,
        name: cells.read(cell::text)?.into(),
        package: cells.read(|value| families.read(value))?,
        firing: firing(cells)?,
        used_up: cells.read(used_up::read)?,
    })
}

fn entry(cells: &mut Cells<'_>, families: &mut Families) -> Result<LedgerEntry, Why> {
    Ok(LedgerEntry {
        instance: cells.read(cell::guid).map(InstanceId)?,
        task: cells.read(cell::guid).map(TaskId)?,
        name: cells.read(cell::text)?.into(),
        package: cells.read(|value| families.read(value))?,
        fired_at: cells.read(cell::wall)?,
        started_at: cells.maybe(cell::wall)?,
        ended_at: cells.read(cell::wall)?,
        outcome: cells.read(cell::outcome)?,
        reason: cells.maybe(cell::reason)?,
        progress: cells.maybe(cell::number)?,
        firings: cells.read(cell::number)?,
        exit: cells.maybe(cell::exit)?,
        message: cells.maybe(cell::owned)?,
    })
}
