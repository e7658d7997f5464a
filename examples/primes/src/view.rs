//! The live view: the state of the task, and keys to control it.

use std::env;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use oncue::tools::{Broker, Condition, Entry, Of, RunState, TaskId, TaskInfo, Wall, Word, wall};
use oncue::{Cancel, Error, Force, Package, TaskState};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use ratatui::{DefaultTerminal, Frame};

use crate::{SAMPLE_TASK_NAME, SampleTaskRegistrar, explain, numbers_file};

/// How often the view is updated.
const EVERY: Duration = Duration::from_millis(500);
/// How long it waits if the broker cannot be reached.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How much of the end of the file to read, in bytes.
const TAIL: u64 = 2_048;

/// Returns whether there is a terminal for the view.
pub(crate) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Shows the view until the user leaves it.
pub(crate) fn show() -> ExitCode {
    // It also restores the terminal after a panic.
    let shown = ratatui::try_init().and_then(|mut terminal| {
        let shown = View::new().live(&mut terminal);
        ratatui::try_restore().and(shown)
    });
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("primes: the terminal does not work: {error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct View {
    broker: Option<Broker>,
    seen: Seen,
    status: String,
    colour: bool,
}

/// What the view saw when it was last updated.
#[derive(Default)]
struct Seen {
    package: String,
    task: Option<TaskInfo>,
    last: Option<Entry>,
    primes: String,
}

impl View {
    fn new() -> Self {
        // As described at https://no-color.org: set, and not empty.
        let colour = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { colour, ..Self::default() }
    }

    fn live(&mut self, terminal: &mut DefaultTerminal) -> io::Result<()> {
        let mut looks_at = Instant::now();
        loop {
            if Instant::now() >= looks_at {
                let looked = self.look();
                looks_at = Instant::now() + if looked.is_ok() { EVERY } else { AFTER_FAILURE };
                if let Err(error) = looked {
                    self.status = explain(&error);
                }
            }
            terminal.draw(|frame| self.draw(frame))?;
            if !event::poll(looks_at.saturating_duration_since(Instant::now()))? {
                continue;
            }
            if let Event::Key(key) = event::read()?
                && key.kind == KeyEventKind::Press
            {
                if is_quit(key) {
                    return Ok(());
                }
                if let Some(done) = self.steer(key.code) {
                    self.status = done.unwrap_or_else(|error| explain(&error));
                    looks_at = Instant::now();
                }
            }
        }
    }

    fn look(&mut self) -> Result<(), Error> {
        let package = Package::current()?.family_name().to_owned();
        let broker = self.broker()?;
        let found = broker.find(&format!("{package}/{SAMPLE_TASK_NAME}"))?;
        let task = found.into_iter().find(|task| task.name == SAMPLE_TASK_NAME);
        let last = broker.history(Of::Package(&package), 1)?.pop();
        let primes = numbers_file().ok().map(|file| tail(&file)).unwrap_or_default();
        self.seen = Seen { package, task, last, primes };
        Ok(())
    }

    fn broker(&mut self) -> Result<&Broker, Error> {
        match &mut self.broker {
            Some(broker) => Ok(broker),
            slot => Ok(slot.insert(Broker::connect()?)),
        }
    }

    /// Performs the action of a key and returns its result; `None` for any other key.
    fn steer(&mut self, key: KeyCode) -> Option<Result<String, Error>> {
        if key == KeyCode::Char('r') {
            let task = SampleTaskRegistrar::register();
            return Some(task.map(|task| format!("registered: {}", task.trigger())));
        }
        let verb = match key {
            KeyCode::Char('g') => fire,
            KeyCode::Char('c') => cancel,
            KeyCode::Char('u') => unregister,
            _ => return None,
        };
        let Some(task_id) = self.seen.task.as_ref().map(|task| task.task_id) else {
            return Some(Ok("no task: register it first".to_owned()));
        };
        Some(self.broker().and_then(|broker| verb(broker, task_id)))
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let [facts, primes, status, keys] = Layout::vertical([
            Constraint::Length(5),
            Constraint::Min(1),
            Constraint::Length(3),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        frame.render_widget(Paragraph::new(self.facts()), facts);
        let room = usize::from(primes.width) * usize::from(primes.height);
        let text = last_characters(&self.seen.primes, room.saturating_sub(usize::from(primes.width) / 4));
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), primes);
        let text = Paragraph::new(self.status.as_str()).style(self.style(Color::Yellow));
        frame.render_widget(text.wrap(Wrap { trim: true }), status);
        let line = "r register g go c cancel u unreg. q quit";
        frame.render_widget(Paragraph::new(line).style(Style::new().add_modifier(Modifier::DIM)), keys);
    }

    fn facts(&self) -> Vec<Line<'_>> {
        let Seen { package, task, last, .. } = &self.seen;
        let now = SystemTime::now();
        let (state, next, progress) = match task {
            None => ("not registered".to_owned(), String::new(), String::new()),
            Some(task) if task.failing.is_empty() || task.state != TaskState::Held => {
                (task.state.to_string(), due(task.next_due, now), number(task.progress))
            }
            Some(task) => {
                (format!("held for {}", listed(&task.failing)), due(task.next_due, now), String::new())
            }
        };
        let last = last.as_ref().map_or_else(String::new, |entry| ended(entry, now));
        let row = |name, value| Line::from(vec![Span::from(format!("{name:<9}")), value]);
        vec![
            row("package", Span::from(package.as_str())),
            row("task", Span::styled(format!("{SAMPLE_TASK_NAME} {state}"), self.style(Color::Cyan))),
            row("next due", Span::from(next)),
            row("progress", Span::from(progress)),
            row("last run", Span::from(last)),
        ]
    }

    fn style(&self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new().add_modifier(Modifier::BOLD) }
    }
}

