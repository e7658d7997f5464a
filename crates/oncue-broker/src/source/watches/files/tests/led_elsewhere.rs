//! The target of a path changes, although the path itself does not.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;

fn swap(link: &Path, to: &str) {
    let next = link.with_file_name("next");
    symlink(to, &next).unwrap();
    fs::rename(next, link).unwrap();
}

#[tokio::test]
async fn any_folder_on_the_way_is_replaced() {
    let mut desk = Desk::new();
    for (depth, replaced) in ["a", "a/b", "a/b/c", "a/b/c/d"].into_iter().enumerate() {
        let file = desk.path("a/b/c/d/file");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "old").unwrap();
        desk.watch(ONE, &file, false).await;
        let (folder, old) = (desk.path(replaced), desk.path(&format!("old{depth}")));
        let below = file.strip_prefix(&folder).unwrap().to_owned();
        let new = desk.path(&format!("new{depth}"));
        fs::create_dir_all(new.join(&below).parent().unwrap()).unwrap();
        fs::write(new.join(&below), "new").unwrap();
        fs::rename(&folder, &old).unwrap();
        fs::rename(&new, &folder).unwrap();
        assert_eq!(desk.names(ONE).await, ["a/b/c/d/file"], "{replaced} is replaced");
        desk.obeyed().await;
        // The old target is no longer at the path, so only the second change is noticed.
        fs::write(old.join(below), "old").unwrap();
        fs::write(&file, "newer").unwrap();
        assert_eq!(desk.names(ONE).await, ["a/b/c/d/file"], "{replaced} was replaced");
        desk.files.end(ONE);
        fs::remove_dir_all(desk.path("a")).unwrap();
    }
}

#[tokio::test]
async fn a_link_on_the_way_leads_elsewhere() {
    let mut desk = Desk::new();
    for (version, content) in [("v1", "one"), ("v2", "two")] {
        fs::create_dir_all(desk.path(version).join("x/y")).unwrap();
        fs::write(desk.path(version).join("x/y/file"), content).unwrap();
    }
    fs::create_dir(desk.path("links")).unwrap();
    symlink("../v1", desk.path("links/current")).unwrap();
    symlink(desk.path("links/current/x"), desk.path("chain")).unwrap();
    let file = desk.path("chain/../x/y/file");
    desk.watch(ONE, &file, false).await;
    swap(&desk.path("links/current"), "../v2");
    assert_eq!(desk.names(ONE).await, ["chain/../x/y/file"]);
    desk.obeyed().await;
    fs::write(desk.path("v1/x/y/file"), "where it led").unwrap();
    desk.obeyed().await;
    fs::write(desk.path("v2/x/y/file"), "where it leads").unwrap();
    assert_eq!(desk.names(ONE).await, ["chain/../x/y/file"]);
    // The same file through another link is not a change.
    symlink("v2", desk.path("same")).unwrap();
    swap(&desk.path("links/current"), "../same");
    desk.obeyed().await;
    swap(&desk.path("links/current"), "../v1");
    assert_eq!(desk.names(ONE).await, ["chain/../x/y/file"]);
    assert!(desk.is_quiet());
}

#[tokio::test]
async fn the_path_itself_is_a_link() {
    let mut desk = Desk::new();
    fs::create_dir_all(desk.path("far/one")).unwrap();
    fs::create_dir_all(desk.path("far/two")).unwrap();
    fs::write(desk.path("far/file"), "").unwrap();
    symlink("far/file", desk.path("link")).unwrap();
    symlink(desk.path("far/one"), desk.path("folder")).unwrap();
    desk.watch(ONE, &desk.path("link"), false).await;
    desk.watch(TWO, &desk.path("folder"), true).await;
    fs::write(desk.path("far/file"), "by its own name").unwrap();
    assert_eq!(desk.names(ONE).await, ["link"]);
    fs::create_dir(desk.path("far/one/new")).unwrap();
    assert_eq!(desk.names(TWO).await, ["folder/new"]);
    desk.obeyed().await;
    fs::write(desk.path("far/one/new/file"), "").unwrap();
    assert_eq!(desk.names(TWO).await, ["folder/new/file"]);
    fs::remove_file(desk.path("folder")).unwrap();
    symlink("far/two", desk.path("folder")).unwrap();
    assert_eq!(desk.names(TWO).await, ["folder"]);
    desk.obeyed().await;
    fs::write(desk.path("far/one/unseen"), "").unwrap();
    fs::write(desk.path("far/two/seen"), "").unwrap();
    assert_eq!(desk.names(TWO).await, ["folder/seen"]);
}

