//! The registrations, which outlive the process: one a line, in a file.

use std::fs;
use std::io;

use windows::Win32::Foundation::E_FAIL;
use windows_core::{GUID, Result};

use crate::place::place;

/// A registration.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: GUID,
    pub(crate) name: String,
    pub(crate) minutes: u32,
    pub(crate) one_shot: bool,
}

/// Reads all of them.
pub(crate) fn all() -> Result<Vec<Task>> {
    let text = match fs::read_to_string(place("tasks.txt")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|_| E_FAIL)?,
    };
    text.lines().map(|line| read(line).ok_or_else(|| E_FAIL.into())).collect()
}

/// Adds one and says under which id: they are numbered.
pub(crate) fn add(name: String, minutes: u32, one_shot: bool) -> Result<Task> {
    let mut tasks = all()?;
    let last = tasks.iter().map(|task| task.id.to_u128()).max().unwrap_or_default();
    let task = Task { id: GUID::from_u128(last + 1), name, minutes, one_shot };
    tasks.push(task.clone());
    write(&tasks)?;
    Ok(task)
}

/// Takes one away.
pub(crate) fn remove(id: GUID) -> Result<()> {
    let left: Vec<Task> = all()?.into_iter().filter(|task| task.id != id).collect();
    write(&left)
}

fn write(tasks: &[Task]) -> Result<()> {
    let line =
        |task: &Task| format!("{}\t{}\t{}\t{}\n", task.id.to_u128(), task.minutes, task.one_shot, task.name);
    let text: String = tasks.iter().map(line).collect();
    fs::write(place("tasks.txt"), text).map_err(|_| E_FAIL.into())
}

fn read(line: &str) -> Option<Task> {
    let mut fields = line.splitn(4, '\t');
    let id = GUID::from_u128(fields.next()?.parse().ok()?);
    let (minutes, one_shot) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Task { id, minutes, one_shot, name: fields.next()?.to_owned() })
}
