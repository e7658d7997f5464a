//! What the demonstration says: a line for each step, with how long it took.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::render::clean::clean;
use crate::render::screen::Screen;
use crate::render::style::{BAD, FAINT, GOOD, HELD, TITLE, paint};
use crate::render::time::length;

/// The report so far.
#[derive(Debug)]
pub(crate) struct Report {
    screen: Screen,
    step: Instant,
}

impl Report {
    /// Begins the report.
    pub(crate) fn open() -> Self {
        Self { screen: Screen::open(), step: Instant::now() }
    }

    /// Says what is about to be shown.
    pub(crate) fn title(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.screen, "{}\n", paint(TITLE, text))
    }

    /// Begins a step: its time counts from now.
    pub(crate) fn begin(&mut self) {
        self.step = Instant::now();
    }

    /// Says that a step happened.
    pub(crate) fn done(&mut self, text: &str) -> io::Result<()> {
        let took = micros(self.step.elapsed());
        let took = paint(FAINT, &format!("({})", length(took)));
        self.line(&paint(GOOD, "✓"), &format!("{} {took}", clean(text)))
    }

    /// Says that a step did not happen.
    pub(crate) fn failed(&mut self, text: &str) -> io::Result<()> {
        self.line(&paint(BAD, "✗"), &clean(text))
    }

    /// Says that something is not as one may expect, and that this is right.
    pub(crate) fn note(&mut self, text: &str) -> io::Result<()> {
        self.line(&paint(HELD, "!"), &clean(text))
    }

    /// Says more about the step above.
    pub(crate) fn detail(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.screen, "    {}", paint(FAINT, &clean(text)))
    }

    fn line(&mut self, mark: &str, text: &str) -> io::Result<()> {
        writeln!(self.screen, "{mark} {text}")?;
        self.screen.flush()
    }

    /// Says what was made, and what to try next.
    pub(crate) fn farewell(&mut self, home: &Path, kept: bool) -> io::Result<()> {
        let home = home.display();
        let program = program();
        let screen = &mut self.screen;
        writeln!(screen, "\n{}", paint(TITLE, "What it made"))?;
        let made = [
            ("package", "the package: manifest, program, pictures"),
            ("state/store.db", "the broker's store: packages, tasks, ledger"),
            ("state/broker.log", "the broker's log"),
            ("data/packages", "the package's local folder, with numbersQueue.log"),
        ];
        for (path, what) in made {
            writeln!(screen, "  {home}/{path}  {}", paint(FAINT, what))?;
        }
        let fate = if kept { "left there, as --keep asks" } else { "removed again; --keep leaves it" };
        writeln!(screen, "  {}", paint(FAINT, fate))?;
        writeln!(screen, "\n{}", paint(TITLE, "What to try next"))?;
        if kept {
            writeln!(screen, "  ONCUE_HOME={home} {program} history")?;
            writeln!(screen, "  ONCUE_HOME={home} {program} run --wait SampleTask")?;
            writeln!(screen, "  ONCUE_HOME={home} {program} daemon --stop")?;
            return Ok(());
        }
        let release = if cfg!(debug_assertions) { "" } else { " --release" };
        writeln!(screen, "  {program} package layout{release} --manifest-path examples/primes/Cargo.toml")?;
        writeln!(screen, "  {program} package add target/oncue/primes")?;
        writeln!(screen, "  target/oncue/primes/primes -RegisterSampleTask")?;
        writeln!(screen, "  {program} list")?;
        writeln!(screen, "  {program} run --wait SampleTask")?;
        writeln!(screen, "  {program} cancel SampleTask")?;
        writeln!(screen, "  {program} history")
    }

    /// Says where to look for why a step did not happen.
    pub(crate) fn left_for_looking(&mut self, home: &Path) -> io::Result<()> {
        writeln!(self.screen, "\neverything it made is left in {}", home.display())
    }
}

/// Returns this program as the user can call it from here.
fn program() -> String {
    let own = env::current_exe().unwrap_or_else(|_| "oncue".into());
    let here = env::current_dir().unwrap_or_default();
    own.strip_prefix(&here).unwrap_or(&own).display().to_string()
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
