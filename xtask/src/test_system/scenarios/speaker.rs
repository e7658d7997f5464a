//! The published interface, used by a D-Bus library that is not the broker's own.

use std::fs;

use super::scenarios;
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::stage::Stage;

scenarios!("speaker": what_is_published_is_what_is_spoken);

const SCRIPT: &str = include_str!("speaker.py");
const PUBLISHED: &str = include_str!("../../../../docs/interface/org.oncue.Broker1.xml");
const MESSAGES: &str = include_str!("../../../../docs/interface/messages.md");

/// Only programs named in a package's manifest belong to the package, so the app's interpreter has
/// to be one of them.
const PACKAGE: &str = "/home/tester/speaker";

fn what_is_published_is_what_is_spoken() -> Result<(), Failure> {
    let mut stage = Stage::set()?;
    let script = "/run/oncue-speaker.py";
    let (published, messages) = ("/run/oncue-published.xml", "/run/oncue-messages.md");
    for (file, text) in [(script, SCRIPT), (published, PUBLISHED), (messages, MESSAGES)] {
        fs::write(file, text).map_err(Failure::system(file))?;
    }
    shell::run(&["cp", "--recursive", "/home/tester/package", PACKAGE])?;
    let app = format!("{PACKAGE}/suite");
    shell::run(&["cp", "/usr/bin/python3", &app])?;
    shell::run(&["sed", "--in-place", "s/OncueSuite/OncueSpeaker/", &format!("{PACKAGE}/AppxManifest.xml")])?;
    stage.oncue(&["package", "add", PACKAGE])?;
    let socket = stage.socket();
    // `busctl` expects a message bus.
    let address = format!("--address=unix:path={socket}");
    let (name, path) = ("org.oncue.Broker1", "/org/oncue/Broker1");
    stage.speak("/usr/bin/busctl", &[&address, "introspect", name, path])?;
    stage.speak("/usr/bin/busctl", &[&address, "call", name, path, name, "About"])?;
    // The tool's last call ends the broker.
    for (interpreter, part) in [(&*app, "app"), ("/usr/bin/python3", "tool")] {
        stage.speak(interpreter, &[script, &socket, published, messages, part])?;
    }
    stage.broker_ends()
}
