//! Devices.

use std::fs;

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::stage::Stage;

scenarios!("device": a_device_that_changes_triggers);

fn a_device_that_changes_triggers() -> Result<(), Failure> {
    let stage = Stage::set()?;
    stage.task_on("changed", Class::Quick, "device mem changed", "")?;
    // To root, sysfs(5) lets the kernel say of any device that it changed.
    fs::write("/sys/class/mem/null/uevent", "change")
        .map_err(Failure::system("writing to /sys/class/mem/null/uevent"))?;
    stage.ran("changed")
}
