//! The deeds of scenarios, as words.
//!
//! ```text
//! settings slack=1m grace=5s …          before anything else; else no slack, and no activation timeout
//! package NAME [VERSION] class 1 2 | 3  add or update; `|` parts its servers
//!                                        a word among the classes is what the server runs
//! downgrade package …                    the user insists on an older version
//! found package …, moved package …       the shell finds it in the same folder, or in another one
//! vacated package …                      as moved, and the folder that held it no longer does
//! other package …, insisted package …    the user offers it in another folder, or insists on it
//! remove package NAME
//! register|keep|replace TASK [of PACKAGE] [in ID[=NAME]] [class N] every|once SPAN [when CONDITION] [with POLICY]
//! add|keep command TASK [success 0,2] every|once SPAN [when CONDITION] [with POLICY]: COMMAND LINE
//! replace|change command …              add refuses a name that is taken, change names the present task
//! rename command TASK to NAME …
//! unregister TASK [and cancel]          fire|force|release|show TASK
//! pause TASK|all [for SPAN | until SPAN] [and cancel]          resume TASK|all
//!                                        `until` is a time of the wall clock, as at the beginning of a line
//! cancel TASK [for REASON]              access PACKAGE always|policy|denied
//! internet|free-network on|off|unknown
//! server N registers class C [single-use] [suspended]     peer N [of PACKAGE] registers class C
//! server N resumes                      server N revokes cookie C
//! server N asks to leave
//! server N entered|completed RUN        server N progressed RUN VALUE
//! server N started                      says RUN [VALUE]: NOTE
//! server N failed RUN: MESSAGE          server N cannot start: WHY
//! server N is short: OF WHAT            broker is short: OF WHAT
//! server N exits 0|SIGKILL|…[: LAST LINES]     server N disconnects
//! store fails: WHY                      store works
//! stop REASON [within SPAN]             deadline
//! session N             the broker has started in this session
//! logged in|out         clients come|go
//! going to sleep     no sleep           session ends REASON [within SPAN]     session goes on
//! memory is short
//! noticed TASK [from SPAN to SPAN] WHAT…     trouble TASK[: WHY]
//! ahead SPAN [steps N] [taking TASK SPAN]…      what comes until then, if runs take that long
//! sleep … wake       crash … start      power loss … start
//! unrecorded DEED    the broker dies after what it does at once, before anything is recorded
//! unwritable DEED    the store cannot write what is registered, and says so
//! on its way DEED    what is registered has not reached the store yet; it is lost when the store fails
//! ```

use std::time::Duration;

use oncue_core::{
    Action, CancellationReason, ClassObject, ClassUse, Command, Condition, Consent, Cookie, Details, Event,
    ExeServer, Exit, FactKind, FamilyName, Group, Guid, Observation, Package, PauseEnd, PauseScope, Policy,
    Reading, Register, RegisterMode, Request, RequestId, ServerId, Settings, Statuses, TaskId, TaskSpec,
    Trigger, Version, Wall, parse_span,
};

use super::ahead::Looking;
use super::names::Names;
use crate::world::BEGIN;

/// What a line requests.
pub(crate) enum Deed {
    Event(Event),
    /// An event whose records are lost, as the broker dies.
    Unrecorded(Event),
    /// An event whose registrations the store reports that it cannot write.
    Unwritable(Event),
    /// An event whose registrations are on their way to the store when it fails.
    OnItsWay(Event),
    StoreFails(String),
    Crash,
    PowerLoss,
    Sleep,
    /// The broker starts again, or the machine wakes.
    Start,
    /// The wall clock is set, by this many microseconds.
    SetClock(i64),
    Show(TaskId),
    /// The broker's future is looked at.
    Ahead(Looking),
    Deadline,
    Set(Box<Settings>),
}

/// Returns the class that scenarios call by this number.
pub(crate) fn class_id(number: u8) -> Guid {
    Guid::from_u128(0xc1a5_5000 << 96 | u128::from(number))
}

