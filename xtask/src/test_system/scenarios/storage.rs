//! Free disk space.

use std::fs;
use std::time::Duration;

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::login::Home;
use crate::test_system::stage::Stage;

scenarios!("storage": a_task_that_needs_room_waits_for_it);

fn a_task_that_needs_room_waits_for_it() -> Result<(), Failure> {
    let home = Home::on_disk(40)?;
    let filler = format!("{}/filler", home.path());
    fs::write(&filler, vec![0; 39 << 20]).map_err(Failure::system("filling the disk"))?;
    let stage = Stage::set_in(home)?;
    stage.task("roomy", Class::Quick, "storage-not-low")?;
    stage.fire_and_hold("roomy")?;
    fs::remove_file(filler).map_err(Failure::system("making room"))?;
    // Nothing notifies the broker; while space is low, it checks once a minute.
    stage.ran_within("roomy", Duration::from_secs(75))
}
