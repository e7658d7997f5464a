//! The manual page of a verb: its help, and the sections that readers of manual pages expect.

use clap::Command;
use clap_mangen::Man;
use roff::{Roff, bold, italic, roman};

use super::section::{entry, literal, section};
use crate::exit::Exit;

/// The variables that oncue reads, and the verbs to which each matters; none stands for all verbs.
const VARIABLES: [(&str, &[&str], &str); 8] = [
    (
        "ONCUE_HOME",
        &[],
        "A folder that holds everything which is otherwise in the folders of the section FILES, with a broker of \
         its own. Nothing is installed for it at log-in.",
    ),
    ("ONCUE_BROKER", &[], "The program to start as the broker if none is running."),
    ("ONCUE_LOG", &["oncue", "daemon"], "The level of the broker's log, such as debug, or MODULE=LEVEL,…"),
    ("ONCUE_INSTANCE", &["progress"], "The run that reports; oncue sets it for the commands that it runs."),
    ("PATH", &["add", "edit", "apply"], "Where the command is looked up; the task keeps the value."),
    ("VISUAL", &["edit"], "The editor; if it is not set, EDITOR, else vi."),
    ("NO_COLOR", &[], "If it is set and not empty, the output has no colours."),
    ("XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR, XDG_DATA_HOME", &[], "See the section FILES."),
];

/// The files that oncue keeps.
const FILES: [(&str, &str); 4] = [
    ("$XDG_CONFIG_HOME/oncue/config.toml", "Settings of the broker, see oncue-config(5)."),
    ("$XDG_STATE_HOME/oncue/", "The tasks, the history, the log, and the output of runs."),
    ("$XDG_RUNTIME_DIR/oncue/", "The broker's socket and locks."),
    ("$XDG_DATA_HOME/oncue/packages/", "The local folders of packages."),
];

/// Returns the verbs of a command that have a page.
pub(super) fn verbs_of(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| verb.get_name() != "help" && !verb.is_hide_set())
}

/// Returns the page of a command that was built.
pub(super) fn page(command: &Command) -> Vec<u8> {
    let mut page = Vec::new();
    let man = Man::new(command.clone()).source(concat!("oncue ", env!("CARGO_PKG_VERSION"))).manual("oncue");
    // Writing to a vector cannot fail.
    let _ = man.render_title(&mut page);
    let _ = man.render_name_section(&mut page);
    let _ = man.render_synopsis_section(&mut page);
    let _ = man.render_description_section(&mut page);
    let _ = man.render_options_section(&mut page);
    if verbs_of(command).next().is_some() {
        let _ = man.render_subcommands_section(&mut page);
    }
    let mut rest = Roff::new();
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let help = Help::of(&help);
    help.examples_and_notes(&mut rest);
    help.exit_status(&mut rest);
    // On Windows there is no broker, whose files and variables these are.
    if cfg!(not(windows)) {
        files(&mut rest);
        environment(&mut rest, command.get_name());
    }
    see_also(&mut rest, command);
    page.extend(rest.render().into_bytes());
    page
}

/// The paragraphs below the options in the help of a verb.
struct Help<'a> {
    examples: Vec<&'a str>,
    exit: Vec<&'a str>,
    notes: Vec<&'a str>,
}

impl<'a> Help<'a> {
    fn of(text: &'a str) -> Self {
        let mut help = Self { examples: Vec::new(), exit: Vec::new(), notes: Vec::new() };
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
            if paragraph.starts_with("Example") {
                help.examples.push(paragraph);
            } else if paragraph.contains("exit code") {
                help.exit.push(paragraph);
            } else if !paragraph.starts_with("Exit codes") {
                help.notes.push(paragraph);
            }
        }
        help
    }

    fn examples_and_notes(&self, page: &mut Roff) {
        if !self.examples.is_empty() {
            section(page, "EXAMPLES", &[]);
        }
        for example in &self.examples {
            let (title, lines) = example.split_once('\n').unwrap_or(("", example));
            if !matches!(title, "Example:" | "Examples:") {
                page.text(vec![roman(title)]);
            }
            literal(page, lines);
        }
        if !self.notes.is_empty() {
            section(page, "NOTES", &self.notes.iter().map(|note| vec![roman(*note)]).collect::<Vec<_>>());
        }
    }

    fn exit_status(&self, page: &mut Roff) {
        section(page, "EXIT STATUS", &self.exit.iter().map(|text| vec![roman(*text)]).collect::<Vec<_>>());
        for (exit, meaning) in Exit::MEANINGS {
            entry(page, vec![bold((exit as u8).to_string())], meaning);
        }
    }
}

fn files(page: &mut Roff) {
    section(page, "FILES", &[]);
    for (path, text) in FILES {
        entry(page, vec![italic(path)], text);
    }
    page.control("PP", []);
    page.text(vec![roman(
        "If the variables are not set, these folders are ~/.config, ~/.local/state, the folder of the log-in below \
         /run/user, and ~/.local/share. With ONCUE_HOME=DIR they are DIR/config, DIR/state, DIR/run and DIR/data.",
    )]);
}

fn environment(page: &mut Roff, verb: &str) {
    section(page, "ENVIRONMENT", &[]);
    for (variable, verbs, text) in VARIABLES {
        if verbs.is_empty() || verbs.contains(&verb) {
            entry(page, vec![bold(variable)], text);
        }
    }
}

fn see_also(page: &mut Roff, command: &Command) {
    let own = command.get_display_name().unwrap_or_else(|| command.get_name());
    let above = own.rsplit_once('-').map(|(above, _)| above.to_owned());
    let below = verbs_of(command).filter_map(|verb| verb.get_display_name().map(ToOwned::to_owned));
    let mut pages: Vec<(String, &str)> = above.into_iter().chain(below).map(|name| (name, "(1)")).collect();
    if cfg!(not(windows)) {
        pages.push(("oncue-config".to_owned(), "(5)"));
    }
    let mut text = Vec::new();
    for (at, (name, chapter)) in pages.into_iter().enumerate() {
        text.push(roman(if at > 0 { ", " } else { "" }));
        text.push(bold(name));
        text.push(roman(chapter));
    }
    section(page, "SEE ALSO", &[text]);
}
