//! The ten jobs of the guide, typed as they stand there, with the services of a system.
//!
//! Only what nobody would wait for is shortened, such as the time of night.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use super::network::Link;
use super::power::{on_battery, upower};
use super::scenarios;
use crate::test_system::account::Account;
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::until::{until, until_within};

scenarios!("jobs":
    back_up_when_on_ac_power_and_online,
    fetch_mail_every_15_minutes,
    rebuild_when_a_file_changes,
    run_something_at_log_in,
    run_at_night_even_if_the_machine_was_off,
    retry_with_backoff_and_see_what_failed,
    see_what_runs_next,
    pause_everything,
    be_told_when_something_fails,
);

const GUIDE: &str = include_str!("../../../../docs/guide/src/ten-jobs.md");

/// Returns the only command below a heading of the guide.
fn command(heading: &str) -> Result<String, Failure> {
    let missing = |what: &str| Failure::App(format!("the guide has no {what} below `{heading}`"));
    let start = GUIDE.find(&format!("## {heading}\n")).ok_or_else(|| missing("text"))?;
    let section = GUIDE[start + 3..].split("\n## ").next().unwrap_or_default();
    let commands: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    match commands[..] {
        [command] => Ok(command.to_owned()),
        [] | [_, ..] => Err(missing("single command")),
    }
}

/// A user who is logged in, with some files.
fn user() -> Result<Account, Failure> {
    user_with("")
}

fn user_with(config: &str) -> Result<Account, Failure> {
    let mut account = Account::new(config)?;
    account.log_in()?;
    account.types("mkdir -p Documents src && echo letter > Documents/letter && echo 'int main(void) { return 0; }' > src/main.c")?;
    Ok(account)
}

fn file(name: &str) -> PathBuf {
    Path::new(Account::FOLDER).join(name)
}

/// Waits for a file that a run writes.
fn written(name: &str) -> Result<(), Failure> {
    until(name, || Ok(file(name).exists()))
}

fn lines(name: &str) -> usize {
    fs::read_to_string(file(name)).unwrap_or_default().lines().count()
}

fn must(what: &str, is_so: bool) -> Result<(), Failure> {
    if is_so { Ok(()) } else { Err(Failure::App(format!("{what}: this is not so"))) }
}

fn back_up_when_on_ac_power_and_online() -> Result<(), Failure> {
    shell::run(&["systemctl", "stop", "NetworkManager"])?;
    let upower = upower()?;
    on_battery(&upower, true)?;
    let link = Link::up()?;
    let account = user()?;
    account.types(&command("Back up when on AC power and online")?)?;
    must("it is held", account.types("oncue run backup")?.contains("held"))?;
    on_battery(&upower, false)?;
    until("only the network to be missing", || {
        let why = account.types("oncue why backup")?;
        Ok(why.contains("internet") && !why.contains("ac:"))
    })?;
    must("nothing is backed up", !file("backup.tar.gz").exists())?;
    link.default_route("add")?;
    written("backup.tar.gz")?;
    must("the letter is in it", account.types("tar -tzf backup.tar.gz")?.contains("Documents/letter"))
}

fn fetch_mail_every_15_minutes() -> Result<(), Failure> {
    shell::run(&["systemctl", "stop", "NetworkManager"])?;
    let link = Link::up()?;
    link.default_route("add")?;
    let account = user()?;
    account.types(&command("Fetch mail every 15 minutes")?.replace("15m", "1m"))?;
    until_within("the first mail", 90, || Ok(lines("mail.log") == 1))
}

fn rebuild_when_a_file_changes() -> Result<(), Failure> {
    let account = user()?;
    account.types(&command("Rebuild when a file changes")?)?;
    until("the folder to be watched", || Ok(!account.types("oncue show build")?.contains("trouble")))?;
    account.types("echo >> src/main.c")?;
    written("app")
}

fn run_something_at_log_in() -> Result<(), Failure> {
    let mut account = user()?;
    account.types(&command("Run something at log-in")?)?;
    account.has_status("/installed_by", &"broker".into())?;
    for log_ins in 1..3 {
        account.log_out(false)?;
        account.log_in()?;
        until("the run at log-in", || Ok(lines("logins") == log_ins))?;
    }
    Ok(())
}

