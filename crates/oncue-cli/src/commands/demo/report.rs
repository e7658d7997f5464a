//! The output of the demonstration: a line for each step, with its duration.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

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

    /// Writes a title.
    pub(crate) fn title(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.screen, "{}\n", paint(TITLE, text))
    }

    /// Begins a step, whose duration counts from now.
    pub(crate) fn begin(&mut self) {
        self.step = Instant::now();
    }

    /// Reports that a step succeeded.
    pub(crate) fn done(&mut self, text: &str) -> io::Result<()> {
        let took = paint(FAINT, &format!("({})", length(self.step.elapsed())));
        self.line(&paint(GOOD, "✓"), &format!("{} {took}", clean(text)))
    }

    /// Reports that a step failed.
    pub(crate) fn failed(&mut self, text: &str) -> io::Result<()> {
        self.line(&paint(BAD, "✗"), &clean(text))
    }

    /// Explains something unexpected that is nevertheless right.
    pub(crate) fn note(&mut self, text: &str) -> io::Result<()> {
        self.line(&paint(HELD, "!"), &clean(text))
    }

    /// Writes details of the step above.
    pub(crate) fn detail(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.screen, "    {}", paint(FAINT, &clean(text)))
    }

    fn line(&mut self, mark: &str, text: &str) -> io::Result<()> {
        writeln!(self.screen, "{mark} {text}")?;
        self.screen.flush()
    }

    /// Lists the files that were created, and what to try next.
    pub(crate) fn farewell(&mut self, home: &Path, kept: bool) -> io::Result<()> {
        let home = home.display();
        let program = program();
        let screen = &mut self.screen;
        writeln!(screen, "\n{}", paint(TITLE, "Files"))?;
        let made = [
            ("package", "the package: manifest, program, images"),
            ("state/store.db", "the broker's store: packages, tasks, ledger"),
            ("state/broker.log", "the broker's log"),
            ("data/packages", "the package's local folder, with numbersQueue.log"),
        ];
        for (path, what) in made {
            writeln!(screen, "  {home}/{path}  {}", paint(FAINT, what))?;
        }
        let fate = if kept { "kept, because of --keep" } else { "removed; use --keep to keep them" };
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

    /// Says where to look for the cause of a failed step.
    pub(crate) fn left_for_looking(&mut self, home: &Path) -> io::Result<()> {
        writeln!(self.screen, "\nall files are kept in {}", home.display())
    }
}

/// Returns this program as the user can call it from here.
fn program() -> String {
    let own = env::current_exe().unwrap_or_else(|_| "oncue".into());
    let here = env::current_dir().unwrap_or_default();
    own.strip_prefix(&here).unwrap_or(&own).display().to_string()
}
