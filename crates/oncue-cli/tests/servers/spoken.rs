//! Checks message by message that the published interface describes what is sent.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use oncue_types::{RegisterMode, Trigger};
use oncue_wire::{RunState, TaskSpec, Watched};

use crate::client::Client;
use crate::parts::class;
use crate::stage::Stage;

/// The signatures of the bodies in the published interface, by member: `Register` for the call,
/// `Register()` for its answer.
fn published() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/interface/org.oncue.Broker1.xml");
    let (mut bodies, mut member) = (BTreeMap::new(), String::new());
    for line in fs::read_to_string(path).unwrap().lines() {
        let attribute = |name: &str| Some(line.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0);
        match line.trim_start() {
            tag if tag.starts_with("<method") || tag.starts_with("<signal") => {
                member = attribute("name").unwrap().to_owned();
                bodies.insert(member.clone(), String::new());
                if tag.starts_with("<method") {
                    bodies.insert(format!("{member}()"), String::new());
                }
            }
            tag if tag.starts_with("<arg") => {
                let of = if attribute("direction") == Some("out") { "()" } else { "" };
                bodies.get_mut(&format!("{member}{of}")).unwrap().push_str(attribute("type").unwrap());
            }
            _ => {}
        }
    }
    bodies
}

fn application() -> TaskSpec {
    let (name, class_id, trigger) = ("asked".into(), class(1).into(), Trigger::Application.into());
    TaskSpec { name, class_id, trigger, mode: RegisterMode::Always.into(), ..TaskSpec::default() }
}

#[test]
fn every_message_has_the_form_that_the_published_interface_says() {
    let mut stage = Stage::played_by_test(&["first 1 100"]);
    let mut tool = stage.watch();
    assert_eq!(tool.fire("first").state, RunState::Started);
    let (mut app, _process) = stage.server();
    app.registers_class();
    let run = app.run().instance_id;
    app.tell("Entered", &run.to_string(), 1);
    app.tell("SetProgress", &(run.to_string(), 7_u32), 1);
    tool.progress();
    tool.cancel("first");
    app.cancelled();
    app.tell("Completed", &(run.to_string(), None::<String>), 1);
    tool.ended();
    speaks_as_app(&mut app);
    speaks_as_tool(&mut tool, &stage);

    let published = published();
    let mut spoken = tool.spoken;
    spoken.extend(app.spoken);
    let of_those = |(member, _): &(&String, &String)| spoken.contains_key(*member);
    let said: BTreeMap<_, _> = published.iter().filter(of_those).collect();
    assert_eq!(spoken.iter().collect::<BTreeMap<_, _>>(), said);
    // Members that were not used have no body: an answer that nobody waits for.
    let silent = published.iter().filter(|(member, body)| !body.is_empty() && !spoken.contains_key(*member));
    assert_eq!(silent.collect::<Vec<_>>(), [], "these were not tried");
}

fn speaks_as_app(app: &mut Client) {
    app.ask::<oncue_wire::Identity>("Identity", &()).unwrap();
    let registered = app.ask::<oncue_wire::Registered>("Register", &(application(),)).unwrap();
    let request = (registered.task_id.to_string(), vec!["argument"]);
    assert_eq!(app.ask::<u32>("Request", &request).unwrap(), 0);
    let offer = (class(2).to_string(), false);
    let cookie = app.ask::<u32>("RegisterClassSuspended", &offer).unwrap();
    app.ask::<()>("ResumeClasses", &()).unwrap();
    app.ask::<()>("RevokeClass", &cookie).unwrap();
    app.ask::<()>("Unregister", &(registered.task_id.to_string(), true)).unwrap();
    app.ask::<bool>("Leave", &()).unwrap();
}

