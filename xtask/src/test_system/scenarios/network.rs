//! The network: the kernel's routes, and NetworkManager where it runs.

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::service::Played;
use crate::test_system::shell;
use crate::test_system::stage::Stage;

scenarios!("network":
    without_network_manager_a_default_route_is_the_internet,
    network_manager_outranks_the_routes_while_it_runs,
);

/// The guest's network has no way out, so a pair of devices plays one.
struct Link;

impl Link {
    fn up() -> Result<Self, Failure> {
        let link = Self;
        shell::run(&["ip", "link", "add", "oncue0", "type", "veth", "peer", "name", "oncue1"])?;
        shell::run(&["ip", "link", "set", "oncue1", "up"])?;
        shell::run(&["ip", "address", "add", "192.0.2.2/24", "dev", "oncue0"])?;
        shell::run(&["ip", "link", "set", "oncue0", "up"])?;
        Ok(link)
    }

    fn default_route(&self, verb: &str) -> Result<(), Failure> {
        shell::run(&["ip", "route", verb, "default", "via", "192.0.2.1"]).map(drop)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = shell::run(&["ip", "link", "delete", "oncue0"]);
    }
}

fn without_network_manager_a_default_route_is_the_internet() -> Result<(), Failure> {
    shell::run(&["systemctl", "stop", "NetworkManager"])?;
    let link = Link::up()?;
    let stage = Stage::set()?;
    stage.task("online", Class::Quick, "internet")?;
    stage.task("offline", Class::Quick, "no-internet")?;
    stage.fire_and_hold("online")?;
    link.default_route("add")?;
    stage.ran("online")?;
    stage.fire_and_hold("offline")?;
    link.default_route("delete")?;
    stage.ran("offline")
}

fn network_manager_outranks_the_routes_while_it_runs() -> Result<(), Failure> {
    shell::run(&["systemctl", "stop", "NetworkManager"])?;
    let link = Link::up()?;
    link.default_route("add")?;
    let stage = Stage::set()?;
    stage.task("online", Class::Quick, "internet")?;
    stage.task("offline", Class::Quick, "no-internet")?;
    stage.task("free", Class::Quick, "free-network")?;
    stage.fire_and_run("online")?;
    stage.fire_and_hold("offline")?;
    let manager = Played::template(
        "networkmanager",
        r#"{"Connectivity": 1, "NetworkingEnabled": true}"#,
        "org.freedesktop.NetworkManager",
        "/org/freedesktop/NetworkManager",
    )?;
    stage.ran("offline")?;
    stage.fire_and_hold("free")?;
    let main = "org.freedesktop.NetworkManager";
    manager.tell("UpdateProperties", &["sa{sv}", main, "1", "Metered", "u", "2"])?;
    stage.ran("free")?;
    stage.fire_and_hold("online")?;
    drop(manager);
    stage.ran("online")
}
