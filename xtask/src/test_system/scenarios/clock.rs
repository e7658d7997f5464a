//! The time zone.

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::stage::Stage;

scenarios!("clock": another_time_zone_triggers);

fn another_time_zone_triggers() -> Result<(), Failure> {
    shell::run(&["timedatectl", "set-timezone", "UTC"])?;
    let stage = Stage::set()?;
    stage.task_on("moved", Class::Quick, "on time-zone-change", "")?;
    shell::run(&["timedatectl", "set-timezone", "Asia/Kathmandu"])?;
    stage.ran("moved")
}