fn speaks_as_tool(tool: &mut Client, stage: &Stage) {
    let task = tool.task("first").task_id;
    tool.ask::<Vec<oncue_wire::TaskInfo>>("Tasks", &(Watched::All, "", 10_u32)).unwrap();
    let entry = tool.ask::<Vec<oncue_wire::Entry>>("History", &("", "", 10_u32)).unwrap().remove(0);
    let before = ("", "", entry.ended_at.0, entry.instance_id.to_string(), 10_u32);
    tool.ask::<Vec<oncue_wire::Entry>>("HistoryBefore", &before).unwrap();
    assert_eq!(tool.ask::<()>("Release", &task.to_string()).unwrap_err().0, "NotActive");
    let pause = oncue_wire::PauseSpec { lasts: "1h".into(), ..oncue_wire::PauseSpec::default() };
    tool.ask::<oncue_wire::Paused>("Pause", &(task.to_string(), pause)).unwrap();
    assert!(tool.ask::<oncue_wire::Resumed>("Resume", &task.to_string()).unwrap().was_paused);
    let command = oncue_wire::CommandSpec {
        name: "listed".into(),
        command: oncue_wire::CommandInfo { program: "true".into(), folder: "/".into(), ..Default::default() },
        trigger: oncue_wire::Word::read("application"),
        ..Default::default()
    };
    let added = tool.ask::<oncue_wire::Registered>("AddCommand", &(&command,)).unwrap().task_id.to_string();
    let change = oncue_wire::CommandChange { task_id: String::new(), task: command.clone() };
    let refused = tool.ask::<Vec<oncue_wire::RefusedChange>>("CheckCommands", &(vec![change],)).unwrap();
    assert_eq!((refused[0].place, refused[0].error.as_str()), (0, "org.oncue.Error.TaskExists"));
    tool.ask::<oncue_wire::Registered>("ChangeCommand", &(&added, &command)).unwrap();
    let report = oncue_wire::ProgressReport { value: Some(7), note: None };
    assert_eq!(tool.ask::<()>("ReportProgress", &(&added, report)).unwrap_err().0, "NotActive");
    tool.ask::<()>("Unregister", &(added, false)).unwrap();
    tool.ask::<u32>("Signal", &("nobody", Vec::<String>::new())).unwrap();
    tool.ask::<()>("Pin", &("internet", "")).unwrap();
    tool.ask::<Vec<oncue_wire::FactInfo>>("Facts", &()).unwrap();
    tool.ask::<oncue_wire::BrokerInfo>("About", &()).unwrap();
    let folder = stage.path("");
    let folder = (folder.to_str().unwrap(), false);
    let package = tool.ask::<oncue_wire::PackageInfo>("AddPackage", &folder).unwrap().family_name;
    tool.ask::<Vec<oncue_wire::PackageInfo>>("Packages", &()).unwrap();
    tool.ask::<()>("SetAccess", &(package.as_str(), "always")).unwrap();
    tool.ask::<()>("Unregister", &(task.to_string(), true)).unwrap();
    tool.ask::<()>("RemovePackage", &package.as_str()).unwrap();
}

#[test]
fn an_app_hears_of_the_removal_of_its_task_that_does_not_run() {
    let mut stage = Stage::played_by_test(&["first 1 100", "other 1 100"]);
    let mut tool = stage.watch();
    tool.fire("first");
    let (mut app, _process) = stage.server();
    app.registers_class();
    app.ask::<()>("Watch", &Watched::Own).unwrap();
    let other = tool.task("other").task_id;
    tool.ask::<()>("Unregister", &(other.to_string(), true)).unwrap();
    assert_eq!(app.removed(), other);
}

#[test]
fn a_program_that_expects_a_message_bus_can_call_the_broker() {
    let stage = Stage::played_by_test(&["first 1 100"]);
    let names: Vec<String> = (0..2)
        .map(|_| {
            let mut client = Client::connect_as_to_a_bus(stage.home());
            client.ask::<oncue_wire::BrokerInfo>("About", &()).unwrap();
            client.unique_name().unwrap()
        })
        .collect();
    assert!(names.iter().all(|name| name.starts_with(":1.")) && names[0] != names[1], "{names:?}");
}
