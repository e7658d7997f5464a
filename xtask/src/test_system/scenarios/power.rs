//! External power, battery and the energy saver.

use std::fs;

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::service::Played;
use crate::test_system::shell;
use crate::test_system::stage::Stage;
use crate::test_system::uevent;

scenarios!("power":
    upower_tells_of_mains_and_battery,
    without_upower_the_kernel_tells,
    upower_is_believed_while_it_runs,
    tasks_are_triggered_by_the_mains,
    power_profiles_daemon_tells_whether_to_save_energy,
);

const UPOWER: &str = "org.freedesktop.UPower";

pub(super) fn upower() -> Result<Played, Failure> {
    let upower = Played::template("upower", "{}", UPOWER, "/org/freedesktop/UPower")?;
    charge(&upower, 80.0)?;
    Ok(upower)
}

fn charge(upower: &Played, percent: f64) -> Result<(), Failure> {
    // Type (battery), state (discharging), percentage, energy, energy when full, rate, time to
    // empty, time to full, whether it is present, icon, warning level.
    let percent = percent.to_string();
    let words = ["uuddddxxbsu", "2", "2", &percent, "40", "50", "10", "3600", "0", "true", "battery", "1"];
    upower.tell("SetupDisplayDevice", &words)
}

pub(super) fn on_battery(upower: &Played, yes: bool) -> Result<(), Failure> {
    let yes = yes.to_string();
    upower.tell("UpdateProperties", &["sa{sv}", UPOWER, "1", "OnBattery", "b", &yes])
}

fn upower_tells_of_mains_and_battery() -> Result<(), Failure> {
    let upower = upower()?;
    on_battery(&upower, true)?;
    let stage = Stage::set()?;
    stage.task("mains", Class::Quick, "ac")?;
    stage.task("battery", Class::Quick, "not ac")?;
    stage.task("full", Class::Quick, "battery-above-90")?;
    stage.fire_and_hold("mains")?;
    on_battery(&upower, false)?;
    stage.ran("mains")?;
    stage.fire_and_hold("battery")?;
    on_battery(&upower, true)?;
    stage.ran("battery")?;
    stage.fire_and_hold("full")?;
    charge(&upower, 95.0)?;
    stage.ran("full")
}

/// The kernel's power supplies, as the guest sees them; removed when dropped.
struct Supplies;

impl Supplies {
    const FOLDER: &str = "/sys/class/power_supply";

    fn laptop() -> Result<Self, Failure> {
        let supplies = Self;
        supplies.write("BAT0", &[("type", "Battery"), ("status", "Discharging"), ("capacity", "50")])?;
        supplies.write("AC", &[("type", "Mains"), ("online", "0")])?;
        Ok(supplies)
    }

    fn write(&self, supply: &str, attributes: &[(&str, &str)]) -> Result<(), Failure> {
        let folder = format!("{}/{supply}", Self::FOLDER);
        let written = fs::create_dir_all(&folder).and_then(|()| {
            attributes.iter().try_for_each(|(name, value)| fs::write(format!("{folder}/{name}"), value))
        });
        written.map_err(Failure::system(folder))
    }
}

impl Drop for Supplies {
    fn drop(&mut self) {
        for supply in ["BAT0", "AC"] {
            let _ = fs::remove_dir_all(format!("{}/{supply}", Self::FOLDER));
        }
    }
}

fn without_upower_the_kernel_tells() -> Result<(), Failure> {
    shell::run(&["systemctl", "stop", "upower"])?;
    let supplies = Supplies::laptop()?;
    let stage = Stage::set()?;
    stage.task("mains", Class::Quick, "ac")?;
    stage.task("battery", Class::Quick, "not ac")?;
    stage.task("full", Class::Quick, "battery-above-90")?;
    stage.fire_and_hold("mains")?;
    supplies.write("AC", &[("online", "1")])?;
    uevent::changed("power_supply", "AC")?;
    stage.ran("mains")?;
    stage.fire_and_hold("battery")?;
    supplies.write("AC", &[("online", "0")])?;
    uevent::changed("power_supply", "AC")?;
    stage.ran("battery")?;
    stage.fire_and_hold("full")?;
    supplies.write("BAT0", &[("capacity", "91")])?;
    uevent::changed("power_supply", "BAT0")?;
    stage.ran("full")
}

fn upower_is_believed_while_it_runs() -> Result<(), Failure> {
    shell::run(&["systemctl", "stop", "upower"])?;
    let _laptop = Supplies::laptop()?;
    let stage = Stage::set()?;
    stage.task("mains", Class::Quick, "ac")?;
    stage.task("battery", Class::Quick, "not ac")?;
    stage.fire_and_hold("mains")?;
    let upower = upower()?;
    stage.ran("mains")?;
    stage.fire_and_hold("battery")?;
    drop(upower);
    stage.ran("battery")
}

fn tasks_are_triggered_by_the_mains() -> Result<(), Failure> {
    let upower = upower()?;
    let stage = Stage::set()?;
    stage.task_on("changed", Class::Quick, "on power-state-change", "")?;
    on_battery(&upower, true)?;
    stage.ran("changed")
}

fn power_profiles_daemon_tells_whether_to_save_energy() -> Result<(), Failure> {
    let name = "net.hadess.PowerProfiles";
    let profiles = Played::template("power_profiles_daemon", "{}", name, "/net/hadess/PowerProfiles")?;
    let choose =
        |profile| profiles.tell("UpdateProperties", &["sa{sv}", name, "1", "ActiveProfile", "s", profile]);
    let stage = Stage::set()?;
    stage.task("thrifty", Class::Quick, "")?;
    stage.sees("energy-saver", &false.into())?;
    choose("power-saver")?;
    stage.sees("energy-saver", &true.into())?;
    stage.fire_and_hold("thrifty")?;
    choose("performance")?;
    stage.ran("thrifty")?;
    choose("power-saver")?;
    stage.sees("energy-saver", &true.into())?;
    stage.fire_and_hold("thrifty")?;
    // The fact is unknown now, and then counts as off.
    drop(profiles);
    stage.ran("thrifty")
}
