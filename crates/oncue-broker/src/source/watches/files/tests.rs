//! Real files change in real folders.

mod desk;
mod led_elsewhere;
mod silent;

use std::fs;

use desk::{Desk, ONE, TWO};
use oncue_core::{Guid, TaskId};

use super::kernel;

#[tokio::test]
async fn a_file_is_seen_however_it_changes() {
    let mut desk = Desk::new();
    let file = desk.path("notes");
    desk.watch(ONE, &file, false).await;
    fs::write(&file, "new").unwrap();
    assert_eq!(desk.names(ONE).await, ["notes"]);
    fs::write(&file, "other").unwrap();
    assert_eq!(desk.names(ONE).await, ["notes"]);
    fs::write(desk.path("notes.swp"), "edited").unwrap();
    fs::rename(desk.path("notes.swp"), &file).unwrap();
    assert_eq!(desk.names(ONE).await, ["notes"]);
    fs::remove_file(&file).unwrap();
    assert_eq!(desk.names(ONE).await, ["notes"]);
    fs::write(&file, "again").unwrap();
    assert_eq!(desk.names(ONE).await, ["notes"]);
}

#[tokio::test]
async fn a_path_comes_goes_and_comes_again_with_its_folders() {
    let mut desk = Desk::new();
    let file = desk.path("a/b/notes");
    desk.watch(ONE, &file, false).await;
    for _ in 0..3 {
        fs::create_dir_all(desk.path("a/b")).unwrap();
        fs::write(&file, "new").unwrap();
        assert_eq!(desk.names(ONE).await, ["a/b/notes"]);
        fs::remove_dir_all(desk.path("a")).unwrap();
        assert_eq!(desk.names(ONE).await, ["a/b/notes"]);
    }
    fs::create_dir_all(desk.path("other/b")).unwrap();
    fs::write(desk.path("other/b/notes"), "moved here").unwrap();
    fs::rename(desk.path("other"), desk.path("a")).unwrap();
    assert_eq!(desk.names(ONE).await, ["a/b/notes"]);
}

#[tokio::test]
async fn a_folder_tells_of_what_lies_in_it_but_not_deeper() {
    let mut desk = Desk::new();
    fs::create_dir_all(desk.path("box/deep")).unwrap();
    desk.watch(ONE, &desk.path("box"), false).await;
    fs::write(desk.path("box/deep/unseen"), "").unwrap();
    fs::write(desk.path("box/seen"), "").unwrap();
    assert_eq!(desk.names(ONE).await, ["box/seen"]);
}

#[tokio::test]
async fn nothing_is_lost_in_folders_that_come_quickly() {
    let mut desk = Desk::new();
    fs::create_dir(desk.path("tree")).unwrap();
    desk.watch(ONE, &desk.path("tree"), true).await;
    for round in 0..20 {
        let deep = desk.path(&format!("tree/{round}/x/y/z"));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("file"), "").unwrap();
    }
    let mut missing: Vec<String> = (0..20).map(|round| format!("tree/{round}/x/y/z/file")).collect();
    while !missing.is_empty() {
        let seen = desk.names(ONE).await;
        missing.retain(|file| !seen.contains(file));
    }
    // They are watched from then on, even after a rename.
    fs::rename(desk.path("tree/0"), desk.path("tree/new")).unwrap();
    let renamed = desk.names(ONE).await;
    assert!(
        renamed.contains(&"tree/0".into()) && renamed.contains(&"tree/new/x/y/z/file".into()),
        "{renamed:?}"
    );
    fs::write(desk.path("tree/new/x/y/z/file"), "changed").unwrap();
    assert_eq!(desk.names(ONE).await, ["tree/new/x/y/z/file"]);
    fs::remove_dir_all(desk.path("tree")).unwrap();
    desk.names(ONE).await;
    fs::create_dir_all(desk.path("tree/again")).unwrap();
    assert!(desk.names(ONE).await.contains(&"tree".into()));
}

#[tokio::test]
async fn two_tasks_watch_one_folder_and_one_of_them_ends() {
    let mut desk = Desk::new();
    let file = desk.path("notes");
    desk.watch(ONE, &file, false).await;
    desk.watch(TWO, &file, false).await;
    fs::write(&file, "").unwrap();
    let mut told = [desk.noticed().await.0, desk.noticed().await.0];
    told.sort();
    assert_eq!(told, [ONE, TWO]);
    desk.files.end(ONE);
    desk.obeyed().await;
    fs::write(&file, "x").unwrap();
    assert_eq!(desk.names(TWO).await, ["notes"]);
}

