//! Triggers beyond time, end to end: requested by the app, raised by name, simulated, by the
//! calendar.

use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use oncue::{
    ApplicationTrigger, ApplicationTriggerResult, BackgroundTaskRegistration, CalendarTrigger, Condition,
    CustomSystemEventTrigger, CustomSystemEventTriggerRecurrence as Recurrence, OneShot, StartupTrigger,
    SystemTrigger, SystemTriggerType, raise_custom_system_event,
};
use serde_json::Value;

use crate::run::{TELLS, make_package, task};
use crate::stage::{PART, Stage, plays_part, said};

#[test]
#[ignore = "a process that the tests start"]
fn registers() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    task("asked", TELLS).set_trigger(ApplicationTrigger::new()).register()?;
    for (name, recurrence) in [("always", Recurrence::Always), ("once", Recurrence::Once)] {
        task(name, TELLS).set_trigger(CustomSystemEventTrigger::new("stage.ready", recurrence)).register()?;
    }
    task("begin", TELLS).set_trigger(StartupTrigger::new()).register()?;
    task("second", TELLS)
        .set_trigger(CalendarTrigger::on_calendar("*:*:*"))
        .set_slack(Duration::ZERO)
        .register()?;
    let low = !Condition::battery_not_low().or(Condition::battery_above(90));
    task("low", TELLS).set_trigger(ApplicationTrigger::new()).add_condition(low).register()?;
    let sms = SystemTrigger::new(SystemTriggerType::SmsReceived, OneShot::No);
    let refused = task("sms", TELLS).set_trigger(sms).register().unwrap_err();
    assert!(refused.is_invalid_argument() && refused.to_string().contains("sms-received"), "{refused}");
    Ok(())
}

/// Writes `attached`, then waits for the next end of a run of the task named by the variable.
#[test]
#[ignore = "a process that the tests start"]
fn awaits() -> Result<(), Box<dyn Error>> {
    let Ok(name) = env::var(PART) else { return Ok(()) };
    let (sender, ended) = mpsc::channel();
    let _listener = named(&name)?.on_completed(move |_, _| sender.send(()).unwrap())?;
    println!("attached");
    Ok(ended.recv()?)
}

#[test]
#[ignore = "a process that the tests start"]
fn asks() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    let asked = named("asked")?;
    assert_eq!(ApplicationTrigger::request(&asked, ["one", "two words"])?, ApplicationTriggerResult::Allowed);
    let other = ApplicationTrigger::request(&named("begin")?, [""; 0]).unwrap_err();
    assert!(other.is_invalid_argument(), "{other}");
    Ok(())
}

#[test]
#[ignore = "a process that the tests start"]
fn raises() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    assert_eq!(
        raise_custom_system_event("stage.ready", ["from the app"])?,
        1,
        "the other fired in this session"
    );
    assert_eq!(raise_custom_system_event("nobody", [""; 0])?, 0);
    Ok(())
}

fn named(name: &str) -> Result<BackgroundTaskRegistration, Box<dyn Error>> {
    let all = BackgroundTaskRegistration::all_tasks()?;
    all.into_iter().find(|task| task.name() == name).ok_or_else(|| format!("no task {name}").into())
}

fn set() -> Stage {
    let mut stage = Stage::new();
    stage.start_broker();
    make_package(&stage);
    stage.done(&["package", "add", "package"]);
    plays(&stage, "triggers::registers");
    stage
}

pub(crate) fn plays(stage: &Stage, part: &str) {
    let program = stage.path("package/primes");
    let played = said(stage.program(&program, &["--exact", "--ignored", part]).output().unwrap());
    assert_eq!(played.code, Some(0), "{played:?}");
}

/// Starts to wait for the next end of a run of `task`.
pub(crate) fn attend(stage: &Stage, task: &str) -> Child {
    let mut part = stage
        .program(&stage.path("package/primes"), &["--exact", "--ignored", "--nocapture", "triggers::awaits"]);
    let mut part = part.env(PART, task).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(part.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("attached")), "the part attaches its handler");
    // The process must be able to continue writing.
    std::thread::spawn(move || lines.for_each(drop));
    part
}

