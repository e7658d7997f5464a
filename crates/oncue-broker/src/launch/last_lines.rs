//! Keeps the end of a process's output, with a limit on its size.

/// The maximum numbers of bytes and lines.
const MAX_BYTES: usize = 4_096;
const MAX_LINES: usize = 20;

/// Keeps the end of a stream of text.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The number of bytes before the kept ones.
    left_out: u64,
    bytes: Vec<u8>,
}

/// A position in a stream of text: the number of bytes from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark(u64);

impl Tail {
    /// Adds output.
    pub(super) fn push(&mut self, written: &[u8]) {
        self.bytes.extend_from_slice(written);
        if self.bytes.len() > 2 * MAX_BYTES {
            let surplus = self.bytes.len() - MAX_BYTES;
            self.bytes.drain(..surplus);
            self.left_out += surplus as u64;
        }
    }

    /// Returns the position after everything that was added.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.left_out + self.bytes.len() as u64)
    }

    /// Returns the last lines as text, with invalid UTF-8 and control characters replaced.
    pub(super) fn text(&self) -> String {
        self.since(Mark::default())
    }

    /// Returns the last lines after a position, like [`text`](Self::text).
    pub(super) fn since(&self, Mark(mark): Mark) -> String {
        let skipped = usize::try_from(mark.saturating_sub(self.left_out)).unwrap_or(usize::MAX);
        let from = skipped.max(self.bytes.len().saturating_sub(MAX_BYTES)).min(self.bytes.len());
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
        let mut tail = Tail::default();
        for line in 0..10_000 {
            tail.push(format!("line {line}\n").as_bytes());
        }
        let text = tail.text();
        assert!(text.ends_with("line 9999") && text.lines().count() == MAX_LINES, "{text}");
        assert!(tail.bytes.len() <= 2 * MAX_BYTES + 16);
    }

    #[test]
    fn what_controls_a_terminal_is_replaced() {
        let mut tail = Tail::default();
        tail.push(b"\x1b[2Jgone \xff\n");
        assert_eq!(tail.text(), "\u{fffd}[2Jgone \u{fffd}");
    }

    #[test]
    fn what_came_before_a_mark_is_left_out() {
        let mut tail = Tail::default();
        tail.push(b"of another run\n");
        let mark = tail.mark();
        assert_eq!(tail.since(mark), "");
        tail.push(b"of this run\n");
        assert_eq!(tail.since(mark), "of this run");
        for _ in 0..1_000 {
            tail.push(b"0123456789\n");
        }
        assert!(!tail.since(mark).contains("another") && tail.since(mark) == tail.text());
        tail.push(b"the end\n");
        assert_eq!(tail.since(tail.mark()), "");
    }
}