fn run_at_night_even_if_the_machine_was_off() -> Result<(), Failure> {
    let mut account = user()?;
    let night = shell::run(&["date", "--date=+8 seconds", "+%H:%M:%S"])?;
    account.types(&command("Run at 03:00, even if the machine was off")?.replace("03:00", &night))?;
    account.has_status("/installed_by", &"broker".into())?;
    account.log_out(false)?;
    until("the time of the task", || Ok(shell::run(&["date", "+%H:%M:%S"])? > night))?;
    account.log_in()?;
    until("the missed run", || {
        Ok(account.json(&["history", "disks"])?.as_array().is_some_and(|runs| runs.len() == 1))
    })?;
    must("its output is kept", account.types("oncue logs disks")?.contains("Filesystem"))
}

fn retry_with_backoff_and_see_what_failed() -> Result<(), Failure> {
    let account = user()?;
    account.types("touch backup.tar.gz")?;
    account.types(&command("Retry with backoff")?.replace("30s", "1s"))?;
    must("the first run fails", account.types("oncue run upload --wait").is_err())?;
    let logs = command("See the output of the last run that failed")?;
    must("the reason is shown", account.types(&logs)?.contains("nas"))?;
    account.types("mkdir nas")?;
    written("nas/backup.tar.gz")
}

fn see_what_runs_next() -> Result<(), Failure> {
    let account = user()?;
    account.types(&command("Fetch mail every 15 minutes")?)?;
    account.types(&command("Run at 03:00, even if the machine was off")?)?;
    let next = account.types(&command("See what runs next")?)?;
    must("both are there", next.contains("mail") && next.contains("disks"))
}

fn pause_everything() -> Result<(), Failure> {
    let account = user()?;
    account.types(&command("Run something at log-in")?)?;
    account.types(&command("Pause everything for two hours")?.replace("2h", "4s"))?;
    must("it is held", account.types("oncue run greet")?.contains("held"))?;
    must("nothing has run", lines("logins") == 0)?;
    until("the end of the pause", || Ok(lines("logins") == 1))
}

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

/// The user's session bus with a desktop that shows notifications; ended when dropped.
struct Desktop {
    bus: Child,
    shows: Child,
}

impl Desktop {
    fn of(account: &Account) -> Result<Self, Failure> {
        let address = format!("unix:path=/run/user/{}/bus", account.user_id());
        let mut bus = account.command("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", &format!("--address={address}")]);
        let bus = bus.spawn().map_err(Failure::system("dbus-daemon"))?;
        until("the session bus", || Ok(Path::new(&address["unix:path=".len()..]).exists()))?;
        let mut shows = account.command("python3");
        shows.env("DBUS_SESSION_BUS_ADDRESS", &address).stdout(Stdio::null());
        shows.args(["-m", "dbusmock", "--session", "--template", "notification_daemon"]);
        shows.args(["--logfile", file("shown").to_str().unwrap_or_default()]);
        let shows = shows.spawn().map_err(Failure::system("python3"))?;
        let at = format!("--address={address}");
        let bus_itself = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"];
        let asked =
            [&["--user", &at, "call"][..], &bus_itself, &["NameHasOwner", "s", NOTIFICATIONS]].concat();
        until("the desktop", || Ok(account.run("busctl", &asked)? == "b true"))?;
        Ok(Self { bus, shows })
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for process in [&mut self.shows, &mut self.bus] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn be_told_when_something_fails() -> Result<(), Failure> {
    let toml = GUIDE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let account = user_with(toml.unwrap_or_default())?;
    let _desktop = Desktop::of(&account)?;
    account.types("oncue add fails -- sh -c 'echo the disk is full; exit 3'")?;
    must("it fails", account.types("oncue run fails --wait").is_err())?;
    until("the notification", || {
        let shown = fs::read_to_string(file("shown")).unwrap_or_default();
        Ok(shown.contains("Notify") && shown.contains("fails") && shown.contains("the disk is full"))
    })
}
