//! Reads tasks from the text of a file. Every mistake has a position.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::{Mistake, Mistakes, Place};
use super::text::key;
use super::{Declared, Variable};
use crate::flags::task::TaskFlags;

mod keys;

use keys::Keys;

/// Reads the tasks of a file, in their order. Relative paths start at `folder`.
pub(crate) fn read(file: &str, folder: &Path, text: &str) -> Result<Vec<Declared>, Mistakes> {
    let tables = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(text.len(), |span| span.start);
        Mistake::at(Place::of(file, text, at), error.message().replace('\n', ", "))
    })?;
    let mut reader = Reader { file, folder, text, keys: Keys::known(), mistakes: Vec::new() };
    let tasks = reader.tables(tables.get_ref());
    Mistakes::unless(reader.mistakes, tasks)
}

type Value<'a> = Spanned<DeValue<'a>>;

struct Reader<'a> {
    file: &'a str,
    folder: &'a Path,
    text: &'a str,
    keys: Keys,
    mistakes: Vec<Mistake>,
}

/// The parts of a task that have been read.
#[derive(Default)]
struct Begun {
    /// The flags, as arguments, and where each was written.
    arguments: Vec<(String, usize, OsString)>,
    words: Vec<OsString>,
    variables: BTreeMap<String, Variable>,
    disabled: bool,
}

impl Reader<'_> {
    fn tables(&mut self, tables: &DeTable<'_>) -> Vec<Declared> {
        let mut tasks = Vec::new();
        for (name, value) in tables {
            let at = name.span().start;
            match (&**name.get_ref(), value.get_ref().as_table()) {
                ("task", Some(named)) => tasks.extend(in_order(named)),
                ("task", None) => self.wrong(at, "`task` is a table: write [task.NAME] and its keys below"),
                (other, _) => {
                    self.wrong(at, format!("unknown table `{other}`; a task begins with a line [task.NAME]"));
                }
            }
        }
        tasks.into_iter().filter_map(|(at, name, value)| self.task(at, name, value)).collect()
    }

    fn task(&mut self, at: usize, name: &str, value: &Value<'_>) -> Option<Declared> {
        let before = self.mistakes.len();
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(at, format!("`{name}` is a table: write [task.{}] and its keys below", key(name)));
            return None;
        };
        let mut begun = Begun::default();
        for (at, key, value) in in_order(table) {
            self.key(&mut begun, at, key, value);
        }
        if begun.words.is_empty() && self.mistakes.len() == before {
            self.wrong(at, format!("task `{name}` has neither `command` nor `shell`"));
        }
        let (flags, trigger) = self.flags(at, &begun)?;
        (self.mistakes.len() == before).then(|| Declared {
            name: name.to_owned(),
            place: self.place(at),
            flags,
            trigger,
            words: begun.words,
            variables: begun.variables,
            disabled: begun.disabled,
        })
    }

    fn key(&mut self, begun: &mut Begun, at: usize, key: &str, value: &Value<'_>) {
        let of_value = value.span().start;
        match key {
            "command" | "shell" if !begun.words.is_empty() => {
                self.wrong(at, "a task has either `command` or `shell`");
            }
            "command" => match words(value.get_ref()) {
                Some(words) => begun.words = words,
                None => self.wrong(of_value, "`command` is a list of texts, as in [\"restic\", \"backup\"]"),
            },
            "shell" => match value.get_ref().as_str() {
                Some(script) => {
                    begun.words = vec![script.into()];
                    begun.arguments.push((key.to_owned(), at, "--shell".into()));
                }
                None => self.wrong(of_value, "`shell` is a text that /bin/sh runs"),
            },
            "env" => self.variables(begun, value),
            "enabled" => match value.get_ref().as_bool() {
                Some(enabled) => begun.disabled = !enabled,
                None => self.wrong(of_value, "`enabled` is true or false"),
            },
            _ if !self.keys.has(key) => {
                self.wrong(at, format!("unknown key `{key}`; the keys of a task are {}", self.keys));
            }
            _ => match self.keys.argument(key, value.get_ref(), self.folder) {
                Ok(argument) => {
                    begun.arguments.extend(argument.map(|argument| (key.to_owned(), at, argument)))
                }
                Err(what) => self.wrong(of_value, format!("`{key}`: {what}")),
            },
        }
    }

    fn variables(&mut self, begun: &mut Begun, value: &Value<'_>) {
        let Some(table) = value.get_ref().as_table() else {
            return self.wrong(value.span().start, "`env` is a table, as in { LANG = \"C\" }");
        };
        for (_, name, value) in in_order(table) {
            let at = value.span().start;
            match variable(name, value.get_ref()) {
                Ok(Some(text)) => drop(begun.variables.insert(name.to_owned(), Variable::Is(text))),
                Ok(None) => {
                    let hidden = Variable::Hidden(self.place(at));
                    begun.variables.insert(name.to_owned(), hidden);
                }
                Err(what) => self.wrong(at, what),
            }
        }
    }

    /// Parses all flags of a task together.
    fn flags(&mut self, at: usize, begun: &Begun) -> Option<(TaskFlags, Option<oncue::tools::Trigger>)> {
        let mut arguments: Vec<&OsString> = begun.arguments.iter().map(|(.., argument)| argument).collect();
        let home = keys::home_folder();
        if !begun.arguments.iter().any(|(key, ..)| key == "cwd") {
            arguments.push(&home);
        }
        let flags = match self.keys.parse(&arguments) {
            Ok(flags) => flags,
            Err(wrong) => {
                let written = begun.arguments.iter().find(|(key, ..)| wrong.key.as_ref() == Some(key));
                self.wrong(written.map_or(at, |(_, at, _)| *at), wrong.what);
                return None;
            }
        };
        match flags.trigger() {
            Ok(trigger) => Some((flags, trigger)),
            Err(error) => {
                self.wrong(at, error.to_string());
                None
            }
        }
    }

    fn place(&self, at: usize) -> Place {
        Place::of(self.file, self.text, at)
    }

    fn wrong(&mut self, at: usize, what: impl Into<String>) {
        self.mistakes.push(Mistake::at(self.place(at), what));
    }
}

