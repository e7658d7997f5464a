//! Watched files on file systems that are mounted, unmounted, or do not answer.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::stage::Stage;

scenarios!(
    "files": a_file_system_is_mounted_on_the_way,
    one_that_does_not_answer_keeps_nobody_waiting,
    a_package_on_one_that_does_not_answer_keeps_nobody_waiting,
    the_broker_ends_although_a_file_system_does_not_answer,
    a_store_that_does_not_answer_keeps_nobody_waiting,
    none_of_the_brokers_folders_keeps_it_from_ending,
);

fn a_file_system_is_mounted_on_the_way() -> Result<(), Failure> {
    let (over, other) = (folder("/srv/over")?, folder("/srv/other")?);
    write(&format!("{over}/sub/file"))?;
    write(&format!("{other}/sub/file"))?;
    let stage = Stage::set()?;
    stage.task_on("mounted", Class::Quick, &format!("path {over}/sub/file"), "")?;
    write(&format!("{over}/sub/file"))?;
    stage.ran("mounted")?;
    shell::run(&["mount", "--bind", other, over])?;
    stage.ran("mounted")?;
    // The new contents count.
    write(&format!("{other}/sub/file"))?;
    stage.ran("mounted")?;
    shell::run(&["umount", over])?;
    stage.ran("mounted")?;
    write(&format!("{over}/sub/file"))?;
    stage.ran("mounted")
}

fn one_that_does_not_answer_keeps_nobody_waiting() -> Result<(), Failure> {
    let stage = Stage::set()?;
    let hung = Hung::mount(folder("/srv/hung")?)?;
    let near = folder("/srv/near")?;
    stage.task_on("far", Class::Quick, &format!("path {}/x", hung.at), "")?;
    stage.task_on("near", Class::Quick, &format!("path {near}/file"), "")?;
    stage.is_troubled("far", "does not answer")?;
    stage.is_watched("near")?;
    write(&format!("{near}/file"))?;
    stage.ran("near")?;
    let at = hung.at.clone();
    drop(hung);
    stage.is_watched("far")?;
    write(&format!("{at}/x"))?;
    stage.ran("far")
}

fn a_package_on_one_that_does_not_answer_keeps_nobody_waiting() -> Result<(), Failure> {
    let mut stage = Stage::set()?;
    stage.task("near", Class::Quick, "")?;
    let hung = Hung::mount(folder("/srv/hung")?)?;
    let far = format!("{}/package", hung.at);
    let added = stage.oncue(&["package", "add", &far]);
    says(added, "does not answer")?;
    stage.fire_and_run("near")?;
    stage.stop_broker()?;
    stage.broker_ends()
}

fn the_broker_ends_although_a_file_system_does_not_answer() -> Result<(), Failure> {
    let mut stage = Stage::set()?;
    let hung = Hung::mount(folder("/srv/hung")?)?;
    stage.task_on("far", Class::Quick, &format!("path {}/x", hung.at), "")?;
    stage.is_troubled("far", "does not answer")?;
    stage.stop_broker()?;
    stage.broker_ends()
}

fn a_store_that_does_not_answer_keeps_nobody_waiting() -> Result<(), Failure> {
    let mut stage = Stage::set()?;
    stage.task("near", Class::Quick, "")?;
    let hung = Hung::mount(&stage.folder("state"))?;
    // A request that was pending is answered once it is known that the store does not answer.
    says(stage.oncue(&["run", "near"]), "could not be recorded")?;
    stage.ran("near")?;
    says(stage.oncue(&["doctor"]), "does not answer")?;
    says(stage.oncue(&["access", "set", stage.package()?.trim(), "denied"]), "could not be recorded")?;
    says(stage.oncue(&["access", "list"]), "denied")?;
    says(stage.oncue(&["history"]), "does not answer")?;
    stage.signal_broker()?;
    let said = stage.broker_fails()?;
    drop(hung);
    says(Ok(said), "may not be recorded")
}

fn none_of_the_brokers_folders_keeps_it_from_ending() -> Result<(), Failure> {
    for folder in ["config", "data", "run", "state"] {
        let mut stage = Stage::set()?;
        stage.task("near", Class::Quick, "")?;
        stage.fire_and_run("near")?;
        // The broker creates some of them only when they are needed.
        let at = stage.folder(folder);
        fs::create_dir_all(&at).map_err(Failure::system(format!("making {at}")))?;
        let hung = Hung::mount(&at)?;
        if matches!(folder, "config" | "data") {
            stage.fire_and_run("near")?;
        }
        stage.signal_broker()?;
        stage.broker_ends().map_err(|failure| Failure::App(format!("{folder}: {failure}")))?;
        drop(hung);
    }
    Ok(())
}

/// Checks the output, whether the command succeeds or fails.
fn says(said: Result<String, Failure>, expected: &str) -> Result<(), Failure> {
    let seen = said.unwrap_or_else(|failure| failure.to_string());
    if seen.contains(expected) {
        return Ok(());
    }
    Err(Failure::Unexpected { what: "what is said".into(), expected: expected.into(), seen })
}

/// A file system whose server does not answer; it is unmounted when this is dropped.
struct Hung {
    at: String,
    server: Child,
}

impl Hung {
    fn mount(at: &str) -> Result<Self, Failure> {
        let at = at.to_owned();
        let script = "exec 3<>/dev/fuse && mount -i -t fuse -o \
                      fd=3,rootmode=40000,user_id=0,group_id=0,allow_other hung \"$0\" && echo mounted && exec sleep infinity";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, &at]).stdout(Stdio::piped());
        let mut server = shell.spawn().map_err(Failure::system("sh"))?;
        let mut said = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut said).map_err(Failure::system("hearing mount(8)"))?;
        }
        let hung = Self { at, server };
        if said == "mounted\n" {
            return Ok(hung);
        }
        let what = format!("mounting {}", hung.at);
        Err(Failure::Unexpected { what, expected: "mounted".into(), seen: said })
    }
}

impl Drop for Hung {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = shell::run(&["umount", "--lazy", &self.at]);
    }
}

fn folder(at: &'static str) -> Result<&'static str, Failure> {
    fs::create_dir_all(at).map(|()| at).map_err(Failure::system(format!("making {at}")))
}

fn write(file: &str) -> Result<(), Failure> {
    let made = Path::new(file).parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(file, "new")).map_err(Failure::system(format!("writing {file}")))
}
