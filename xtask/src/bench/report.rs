//! The results of a run: measurements, gaps and verdicts, as a table for people or as JSON.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::bars::{BARS, Bar};
use super::samples::Samples;
use super::subject::Subject;
use super::unmeasured::Unmeasured;

/// Collects the results.
pub(super) struct Report {
    quick: bool,
    cpu: usize,
    figures: Vec<(Subject, Samples)>,
    gaps: Vec<Gap>,
    notes: Vec<String>,
}

/// What could not be measured, and why.
struct Gap {
    what: &'static str,
    why: String,
}

/// How oncue compares with one goal; without a ratio if the peer was not measured.
struct Verdict {
    bar: Bar,
    ratio: Option<f64>,
}

impl Report {
    /// For a run whose processes all share the CPU with number `cpu`.
    pub(super) fn new(quick: bool, cpu: usize) -> Self {
        Self { quick, cpu, figures: Vec::new(), gaps: Vec::new(), notes: Vec::new() }
    }

    /// Measures `subject` and keeps the results, or the reason why there are none.
    pub(super) fn take(
        &mut self,
        subject: Subject,
        measure: impl FnOnce() -> Result<Vec<Duration>, Unmeasured>,
    ) {
        eprintln!("bench: {}", subject.label());
        match measure().and_then(|found| Samples::new(found).ok_or(Unmeasured::NoRounds)) {
            Ok(samples) => self.figures.push((subject, samples)),
            Err(why) => self.leave_out(subject.label(), &why),
        }
    }

    /// Records that `what` is missing from the results.
    pub(super) fn leave_out(&mut self, what: &'static str, why: &Unmeasured) {
        let why = why.to_string();
        self.gaps.push(Gap { what, why });
    }

    /// Records a measurement that is not a duration.
    pub(super) fn note(&mut self, what: String) {
        self.notes.push(what);
    }

    /// The report for machines; all durations in nanoseconds.
    pub(super) fn json(&self) -> Value {
        let figures: Vec<_> = self.figures.iter().map(figure_json).collect();
        let gaps = self.gaps.iter();
        let gaps: Vec<_> = gaps.map(|gap| json!({ "what": gap.what, "why": gap.why })).collect();
        let bars: Vec<_> = self.verdicts().map(|verdict| verdict.json()).collect();
        json!({
            "quick": self.quick,
            "cpu": self.cpu,
            "figures": figures,
            "not_measured": gaps,
            "notes": self.notes,
            "bars": bars,
        })
    }

    fn median(&self, subject: Subject) -> Option<Duration> {
        let found = self.figures.iter().find(|(known, _)| *known == subject);
        found.map(|(_, samples)| samples.percentile(50))
    }

    /// One for each goal for which oncue was measured.
    fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        BARS.into_iter().filter_map(|bar| {
            let ours = self.median(bar.ours)?.as_secs_f64();
            let peer = self.median(bar.peer);
            let ratio = peer.map(|peer| ours / peer.as_secs_f64());
            Some(Verdict { bar, ratio })
        })
    }
}

fn figure_json((subject, samples): &(Subject, Samples)) -> Value {
    let nanos = |percent| samples.percentile(percent).as_nanos() as u64;
    json!({
        "what": subject.label(),
        "n": samples.count(),
        "p50_ns": nanos(50),
        "p90_ns": nanos(90),
        "p99_ns": nanos(99),
    })
}

impl Verdict {
    fn met(&self) -> Option<bool> {
        self.ratio.map(|ratio| ratio <= self.bar.at_most)
    }

