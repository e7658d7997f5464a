//! The smallest app: a background task that greets every quarter of an hour.

use oncue::{AppTask, Error, TimeTrigger};

fn main() -> Result<(), Error> {
    #[cfg(target_os = "linux")]
    oncue_broker::embed();
    let hello = AppTask::new("Hello", TimeTrigger::new(15, false), |run| {
        run.set_progress(100);
        Ok(())
    });
    let tasks = oncue::app!().task(hello).run()?;
    println!("registered {} ({})", tasks[0].name(), tasks[0].trigger());
    Ok(())
}
