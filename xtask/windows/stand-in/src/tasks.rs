//! The registrations, which outlive the process: one per line, in a file.

use std::fs;
use std::io;

use windows::Win32::Foundation::E_FAIL;
use windows_core::{GUID, Result};

use crate::place::place;

/// A registration.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: GUID,
    pub(crate) what: What,
}

/// What is registered.
#[derive(Clone, Debug, Default)]
pub(crate) struct What {
    pub(crate) name: String,
    pub(crate) minutes: u32,
    pub(crate) one_shot: bool,
    pub(crate) group: Option<Group>,
}

/// A group, by its id.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// Reads all of them.
pub(crate) fn all() -> Result<Vec<Task>> {
    let text = match fs::read_to_string(place("tasks.txt")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|_| E_FAIL)?,
    };
    text.lines().map(|line| read(line).ok_or_else(|| E_FAIL.into())).collect()
}

/// Adds one and returns it with its id, a consecutive number.
pub(crate) fn add(what: What) -> Result<Task> {
    let mut tasks = all()?;
    let last = tasks.iter().map(|task| task.id.to_u128()).max().unwrap_or_default();
    let task = Task { id: GUID::from_u128(last + 1), what };
    tasks.push(task.clone());
    write(&tasks)?;
    Ok(task)
}

/// Removes one.
pub(crate) fn remove(id: GUID) -> Result<()> {
    let left: Vec<Task> = all()?.into_iter().filter(|task| task.id != id).collect();
    write(&left)
}

fn write(tasks: &[Task]) -> Result<()> {
    let text: String = tasks.iter().map(line).collect();
    fs::write(place("tasks.txt"), text).map_err(|_| E_FAIL.into())
}

/// A line: id, minutes, whether once, id and name of the group, name.
fn line(Task { id, what }: &Task) -> String {
    let (group, called) = match &what.group {
        Some(group) => (group.id.as_str(), group.name.as_str()),
        None => ("", ""),
    };
    format!("{}\t{}\t{}\t{group}\t{called}\t{}\n", id.to_u128(), what.minutes, what.one_shot, what.name)
}

fn read(line: &str) -> Option<Task> {
    let mut fields = line.splitn(6, '\t');
    let id = GUID::from_u128(fields.next()?.parse().ok()?);
    let (minutes, one_shot) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let group = Group { id: fields.next()?.to_owned(), name: fields.next()?.to_owned() };
    let group = Some(group).filter(|group| !group.id.is_empty());
    Some(Task { id, what: What { name: fields.next()?.to_owned(), minutes, one_shot, group } })
}
