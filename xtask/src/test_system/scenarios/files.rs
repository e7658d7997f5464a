//! Watched files, where file systems come, go and do not answer.

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
    the_broker_ends_although_a_file_system_does_not_answer,
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
    // What lies there now counts.
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
    let at = hung.at;
    drop(hung);
    stage.is_watched("far")?;
    write(&format!("{at}/x"))?;
    stage.ran("far")
}

fn the_broker_ends_although_a_file_system_does_not_answer() -> Result<(), Failure> {
    let mut stage = Stage::set()?;
    let hung = Hung::mount(folder("/srv/hung")?)?;
    stage.task_on("far", Class::Quick, &format!("path {}/x", hung.at), "")?;
    stage.is_troubled("far", "does not answer")?;
    stage.stop_broker()?;
    stage.broker_ends()
}

/// A file system whose server says nothing; it is unmounted when this is dropped.
struct Hung {
    at: &'static str,
    server: Child,
}

impl Hung {
    fn mount(at: &'static str) -> Result<Self, Failure> {
        let script = "exec 3<>/dev/fuse && mount -i -t fuse -o \
                      fd=3,rootmode=40000,user_id=0,group_id=0,allow_other hung \"$0\" && echo mounted && exec sleep infinity";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, at]).stdout(Stdio::piped());
        let mut server = shell.spawn().map_err(Failure::system("sh"))?;
        let mut said = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut said).map_err(Failure::system("hearing mount(8)"))?;
        }
        let hung = Self { at, server };
        if said == "mounted\n" {
            return Ok(hung);
        }
        Err(Failure::Unexpected { what: format!("mounting {at}"), expected: "mounted".into(), seen: said })
    }
}

impl Drop for Hung {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = shell::run(&["umount", "--lazy", self.at]);
    }
}

fn folder(at: &'static str) -> Result<&'static str, Failure> {
    fs::create_dir_all(at).map(|()| at).map_err(Failure::system(format!("making {at}")))
}

fn write(file: &str) -> Result<(), Failure> {
    let made = Path::new(file).parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(file, "new")).map_err(Failure::system(format!("writing {file}")))
}
