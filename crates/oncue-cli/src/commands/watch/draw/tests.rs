//! Pictures of the screen, drawn into a buffer.

use super::*;
use crate::commands::sample::{self, NOW, assert_transcript, guid, last, minutes, retry, waiting};
use crate::commands::watch::event::{Changed, Event, Explained, News, OutputLine};
use crate::commands::watch::key::Key;
use crate::kept::Kept;
use jiff::tz::TimeZone;
use oncue::tools::{Blocker, BrokerInfo, Entry, Exit, InstanceId, PauseInfo, TaskId, TaskInfo, Wall, Word};
use oncue::why::Why;
use oncue::{Outcome, TaskState};
use oncue_broker::output::Kind;
use oncue_types::FamilyName;
use ratatui_core::layout::{Rect, Size};
use ratatui_core::style::{Color, Modifier};

const SMALL: Size = Size { width: 80, height: 24 };
const LARGE: Size = Size { width: 200, height: 60 };
const TINY: Size = Size { width: 40, height: 10 };

fn command(number: u32, name: &str, state: TaskState) -> TaskInfo {
    TaskInfo {
        task_id: TaskId(guid(number)),
        name: name.into(),
        package: FamilyName::COMMANDS.into(),
        ..sample::task(state)
    }
}

fn tasks() -> Vec<TaskInfo> {
    let pause = PauseInfo { since: minutes(-10), until: Some(minutes(90)) };
    vec![
        TaskInfo {
            instance_id: Some(InstanceId(guid(0x4a5b_6c7d))),
            started_at: Some(Wall(NOW.0 - 95_000_000)),
            progress: Some(40),
            note: "uploading\u{1b}[2J".into(),
            last: last(Outcome::Completed, minutes(-183)),
            ..command(1, "backup", TaskState::Running)
        },
        TaskInfo {
            last: last(Outcome::NotActivated, minutes(-1)),
            retry: retry(2, minutes(3)),
            ..command(2, "mail", TaskState::Armed)
        },
        TaskInfo {
            failing: vec![Word::read("internet"), Word::read("ac")],
            waiting: waiting(2, minutes(-7)),
            next_due: Some(Wall(NOW.0 + 45_000_000)),
            ..command(3, "写真のバックアップ", TaskState::Held)
        },
        TaskInfo {
            blocked: vec![Blocker::Paused.into()],
            paused: Some(pause),
            ..command(4, "report", TaskState::Armed)
        },
        TaskInfo {
            blocked: vec![Blocker::Queue("backup".into()).into()],
            ..command(5, "scrub", TaskState::Held)
        },
        TaskInfo {
            blocked: vec![Blocker::Quarantined.into()],
            last: last(Outcome::Crashed, minutes(-90)),
            ..sample::task(TaskState::Quarantined)
        },
        TaskInfo {
            trouble: "there is no folder /src".into(),
            next_due: None,
            ..command(6, "build", TaskState::Armed)
        },
    ]
}

fn entries() -> Vec<Entry> {
    let of = |name: &str, outcome, message, number| Entry {
        name: name.into(),
        package: FamilyName::COMMANDS.into(),
        instance_id: InstanceId(guid(number)),
        ..sample::ended(outcome, message)
    };
    vec![
        Entry {
            exit_status: Some(Exit::Code(3).into()),
            ..of("mail", Outcome::Failed, "no route to host", 1)
        },
        of("写真のバックアップ", Outcome::Completed, "", 2),
        Entry { started_at: None, ..of("report", Outcome::Dropped, "", 3) },
    ]
}

fn about() -> Box<BrokerInfo> {
    Box::new(BrokerInfo {
        version: "0.1.0".into(),
        pid: 4_242,
        started_at: minutes(-125),
        ..BrokerInfo::default()
    })
}

fn model(size: Size) -> Model {
    let mut model = Model::new(size);
    hear(&mut model, News::Everything { about: about(), tasks: tasks(), entries: entries() });
    model
}

fn hear(model: &mut Model, news: News) {
    model.handle(NOW, Event::News(news));
}

fn press(model: &mut Model, keys: &[Key]) {
    for key in keys {
        model.handle(NOW, Event::Key(*key));
    }
}

fn clock() -> Clock {
    Clock::at(NOW, TimeZone::UTC)
}

fn drawn(model: &Model, look: Look) -> (Buffer, Drawn) {
    let Size { width, height } = model.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let drawn = draw(model, &clock(), look, &mut buffer);
    (buffer, drawn)
}

/// Returns the screen as text. Each row must be exactly as wide as the screen, whatever it shows.
fn text(model: &Model) -> String {
    let (buffer, _) = drawn(model, Look::Plain);
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let (mut x, mut row) = (0, String::new());
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            row.push_str(symbol);
            x += u16::try_from(crate::render::width::width(symbol)).unwrap();
        }
        assert_eq!(x, buffer.area.width, "{row}");
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

#[test]
fn the_transcripts_show_all_states_at_each_size() {
    assert_transcript("watch-80x24", &text(&model(SMALL)));
    assert_transcript("watch-200x60", &text(&model(LARGE)));
    assert_transcript("watch-40x10", &text(&model(TINY)));
}

