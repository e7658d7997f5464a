//! `cargo xtask pictures`: draws the README's picture of the timeline from a real run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::thread;
use std::time::Duration;

use crate::build::{self, BuildError};

/// Where the picture goes.
const PICTURE: &str = "docs/pictures/timeline.png";

/// A larger picture would make every clone larger.
const MOST_BYTES: usize = 60_000;

/// The window, in pixels.
const SIZE: &str = "--window-size=1000,560";

/// How long the tasks run before the internet is there, and after that.
const RUN: [Duration; 2] = [Duration::from_secs(75), Duration::from_secs(60)];

/// Tasks may run every minute, so that something happens.
const CONFIG: &str = "[time]\nmin_minutes = 1\n";

const TASKS: &str = r#"
[task.backup]
every = "1m"
queue = "disk"
shell = "sleep 7"

[task.check-backup]
after = "backup"
shell = "sleep 1"

[task.mail]
every = "1m"
shell = "sleep 2"

[task.report]
every = "2m"
shell = "echo 'the printer is on fire' >&2; sleep 1; exit 1"

[task.scrub]
every = "1m"
queue = "disk"
shell = "sleep 4"

[task.upload]
every = "1m"
when = "internet"
shell = "sleep 3"
"#;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
enum PictureError {
    /// The program could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A file or a program could not be used.
    #[error("{what}: {source}")]
    System {
        /// What was attempted.
        what: String,
        /// The cause.
        source: io::Error,
    },
    /// A program failed.
    #[error("`{command}` ended with {status}")]
    Ended {
        /// The command.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// The picture is too large.
    #[error("{PICTURE} has {bytes} bytes (limit: {MOST_BYTES})")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> PictureError {
    let what = what.into();
    move |source| PictureError::System { what, source }
}

/// Draws the picture.
pub(crate) fn run(root: &Path) -> ExitCode {
    match draw(root) {
        Ok(path) => {
            println!("{}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("pictures: {error}");
            ExitCode::FAILURE
        }
    }
}

fn draw(root: &Path) -> Result<PathBuf, PictureError> {
    let oncue = build::debug("oncue-cli")?;
    let home = tempfile::tempdir().map_err(system("a folder"))?;
    let at = |name: &str| home.path().join(name);
    fs::create_dir_all(at("config")).map_err(system("a folder"))?;
    write(&at("config/config.toml"), CONFIG)?;
    write(&at("tasks.toml"), TASKS)?;
    let page = at("timeline.html");
    let played = play(&Program { oncue, home: home.path().to_owned() }, &page);
    played?;
    let picture = root.join(PICTURE);
    fs::create_dir_all(root.join("docs/pictures")).map_err(system("docs/pictures"))?;
    photograph(&page, &picture, &at("profile"))?;
    let bytes = fs::read(&picture).map_err(system(PICTURE))?.len();
    if bytes > MOST_BYTES { Err(PictureError::TooLarge { bytes }) } else { Ok(picture) }
}

/// `oncue` with a home of its own, whose broker ends when this is dropped.
struct Program {
    oncue: PathBuf,
    home: PathBuf,
}

impl Program {
    fn run(&self, words: &[&str]) -> Result<(), PictureError> {
        let mut command = Command::new(&self.oncue);
        command.args(words).env("ONCUE_HOME", &self.home).env("TZ", "UTC").current_dir(&self.home);
        ended(&mut command)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.run(&["daemon", "--stop"]);
    }
}

/// Lets the tasks run for a while, without the internet at first, and writes the page.
fn play(program: &Program, page: &Path) -> Result<(), PictureError> {
    program.run(&["apply", "tasks.toml"])?;
    program.run(&["simulate", "internet=off"])?;
    thread::sleep(RUN[0]);
    program.run(&["simulate", "internet=on"])?;
    thread::sleep(RUN[1]);
    program.run(&["timeline", "--since", "150s", "--until", "+150s", "-o", &page.display().to_string()])
}

/// Takes a picture of the page, on which the first run that went wrong is chosen.
fn photograph(page: &Path, picture: &Path, profile: &Path) -> Result<(), PictureError> {
    let html = fs::read_to_string(page).map_err(system("the page"))?;
    let wrong = html.split("class=\"mark wrong\" id=\"").nth(1).and_then(|rest| rest.split('"').next());
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", SIZE]);
    chromium.arg(format!("--user-data-dir={}", profile.display()));
    chromium.arg(format!("--screenshot={}", picture.display()));
    chromium.arg(format!("file://{}#{}", page.display(), wrong.unwrap_or_default()));
    ended(&mut chromium)
}

fn write(path: &Path, text: &str) -> Result<(), PictureError> {
    fs::write(path, text).map_err(system(path.display().to_string()))
}

fn ended(command: &mut Command) -> Result<(), PictureError> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(system(shown.clone()))?;
    if status.success() { Ok(()) } else { Err(PictureError::Ended { command: shown, status }) }
}
