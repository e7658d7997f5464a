//! The end of what a process wrote: bounded, however much it writes.

/// How many bytes and lines are kept.
const MAX_BYTES: usize = 4_096;
const MAX_LINES: usize = 20;

/// Keeps the end of a stream of text.
#[derive(Debug, Default)]
pub(super) struct LastLines {
    bytes: Vec<u8>,
}

impl LastLines {
    /// Takes in what was written next.
    pub(super) fn push(&mut self, written: &[u8]) {
        self.bytes.extend_from_slice(written);
        if self.bytes.len() > 2 * MAX_BYTES {
            self.bytes.drain(..self.bytes.len() - MAX_BYTES);
        }
    }

    /// Returns the last lines as text; what is no UTF-8 or controls a terminal is replaced.
    pub(super) fn text(&self) -> String {
        let from = self.bytes.len().saturating_sub(MAX_BYTES);
        let text = String::from_utf8_lossy(&self.bytes[from..]);
        let lines: Vec<&str> = text.trim_end().lines().collect();
        let shown = lines[lines.len().saturating_sub(MAX_LINES)..].join("\n");
        shown.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let mut last = LastLines::default();
        for line in 0..10_000 {
            last.push(format!("line {line}\n").as_bytes());
        }
        let text = last.text();
        assert!(text.ends_with("line 9999") && text.lines().count() == MAX_LINES, "{text}");
        assert!(last.bytes.len() <= 2 * MAX_BYTES + 16);
    }

    #[test]
    fn what_controls_a_terminal_is_replaced() {
        let mut last = LastLines::default();
        last.push(b"\x1b[2Jgone \xff\n");
        assert_eq!(last.text(), "\u{fffd}[2Jgone \u{fffd}");
    }
}
