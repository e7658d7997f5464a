//! Devices.

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::stage::Stage;
use crate::test_system::uevent;

scenarios!("device": a_device_that_changes_triggers);

fn a_device_that_changes_triggers() -> Result<(), Failure> {
    let stage = Stage::set()?;
    stage.task_on("changed", Class::Quick, "device mem changed", "")?;
    uevent::changed("mem", "null")?;
    stage.ran("changed")
}
