//! Parses the text of `config.toml`; every error has a position.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::key::{KEYS, Key, TABLES};

/// An error in the text and its byte offset.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) at: usize,
    pub(super) what: String,
}

/// Parses the text. If there are several errors, returns the first one.
pub(super) fn read(text: &str) -> Result<Config, Mistake> {
    let tables = DeTable::parse(text).map_err(|error| Mistake {
        at: error.span().map_or(text.len(), |span| span.start),
        what: error.message().replace('\n', ", "),
    })?;
    let mut reader = Reader { config: Config::default(), mistakes: Vec::new() };
    for (name, value) in tables.get_ref() {
        reader.table(name.get_ref(), name.span().start, value);
    }
    reader.check_minutes(tables.get_ref());
    match reader.mistakes.into_iter().min_by_key(|mistake| mistake.at) {
        Some(first) => Err(first),
        None => Ok(reader.config),
    }
}

/// Returns the line and column of a byte, both from 1; the column counts characters.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or(before);
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

struct Reader {
    config: Config,
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn table(&mut self, name: &str, at: usize, value: &Spanned<DeValue<'_>>) {
        let Some((table, _)) = TABLES.iter().find(|(known, _)| *known == name) else {
            return self.wrong(at, unknown_table(name));
        };
        let Some(keys) = value.get_ref().as_table() else {
            return self.wrong(at, format!("`{table}` is a table: write [{table}] and its keys below"));
        };
        for (name, value) in keys {
            match KEYS.iter().find(|key| key.table == *table && key.name == name.get_ref()) {
                None => self.wrong(name.span().start, unknown_key(table, name.get_ref())),
                Some(key) => {
                    if let Err(what) = key.set(&mut self.config, value.get_ref()) {
                        self.wrong(value.span().start, what);
                    }
                }
            }
        }
    }

    /// Checks that the two limits are consistent.
    fn check_minutes(&mut self, tables: &DeTable<'_>) {
        let (min, max) = (self.config.settings.min_minutes, self.config.settings.max_minutes);
        if min <= max {
            return;
        }
        let time = tables.get("time").and_then(|time| time.get_ref().as_table());
        let written = time.and_then(|keys| keys.get("min_minutes").or_else(|| keys.get("max_minutes")));
        let at = written.map_or(0, |value| value.span().start);
        self.wrong(at, format!("`min_minutes` is {min}, more than `max_minutes`, which is {max}"));
    }

    fn wrong(&mut self, at: usize, what: String) {
        self.mistakes.push(Mistake { at, what });
    }
}

fn unknown_table(name: &str) -> String {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return format!("`{name}` belongs in the table [{}]", key.table);
    }
    let known: Vec<String> = TABLES.iter().map(|(table, _)| format!("[{table}]")).collect();
    format!("unknown table `{name}`; the tables are {}", known.join(", "))
}

fn unknown_key(table: &str, name: &str) -> String {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return format!("`{name}` belongs in the table [{}], not in [{table}]", key.table);
    }
    let keys = KEYS.iter().filter(|key| key.table == table);
    let known: Vec<&str> = keys.map(|Key { name, .. }| *name).collect();
    format!("unknown key `{name}`; the keys of [{table}] are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn mistake(text: &str) -> (usize, usize, String) {
        let Mistake { at, what } = read(text).unwrap_err();
        let (line, column) = place(text, at);
        (line, column, what)
    }

    #[test]
    fn what_is_not_set_keeps_its_default() {
        let config = read("[time]\nmin_minutes = 1\nslack = \"5s\"\n").unwrap();
        assert_eq!((config.settings.min_minutes, config.settings.slack), (1, Duration::from_secs(5)));
        assert_eq!(config.settings.max_minutes, 43_199);
        assert_eq!(read("").unwrap(), Config::default());
    }

    #[test]
    fn every_key_takes_its_own_default() {
        for key in &KEYS {
            let text = format!("[{}]\n{} = {}\n", key.table, key.name, key.default());
            assert_eq!(read(&text).unwrap(), Config::default(), "{text}");
            assert!(TABLES.iter().any(|(table, _)| *table == key.table), "{text}");
        }
    }

    #[test]
    fn a_mistake_has_a_place_and_says_what_would_be_right() {
        for (text, line, column, said) in [
            (
                "[time]\n  min_minuets = 1\n",
                2,
                3,
                "unknown key `min_minuets`; the keys of [time] are min_minutes,",
            ),
            (
                "[tiem]\nslack = \"1s\"\n",
                1,
                2,
                "unknown table `tiem`; the tables are [time], [limits], [ledger], [output], [service]",
            ),
            ("slack = \"1s\"\n", 1, 1, "`slack` belongs in the table [time]"),
            ("[limits]\nslack = \"1s\"\n", 2, 1, "`slack` belongs in the table [time], not in [limits]"),
            ("[time]\nslack = \"soon\"\n", 2, 9, "`slack` must be a length of time from \"0s\" to \"1d\""),
            ("[time]\nslack = 5\n", 2, 9, "`slack` must be a length of time"),
            ("[time]\ngrace = \"365d\"\n", 2, 9, "`grace` must be a length of time from \"0s\" to \"1d\""),
            ("[time]\nstrikes = -1\n", 2, 11, "`strikes` must be a number from 0 to 1000000"),
            ("[service]\ninstall = \"always\"\n", 2, 11, "`install` must be \"auto\" or \"never\""),
            ("time = 5\n", 1, 1, "`time` is a table: write [time]"),
            ("[time]\nslack = \n", 2, 9, ""),
            ("[time\n", 1, 6, ""),
            (
                "[time]\nmax_minutes = 10\n",
                2,
                15,
                "`min_minutes` is 15, more than `max_minutes`, which is 10",
            ),
            ("# ä\n[time]\nslack = \"1s\"\nslack = \"2s\"\n", 4, 1, ""),
        ] {
            let (at_line, at_column, what) = mistake(text);
            assert_eq!((at_line, at_column), (line, column), "{text}: {what}");
            assert!(what.contains(said) && !what.is_empty(), "{text}: {what}");
        }
    }
}