/// The layout of Kubernetes: `file` leads to `..data/file`, and `..data` to the current version.
#[tokio::test]
async fn a_hidden_link_is_swapped() {
    let mut desk = Desk::new();
    for version in ["..v1", "..v2"] {
        fs::create_dir(desk.path(version)).unwrap();
        fs::write(desk.path(version).join("file"), version).unwrap();
    }
    symlink("..v1", desk.path("..data")).unwrap();
    symlink("..data/file", desk.path("file")).unwrap();
    desk.watch(ONE, &desk.path("file"), false).await;
    swap(&desk.path("..data"), "..v2");
    assert_eq!(desk.names(ONE).await, ["file"]);
    desk.obeyed().await;
    fs::remove_dir_all(desk.path("..v1")).unwrap();
    fs::write(desk.path("..v2/file"), "").unwrap();
    assert_eq!(desk.names(ONE).await, ["file"]);
}

#[tokio::test]
async fn a_file_is_written_by_another_of_its_names() {
    let mut desk = Desk::new();
    fs::create_dir(desk.path("other")).unwrap();
    fs::write(desk.path("file"), "").unwrap();
    fs::hard_link(desk.path("file"), desk.path("other/name")).unwrap();
    desk.watch(ONE, &desk.path("file"), false).await;
    fs::write(desk.path("other/name"), "new").unwrap();
    assert_eq!(desk.names(ONE).await, ["file"]);
}

#[tokio::test]
async fn a_link_that_leads_to_itself_is_told_and_then_leads_somewhere() {
    let mut desk = Desk::new();
    symlink("loop", desk.path("loop")).unwrap();
    desk.watch(ONE, &desk.path("loop/file"), false).await;
    let why = desk.troubled().await.1.unwrap();
    assert!(why.contains("loop cannot be watched"), "{why}");
    fs::create_dir(desk.path("there")).unwrap();
    swap(&desk.path("loop"), "there");
    assert_eq!(desk.troubled().await, (ONE, None));
    fs::write(desk.path("there/file"), "").unwrap();
    assert_eq!(desk.names(ONE).await, ["loop/file"]);
}

/// Whatever the lookout is about to read when folders are replaced, no change is missed.
#[tokio::test]
async fn nothing_falls_between_looking_and_watching() {
    let places =
        ["a", "a", "a/b", "a/b", "a/b/c", "a/b/c", "a/b/c/file", "a/b/c/file", "a/b/c/file", "a/b/c/file"];
    for nth in 0..places.len() {
        let mut desk = Desk::new();
        let file = desk.path("a/b/c/file");
        fs::create_dir_all(desk.path("a/b/c")).unwrap();
        fs::write(&file, "old").unwrap();
        let skipped = places[..nth].iter().filter(|place| **place == places[nth]).count();
        let at = desk.path(places[nth]);
        (0..skipped).for_each(|_| desk.before(&at, || ()));
        let (happened, happens) = std::sync::mpsc::channel();
        desk.before(&at, {
            let (b, file) = (desk.path("a/b"), file.clone());
            move || {
                fs::remove_dir_all(&b).unwrap();
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, "new").unwrap();
                happened.send(()).unwrap();
            }
        });
        desk.watch(ONE, &file, false).await;
        happens.try_recv().unwrap();
        // The earlier change may have been seen as one that came after the order.
        fs::write(&file, "newer").unwrap();
        assert_eq!(desk.names(ONE).await, ["a/b/c/file"], "{nth}");
        fs::remove_dir_all(desk.path("a")).unwrap();
        assert_eq!(desk.names(ONE).await, ["a/b/c/file"], "{nth}");
        desk.obeyed().await;
        fs::create_dir_all(desk.path("a/b/c")).unwrap();
        fs::write(&file, "again").unwrap();
        assert_eq!(desk.names(ONE).await, ["a/b/c/file"], "{nth}");
    }
}