#[tokio::test]
async fn thousands_of_paths_are_watched_through_the_folders_they_share() {
    let mut desk = Desk::new();
    for number in 0..2_000 {
        let task = TaskId(Guid::from_u128(1_000 + number));
        desk.files.begin(task, desk.path(&format!("file{number}")), false);
    }
    desk.obeyed().await;
    fs::write(desk.path("file1234"), "").unwrap();
    assert_eq!(desk.noticed().await.0, TaskId(Guid::from_u128(1_000 + 1_234)));
}

#[tokio::test]
async fn an_ended_task_leaves_no_watch_behind() {
    let mut desk = Desk::new();
    fs::create_dir_all(desk.path("tree/a/b/c")).unwrap();
    let leading = desk.path("").components().count();
    for _ in 0..2 {
        desk.watch(ONE, &desk.path("tree"), true).await;
        assert_eq!(desk.n_watches(), leading + 4, "the folders that lead there, and four of the tree");
    }
    desk.files.end(ONE);
    desk.obeyed().await;
    assert_eq!(desk.n_watches(), 0);
    desk.watch(ONE, &desk.path("tree"), true).await;
    fs::write(desk.path("tree/a/b/c/file"), "").unwrap();
    assert_eq!(desk.names(ONE).await, ["tree/a/b/c/file"], "what was given back can be watched again");
}

#[tokio::test]
async fn who_finds_no_room_is_told_so_and_watches_when_there_is_some() {
    let mut desk = Desk::with_room(6);
    fs::create_dir_all(desk.path("big/a/b")).unwrap();
    fs::create_dir_all(desk.path("other/a/b")).unwrap();
    desk.watch(ONE, &desk.path("big"), true).await;
    desk.watch(TWO, &desk.path("other"), true).await;
    let (task, why) = desk.troubled().await;
    let why = why.unwrap();
    assert!(task == TWO && why.contains("watched folders is reached: raise it"), "{why}");
    fs::write(desk.path("other/a/b/unseen"), "").unwrap();
    fs::write(desk.path("big/a/b/seen"), "").unwrap();
    assert_eq!(desk.names(ONE).await, ["big/a/b/seen"]);

    desk.files.end(ONE);
    assert_eq!(desk.troubled().await, (TWO, None));
    fs::write(desk.path("other/a/b/seen"), "").unwrap();
    assert_eq!(desk.names(TWO).await, ["other/a/b/seen"]);
}

#[tokio::test]
async fn a_tree_that_outgrows_the_room_is_told_too() {
    let mut desk = Desk::with_room(6);
    fs::create_dir(desk.path("tree")).unwrap();
    desk.watch(ONE, &desk.path("tree"), true).await;
    fs::create_dir_all(desk.path("tree/a/b/c/d/e")).unwrap();
    let (task, why) = desk.troubled().await;
    assert!(task == ONE && why.is_some());
}

#[tokio::test]
async fn who_found_no_room_watches_by_itself_when_others_have_made_some() {
    let mut desk = Desk::with_room(5);
    fs::create_dir_all(desk.path("tree/a/b")).unwrap();
    desk.watch(ONE, &desk.path("tree"), true).await;
    assert!(desk.troubled().await.1.unwrap().contains("raise it"));
    fs::remove_dir(desk.path("tree/a/b")).unwrap();
    assert_eq!(desk.troubled().await, (ONE, None));
    fs::write(desk.path("tree/a/seen"), "").unwrap();
    assert_eq!(desk.names(ONE).await, ["tree/a/seen"]);
}

#[tokio::test]
async fn every_task_is_told_when_inotify_can_be_read_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("socket");
    // A socket that is ready as soon as a client connects, and from which nothing can be read.
    let broken = std::os::unix::net::UnixListener::bind(&at).unwrap();
    let (kernel, inotify) = kernel::over(broken.into()).unwrap();
    let mut desk = Desk::over(kernel, inotify);
    desk.watch(ONE, &desk.path("notes"), false).await;
    assert!(desk.troubled().await.1.unwrap().contains("cannot be watched"), "this one cannot even begin");
    let _connected = std::os::unix::net::UnixStream::connect(&at).unwrap();
    let (task, why) = desk.troubled().await;
    assert!(task == ONE && why.clone().unwrap().contains("cannot watch files"), "{why:?}");
    desk.files.begin(TWO, desk.path("late"), false);
    let (task, why) = desk.troubled().await;
    assert!(task == TWO && why.is_some());
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "no event tells that the kernel's clock has ticked")]
async fn what_changes_between_the_order_and_the_watch_is_seen() {
    let mut desk = Desk::new();
    let file = desk.path("notes");
    fs::write(&file, "old").unwrap();
    // The kernel's time stamps only change a few hundred times a second.
    std::thread::sleep(std::time::Duration::from_millis(20));
    desk.before(&file, {
        let file = file.clone();
        move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            fs::write(file, "new").unwrap();
        }
    });
    desk.watch(ONE, &file, false).await;
    assert_eq!(desk.names(ONE).await, ["notes"]);
}
