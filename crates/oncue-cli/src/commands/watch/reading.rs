//! The thread that reads what a run has written and writes, until the view looks at something else.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::SyncSender;
use std::thread;

use oncue::tools::{InstanceId, TaskId};
use oncue_broker::output::{Archive, Line, Reading};
use rustix::pipe::{PipeFlags, pipe_with};

use super::event::{Event, News, OutputLine};
use crate::changes::Changes;
use crate::render::clean::clean;

/// How many lines are passed on at once.
const AT_ONCE: usize = 500;
/// What a tab becomes, because columns must stay columns.
const TAB: &str = "    ";

/// A thread that reads; dropping this ends it.
#[derive(Debug)]
pub(super) struct Reader {
    _ends_when_closed: OwnedFd,
}

/// The view has ended, or the output cannot be read.
enum Over {
    Left,
    Unreadable(io::Error),
}

impl From<io::Error> for Over {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl Reader {
    /// Starts to read the output of a run, which may not have written anything yet.
    pub(super) fn start(
        archive: &Archive,
        task: TaskId,
        run: InstanceId,
        events: SyncSender<Event>,
    ) -> io::Result<Self> {
        let (ends, open) = pipe_with(PipeFlags::CLOEXEC)?;
        let changes = Changes::until_closed(archive.folder(), &archive.folder_of(task), ends)?;
        let mut reading = Reading::of(archive, task, run);
        let read = move || {
            let mut changes = changes;
            let over = loop {
                if let Err(over) = pass_on(&mut reading, run, &events) {
                    break over;
                }
                if changes.next().is_none() {
                    break Over::Left;
                }
            };
            if let Over::Unreadable(error) = over {
                // If the receiver is gone, the view has ended.
                let _ = events.send(Event::News(News::Refused(format!("reading the output: {error}"))));
            }
        };
        thread::Builder::new().name("output".into()).spawn(read)?;
        Ok(Self { _ends_when_closed: open })
    }
}

/// Passes on what was written since the last time.
fn pass_on(reading: &mut Reading, run: InstanceId, events: &SyncSender<Event>) -> Result<(), Over> {
    let mut lines = Vec::new();
    let send = |lines| events.send(Event::News(News::Written(run, lines))).map_err(|_| Over::Left);
    reading.read(|line| {
        lines.push(shown(&line));
        if lines.len() == AT_ONCE { send(std::mem::take(&mut lines)) } else { Ok(()) }
    })?;
    if lines.is_empty() { Ok(()) } else { send(lines) }
}

fn shown(line: &Line<'_>) -> OutputLine {
    let text = String::from_utf8_lossy(line.text);
    let text = text.strip_suffix('\r').unwrap_or(&text).replace('\t', TAB);
    OutputLine { at: line.at, kind: line.kind, continues: line.continues, text: clean(&text).into_owned() }
}
