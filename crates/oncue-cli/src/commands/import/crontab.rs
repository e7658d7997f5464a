//! Translates a crontab, as crontab(5) describes it.

mod name;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use oncue_calendar::Schedule;

use super::draft::Draft;
use crate::declared::{Part, text::list, text::text};
use crate::exit::Exit;
use crate::failure::Failure;
use name::name;

/// Why there is no crontab.
#[derive(Debug, thiserror::Error)]
enum CrontabError {
    #[error("reading {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("starting `crontab -l`")]
    NoProgram(#[source] io::Error),
    #[error("`crontab -l` failed: {said}")]
    Refused { said: String },
}

impl From<CrontabError> for Failure {
    fn from(error: CrontabError) -> Self {
        let failure = |error| Self::new(Exit::Failed, error);
        match error {
            CrontabError::Unreadable { .. } => failure(error),
            CrontabError::NoProgram(_) | CrontabError::Refused { .. } => {
                failure(error).with_way_out("name a file: `oncue import crontab FILE`")
            }
        }
    }
}

/// Translates a file, or the user's crontab.
pub(super) fn import(file: Option<&Path>) -> Result<Draft, Failure> {
    let Some(path) = file else { return Ok(translate("crontab", &listed()?)) };
    let unreadable = |source| CrontabError::Unreadable { path: path.to_owned(), source };
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(unreadable)?;
        return Ok(translate("standard input", &text));
    }
    Ok(translate(&path.display().to_string(), &fs::read_to_string(path).map_err(unreadable)?))
}

fn listed() -> Result<String, CrontabError> {
    let output = Command::new("crontab").arg("-l").output().map_err(CrontabError::NoProgram)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(CrontabError::Refused { said });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn translate(file: &str, crontab: &str) -> Draft {
    let mut translation = Translation { file, variables: BTreeMap::new(), draft: Draft::default() };
    for (at, line) in crontab.lines().enumerate() {
        translation.line(at + 1, line.trim());
    }
    translation.draft
}

struct Translation<'a> {
    file: &'a str,
    /// The variables of the lines so far.
    variables: BTreeMap<String, String>,
    draft: Draft,
}

impl Translation<'_> {
    fn line(&mut self, number: usize, line: &str) {
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        match variable(line) {
            Some((name, value)) => self.variable(number, name, value),
            None => self.job(number, line),
        }
    }

    fn variable(&mut self, number: usize, name: &str, value: &str) {
        if name == "MAILTO" && !value.is_empty() {
            let what = "MAILTO: oncue sends no mail; it keeps the output, which `oncue logs NAME` shows";
            self.draft.note(self.file, number, what);
        }
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    fn job(&mut self, number: usize, line: &str) {
        let fields = if line.starts_with('@') { 1 } else { 5 };
        let Some((when, command)) = split(line, fields) else {
            return self.draft.loss(self.file, number, format!("`{line}` has no command"));
        };
        let Some(trigger) = self.trigger(number, when) else { return };
        let (script, input) = script(command);
        if input.is_some() {
            self.draft.note(self.file, number, "the input after `%` is written by the shell");
        }
        let mut parts = vec![self.command(&script, input.as_deref()), trigger];
        parts.extend(self.variables.get("HOME").map(|home| Part::new("cwd", text(home))));
        let of_cron = ["MAILTO", "MAILFROM", "SHELL", "CRON_TZ", "RANDOM_DELAY"];
        let own = self.variables.iter().filter(|(name, _)| !of_cron.contains(&name.as_str()));
        parts.extend(own.map(|(name, value)| Part::variable(name, value)));
        if self.variables.contains_key("RANDOM_DELAY") {
            self.draft.note(
                self.file,
                number,
                "RANDOM_DELAY: nothing is random; the task runs when it is due",
            );
        }
        self.draft.task(&name(&script), format!("{}:{number}: {line}", self.file), parts);
    }

    fn trigger(&mut self, number: usize, when: &str) -> Option<Part> {
        if when == "@reboot" {
            let what =
                "@reboot: the task runs when your session begins, or when the machine starts if you linger";
            self.draft.note(self.file, number, what);
            return Some(Part::new("at-login", "true"));
        }
        let zone = self.variables.get("CRON_TZ").map(|zone| format!(" {zone}")).unwrap_or_default();
        let line = format!("{when}{zone}");
        match Schedule::parse(&format!("cron {line}")) {
            Ok(_) => Some(Part::new("cron", text(&line))),
            Err(error) => {
                self.draft.loss(self.file, number, format!("`{line}`: {}", error.mistake));
                None
            }
        }
    }

    fn command(&self, script: &str, input: Option<&str>) -> Part {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,+@% ".contains(c);
        let shell = self.variables.get("SHELL").map_or("/bin/sh", String::as_str);
        let script = match input {
            None if script.chars().all(plain) => {
                return Part::new("command", list(script.split_whitespace()));
            }
            None => script.to_owned(),
            Some(input) => fed(script, input),
        };
        match shell {
            "/bin/sh" => Part::new("shell", text(&script)),
            shell => Part::new("command", list([shell, "-c", &script])),
        }
    }
}

