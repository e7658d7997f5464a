//! Exported tasks, checked by the tools and the published schemas of the schedulers they are written for.

use std::fs;
use std::process::Command;

use super::scenarios;
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::stage::Stage;
use crate::test_system::until::until;

scenarios!(
    "elsewhere": units_run_as_they_are_written,
    manifests_fit_the_schema_of_kubernetes,
    jobs_of_nomad_are_read,
);

/// Reads manifests and jobs, and compares them.
const SCRIPT: &str = include_str!("elsewhere.py");

/// The program of the hostile task: writes its arguments and a variable to a file.
const SAY: &str =
    "import json, os, sys; json.dump([sys.argv[1:], os.environ['ALL']], open('/run/said', 'w'))";

/// Words that look like something else in the languages of schedulers.
const HOSTILE: [&str; 22] = [
    "",
    " ",
    "yes",
    "null",
    "~",
    "0x10",
    "12:30:45",
    "-",
    "- a",
    ": ",
    "a: b",
    "#a",
    "a #b",
    "it's",
    "say \"hi\"",
    "two\nlines\n",
    "tab\t",
    "größer, 日本",
    "$HOME ${HOME} $(date) $$ $",
    "100% %h %% %{x}",
    "back\\slash\\",
    ";",
];

/// The tasks that are exported.
const TASKS: [&[&str]; 7] = [
    &[
        "nightly",
        "--at",
        "Mon..Fri 03:00 Europe/Berlin",
        "--retry",
        "3",
        "--time-limit",
        "1h",
        "--grace",
        "10s",
    ],
    &["cron", "--cron", "*/5 8-17 13 * 5", "--missed", "skip"],
    &["every", "--every", "90m", "--env", "TOKEN=secret"],
    &["at log-in", "--at-login"],
    &["after.it", "--after", "nightly:failed"],
    &["Größe", "--at", "daily", "--retry", "linear:1m:2", "--success", "0,3"],
    &["watch", "--on-change", "/srv"],
];

/// Sets the stage, and exports all tasks to a folder.
fn exported(scheduler: &str, more: &[&str]) -> Result<(Stage, String), Failure> {
    let stage = Stage::set()?;
    let all = format!("ALL={}", HOSTILE.concat());
    let add = ["add", "hostile", "--at", "daily UTC", "--cwd", "/", "--env", &all, "--"];
    stage.oncue(&[&add[..], &["/usr/bin/python3", "-c", SAY], &HOSTILE].concat())?;
    for task in TASKS {
        stage.oncue(&[&["add"], task, &["--cwd", "/", "--", "true"]].concat())?;
    }
    let folder = format!("/home/tester/{scheduler}");
    let _ = fs::remove_dir_all(&folder);
    // If a task has no counterpart, the exit code is 1.
    let _ = stage.oncue(&[&["export", "--as", scheduler, "-o", &folder], more].concat());
    Ok((stage, folder))
}

fn units_run_as_they_are_written() -> Result<(), Failure> {
    let (stage, folder) = exported("systemd", &["--with-values"])?;
    drop(stage);
    let entries = fs::read_dir(&folder).map_err(Failure::system(&folder))?;
    let units: Vec<String> = entries.flatten().map(|entry| entry.path().display().to_string()).collect();
    let verified = Command::new("systemd-analyze").arg("verify").args(&units).output();
    let verified = verified.map_err(Failure::system("systemd-analyze"))?;
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    // These came with systemd 254.
    let known = |line: &&str| !line.contains("RestartSteps") && !line.contains("RestartMaxDelaySec");
    let said: Vec<&str> = said.lines().filter(known).collect();
    if units.len() != 15 || !said.is_empty() || !verified.status.success() {
        let seen = format!("{units:?}: {}: {}", verified.status, said.join("\n"));
        return Err(Failure::Unexpected { what: "15 units".into(), expected: "no complaint".into(), seen });
    }
    for unit in &units {
        shell::run(&["cp", unit, "/run/systemd/system/"])?;
    }
    shell::run(&["systemctl", "daemon-reload"])?;
    shell::run(&["systemctl", "start", "hostile.timer", "every.timer", "cron.timer", "watch.path"])?;
    shell::run(&["systemctl", "start", "hostile.service"])?;
    let said = fs::read_to_string("/run/said").map_err(Failure::system("/run/said"))?;
    let expected = serde_json::json!([HOSTILE, HOSTILE.concat()]);
    if serde_json::from_str::<serde_json::Value>(&said).ok() != Some(expected.clone()) {
        let (what, expected) = ("the words of a service".into(), expected.to_string());
        return Err(Failure::Unexpected { what, expected, seen: said });
    }
    // A service that fails starts what follows it.
    let failing = "/run/systemd/system/nightly.service.d";
    fs::create_dir_all(failing).map_err(Failure::system(failing))?;
    let conf = "[Service]\nExecStart=\nExecStart=false\nRestart=no\n";
    fs::write(format!("{failing}/fail.conf"), conf).map_err(Failure::system(failing))?;
    shell::run(&["systemctl", "daemon-reload"])?;
    let _ = shell::run(&["systemctl", "start", "nightly.service"]);
    let ran = "systemctl show --property=ExecMainExitTimestampMonotonic --value after.it.service";
    let ran: Vec<&str> = ran.split(' ').collect();
    until("the follower's run", || Ok(shell::run(&ran)? != "0"))?;
    shell::run(&["systemctl", "stop", "hostile.timer", "every.timer", "cron.timer", "watch.path"]).map(drop)
}

fn manifests_fit_the_schema_of_kubernetes() -> Result<(), Failure> {
    let (_stage, folder) = exported("kubernetes", &["--with-values", "--image", "registry.example/x:1"])?;
    check("kubernetes", &folder, "cron.yaml every.yaml gr-e.yaml hostile.yaml nightly.yaml")
}

fn jobs_of_nomad_are_read() -> Result<(), Failure> {
    let (_stage, folder) = exported("nomad", &["--image", "registry.example/x:1"])?;
    check(
        "nomad",
        &folder,
        "Gr--e.nomad.hcl cron.nomad.hcl every.nomad.hcl hostile.nomad.hcl nightly.nomad.hcl",
    )
}

/// Has the script check a folder with these files.
fn check(scheduler: &str, folder: &str, files: &str) -> Result<(), Failure> {
    let script = "/run/oncue-elsewhere.py";
    fs::write(script, SCRIPT).map_err(Failure::system(script))?;
    let words = serde_json::json!([&["-c", SAY][..], &HOSTILE].concat()).to_string();
    let python = ["env", "PYTHONPATH=/usr/local/lib/oncue-suite", "/usr/bin/python3", script];
    shell::run(&[&python[..], &[scheduler, folder, files, &words]].concat()).map(drop)
}
