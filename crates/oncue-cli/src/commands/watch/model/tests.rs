//! Events, and what they change and cause.

use super::*;
use crate::commands::sample::{self, NOW, guid, last, minutes};
use crate::commands::watch::event::{Changed, Done, News, OutputLine};
use crate::kept::Kept;
use oncue::Outcome;
use oncue::tools::{Blocker, Entry, Fired, PauseInfo, RunState, Word};
use oncue::why::Why;
use oncue_broker::output::Kind;

const BACKUP: TaskId = TaskId(guid(1));
const UPLOAD: TaskId = TaskId(guid(2));
const RUN: InstanceId = InstanceId(guid(0x4a5b_6c7d));

fn named(id: TaskId, name: &str) -> TaskInfo {
    TaskInfo { task_id: id, name: name.into(), ..sample::task(TaskState::Armed) }
}

fn running(id: TaskId, name: &str) -> TaskInfo {
    let state = TaskState::Running.into();
    TaskInfo { state, instance_id: Some(RUN), ..named(id, name) }
}

/// A view of two tasks, of which the first is selected.
fn model() -> Model {
    let mut model = Model::new(Size { width: 80, height: 24 });
    let tasks = vec![named(UPLOAD, "upload"), running(BACKUP, "backup")];
    hear(&mut model, News::Everything { about: Box::default(), tasks, entries: Vec::new() });
    model
}

fn hear(model: &mut Model, news: News) -> Vec<Effect> {
    model.handle(NOW, Event::News(news))
}

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let press = |key| model.handle(NOW, Event::Key(Key::Char(key)));
    keys.chars().map(press).last().unwrap_or_default()
}

fn said(model: &Model) -> (&str, bool) {
    match &model.bottom {
        Bottom::Said { text, is_bad } => (text, *is_bad),
        other @ (Bottom::Keys | Bottom::Asks(_) | Bottom::Filter) => panic!("{other:?}"),
    }
}

#[test]
fn keys_ask_the_broker_about_the_selected_task() {
    let mut model = model();
    for (key, request) in [("r", Request::Fire(BACKUP)), ("p", Request::Pause(BACKUP))] {
        assert_eq!(press(&mut model, key), [Effect::Ask(request)]);
    }
    press(&mut model, "j");
    assert_eq!(press(&mut model, "r"), [Effect::Ask(Request::Fire(UPLOAD))]);
    let paused = Some(PauseInfo { since: NOW, until: None });
    let paused = TaskInfo { paused, ..named(UPLOAD, "upload") };
    hear(&mut model, News::Changed(Changed { tasks: vec![paused], ..Changed::default() }));
    assert_eq!(press(&mut model, "p"), [Effect::Ask(Request::Resume(UPLOAD))]);
    assert_eq!(press(&mut model, "P"), [Effect::Ask(Request::PauseAll)]);
}

#[test]
fn a_run_is_cancelled_only_after_a_yes() {
    let mut model = model();
    assert_eq!(press(&mut model, "c"), []);
    assert!(matches!(&model.bottom, Bottom::Asks(question) if question.run == Some(RUN)));
    assert_eq!(press(&mut model, "n"), []);
    assert_eq!(said(&model), ("nothing was cancelled", false));
    assert_eq!(press(&mut model, "cy"), [Effect::Ask(Request::Cancel(BACKUP))]);
    hear(&mut model, News::Done(Done::Cancelled(BACKUP)));
    assert_eq!(said(&model), ("the run of backup is being cancelled", false));

    press(&mut model, "jc");
    assert_eq!(said(&model), ("upload is neither running nor held", true));
}

#[test]
fn a_yes_does_not_cancel_a_run_that_began_later() {
    let mut model = model();
    press(&mut model, "c");
    let next = TaskInfo { instance_id: Some(InstanceId(guid(7))), ..running(BACKUP, "backup") };
    hear(&mut model, News::Changed(Changed { tasks: vec![next], ..Changed::default() }));
    assert_eq!(press(&mut model, "y"), []);
    assert_eq!(said(&model), ("that run of backup has ended; nothing was cancelled", true));
}

#[test]
fn the_answer_of_the_broker_is_shown_until_the_next_key() {
    let mut model = model();
    let fired = |state: RunState, failing: &[&str]| Fired {
        task_id: UPLOAD,
        state: state.into(),
        failing: failing.iter().map(|part| Word::read(part)).collect(),
        ..Fired::default()
    };
    for (fired, text) in [
        (fired(RunState::Started, &[]), "upload started"),
        (fired(RunState::AfterThis, &[]), "upload is already running; it runs again when this run has ended"),
        (fired(RunState::Held, &["internet"]), "upload is held: it waits for the internet"),
        (
            Fired { blocked: vec![Blocker::Denied.into()], ..fired(RunState::Held, &[]) },
            "upload is held; press w to see why",
        ),
    ] {
        hear(&mut model, News::Done(Done::Fired(Box::new(fired))));
        assert_eq!(said(&model), (text, false));
    }
    hear(&mut model, News::Refused("the store\u{1b}[2J cannot be written".into()));
    assert_eq!(said(&model), ("the store�[2J cannot be written", true));
    press(&mut model, "j");
    assert_eq!(model.bottom, Bottom::Keys);
}

