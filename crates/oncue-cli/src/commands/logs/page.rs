//! Writes lines of output for people, or as JSON.

use std::io::{self, Write as _};

use oncue::tools::{InstanceId, Wall};
use oncue_broker::output::{Kind, Line};
use serde::Serialize;

use crate::render::clean::{clean, clean_json};
use crate::render::ids::{FEWEST, short};
use crate::render::json::Text;
use crate::render::line;
use crate::render::screen::Screen;
use crate::render::style::{BAD, FAINT, GOOD, HELD, PLAIN, TITLE, paint};
use crate::render::time::Clock;

/// The destination of lines of output.
#[derive(Debug)]
pub(super) struct Page {
    screen: Screen,
    clock: Clock,
    /// The name of the task.
    name: String,
    form: Form,
    /// The run whose lines come now.
    run: Option<InstanceId>,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Json,
}

/// A line as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Shape<'a> {
    instance_id: Option<Text<InstanceId>>,
    time: String,
    stream: &'static str,
    text: &'a str,
    continued: bool,
}

impl Page {
    /// Opens a page on standard output.
    pub(super) fn open(name: &str, is_json: bool) -> Self {
        let form = if is_json { Form::Json } else { Form::Text };
        Self { screen: Screen::open(), clock: Clock::here(), name: name.to_owned(), form, run: None }
    }

    /// Begins with the lines of a run, which first wrote something then.
    pub(super) fn begin(&mut self, run: InstanceId, began: Option<Wall>) -> io::Result<()> {
        let is_first = self.run.replace(run).is_none();
        if self.form == Form::Json {
            return Ok(());
        }
        if !is_first {
            writeln!(self.screen)?;
        }
        let title = format!("{}, run {}", clean(&self.name), short(run, FEWEST));
        let began = began.map(|at| format!(", {}", self.clock.local(at))).unwrap_or_default();
        writeln!(self.screen, "{}{}", paint(TITLE, &title), paint(FAINT, &began))?;
        self.screen.flush()
    }

    /// Writes a line.
    pub(super) fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        let text = String::from_utf8_lossy(line.text);
        match self.form {
            Form::Json => {
                let json = serde_json::to_string(&self.shape(line, &text))?;
                writeln!(self.screen, "{}", clean_json(&json))
            }
            Form::Text => {
                let text = self.drawn(line, &text);
                writeln!(self.screen, "{text}")
            }
        }
    }

    /// Writes a sentence that is not output.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        match self.form {
            Form::Json => Ok(()),
            Form::Text => writeln!(self.screen, "{}", paint(FAINT, text)),
        }
    }

    /// Sends what was written on its way.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.screen.flush()
    }

    fn shape<'a>(&self, line: &Line<'_>, text: &'a str) -> Shape<'a> {
        Shape {
            instance_id: self.run.map(Text),
            time: self.clock.rfc3339(line.at),
            stream: line.kind.name(),
            text,
            continued: line.continues,
        }
    }

    fn drawn(&self, line: &Line<'_>, text: &str) -> String {
        let text = text.strip_suffix('\r').unwrap_or(text);
        // Terminals handle tabs, and columns stay columns.
        let text: Vec<_> = text.split('\t').map(clean).collect();
        parts(line.at, line.kind, line.continues, &text.join("\t"), &self.clock).painted()
    }
}

/// Returns a line of output in a form for people. The text must be clean.
pub(in crate::commands) fn parts(
    at: Wall,
    kind: Kind,
    continues: bool,
    text: &str,
    clock: &Clock,
) -> line::Line {
    let (word, style) = match kind {
        Kind::Out => (FAINT, PLAIN),
        Kind::Err => (HELD, PLAIN),
        Kind::Cut | Kind::Gap => (HELD, HELD),
        Kind::End if text.starts_with("completed") => (FAINT, GOOD),
        Kind::End if text.starts_with("cancelled") => (FAINT, HELD),
        Kind::End => (FAINT, BAD),
    };
    let mark = if continues { "+" } else { " " };
    let begun = line::Line::default().styled(clock.millis(at), FAINT).plain(" ").styled(kind.name(), word);
    begun.plain(mark).styled(text, style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::json::documented::{assert_documented, value};
    use jiff::tz::TimeZone;
    use oncue_types::Guid;

    const NOON: Wall = Wall(1_795_348_800_000_000);

    fn page(form: Form) -> Page {
        let clock = Clock::at(NOON, TimeZone::fixed(jiff::tz::offset(1)));
        let run = Some(InstanceId(Guid::from_u128(7)));
        Page { screen: Screen::open(), clock, name: "sync".into(), form, run }
    }

    fn line(kind: Kind, text: &[u8]) -> Line<'_> {
        Line { at: Wall(NOON.0 + 12_000), kind, continues: false, text }
    }

    #[test]
    fn what_controls_a_terminal_is_made_visible_and_tabs_stay() {
        let page = page(Form::Text);
        let drawn = |line: &Line<'_>| {
            let text = page.drawn(line, &String::from_utf8_lossy(line.text));
            anstream::adapter::strip_str(&text).to_string()
        };
        assert_eq!(drawn(&line(Kind::Out, b"\x1b[2Ja\tb\xff\r")), "13:00:00.012 out �[2Ja\tb�");
        let rest = Line { continues: true, ..line(Kind::Err, "größer".as_bytes()) };
        assert_eq!(drawn(&rest), "13:00:00.012 err+größer");
        assert_eq!(drawn(&line(Kind::End, b"failed (exit 3)")), "13:00:00.012 end failed (exit 3)");
    }

    #[test]
    fn the_shape_is_as_documented() {
        let shape = value(&page(Form::Json).shape(&line(Kind::Out, b"x"), "x"));
        assert_documented("A line of output", &shape);
        assert_eq!(shape["time"], "2026-11-22T13:00:00.012000+01:00");
    }
}