/// In raw mode, Ctrl-C is an ordinary key.
fn is_quit(key: KeyEvent) -> bool {
    let with_control = key.modifiers.contains(KeyModifiers::CONTROL);
    matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) || with_control && key.code == KeyCode::Char('c')
}

fn fire(broker: &Broker, task_id: TaskId) -> Result<String, Error> {
    let fired = broker.fire(task_id, Force::No)?;
    Ok(match fired.state {
        Word::Known(RunState::Started) => "started".to_owned(),
        Word::Known(RunState::Held) => format!("held: waits for {}", listed(&fired.failing)),
        Word::Known(RunState::AfterThis) => "runs again after this run".to_owned(),
        Word::Other(state) => state,
    })
}

fn cancel(broker: &Broker, task_id: TaskId) -> Result<String, Error> {
    broker.cancel(task_id).map(|()| "cancelled".to_owned())
}

fn unregister(broker: &Broker, task_id: TaskId) -> Result<String, Error> {
    broker.unregister(task_id, Cancel::Yes).map(|()| "unregistered".to_owned())
}

/// Reads the end of the file, only whole numbers; empty if there is no file yet.
fn tail(path: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let start = file.metadata()?.len().saturating_sub(TAIL);
        file.seek(SeekFrom::Start(start))?;
        let mut text = String::new();
        file.take(TAIL).read_to_string(&mut text)?;
        let cut = text.split_once(", ").filter(|_| start > 0).map(|(_, rest)| rest.to_owned());
        Ok(cut.unwrap_or(text))
    };
    read().unwrap_or_default()
}

/// Returns the end of a text that fits into this many characters, only whole numbers.
fn last_characters(text: &str, room: usize) -> &str {
    let start = text.len().saturating_sub(room);
    match text.get(start..) {
        Some(rest) if start > 0 => rest.split_once(", ").map_or("", |(_, rest)| rest),
        _ => text,
    }
}

fn number(value: Option<u32>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn listed(conditions: &[Word<Condition>]) -> String {
    conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn due(at: Option<Wall>, now: SystemTime) -> String {
    match at.map(|at| (at.0 - wall(now).0) / 1_000_000) {
        None => String::new(),
        Some(seconds) if seconds <= 0 => "now".to_owned(),
        Some(seconds) => format!("in {}", span(seconds)),
    }
}

fn ended(entry: &Entry, now: SystemTime) -> String {
    let ago = span(((wall(now).0 - entry.ended_at.0) / 1_000_000).max(0));
    let message = entry.message.as_deref().and_then(|text| text.lines().last());
    let message = message.map(|text| format!(": {text}")).unwrap_or_default();
    format!("{} {ago} ago{message}", entry.outcome)
}

fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn drawn(view: &View, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view.draw(frame)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn forty_by_ten_shows_the_facts_the_last_primes_and_the_keys() {
        let seen = Seen { package: "Sample_1".into(), primes: "2, 3, 5, ".repeat(50), ..Seen::default() };
        let view = View { seen, status: "held: waits for internet".into(), ..View::default() };
        let screen = drawn(&view, 40, 10);
        for text in ["Sample_1", "SampleTask not registered", "3, 5,", "waits for internet", "q quit"] {
            assert!(screen.contains(text), "`{text}` is not on\n{screen}");
        }
    }

    #[test]
    fn a_terminal_without_room_draws_nothing_and_lives() {
        drawn(&View::default(), 1, 1);
    }

    #[test]
    fn the_end_of_a_long_text_begins_with_a_whole_number() {
        assert_eq!(last_characters("2, 3, 5, 7, 11, 13, ", 10), "11, 13, ");
        assert_eq!(last_characters("2, 3, 5, 7, 11, 13, ", 7), "13, ");
        assert_eq!(last_characters("2, 3, ", 10), "2, 3, ");
    }

    #[test]
    fn spans_are_told_in_their_largest_unit() {
        assert_eq!([span(34), span(900), span(7_300), span(90_000)], ["34 s", "15 min", "2 h", "1 d"]);
    }
}