#[test]
fn a_filter_is_typed_and_kept_until_it_is_cleared() {
    let mut model = model();
    press(&mut model, "/loadx");
    assert_eq!(model.tasks.filter().text(), "loadx");
    assert!(model.tasks.selected().is_none());
    model.handle(NOW, Event::Key(Key::Backspace));
    assert_eq!(model.tasks.selected().unwrap().name, "upload");
    model.handle(NOW, Event::Key(Key::Enter));
    assert_eq!((model.bottom.clone(), model.tasks.extent().1), (Bottom::Keys, 1));
    model.handle(NOW, Event::Key(Key::Escape));
    assert_eq!(model.tasks.extent().1, 2);
}

#[test]
fn an_explanation_is_asked_for_again_when_its_task_changes() {
    let mut model = model();
    assert_eq!(press(&mut model, "w"), [Effect::Ask(Request::Explain(BACKUP))]);
    let explained = |task| Explained { why: Why::new(task, vec![], vec![]), kept: Kept::nothing() };
    hear(&mut model, News::Explained(Box::new(explained(named(UPLOAD, "upload")))));
    assert!(matches!(&model.view, View::Why { known: None, .. }), "it is about another task");
    hear(&mut model, News::Explained(Box::new(explained(named(BACKUP, "backup")))));
    assert!(matches!(&model.view, View::Why { known: Some(_), .. }));

    let changed = |task| News::Changed(Changed { tasks: vec![task], ..Changed::default() });
    assert_eq!(hear(&mut model, changed(named(UPLOAD, "upload"))), []);
    let again = hear(&mut model, changed(named(BACKUP, "backup")));
    assert_eq!(again, [Effect::Ask(Request::Explain(BACKUP))]);
    press(&mut model, "q");
    assert!(matches!(model.view, View::Tasks));
    assert_eq!(press(&mut model, "q"), [Effect::Leave(Exit::Done)]);
}

#[test]
fn the_output_is_that_of_the_current_run_or_of_the_last_one() {
    let mut model = model();
    assert_eq!(press(&mut model, "l"), [Effect::Read(BACKUP, RUN)]);
    let line = |text: &str| OutputLine { at: NOW, kind: Kind::Out, continues: false, text: text.into() };
    hear(&mut model, News::Written(InstanceId(guid(9)), vec![line("of another run")]));
    let many = (0..6_000).map(|number| line(&number.to_string())).collect();
    hear(&mut model, News::Written(RUN, many));
    let View::Output(output) = &model.view else { panic!("{:?}", model.view) };
    assert_eq!((output.lines.len(), output.left_out), (5_000, 1_000));
    assert_eq!(output.lines[0].text, "1000");
    assert_eq!(press(&mut model, "q"), [Effect::StopReading]);

    assert_eq!(press(&mut model, "jl"), [], "it has never run");
    press(&mut model, "q");
    let ran = TaskInfo { last: last(Outcome::Failed, minutes(-1)), ..named(UPLOAD, "upload") };
    hear(&mut model, News::Changed(Changed { tasks: vec![ran], ..Changed::default() }));
    assert_eq!(press(&mut model, "l"), [Effect::Read(UPLOAD, InstanceId(guid(6)))]);
}

#[test]
fn a_broker_that_does_not_answer_is_gone_since_the_first_time() {
    let mut model = model();
    hear(&mut model, News::Gone("it ended".into()));
    model.handle(minutes(1), Event::News(News::Gone("there is no socket".into())));
    assert!(matches!(&model.broker, Reach::Gone { since, why } if *since == NOW && why == "it ended"));
    assert_eq!(model.tasks.extent().1, 2, "the tasks stay on the screen");
    let everything = News::Everything { about: Box::default(), tasks: Vec::new(), entries: Vec::new() };
    hear(&mut model, everything);
    assert!(matches!(model.broker, Reach::Answers(_)));
    assert!(model.tasks.selected().is_none());
}

#[test]
fn a_firing_is_listed_once() {
    let mut model = model();
    let ended = |number| Entry { outcome: Outcome::Completed.into(), ..sample::entry(number) };
    let joined = Entry { outcome: Outcome::Coalesced.into(), ..sample::entry(3) };
    let changed = |ended| News::Changed(Changed { ended, ..Changed::default() });
    hear(&mut model, changed(vec![ended(1), joined]));
    hear(&mut model, changed(vec![ended(1), ended(2)]));
    let listed: Vec<_> = model.recent.iter().map(|entry| entry.instance_id).collect();
    assert_eq!(listed, [InstanceId(guid(2)), InstanceId(guid(1))]);
}

#[test]
fn every_way_out_leaves() {
    for (event, exit) in [
        (Event::Key(Key::Interrupt), Exit::Done),
        (Event::Key(Key::Char('q')), Exit::Done),
        (Event::Terminated, Exit::Interrupted),
        (Event::Panicked, Exit::Failed),
    ] {
        assert_eq!(model().handle(NOW, event), [Effect::Leave(exit)]);
    }
    // Ctrl-C also leaves where other keys are typed.
    let mut typing = model();
    press(&mut typing, "/");
    assert_eq!(typing.handle(NOW, Event::Key(Key::Interrupt)), [Effect::Leave(Exit::Done)]);
}