pub(crate) fn ended(mut attended: Child) {
    assert!(attended.wait().unwrap().success());
}

pub(crate) fn last_run(stage: &Stage, task: &str) -> Value {
    stage.json(&["history", task, "--json"])[0].clone()
}

#[test]
fn what_the_app_asks_for_reaches_the_run() {
    let stage = set();
    let run = attend(&stage, "asked");
    plays(&stage, "triggers::asks");
    ended(run);
    assert_eq!(last_run(&stage, "asked")["message"], "Application ×1: one, two words");
}

#[test]
fn an_event_is_raised_by_the_user_and_by_the_app() {
    let stage = set();
    let (always, once) = (attend(&stage, "always"), attend(&stage, "once"));
    let signal = stage.json(&["signal", "stage.ready", "from", "me", "--json"]);
    assert_eq!(signal["fired"], 2);
    ended(always);
    ended(once);
    assert_eq!(last_run(&stage, "once")["message"], "CustomSystemEvent ×1: from, me");

    let always = attend(&stage, "always");
    plays(&stage, "triggers::raises");
    ended(always);
    assert_eq!(last_run(&stage, "always")["message"], "CustomSystemEvent ×1: from the app");
    assert_eq!(stage.done(&["signal", "nobody"]), "no task is waiting for nobody\n");
}

#[test]
fn a_simulated_fact_lets_a_task_run_and_is_named_wherever_it_counts() {
    let stage = set();
    stage.done(&["run", "low"]);
    assert_eq!(stage.json(&["show", "low", "--json"])["state"], "held");
    stage.done(&["simulate", "ac=off", "battery=80%"]);
    assert_eq!(stage.json(&["show", "low", "--json"])["state"], "held", "80 % is not low");
    let why = stage.done(&["why", "low"]);
    let words: Vec<&str> = why.split_whitespace().collect();
    assert!(
        words.join(" ").contains("the battery is at 80% (simulated, see `oncue simulate list`, since"),
        "{why}"
    );

    let run = attend(&stage, "low");
    let listed = stage.done(&["simulate", "battery=10%"]);
    assert!(
        listed.contains("battery is simulated as 10%, since") && listed.contains("ac is simulated as off"),
        "{listed}"
    );
    ended(run);
    let told = "Application ×1: ; simulated: ac off, battery 10%";
    assert_eq!(last_run(&stage, "low")["message"], told);
    let report = stage.report();
    let facts = report["facts"].as_array().unwrap();
    let pinned: Vec<&Value> = facts.iter().filter(|fact| fact["pinned"] == true).collect();
    assert_eq!(pinned.iter().map(|fact| &fact["name"]).collect::<Vec<_>>(), ["ac", "battery"]);
    assert_eq!(pinned[1]["value"], 10);

    assert_eq!(stage.done(&["simulate", "clear"]), "no facts are simulated\n");
    for (wrong, code) in [("battery=on", 3), ("warp=on", 3), ("internet=perhaps", 3), ("internet", 2)] {
        let said = stage.says(&["simulate", wrong]);
        assert_eq!(said.code, Some(code), "{wrong}: {said:?}");
    }
}

#[test]
fn a_session_begins_once_in_a_boot() {
    let mut stage = set();
    assert_eq!(stage.json(&["history", "begin", "--json"]), Value::Array(Vec::new()));
    stage.kill_broker();
    stage.start_broker();
    // Anything fired by the start would be held or running by now, or have ended.
    let task = stage.json(&["show", "begin", "--json"]);
    assert_eq!((&task["state"], &task["runs"]), (&"armed".into(), &Value::Array(Vec::new())));
}

#[test]
fn the_calendar_fires_by_the_second() {
    let stage = set();
    ended(attend(&stage, "second"));
    let run = last_run(&stage, "second");
    assert!(run["message"].as_str().unwrap().starts_with("Calendar ×"), "{run}");
    let fired = run["fired_at"].as_str().unwrap();
    assert!(fired.contains(".000000"), "{fired} is a whole second");
}
