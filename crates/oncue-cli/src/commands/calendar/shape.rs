//! The output of `--json`, as published in `docs/interface/json.md`.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::Schedule;
use oncue_types::Wall;
use serde::Serialize;

use crate::commands::calendar::outlook::Outlook;
use crate::render::time::Clock;

/// When an expression fires.
#[derive(Debug, Serialize)]
pub(super) struct Calendar<'a> {
    expression: &'a str,
    normalised: String,
    language: &'static str,
    zone: Option<&'a str>,
    from: String,
    firings: Vec<Firing>,
    last: Option<String>,
}

#[derive(Debug, Serialize)]
struct Firing {
    at: String,
    there: String,
    utc: String,
    seconds: u64,
}

impl<'a> Calendar<'a> {
    /// Returns the shape of an outlook.
    pub(super) fn of(outlook: &'a Outlook) -> Self {
        let firing = |at: &Timestamp| Firing {
            at: rfc3339(*at, &outlook.here),
            there: rfc3339(*at, &outlook.there),
            utc: rfc3339(*at, &TimeZone::UTC),
            seconds: at.duration_since(outlook.from).as_secs().unsigned_abs(),
        };
        Self {
            expression: &outlook.expression,
            normalised: outlook.schedule.to_string(),
            language: match outlook.schedule {
                Schedule::OnCalendar(_) => "calendar",
                Schedule::Cron(_) => "cron",
            },
            zone: outlook.schedule.zone(),
            from: rfc3339(outlook.from, &outlook.here),
            firings: outlook.firings.iter().map(firing).collect(),
            last: outlook.last.map(|at| rfc3339(at, &outlook.here)),
        }
    }
}

fn rfc3339(at: Timestamp, zone: &TimeZone) -> String {
    let at = Wall(at.as_microsecond());
    Clock::at(at, zone.clone()).rfc3339(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::json::documented::{assert_documented, value};

    #[test]
    fn every_shape_is_as_documented() {
        let from = "2026-11-22T12:00:00Z".parse().unwrap();
        let outlook = |text| Outlook::of(text, TimeZone::UTC, from, 2).unwrap();
        let daily = outlook("9:00 Asia/Tokyo");
        let calendar = value(&Calendar::of(&daily));
        assert_documented("A calendar", &calendar);
        assert_documented("A calendar firing", &calendar["firings"][0]);
        assert_eq!(calendar["firings"][0]["at"], "2026-11-23T00:00:00.000000+00:00");
        assert_eq!(calendar["firings"][0]["there"], "2026-11-23T09:00:00.000000+09:00");
        assert_eq!(calendar["firings"][0]["seconds"], 12 * 3_600);
        let over = outlook("2020-02-29");
        let calendar = value(&Calendar::of(&over));
        assert_documented("A calendar", &calendar);
        assert_eq!(calendar["firings"], serde_json::json!([]));
        assert_eq!(value(&Calendar::of(&outlook("@daily")))["language"], "cron");
    }
}
