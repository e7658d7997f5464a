//! The whole example: three tasks of two classes, served by one process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../stage.rs"]
mod stage;

use stage::Stage;

#[test]
fn one_process_serves_three_tasks_of_two_classes() {
    let stage = Stage::new(env!("CARGO_BIN_EXE_several"), include_str!("../AppxManifest.xml"));
    let listed = "Cleanup every 1d\nPhotos every 15m\nVideos every 1h\n";
    assert_eq!(stage.says(&[]), listed);
    assert_eq!(stage.says(&[]), listed, "registered once, not twice");
    for name in ["Photos", "Videos", "Cleanup"] {
        stage.says(&["--now", name]);
    }
    let done = stage.local("Photo.Library", "done.txt");
    let (servers, deeds): (Vec<&str>, Vec<&str>) =
        done.lines().map(|line| line.split_once(": ").unwrap()).unzip();
    assert_eq!(deeds, ["small pictures of photos", "small pictures of videos", "cleaned up"]);
    assert!(servers.iter().all(|server| *server == servers[0]), "{done}");
}