/// Parses a deed.
pub(crate) fn read(text: &str, names: &Names) -> Result<Deed, String> {
    let (text, said) = match text.split_once(": ") {
        Some((text, said)) => (text, said.trim()),
        None => (text, ""),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(match words.as_slice() {
        ["unrecorded", words @ ..] => Deed::Unrecorded(event(words, said, names)?),
        ["unwritable", words @ ..] => Deed::Unwritable(event(words, said, names)?),
        ["on", "its", "way", words @ ..] => Deed::OnItsWay(event(words, said, names)?),
        ["store", "fails"] => Deed::StoreFails(said.into()),
        ["crash"] => Deed::Crash,
        ["power", "loss"] => Deed::PowerLoss,
        ["sleep"] => Deed::Sleep,
        ["start" | "wake"] => Deed::Start,
        ["clock", "forward", span] => Deed::SetClock(micros(span)?),
        ["clock", "back", span] => Deed::SetClock(-micros(span)?),
        ["show", task] => Deed::Show(names.task(task)?),
        ["ahead", span, rest @ ..] => Deed::Ahead(looking(span, rest, names)?),
        ["deadline"] => Deed::Deadline,
        ["settings", rest @ ..] => Deed::Set(Box::new(settings(rest)?)),
        words => Deed::Event(event(words, said, names)?),
    })
}

fn looking(span: &str, words: &[&str], names: &Names) -> Result<Looking, String> {
    let read = |span: &str| parse_span(span).map_err(|error| error.to_string());
    let (steps, words) = match words {
        ["steps", steps, rest @ ..] => (parsed(steps)?, rest),
        words => (u64::MAX, words),
    };
    let usual = words.chunks(3).map(|words| match words {
        ["taking", task, span] => Ok((names.task(task)?, read(span)?)),
        words => Err(format!("nothing takes `{}`", words.join(" "))),
    });
    Ok(Looking { span: read(span)?, usual: usual.collect::<Result<_, _>>()?, steps })
}

fn event(words: &[&str], said: &str, names: &Names) -> Result<Event, String> {
    Ok(match words {
        ["package", name, rest @ ..] => added(package(name, rest)?, Consent::Offered),
        ["downgrade", "package", name, rest @ ..] => added(package(name, rest)?, Consent::Insisted),
        ["found", "package", name, rest @ ..] => added(package(name, rest)?, Consent::Found),
        ["moved", "package", name, rest @ ..] => added(elsewhere(name, rest)?, Consent::Found),
        ["vacated", "package", name, rest @ ..] => {
            let (package, consent) = (Box::new(elsewhere(name, rest)?), Consent::Found);
            asked(Request::AddPackage { package, consent, vacated: Some(HERE.into()) })
        }
        ["other", "package", name, rest @ ..] => added(elsewhere(name, rest)?, Consent::Offered),
        ["insisted", "package", name, rest @ ..] => added(elsewhere(name, rest)?, Consent::Insisted),
        ["remove", "package", name] => asked(Request::RemovePackage(FamilyName::new(name))),
        ["register", name, rest @ ..] => asked(register(name, rest, RegisterMode::Always)?),
        ["keep", name, rest @ ..] if *name != "command" => asked(register(name, rest, RegisterMode::Keep)?),
        ["replace", name, rest @ ..] if *name != "command" => {
            asked(register(name, rest, RegisterMode::Replace)?)
        }
        ["add", "command", name, rest @ ..] => asked(command(name, rest, said, RegisterMode::New)?),
        ["keep", "command", name, rest @ ..] => asked(command(name, rest, said, RegisterMode::Keep)?),
        ["replace", "command", name, rest @ ..] => asked(command(name, rest, said, RegisterMode::Replace)?),
        ["change", "command", name, rest @ ..] => change(name, name, rest, said, names)?,
        ["rename", "command", name, "to", new, rest @ ..] => change(name, new, rest, said, names)?,
        ["says", run, value @ ..] => {
            let value = value.first().map(|value| parsed(value)).transpose()?;
            let note = Some(said).filter(|note| !note.is_empty()).map(Into::into);
            asked(Request::ReportProgress { instance: names.run(run)?, value, note })
        }
        ["unregister", task] => asked(Request::Unregister { task: names.task(task)?, cancel: false }),
        ["unregister", task, "and", "cancel"] => {
            asked(Request::Unregister { task: names.task(task)?, cancel: true })
        }
        ["fire", task] => asked(Request::Fire { task: names.task(task)?, force: false }),
        ["force", task] => asked(Request::Fire { task: names.task(task)?, force: true }),
        ["cancel", task] => {
            asked(Request::Cancel { task: names.task(task)?, reason: CancellationReason::Abort })
        }
        ["cancel", task, "for", why] => {
            asked(Request::Cancel { task: names.task(task)?, reason: reason(why)? })
        }
        ["release", task] => asked(Request::Release { task: names.task(task)? }),
        ["pause", what, rest @ ..] => asked(pause(what, rest, names)?),
        ["resume", what] => asked(Request::Resume(scope(what, names)?)),
        ["access", package, access] => {
            let access = access.parse().map_err(|_| format!("nobody has access `{access}`"))?;
            asked(Request::SetAccess { package: FamilyName::new(package), access })
        }
        ["request", task, arguments @ ..] => {
            asked(Request::Application { task: names.task(task)?, arguments: owned(arguments) })
        }
        ["signal", id, "for", package, arguments @ ..] => asked(Request::Signal {
            id: (*id).into(),
            package: Some(FamilyName::new(package)),
            arguments: owned(arguments),
        }),
        ["signal", id, arguments @ ..] => {
            asked(Request::Signal { id: (*id).into(), package: None, arguments: owned(arguments) })
        }
        ["noticed", task, "from", first, "to", last, paths @ ..] => {
            let at = |span: &str| {
                Ok::<_, String>(BEGIN.boot.after(Duration::from_micros(micros(span)?.unsigned_abs())))
            };
            let (during, details) = (Some((at(first)?, at(last)?)), Details::of(owned(paths)));
            Event::Noticed { task: names.task(task)?, count: 1, during, details }
        }
        ["noticed", task, paths @ ..] => Event::Noticed {
            task: names.task(task)?,
            during: None,
            count: u32::try_from(paths.len()).unwrap_or(u32::MAX),
            details: Details::of(owned(paths)),
        },
        ["trouble", task] => {
            Event::Troubled { task: names.task(task)?, why: Some(said.into()).filter(|_| !said.is_empty()) }
        }
        ["clock", "set"] => Event::ClockSet { zone_changed: false },
        ["zone", "changed"] => Event::ClockSet { zone_changed: true },
        ["session", number] => Event::Started { session: Guid::from_u128(parsed(number)?) },
        ["logged", "in"] => Event::LoggedIn(true),
        ["logged", "out"] => Event::LoggedIn(false),
        ["clients", "come"] => Event::Clients { any: true },
        ["clients", "go"] => Event::Clients { any: false },
        ["store", "works"] => Event::RecordWorks,
        ["going", "to", "sleep"] => Event::GoingToSleep,
        ["no", "sleep"] => Event::Woke { slept: Duration::ZERO },
        ["session", "ends", why, within @ ..] => {
            Event::SessionEnding { reason: reason(why)?, within: within_of(within)? }
        }
        ["session", "goes", "on"] => Event::SessionGoesOn,
        ["memory", "is", "short"] => Event::MemoryShort,
        ["broker", "is", "short"] => Event::Short { server: None, why: said.into() },
        ["stop", why, within @ ..] => Event::StopAsked { reason: reason(why)?, within: within_of(within)? },
        ["replaced"] => Event::Replaced,
        ["server", number, rest @ ..] => of_server(ServerId::Launched(parsed(number)?), rest, said, names)?,
        ["peer", number, rest @ ..] => of_server(ServerId::Joined(parsed(number)?), rest, said, names)?,
        ["pin", fact, value] => {
            let value = value.parse().map_err(|error| format!("{error}"))?;
            asked(Request::Pin { kind: fact_kind(fact)?, value: Some(value) })
        }
        ["unpin", fact] => asked(Request::Pin { kind: fact_kind(fact)?, value: None }),
        [fact, "unknown"] => observed(fact, None)?,
        [fact, value] if value.parse::<Reading>().is_ok() => observed(fact, value.parse().ok())?,
        _ => return Err(format!("`{}` is no deed", words.join(" "))),
    })
}

fn within_of(words: &[&str]) -> Result<Option<Duration>, String> {
    match words {
        [] => Ok(None),
        ["within", span] => parse_span(span).map(Some).map_err(|error| error.to_string()),
        _ => Err(format!("`{}` is no time that the system grants", words.join(" "))),
    }
}

fn of_server(server: ServerId, words: &[&str], said: &str, names: &Names) -> Result<Event, String> {
    Ok(match words {
        ["of", package, "registers", "class", class, rest @ ..] => {
            asked(registers(server, package, class, rest)?)
        }
        ["registers", "class", class, rest @ ..] => asked(registers(server, "app", class, rest)?),
        ["revokes", "cookie", cookie] => {
            asked(Request::RevokeClass { server, cookie: Cookie(parsed(cookie)?) })
        }
        ["resumes"] => asked(Request::ResumeClasses { server }),
        ["asks", "to", "leave"] => asked(Request::Leave { server }),
        ["entered", run] => Event::RunEntered { server, instance: names.run(run)? },
        ["progressed", run, value] => {
            Event::RunProgressed { server, instance: names.run(run)?, value: parsed(value)? }
        }
        ["completed", run] => Event::RunCompleted { server, instance: names.run(run)?, result: Ok(()) },
        ["failed", run] => {
            Event::RunCompleted { server, instance: names.run(run)?, result: Err(said.into()) }
        }
        ["is", "short"] => Event::Short { server: Some(server), why: said.into() },
        ["is", "out", "of", "reach"] => Event::OutOfReach { server, why: said.into() },
        ["is", "pending"] => Event::LaunchPending { server },
        ["started"] => Event::ServerStarted { server, program: said.into() },
        ["wrote"] => Event::ServerWrote { server, last_lines: said.into() },
        ["cannot", "start"] => Event::LaunchFailed { server, why: said.into() },
        ["exits", how] => {
            let exit = how.parse().map(Exit::Code).or_else(|_| how.parse());
            let exit = exit.map_err(|_| format!("no process exits by `{how}`"))?;
            Event::ServerExited { server, exit, last_lines: said.into() }
        }
        ["disconnects"] => Event::ServerDisconnected { server },
        _ => return Err(format!("a server does not do `{}`", words.join(" "))),
    })
}

fn registers(server: ServerId, package: &str, class: &str, rest: &[&str]) -> Result<Request, String> {
    let (class_use, suspended) = match rest {
        [] => (ClassUse::Multiple, false),
        ["single-use"] => (ClassUse::Single, false),
        ["suspended"] => (ClassUse::Multiple, true),
        ["single-use", "suspended"] => (ClassUse::Single, true),
        _ => return Err(format!("a class object is not `{}`", rest.join(" "))),
    };
    let object = ClassObject { class: class_id(parsed(class)?), class_use, suspended };
    Ok(Request::RegisterClass { server, package: FamilyName::new(package), object })
}

fn register(name: &str, words: &[&str], mode: RegisterMode) -> Result<Request, String> {
    let name = spelt(name);
    let (package, words) = match words {
        ["of", package, rest @ ..] => (*package, rest),
        _ => ("app", words),
    };
    let (group, words) = match words {
        ["in", group, rest @ ..] => {
            let (id, name) = group.split_once('=').unwrap_or((group, ""));
            (Some(Box::new(Group { id: spelt(id).into(), name: spelt(name).into() })), rest)
        }
        _ => (None, words),
    };
    let (class, words) = match words {
        ["class", class, rest @ ..] => (class_id(parsed(class)?), rest),
        _ => (class_id(1), words),
    };
    let (trigger, condition, policy) = rest_of(words)?;
    let spec = TaskSpec { name: name.into(), group, action: class.into(), trigger, condition, policy };
    Ok(Request::Register(Box::new(Register { package: FamilyName::new(package), spec, mode })))
}

fn command(name: &str, words: &[&str], line: &str, mode: RegisterMode) -> Result<Request, String> {
    let spec = command_spec(name, words, line)?;
    Ok(Request::Register(Box::new(Register { package: FamilyName::commands(), spec, mode })))
}

fn change(name: &str, new: &str, words: &[&str], line: &str, names: &Names) -> Result<Event, String> {
    let spec = Box::new(command_spec(new, words, line)?);
    Ok(asked(Request::Change { task: names.task(name)?, spec }))
}

fn command_spec(name: &str, words: &[&str], line: &str) -> Result<TaskSpec, String> {
    let (success, words) = match words {
        ["success", success, rest @ ..] => (success.parse().map_err(|error| format!("{error}"))?, rest),
        _ => (Statuses::default(), words),
    };
    let (program, arguments) = line.split_once(' ').unwrap_or((line, ""));
    let arguments = arguments.split_whitespace().map(Into::into).collect();
    let command = Command { arguments, success, ..Command::new(program, "/") };
    let (trigger, condition, policy) = rest_of(words)?;
    let action = Action::Command(command.into());
    Ok(TaskSpec { name: spelt(name).into(), group: None, action, trigger, condition, policy })
}

type Rest = (Trigger, Option<Box<Condition>>, Option<Box<Policy>>);

/// Parses a trigger, a condition and a policy.
fn rest_of(words: &[&str]) -> Result<Rest, String> {
    let text = words.join(" ");
    let (text, policy) = text.split_once(" with ").unwrap_or((&text, ""));
    let (trigger, condition) = text.split_once(" when ").unwrap_or((text, ""));
    let policy: Policy = policy.parse().map_err(|error| format!("{error}"))?;
    let condition = match condition {
        "" => None,
        text => Some(Box::new(text.parse().map_err(|error| format!("{error}"))?)),
    };
    let trigger: Trigger = trigger.parse().map_err(|error| format!("{error}"))?;
    Ok((trigger, condition, (policy != Policy::default()).then(|| Box::new(policy))))
}

/// Parses a name as written: `""` is empty, `\t` a control character.
fn spelt(name: &str) -> String {
    if name == "\"\"" { String::new() } else { name.replace("\\t", "\t") }
}

fn scope(what: &str, names: &Names) -> Result<PauseScope, String> {
    if what == "all" { Ok(PauseScope::All) } else { names.task(what).map(PauseScope::Task) }
}

fn pause(what: &str, words: &[&str], names: &Names) -> Result<Request, String> {
    let (words, cancel) = match words {
        [words @ .., "and", "cancel"] => (words, true),
        words => (words, false),
    };
    let span = |span: &str| parse_span(span).map_err(|error| error.to_string());
    let end = match words {
        [] => PauseEnd::WhenResumed,
        ["for", lasts] => PauseEnd::After(span(lasts)?),
        ["until", at] => PauseEnd::At(BEGIN.wall.after(span(at)?)),
        _ => return Err(format!("no pause ends `{}`", words.join(" "))),
    };
    Ok(Request::Pause { scope: scope(what, names)?, end, cancel })
}

fn package(name: &str, words: &[&str]) -> Result<Package, String> {
    let (version, words) = match words {
        ["class", classes @ ..] => (1, classes),
        [version, "class", classes @ ..] => (parsed(version)?, classes),
        _ => return Err("a package is written `package NAME [VERSION] class 1 2 | 3`".into()),
    };
    let server = |classes: &[&str]| -> Result<ExeServer, String> {
        let (classes, command): (Vec<&str>, Vec<&str>) =
            classes.iter().partition(|word| word.starts_with(|first: char| first.is_ascii_digit()));
        let classes = classes.iter().map(|class| parsed(class).map(class_id));
        Ok(ExeServer { classes: classes.collect::<Result<_, _>>()?, command: command.join(" ") })
    };
    let servers = words.split(|word| *word == "|").map(server).collect::<Result<_, _>>()?;
    Ok(Package {
        family: FamilyName::new(name),
        full_name: format!("{name}_{version}"),
        display_name: name.into(),
        version: Version::new(version, 0, 0, 0),
        location: HERE.into(),
        servers,
    })
}

/// The settings of a scenario that does not specify any: no slack and long deadlines for servers, so that
/// scenarios do not have to mention them.
pub(crate) fn patient() -> Settings {
    let (slack, activation_timeout) = (Duration::ZERO, Duration::from_secs(86_400));
    Settings { slack, activation_timeout, ..Settings::default() }
}

fn settings(words: &[&str]) -> Result<Settings, String> {
    let mut settings = patient();
    for word in words {
        let (key, value) = word.split_once('=').ok_or(format!("`{word}` is no setting"))?;
        let span = || parse_span(value).map_err(|error| error.to_string());
        match key {
            "slack" => settings.slack = span()?,
            "grace" => settings.grace = span()?,
            "activation-timeout" => settings.activation_timeout = span()?,
            "min-minutes" => settings.min_minutes = parsed(value)?,
            "max-minutes" => settings.max_minutes = parsed(value)?,
            "notify" => settings.notify = value.parse().map_err(|error| format!("{error}"))?,
            "strikes" => settings.strikes = parsed(value)?,
            "starts-at-log-in" => settings.starts_at_log_in = parsed(value)?,
            "leaves" => settings.leaves = parsed(value)?,
            "stay" => settings.stay = span()?,
            "name-length" => settings.limits.name_length = parsed(value)?,
            "tasks-per-package" => settings.limits.tasks_per_package = parsed(value)?,
            "tasks" => settings.limits.tasks = parsed(value)?,
            "packages" => settings.limits.packages = parsed(value)?,
            "classes-per-server" => settings.limits.classes_per_server = parsed(value)?,
            _ => return Err(format!("no setting is called `{key}`")),
        }
    }
    Ok(settings)
}

fn observed(fact: &str, value: Option<Reading>) -> Result<Event, String> {
    let seen = Observation { value, source: "scenario".into(), why: String::new(), since: Wall(0) };
    Ok(Event::FactObserved { kind: fact_kind(fact)?, seen })
}

fn fact_kind(name: &str) -> Result<FactKind, String> {
    name.parse().map_err(|_| format!("no fact is called `{name}`"))
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn micros(span: &str) -> Result<i64, String> {
    let span = parse_span(span).map_err(|error| error.to_string())?;
    i64::try_from(span.as_micros()).map_err(|error| error.to_string())
}

fn reason(name: &str) -> Result<CancellationReason, String> {
    name.parse().map_err(|_| format!("no reason is called `{name}`"))
}

fn added(package: Package, consent: Consent) -> Event {
    asked(Request::AddPackage { package: Box::new(package), consent, vacated: None })
}

/// The folder of a scenario's packages, unless it specifies one.
const HERE: &str = "/here";

fn elsewhere(name: &str, words: &[&str]) -> Result<Package, String> {
    Ok(Package { location: "/elsewhere".into(), ..package(name, words)? })
}

fn asked(what: Request) -> Event {
    Event::Asked { request: RequestId(0), what }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number that fits here"))
}
