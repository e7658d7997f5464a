//! A file system does not answer: the tests delay its calls.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};

use super::*;

/// Makes the next call for a path hang until something is sent, or until the end of the test.
fn hang(desk: &Desk, path: &Path) -> Sender<()> {
    let (answer, answered) = channel();
    desk.before(path, move || answered.recv().unwrap_or_default());
    answer
}

#[tokio::test]
async fn one_that_does_not_answer_keeps_nobody_else_waiting() {
    let mut desk = Desk::in_memory();
    fs::create_dir(desk.path("net")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let answers = elsewhere.path().canonicalize().unwrap().join("file");
    let answer = hang(&desk, &desk.path("net"));
    desk.files.begin(ONE, desk.path("net/file"), false);
    desk.files.begin(TWO, answers.clone(), false);
    let (task, why) = desk.troubled().await;
    let why = why.unwrap();
    assert!(task == ONE && why.contains("/dev/shm (tmpfs) does not answer"), "{why}");
    desk.obeyed().await;
    fs::write(&answers, "").unwrap();
    assert_eq!(desk.noticed().await.0, TWO);

    // No other task waits for it.
    let three = TaskId(Guid::from_u128(3));
    desk.watch(three, &desk.path("other"), false).await;
    let (task, why) = desk.troubled().await;
    assert!(task == three && why.unwrap().contains("does not answer"));

    answer.send(()).unwrap();
    let mut recovered = [desk.troubled().await, desk.troubled().await];
    recovered.sort();
    assert_eq!(recovered, [(ONE, None), (three, None)]);
    desk.obeyed().await;
    fs::write(desk.path("net/file"), "").unwrap();
    assert_eq!(desk.names(ONE).await, ["net/file"]);
    fs::write(desk.path("other"), "").unwrap();
    assert_eq!(desk.names(three).await, ["other"]);
}

#[tokio::test]
async fn what_changes_meanwhile_is_told_once_it_answers() {
    let mut desk = Desk::in_memory();
    fs::create_dir(desk.path("net")).unwrap();
    fs::write(desk.path("net/file"), "old").unwrap();
    desk.watch(ONE, &desk.path("net/file"), false).await;
    let answer = hang(&desk, &desk.path("net"));
    // Its permissions may have changed, so the path is resolved again.
    let permissions = fs::metadata(desk.path("net")).unwrap().permissions();
    fs::set_permissions(desk.path("net"), permissions).unwrap();
    assert!(desk.troubled().await.1.is_some());
    desk.obeyed().await;
    fs::write(desk.path("net/file"), "unseen").unwrap();
    answer.send(()).unwrap();
    assert_eq!(desk.troubled().await, (ONE, None));
    assert_eq!(desk.names(ONE).await, ["net/file"]);
}

#[tokio::test]
async fn a_late_answer_to_a_task_that_is_gone_changes_nothing() {
    let mut desk = Desk::in_memory();
    fs::create_dir(desk.path("net")).unwrap();
    let answer = hang(&desk, &desk.path("net"));
    desk.files.begin(ONE, desk.path("net/file"), false);
    assert!(desk.troubled().await.1.is_some());
    desk.files.end(ONE);
    answer.send(()).unwrap();
    desk.watch(TWO, &desk.path("file"), false).await;
    while desk.n_watches() > desk.path("").components().count() {
        desk.obeyed().await;
    }
    fs::write(desk.path("file"), "").unwrap();
    while !desk.is_quiet() {
        // It may have been refused while the other one was still pending.
        if let (TWO, None) = desk.troubled().await {
            fs::write(desk.path("file"), "again").unwrap();
            break;
        }
    }
    assert_eq!(desk.names(TWO).await, ["file"]);
}

#[tokio::test]
async fn a_tree_does_without_the_part_that_does_not_answer() {
    let mut desk = Desk::new();
    for folder in ["a", "b", "c"] {
        fs::create_dir_all(desk.path("tree").join(folder)).unwrap();
    }
    let _answer = hang(&desk, &desk.path("tree/b"));
    desk.files.begin(ONE, desk.path("tree"), true);
    let why = desk.troubled().await.1.unwrap();
    assert!(why.contains("does not answer"), "{why}");
    fs::write(desk.path("tree/seen"), "").unwrap();
    assert_eq!(desk.names(ONE).await, ["tree/seen"]);
}
