//! Lengths of time as the broker reads them: `1h30m`, `250ms`.

use std::time::Duration;

/// The units, longest first, in microseconds.
const UNITS: [(&str, u128); 6] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// Shows a length of time, whole microseconds only.
pub(crate) fn show(span: Duration) -> String {
    let mut left = span.as_micros();
    let mut text = String::new();
    for (unit, micros) in UNITS {
        let count = left / micros;
        left %= micros;
        if count > 0 {
            text += &format!("{count}{unit}");
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_shows_its_units() {
        for (span, text) in [
            (Duration::ZERO, "0s"),
            (Duration::from_millis(250), "250ms"),
            (Duration::from_secs(5_400), "1h30m"),
            (Duration::from_secs(86_400 + 1), "1d1s"),
        ] {
            assert_eq!(show(span), text);
        }
    }
}