#[test]
fn the_transcripts_of_the_other_texts() {
    let mut model = model(SMALL);
    press(&mut model, &[Key::Down, Key::Char('c')]);
    assert_transcript("watch-question", &text(&model));
    press(&mut model, &[Key::Escape, Key::Char('?')]);
    assert_transcript("watch-help", &text(&model));
    press(&mut model, &[Key::Escape, Key::Char('w')]);
    let task = model.tasks.selected().unwrap().clone();
    let why = Why::new(task, vec![sample::no_internet()], entries());
    hear(&mut model, News::Explained(Box::new(Explained { why, kept: Kept::nothing() })));
    assert_transcript("watch-why", &text(&model));
    press(&mut model, &[Key::Escape, Key::Char('l')]);
    let lines = (0..40).map(|number| OutputLine {
        at: Wall(NOW.0 + number * 250_000),
        kind: if number % 9 == 8 { Kind::Err } else { Kind::Out },
        continues: false,
        text: if number == 38 { "long ".repeat(30) } else { format!("copied {number} files") },
    });
    hear(&mut model, News::Written(InstanceId(guid(0x4a5b_6c7d)), lines.collect()));
    assert_transcript("watch-output", &text(&model));
}

#[test]
fn the_transcript_without_a_broker_keeps_the_tasks() {
    let mut model = model(SMALL);
    hear(&mut model, News::Gone("the broker ended".into()));
    let shown = text(&model);
    assert!(shown.starts_with("oncue  no broker for 0 s: the broker ended\n"), "{shown}");
    assert!(shown.contains("backup"), "{shown}");
}

#[test]
fn what_there_is_not_is_said() {
    let mut model = Model::new(SMALL);
    assert!(text(&model).starts_with("oncue  asking the broker …\n"));
    hear(&mut model, News::Everything { about: about(), tasks: Vec::new(), entries: Vec::new() });
    assert!(text(&model).contains("\n  no tasks are registered; `oncue add NAME -- COMMAND` adds one\n"));
    hear(&mut model, News::Changed(Changed { tasks: tasks(), ..Changed::default() }));
    press(&mut model, &[Key::Char('/'), Key::Char('x'), Key::Char('\u{7}')]);
    let (buffer, drawn) = drawn(&model, Look::Plain);
    assert_eq!(drawn.cursor, Some(Position { x: 3, y: 23 }));
    assert_eq!(buffer[(2, 23)].symbol(), "�");
    assert!(text(&model).contains("\n  no task contains `x�`; Esc shows all\n"));
}

#[test]
fn what_concerns_all_tasks_is_in_the_first_row() {
    let mut model = model(SMALL);
    let all_paused = Some(PauseInfo { since: NOW, until: Some(minutes(60)) });
    let problem = "the disk is full".to_owned();
    let about = Box::new(BrokerInfo { all_paused, store_problem: problem, ..*about() });
    hear(&mut model, News::Changed(Changed { about: Some(about), ..Changed::default() }));
    let shown = text(&model);
    let expected = "oncue  7 tasks, 1 running, 2 held  all paused until 03:00:00  nothing can be re…\n";
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn a_thousand_tasks_scroll_and_the_part_is_said() {
    let mut model = Model::new(SMALL);
    let tasks = (0..1_000).map(|number| command(number, &format!("task {number:04}"), TaskState::Armed));
    hear(&mut model, News::Everything { about: about(), tasks: tasks.collect(), entries: Vec::new() });
    press(&mut model, &[Key::PageDown, Key::PageDown, Key::Down]);
    let shown = text(&model);
    assert!(shown.contains("\n> task 0027 "), "{shown}");
    assert!(shown.contains("  15–28 of 1000\n"), "{shown}");
    press(&mut model, &[Key::End]);
    assert!(text(&model).contains("  987–1000 of 1000\n"));
}

#[test]
fn colours_are_left_out_where_nobody_wants_them() {
    let model = model(LARGE);
    let colours = |look| {
        let (buffer, _) = drawn(&model, look);
        buffer.content.iter().filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count()
    };
    assert!(colours(Look::Coloured) > 0);
    assert_eq!(colours(Look::Plain), 0);
    let (buffer, _) = drawn(&model, Look::Plain);
    let selected = |y| buffer[(0, y)].modifier.contains(Modifier::REVERSED);
    assert_eq!((2..9).filter(|y| selected(*y)).count(), 1);
}

#[test]
fn the_screen_is_drawn_again_when_a_time_changes() {
    // The next firing of one task is 45 seconds away, and a run has lasted 95 seconds.
    let (_, drawn) = drawn(&model(SMALL), Look::Plain);
    assert_eq!(drawn.steady, Some(Duration::from_micros(1)));
    let mut still = Model::new(SMALL);
    assert!(
        super::draw(&still, &clock(), Look::Plain, &mut Buffer::empty(Rect::new(0, 0, 80, 24)))
            .steady
            .is_none()
    );
    hear(&mut still, News::Everything { about: about(), tasks: Vec::new(), entries: Vec::new() });
    let (_, drawn) = self::drawn(&still, Look::Plain);
    assert_eq!(drawn.steady, Some(Duration::from_secs(60)), "the uptime of the broker");
}

#[test]
fn no_size_is_too_small() {
    for width in [0, 1, 2, 3, 5, 10, 20, 39] {
        for height in 0..20 {
            let mut model = model(Size { width, height });
            for key in ['j', 'w', 'q', 'l', 'q', '?', 'q', 'c', 'n', '/'] {
                press(&mut model, &[Key::Char(key)]);
                drawn(&model, Look::Coloured);
            }
        }
    }
}