    fn json(&self) -> Value {
        json!({
            "ours": self.bar.ours.label(),
            "peer": self.bar.peer.label(),
            "at_most": self.bar.at_most,
            "measured": self.ratio,
            "met": self.met(),
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bar { ours, peer, at_most } = self.bar;
        let (ours, peer) = (ours.label(), peer.label());
        write!(f, "{ours} / {peer}: bar ≤ {at_most}: ")?;
        match (self.ratio, self.met()) {
            (Some(ratio), Some(true)) => write!(f, "measured {ratio:.2}: met"),
            (Some(ratio), _) => write!(f, "measured {ratio:.2}: NOT met"),
            (None, _) => write!(f, "not measured, as the peer is not"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, cells: [&str; 5]| {
            let [what, p50, p90, p99, n] = cells;
            writeln!(f, "{what:<38} {p50:>10} {p90:>10} {p99:>10} {n:>7}")
        };
        row(f, ["", "p50", "p90", "p99", "n"])?;
        for (subject, samples) in &self.figures {
            let [p50, p90, p99] = [50, 90, 99].map(|percent| shown(samples.percentile(percent)));
            let n = samples.count().to_string();
            row(f, [subject.label(), &p50, &p90, &p99, &n])?;
        }
        for Gap { what, why } in &self.gaps {
            writeln!(f, "{what}: not measured: {why}")?;
        }
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        for (index, verdict) in self.verdicts().enumerate() {
            if index == 0 {
                writeln!(f, "\nRatios of p50")?;
            }
            writeln!(f, "{verdict}")?;
        }
        writeln!(f, "\nAll processes shared CPU {}.", self.cpu)?;
        if self.quick {
            writeln!(f, "A quick run: too few rounds to trust.")?;
        }
        Ok(())
    }
}

/// In the unit with one to three digits before the decimal point.
fn shown(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    match micros {
        ..1e3 => format!("{micros:.1} µs"),
        ..1e6 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(figures: &[(Subject, u64)]) -> Report {
        let mut report = Report::new(false, 1);
        for (subject, micros) in figures {
            report.take(*subject, || Ok(vec![Duration::from_micros(*micros)]));
        }
        report
    }

    #[test]
    fn a_bar_is_met_up_to_its_very_value() {
        let text = report(&[(Subject::OursCold, 200), (Subject::Spawn, 100)]).to_string();
        assert!(text.contains("bar ≤ 2: measured 2.00: met"), "{text}");
    }

    #[test]
    fn a_bar_that_is_missed_is_told_loudly() {
        let text = report(&[(Subject::OursWarm, 31), (Subject::Socket, 5)]).to_string();
        assert!(text.contains("bar ≤ 6: measured 6.20: NOT met"), "{text}");
    }

    #[test]
    fn a_bar_without_its_peer_is_not_passed_over() {
        let mut report = report(&[(Subject::OursWarm, 19), (Subject::Socket, 5)]);
        report.leave_out("dbus-daemon", &Unmeasured::NotRoot);
        let text = report.to_string();
        assert!(text.contains("dbus-daemon: not measured: it is"), "{text}");
        assert!(text.contains("bar ≤ 0.5: not measured"), "{text}");
        assert_eq!(report.json()["bars"][0]["met"], Value::Null);
    }

    #[test]
    fn peers_alone_are_held_against_no_bar() {
        let report = report(&[(Subject::Socket, 5), (Subject::BusWarm, 57)]);
        assert!(!report.to_string().contains("bar"));
        assert_eq!(report.json()["bars"], json!([]));
    }

    #[test]
    fn a_failed_measurement_is_told_with_its_reason() {
        let mut report = report(&[]);
        report.take(Subject::Spawn, || Ok(Vec::new()));
        let text = report.to_string();
        assert!(text.contains("/bin/true: not measured: no round"), "{text}");
        assert_eq!(report.json()["not_measured"][0]["why"], "no round was counted");
    }

    #[test]
    fn json_tells_nanoseconds() {
        let figure = &report(&[(Subject::Socket, 5)]).json()["figures"][0];
        assert_eq!(figure["p99_ns"], 5_000);
        assert_eq!(figure["n"], 1);
    }

    #[test]
    fn durations_are_shown_in_a_fitting_unit() {
        let shown = |micros| super::shown(Duration::from_micros(micros));
        assert_eq!(shown(57), "57.0 µs");
        assert_eq!(shown(3_600), "3.60 ms");
        assert_eq!(shown(6_600_000), "6.60 s");
    }
}
