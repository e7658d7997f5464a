//! The output of runs: to which run it belongs, and what much of it costs.

use std::fs;
use std::time::{Duration, Instant};

use oncue_broker::output::{Archive, Kind, Reading};
use oncue_types::Outcome;
use oncue_wire::{BrokerInfo, Entry, Place};

use crate::stage::{PATIENCE, Stage};

/// Waits until the output of a run that has ended is written, and returns its lines.
fn lines(stage: &Stage, entry: &Entry) -> Vec<(Kind, String)> {
    let archive = Archive::of(&Place::below(stage.home()));
    let mut reading = Reading::of(&archive, entry.task_id, entry.instance_id);
    let (mut lines, until) = (Vec::new(), Instant::now() + PATIENCE);
    loop {
        let hear = |line: oncue_broker::output::Line<'_>| -> std::io::Result<()> {
            lines.push((line.kind, String::from_utf8(line.text.to_vec()).unwrap()));
            Ok(())
        };
        reading.read(hear).unwrap();
        if lines.last().is_some_and(|(kind, _)| *kind == Kind::End) {
            return lines;
        }
        assert!(Instant::now() < until, "the end of {} is never written", entry.name);
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn has(lines: &[(Kind, String)], kind: Kind, text: &str) -> bool {
    lines.iter().any(|line| *line == (kind, text.to_owned()))
}

#[test]
fn lines_belong_to_the_runs_during_which_they_were_written() {
    let stage = Stage::new("shares", &["first 1 60000", "talks 1 60000", "crashes 1 60000"]);
    let mut watch = stage.watch();
    watch.fire("first");
    watch.entered();
    watch.fire("talks");
    let talked = watch.ended_of("talks");
    watch.fire("crashes");
    let mut others = [watch.ended(), watch.ended()];
    others.sort_by(|one, other| one.name.cmp(&other.name));
    let [crashed, first] = others.map(|entry| lines(&stage, &entry));
    let talked = lines(&stage, &talked);
    assert!(has(&first, Kind::Err, "of the start"), "the run waited for the server: {first:?}");
    for text in ["of first", "of talks", "of crashes"] {
        assert!(has(&first, Kind::Err, text), "it was alive all the time: {first:?}");
    }
    let end = |text: &str| (Kind::End, text.to_owned());
    assert_eq!(talked, [(Kind::Err, "of talks".to_owned()), end("completed")]);
    assert_eq!(crashed, [(Kind::Err, "of crashes".to_owned()), end("crashed (SIGABRT)")]);
}

#[test]
fn a_hundred_megabytes_are_bounded_and_keep_nobody_waiting() {
    let stage = Stage::new("floods", &["loud 1 60000"]);
    let mut watch = stage.watch();
    watch.fire("loud");
    let mut tool = stage.watch();
    // While it writes, the broker answers.
    tool.ask::<BrokerInfo>("About", &()).unwrap();
    let entry = watch.ended_of("loud");
    assert_eq!(entry.outcome, Outcome::Completed);
    let lines = lines(&stage, &entry);
    assert!(lines.iter().any(|(kind, _)| *kind == Kind::Cut), "it says what is left out");
    assert!(has(&lines, Kind::Err, "that was all"), "the end is kept");
    let run = Archive::of(&Place::below(stage.home())).run(entry.task_id, entry.instance_id);
    let size = fs::metadata(run.unwrap().unwrap().path).unwrap().len();
    assert!(size <= (1 << 20) + 1_024, "{size}");
    let status = fs::read_to_string(format!("/proc/{}/status", stage.broker_id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().split(' ').next().unwrap().parse().unwrap();
    assert!(kib < 200 << 10, "{peak}");
}

#[test]
fn what_a_run_wrote_before_the_broker_was_killed_is_kept_and_its_end_is_added() {
    let mut stage = Stage::new("shares", &["stuck 1 60000"]);
    let mut watch = stage.watch();
    watch.fire("stuck");
    watch.entered();
    let archive = Archive::of(&Place::below(stage.home()));
    let task = watch.task("stuck");
    let run = task.instance_id.unwrap();
    let until = Instant::now() + PATIENCE;
    let is_written = || {
        let text = archive.run(task.task_id, run).unwrap().map(|run| fs::read_to_string(run.path).unwrap());
        text.is_some_and(|text| text.contains(" err of stuck\n"))
    };
    while !is_written() {
        assert!(Instant::now() < until, "it is never written");
        std::thread::sleep(Duration::from_millis(5));
    }
    stage.replace_killed_broker();
    let mut tool = stage.watch();
    let entry = tool.ask::<Vec<Entry>>("History", &("", "", 10_u32)).unwrap().remove(0);
    assert_eq!((entry.instance_id, &entry.outcome), (run, &Outcome::Lost.into()));
    let lines = lines(&stage, &entry);
    assert!(has(&lines, Kind::Err, "of stuck"), "{lines:?}");
    assert_eq!(lines.last().unwrap(), &(Kind::End, "lost".to_owned()));
    assert!(archive.run(task.task_id, run).unwrap().unwrap().failed);
}
