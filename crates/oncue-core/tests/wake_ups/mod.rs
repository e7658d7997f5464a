//! How often the broker is woken, counted in virtual time.

use std::time::Duration;

use crate::busy::Busy;

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn a_job_of_every_minute_runs_every_minute() {
    for trigger in ["calendar minutely", "every 1m"] {
        let mut busy = Busy::new();
        busy.register(trigger);
        busy.wait(HOUR + Duration::from_secs(6));
        let firings: Vec<u32> = busy.runs.iter().map(|(_, firing)| firing.count).collect();
        assert_eq!(firings, [1; 60], "{trigger}");
        assert!(busy.wake_ups <= 60, "{trigger}: {} wake-ups", busy.wake_ups);
    }
}

#[test]
fn ten_thousand_tasks_share_one_wake_up_a_minute() {
    let mut busy = Busy::new();
    for number in 0..10_000 {
        busy.register(&format!("every {}m", 15 + number % 46));
        busy.wait(Duration::from_millis(90));
    }
    (busy.wake_ups, busy.runs) = (0, Vec::new());
    busy.wait(HOUR);
    assert!(busy.wake_ups <= 61, "{} wake-ups in an hour", busy.wake_ups);
    assert!(busy.runs.len() > 10_000, "every task has run, most of them more than once");
    assert!(busy.runs.iter().all(|(_, firing)| firing.count == 1), "and nothing was joined");
}
