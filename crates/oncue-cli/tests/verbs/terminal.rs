//! A terminal for tests: a program runs on a pseudo-terminal, and the test sees what a person would see.

use std::env;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process, setsid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::stage::{Stage, plays_part};

/// The variables that tell the part which terminal to take, and what to run there.
const PLACE: &str = "ONCUE_TEST_TERMINAL";
const PROGRAM: &str = "ONCUE_TEST_PROGRAM";
const BETWEEN: char = '\u{1f}';

/// A test that has waited this long has failed.
const PATIENCE: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };

/// A pseudo-terminal, with a program whose terminal it is.
pub(crate) struct Terminal {
    master: File,
    screen: vt100::Parser,
    child: Child,
    modes: LocalModes,
}

/// Takes a terminal as the controlling one, and becomes the program that runs there.
#[test]
#[ignore = "a process that the tests start"]
fn becomes_a_program_on_a_terminal() {
    if !plays_part() {
        return;
    }
    setsid().unwrap();
    // The first terminal that the leader of a session opens becomes the session's.
    let place = rustix::fs::open(env::var_os(PLACE).unwrap(), OFlags::RDWR, Mode::empty()).unwrap();
    dup2_stdin(&place).unwrap();
    dup2_stdout(&place).unwrap();
    dup2_stderr(&place).unwrap();
    drop(place);
    let words = env::var(PROGRAM).unwrap();
    let words: Vec<&str> = words.split(BETWEEN).collect();
    let mut program = Command::new(words[0]);
    program.args(&words[1..]).env_remove(PLACE).env_remove(PROGRAM).env_remove("COLUMNS");
    panic!("{}", program.exec());
}

impl Terminal {
    /// Runs `oncue` on a terminal of 24 rows and 80 columns.
    pub(crate) fn oncue(stage: &Stage, arguments: &[&str]) -> Self {
        Self::with(stage, (24, 80), &[], &[&[env!("CARGO_BIN_EXE_oncue")], arguments].concat())
    }

    /// Runs a program on a terminal of so many rows and columns, with variables.
    pub(crate) fn with(
        stage: &Stage,
        (rows, columns): (u16, u16),
        variables: &[(&str, &str)],
        words: &[&str],
    ) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        tcsetwinsize(&terminal, winsize(rows, columns)).unwrap();
        let modes = tcgetattr(&terminal).unwrap().local_modes;
        let place = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let part = ["--exact", "--ignored", "terminal::becomes_a_program_on_a_terminal"];
        let mut command = stage.program(&env::current_exe().unwrap(), &part);
        command.env(PLACE, place).env(PROGRAM, words.join(&BETWEEN.to_string())).env("TERM", "xterm");
        command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let screen = vt100::Parser::new(number(rows), number(columns), 0);
        Self { master: terminal.into(), screen, child, modes }
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Changes the size.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.screen.screen_mut().set_size(number(rows), number(columns));
        tcsetwinsize(&self.master, winsize(rows, columns)).unwrap();
    }

    /// Waits until this is on the screen.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) {
        self.waits_for(text, |screen| screen.contents().contains(text));
    }

    /// Waits until this is no longer on the screen.
    #[track_caller]
    pub(crate) fn sees_no_more(&mut self, text: &str) {
        self.waits_for(text, |screen| !screen.contents().contains(text));
    }

    /// Waits until the screen is like this.
    #[track_caller]
    pub(crate) fn waits_for(&mut self, what: &str, is_it: impl Fn(&vt100::Screen) -> bool) {
        while !is_it(self.screen.screen()) {
            let is_alive = self.reads();
            let shown = self.screen.screen().contents();
            assert!(is_alive, "`{what}` was awaited, and the program has ended with\n{shown}");
        }
    }

    /// Reads what the program writes next, and returns whether it can still write anything.
    #[track_caller]
    fn reads(&mut self) -> bool {
        let ready = poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&PATIENCE)).unwrap();
        assert!(ready > 0, "nothing happens any more:\n{}", self.screen.screen().contents());
        let mut bytes = [0; 4_096];
        // The end of the other side is an error.
        let read = self.master.read(&mut bytes).unwrap_or(0);
        self.screen.process(&bytes[..read]);
        read > 0
    }

    /// What a person sees.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Sends a signal to the program.
    pub(crate) fn kill(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end of the program; returns its exit code, and all that is on the screen then.
    #[track_caller]
    pub(crate) fn ends(mut self) -> (Option<i32>, String) {
        while self.reads() {}
        let code = self.child.wait().unwrap().code();
        self.is_as_before();
        (code, self.screen.screen().contents())
    }

    /// Checks that the terminal is as it was before the program began.
    #[track_caller]
    pub(crate) fn is_as_before(&self) {
        assert_eq!(tcgetattr(&self.master).unwrap().local_modes, self.modes, "the modes are restored");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor(), "the screen and the cursor are back");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended, and a test that has failed reports something else.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn number(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

fn winsize(rows: u16, columns: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

/// A task whose run reports progress, and ends when the test opens its gate.
pub(crate) struct Gated<'a> {
    stage: &'a Stage,
    name: &'a str,
}

impl<'a> Gated<'a> {
    /// Adds the task.
    pub(crate) fn add(stage: &'a Stage, name: &'a str) -> Self {
        let gate = stage.path(name);
        rustix::fs::mknodat(rustix::fs::CWD, &gate, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .unwrap();
        let script = format!(
            "echo copying; \"$ONCUE\" progress 40 uploading; read line < {}; echo copied; exit $line",
            Path::new(&gate).display()
        );
        stage.done(&["add", name, "--shell", "--", &script]);
        Self { stage, name }
    }

    /// Lets the run end with this exit status.
    pub(crate) fn open(&self, status: &str) {
        let mut gate = File::options().write(true).open(self.stage.path(self.name)).unwrap();
        writeln!(gate, "{status}").unwrap();
    }
}