/// Returns the entries of a table in the order in which they are written.
fn in_order<'a>(table: &'a DeTable<'_>) -> Vec<(usize, &'a str, &'a Value<'a>)> {
    let entry = |(key, value): (&'a Spanned<_>, &'a Value<'_>)| (key.span().start, key.get_ref(), value);
    let mut entries: Vec<_> =
        table.iter().map(entry).map(|(at, key, value)| (at, AsRef::<str>::as_ref(key), value)).collect();
    entries.sort_by_key(|(at, ..)| *at);
    entries
}

fn words(value: &DeValue<'_>) -> Option<Vec<OsString>> {
    let words = value.as_array().filter(|words| !words.is_empty())?;
    words.iter().map(|word| word.get_ref().as_str().map(OsString::from)).collect()
}

/// Reads the value of a variable; `None` if it is hidden.
fn variable(name: &str, value: &DeValue<'_>) -> Result<Option<String>, String> {
    let inherited = || match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Err(format!("your environment has no variable {name}")),
        Err(env::VarError::NotUnicode(_)) => Err(format!("your variable {name} is not UTF-8")),
    };
    if let Some(text) = value.as_str() {
        return Ok(Some(text.to_owned()));
    }
    let only = value.as_table().filter(|table| table.len() == 1).and_then(|table| table.iter().next());
    match only.map(|(key, value)| (&**key.get_ref(), value.get_ref().as_bool())) {
        Some(("hidden", Some(true))) => Ok(None),
        Some(("inherit", Some(true))) => inherited(),
        _ => Err(format!(
            "the value of variable `{name}` is a text in quotes, {{ inherit = true }} for yours, or \
             {{ hidden = true }} for the one that the task has"
        )),
    }
}