/// Returns the name and the value, if the line sets a variable.
fn variable(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let unquoted = |text: &'_ str| -> Option<(usize, usize)> {
        let is_quoted = |mark| text.len() >= 2 && text.starts_with(mark) && text.ends_with(mark);
        (is_quoted('"') || is_quoted('\'')).then(|| (1, text.len() - 1))
    };
    let [name, value] = [name.trim(), value.trim()].map(|text| match unquoted(text) {
        Some((from, to)) => &text[from..to],
        None => text,
    });
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (starts && name.chars().all(is_name)).then_some((name, value))
}

/// Splits a line after some fields.
fn split(line: &str, fields: usize) -> Option<(&str, &str)> {
    let mut at = 0;
    for _ in 0..fields {
        let rest = &line[at..];
        let begin = rest.len() - rest.trim_start().len();
        at += begin + rest[begin..].find(char::is_whitespace)?;
    }
    Some((line[..at].trim(), line[at..].trim()))
}

/// Returns the command and its input: `%` ends the command and begins each line of the input, and `\%` is
/// a percent sign.
fn script(command: &str) -> (String, Option<String>) {
    let mut parts = vec![String::new()];
    let mut characters = command.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, parts.last_mut()) {
            ('\\', Some(part)) if characters.peek() == Some(&'%') => part.extend(characters.next()),
            ('%', _) => parts.push(String::new()),
            (c, Some(part)) => part.push(c),
            (_, None) => {}
        }
    }
    let script = parts.remove(0).trim().to_owned();
    (script, (!parts.is_empty()).then(|| parts.join("\n")))
}

/// Returns a script that gets an input.
fn fed(script: &str, input: &str) -> String {
    format!("printf '%s\\n' '{}' | {{\n{script}\n}}", input.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(crontab: &str) -> (String, Vec<String>) {
        let draft = translate("c", crontab);
        (draft.text(), draft.notes().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_crontab_is_translated() {
        let crontab = "# my jobs\nMAILTO=me@example.org\nPATH = \"/usr/bin:/bin\"\n\n\
            */5 * * * * mbsync -a\n@daily cd ~/src && ./report.sh > /dev/null\n@reboot /opt/start.sh\n\
            0 3 * * 1-5 mail -s 'it''s' me%dear me%bye\n0 4 * * * date +\\%F\n61 * * * * never\n0 3 * *\n";
        let (text, notes) = translated(crontab);
        let expected = r#"# c:5: */5 * * * * mbsync -a
[task.mbsync]
command = ["mbsync", "-a"]
cron = "*/5 * * * *"
env.PATH = "/usr/bin:/bin"

# c:6: @daily cd ~/src && ./report.sh > /dev/null
[task.report]
shell = "cd ~/src && ./report.sh > /dev/null"
cron = "@daily"
env.PATH = "/usr/bin:/bin"

# c:7: @reboot /opt/start.sh
[task.start]
command = ["/opt/start.sh"]
at-login = true
env.PATH = "/usr/bin:/bin"
"#;
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("printf '%s\\n' 'dear me\nbye' | {\nmail -s 'it''s' me\n}"), "{text}");
        assert!(text.contains("command = [\"date\", \"+%F\"]"), "{text}");
        let starts = [
            "c:2: MAILTO",
            "c:7: @reboot",
            "c:8: the input after `%`",
            "c:10: not translated: `61 * * * *`",
            "c:11: not translated: ",
        ];
        assert_eq!(notes.len(), starts.len(), "{notes:?}");
        for (note, start) in notes.iter().zip(starts) {
            assert!(note.starts_with(start), "{note}");
        }
    }

    #[test]
    fn variables_of_cron_itself_are_understood() {
        let crontab =
            "SHELL=/bin/bash\nHOME=/srv\nCRON_TZ=Europe/Berlin\nA='b c'\n0 3 * * * x | y\n0 4 * * * x\n";
        let (text, notes) = translated(crontab);
        assert!(text.contains(r#"command = ["/bin/bash", "-c", "x | y"]"#), "{text}");
        assert!(
            text.contains("cron = \"0 3 * * * Europe/Berlin\"\ncwd = \"/srv\"\nenv.A = \"b c\"\nenv.HOME"),
            "{text}"
        );
        assert!(text.contains("[task.x]") && text.contains("[task.x-2]"), "{text}");
        assert_eq!(notes, [""; 0]);
    }

    #[test]
    fn what_is_translated_can_be_read() {
        let (text, _) = translated("0 3 * * * echo \"a\"%b\n@hourly x\n5 4 * * sun true\n");
        let tasks = crate::declared::read("t", Path::new("/"), &text).unwrap();
        assert_eq!(tasks.len(), 3);
        for task in tasks {
            task.spec(None).unwrap();
        }
    }
}
