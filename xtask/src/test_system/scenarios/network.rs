//! The network: the kernel's routes, and NetworkManager if it is running.

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::stage::Stage;

scenarios!("network":
    without_network_manager_a_default_route_is_the_internet,
    network_manager_tells_of_reach_and_cost,
    network_manager_is_believed_while_it_runs,
);

/// The guest's network has no connection to the outside, so a pair of devices stands in for one.
pub(super) struct Link;

impl Link {
    pub(super) fn up() -> Result<Self, Failure> {
        let link = Self;
        shell::run(&["ip", "link", "add", "oncue0", "type", "veth", "peer", "name", "oncue1"])?;
        shell::run(&["ip", "link", "set", "oncue1", "up"])?;
        shell::run(&["ip", "address", "add", "192.0.2.2/24", "dev", "oncue0"])?;
        shell::run(&["ip", "link", "set", "oncue0", "up"])?;
        Ok(link)
    }

    pub(super) fn default_route(&self, verb: &str) -> Result<(), Failure> {
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

/// A NetworkManager that brings the link up when told to; stopped when dropped.
struct Manager;

impl Manager {
    fn start() -> Result<Self, Failure> {
        shell::run(&["systemctl", "start", "NetworkManager"])?;
        let manager = Self;
        let make = ["nmcli", "connection", "add", "type", "ethernet", "con-name", NAME, "ifname", "oncue0"];
        let addresses =
            ["ipv4.method", "manual", "ipv4.addresses", "192.0.2.2/24", "ipv4.gateway", "192.0.2.1"];
        shell::run(&[&make[..], &["autoconnect", "no"], &addresses].concat())?;
        shell::run(&["nmcli", "device", "set", "oncue0", "managed", "yes"])?;
        Ok(manager)
    }

    fn connection(&self, verb: &str) -> Result<(), Failure> {
        shell::run(&["nmcli", "connection", verb, NAME]).map(drop)
    }

    fn metered(&self, metered: &str) -> Result<(), Failure> {
        shell::run(&["nmcli", "connection", "modify", NAME, "connection.metered", metered])?;
        shell::run(&["nmcli", "device", "reapply", "oncue0"]).map(drop)
    }
}

/// The connection over the link.
const NAME: &str = "oncue";

impl Drop for Manager {
    fn drop(&mut self) {
        let _ = shell::run(&["nmcli", "connection", "delete", NAME]);
        let _ = shell::run(&["systemctl", "stop", "NetworkManager"]);
    }
}

fn network_manager_tells_of_reach_and_cost() -> Result<(), Failure> {
    let _link = Link::up()?;
    let manager = Manager::start()?;
    let stage = Stage::set()?;
    stage.task("online", Class::Quick, "internet")?;
    stage.task("offline", Class::Quick, "no-internet")?;
    stage.task("free", Class::Quick, "free-network")?;
    stage.fire_and_hold("online")?;
    manager.connection("up")?;
    stage.ran("online")?;
    manager.metered("yes")?;
    stage.sees("free-network", &false.into())?;
    stage.fire_and_hold("free")?;
    manager.metered("no")?;
    stage.ran("free")?;
    stage.fire_and_hold("offline")?;
    manager.connection("down")?;
    stage.ran("offline")
}

fn network_manager_is_believed_while_it_runs() -> Result<(), Failure> {
    shell::run(&["systemctl", "stop", "NetworkManager"])?;
    let link = Link::up()?;
    link.default_route("add")?;
    let stage = Stage::set()?;
    stage.task("online", Class::Quick, "internet")?;
    stage.task("offline", Class::Quick, "no-internet")?;
    stage.fire_and_run("online")?;
    stage.fire_and_hold("offline")?;
    // It knows about the route, but not that it leads outside.
    let manager = Manager::start()?;
    stage.ran("offline")?;
    stage.fire_and_hold("online")?;
    drop(manager);
    link.default_route("replace")?;
    stage.ran("online")
}
