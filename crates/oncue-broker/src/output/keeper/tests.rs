//! The thread that writes, on the thread of the test.

use super::*;
use crate::output::queue::{Chunk, End, Room};
use crate::output::tests::{TASK, run};
use oncue_core::Wall;
use tempfile::TempDir;

/// A home whose broker keeps little output.
struct Home {
    state: TempDir,
    limits: config::Output,
}

const KIB: usize = 1 << 10;

impl Home {
    fn new() -> Self {
        let limits = config::Output { first_kib: 2, last_kib: 2, ..config::Output::default() };
        Self { state: tempfile::tempdir().unwrap(), limits }
    }

    fn archive(&self) -> Archive {
        Archive::below(self.state.path())
    }

    fn keeper(&self) -> Keeper {
        Keeper::new(self.archive(), self.limits.clone())
    }

    /// Does what one broker does: adds to the queue, and writes everything that is in it.
    fn broker(&self, add: impl FnOnce(&Queue)) {
        let queue = Queue::with(Room::default());
        add(&queue);
        queue.close();
        self.keeper().work(&queue);
    }

    /// Returns the only file of a run.
    fn file(&self) -> KeptRun {
        let mut runs = self.archive().runs(TASK).unwrap();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file().path).unwrap()
    }

    /// Returns the lines of the only file, without their times.
    fn lines(&self) -> Vec<String> {
        self.text().lines().map(|line| line[25..].to_owned()).collect()
    }
}

fn chunk(kind: Kind, text: &str) -> Chunk {
    Chunk { kind, at: Wall(0), bytes: text.as_bytes().into() }
}

fn end(how: &str, failed: bool) -> End {
    End { at: Wall(0), how: how.into(), failed }
}

#[test]
fn what_a_run_writes_is_kept_line_by_line_with_its_end() {
    let home = Home::new();
    home.broker(|queue| {
        queue.write(&run(1), chunk(Kind::Out, "one\ntw"));
        queue.write(&run(1), chunk(Kind::Err, "careful\n"));
        queue.write(&run(1), chunk(Kind::Out, "o\nunfinished"));
        queue.end(&run(1), end("failed (exit 3)", true));
    });
    assert_eq!(home.lines(), ["out one", "err careful", "out two", "out unfinished", "end failed (exit 3)"]);
    assert!(home.file().failed);
    assert_eq!(home.archive().tasks().unwrap()[0].name, "sync");
}

#[test]
fn megabytes_cost_what_is_kept_and_say_what_is_left_out() {
    let home = Home::new();
    let queue = Queue::with(Room::default());
    let (mut keeper, mut written, mut largest) = (home.keeper(), 0, 0);
    for number in 0..20_000 {
        let text = format!("line {number:05} {}\n", "x".repeat(150));
        written += text.len();
        queue.write(&run(1), chunk(Kind::Out, &text));
        if number % 100 == 0
            && let Next::Write(waiting) = queue.next(Duration::ZERO)
        {
            keeper.keep(&waiting);
            largest = largest.max(home.text().len());
        }
    }
    queue.end(&run(1), end("completed", false));
    queue.close();
    keeper.work(&queue);
    assert!(largest <= 8 * KIB + 512, "while it runs, the file has {largest} bytes");
    let (text, lines) = (home.text(), home.lines());
    assert!(written > 3_000_000 && text.len() <= 4 * KIB + 256, "{}", text.len());
    assert!(lines[0].starts_with("out line 00000 ") && lines[1].starts_with("out line 00001 "));
    let last = &lines[lines.len() - 2..];
    assert!(last[0].starts_with("out line 19999 ") && last[1] == "end completed", "{last:?}");
    let cuts: Vec<&String> = lines.iter().filter(|line| line.starts_with("cut ")).collect();
    let left_out: usize = cuts[0].split(' ').nth(1).unwrap().parse().unwrap();
    let kept: usize = lines.iter().filter(|line| line.starts_with("out ")).map(|line| line.len() - 3).sum();
    assert_eq!((cuts.len(), left_out + kept), (1, written));
}

#[test]
fn what_comes_faster_than_it_can_be_written_leaves_a_note() {
    let home = Home::new();
    let queue = Queue::with(Room { per_run: 600, all: 10_000 });
    for number in 0..10 {
        queue.write(&run(1), chunk(Kind::Out, &format!("{number}{}\n", "x".repeat(98))));
    }
    queue.close();
    home.keeper().work(&queue);
    let lines = home.lines();
    assert_eq!(
        lines[0],
        "gap 700 bytes of output are missing here: they came faster than they could be written"
    );
    assert_eq!(lines.len(), 4);
}

#[test]
fn output_that_cannot_be_written_is_dropped_and_counted_until_it_can() {
    let home = Home::new();
    let queue = Queue::with(Room::default());
    let mut keeper = home.keeper();
    let mut keep = |text: &str| {
        queue.write(&run(1), chunk(Kind::Out, text));
        let Next::Write(waiting) = queue.next(Duration::ZERO) else { panic!("nothing waits") };
        keeper.keep(&waiting);
    };
    let folder = home.archive().folder().to_owned();
    fs::write(&folder, "in the way").unwrap();
    keep("lost\n");
    fs::remove_file(&folder).unwrap();
    keep("kept\n");
    let bytes = line::PREFIX + "lost\n".len();
    let gap = format!("gap {bytes} bytes of output are missing here: they could not be written");
    assert_eq!(home.lines(), [gap.as_str(), "out kept"]);
    // Someone removes the file of a run that continues.
    fs::remove_file(home.file().path).unwrap();
    keep("again\n");
    assert_eq!(home.lines(), ["out again"]);
}

#[test]
fn the_next_broker_continues_after_one_that_was_killed_while_it_wrote() {
    let home = Home::new();
    home.broker(|queue| queue.write(&run(1), chunk(Kind::Out, "before\n")));
    let mut file = OpenOptions::new().append(true).open(home.file().path).unwrap();
    file.write_all(b"2026-11-27T21:10:41.123Z out to").unwrap();
    // The run had not been entered, and begins again.
    home.broker(|queue| queue.write(&run(1), chunk(Kind::Out, "after\n")));
    assert_eq!(home.lines(), ["out before", "out to", "out after"]);
    // The next one finds it lost, and also another one that had written nothing.
    home.broker(|queue| {
        queue.end(&run(1), end("lost", true));
        queue.end(&run(2), end("lost", true));
    });
    assert_eq!(home.lines().last().unwrap(), "end lost");
    assert!(home.file().failed);
}

#[test]
fn a_prompt_without_the_end_of_its_line_is_written_after_a_while() {
    let home = Home::new();
    let queue = Queue::with(Room::default());
    let mut keeper = home.keeper();
    for text in ["password: ", "no\n"] {
        queue.write(&run(1), chunk(Kind::Out, text));
        let Next::Write(waiting) = queue.next(Duration::ZERO) else { panic!("nothing waits") };
        keeper.keep(&waiting);
        keeper.pass_on();
    }
    assert_eq!(home.lines(), ["out password: ", "out+no"]);
}

#[test]
fn a_task_that_runs_often_keeps_its_latest_runs() {
    let mut home = Home::new();
    home.limits.runs_per_task = 2;
    for number in 1..=4 {
        home.broker(|queue| {
            queue.write(&run(number), chunk(Kind::Out, "x\n"));
            queue.end(&run(number), end("completed", false));
        });
    }
    assert_eq!(home.archive().runs(TASK).unwrap().len(), 2);
}
