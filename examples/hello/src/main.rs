//! The smallest app: a background task that runs every quarter of an hour.
use oncue::{AppTask, Error, TimeTrigger};
use std::time::Duration;

fn main() -> Result<(), Error> {
    #[cfg(target_os = "linux")]
    oncue_broker::embed();
    let hello = AppTask::new("Hello", TimeTrigger::every(Duration::from_secs(15 * 60)), |run| {
        run.set_progress(100);
        Ok(())
    });
    let tasks = oncue::app!().task(hello).run()?;
    println!("registered {} ({})", tasks[0].name(), tasks[0].trigger());
    Ok(())
}
