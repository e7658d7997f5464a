//! The keys of `config.toml`. This table is the only list of them; the reader, the manual page and
//! `docs/config.md` are derived from it.

use std::ops::RangeInclusive;
use std::time::Duration;

use oncue_core::{parse_span, show_span};
use toml::de::DeValue;

use super::{Config, Install, SessionBus};

/// One key of `config.toml`.
#[derive(Debug)]
pub struct Key {
    /// Its table.
    pub table: &'static str,
    /// Its name in that table.
    pub name: &'static str,
    /// A description in complete sentences.
    pub about: &'static str,
    field: Field,
}

/// The setting of a key, and its permitted values.
#[derive(Debug)]
enum Field {
    Number(fn(&mut Config) -> &mut u32, RangeInclusive<u32>),
    Count(fn(&mut Config) -> &mut usize, RangeInclusive<usize>),
    Span(fn(&mut Config) -> &mut Duration, RangeInclusive<Duration>),
    Word {
        words: &'static [&'static str],
        get: fn(&Config) -> &'static str,
        /// Sets one of the words.
        set: fn(&mut Config, &str),
    },
}

const fn seconds(from: u64, to: u64) -> RangeInclusive<Duration> {
    Duration::from_secs(from)..=Duration::from_secs(to)
}

const DAY: u64 = 86_400;

/// The tables of `config.toml`, and their descriptions.
pub const TABLES: [(&str, &str); 6] = [
    ("time", "When tasks run, and how long things may take."),
    ("limits", "How much the broker holds on behalf of its clients."),
    ("ledger", "How long the record of past runs is kept."),
    (
        "output",
        "How much is kept of what runs write to standard output and standard error. `oncue logs TASK` shows it.",
    ),
    ("service", "When the broker runs, and how programs can call it."),
    ("notify", "What is shown on the desktop."),
];

/// All keys of `config.toml`.
pub const KEYS: [Key; 23] = [
    Key {
        table: "time",
        name: "min_minutes",
        about: "The shortest period of a time trigger, in minutes. Windows allows no less than 15.",
        field: Field::Number(|config| &mut config.settings.min_minutes, 1..=43_199),
    },
    Key {
        table: "time",
        name: "max_minutes",
        about: "The longest period of a time trigger, in minutes.",
        field: Field::Number(|config| &mut config.settings.max_minutes, 1..=43_199),
    },
    Key {
        table: "time",
        name: "slack",
        about: "How late a firing may be, so that several tasks share one wake-up of the machine. \
                A task may set its own.",
        field: Field::Span(|config| &mut config.settings.slack, seconds(0, DAY)),
    },
    Key {
        table: "time",
        name: "grace",
        about: "How long a cancelled run may take to end before its processes are killed. \
                A task may set its own.",
        field: Field::Span(|config| &mut config.settings.grace, seconds(0, DAY)),
    },
    Key {
        table: "time",
        name: "activation_timeout",
        about: "How long a task server may take to register the class of a task and to enter its run.",
        field: Field::Span(
            |config| &mut config.settings.activation_timeout,
            Duration::from_millis(1)..=Duration::from_secs(DAY),
        ),
    },
    Key {
        table: "time",
        name: "strikes",
        about: "A task is quarantined after this many activations in a row that crashed or never \
                registered their class. 0 switches quarantine off.",
        field: Field::Number(|config| &mut config.settings.strikes, 0..=1_000_000),
    },
    Key {
        table: "limits",
        name: "name_length",
        about: "The longest name of a task or a group, in characters.",
        field: Field::Count(|config| &mut config.settings.limits.name_length, 1..=4_096),
    },
    Key {
        table: "limits",
        name: "tasks_per_package",
        about: "How many tasks one package may have.",
        field: Field::Count(|config| &mut config.settings.limits.tasks_per_package, 0..=10_000_000),
    },
    Key {
        table: "limits",
        name: "tasks",
        about: "How many tasks all packages together may have.",
        field: Field::Count(|config| &mut config.settings.limits.tasks, 0..=10_000_000),
    },
    Key {
        table: "limits",
        name: "packages",
        about: "How many packages there may be.",
        field: Field::Count(|config| &mut config.settings.limits.packages, 0..=1_000_000),
    },
    Key {
        table: "limits",
        name: "classes_per_server",
        about: "How many class objects one task server may register.",
        field: Field::Count(|config| &mut config.settings.limits.classes_per_server, 1..=1_000_000),
    },
    Key {
        table: "ledger",
        name: "keep",
        about: "How long an entry is kept.",
        field: Field::Span(|config| &mut config.ledger.keep, seconds(0, 36_500 * DAY)),
    },
    Key {
        table: "ledger",
        name: "keep_per_task",
        about: "How many entries of each task are kept; the oldest are removed first.",
        field: Field::Number(|config| &mut config.ledger.keep_per_task, 1..=1_000_000_000),
    },
    Key {
        table: "output",
        name: "first_kib",
        about: "How much of the beginning of each run's output is kept, in KiB.",
        field: Field::Number(|config| &mut config.output.first_kib, 1..=16_384),
    },
    Key {
        table: "output",
        name: "last_kib",
        about: "How much of the end of each run's output is kept, in KiB. What is between the beginning and \
                the end is left out.",
        field: Field::Number(|config| &mut config.output.last_kib, 1..=16_384),
    },
    Key {
        table: "output",
        name: "runs_per_task",
        about: "The output of how many runs of a task is kept. Runs that failed are kept longer than others.",
        field: Field::Number(|config| &mut config.output.runs_per_task, 1..=100_000),
    },
    Key {
        table: "output",
        name: "mib_per_task",
        about: "How much output of one task is kept, in MiB. Of its latest run, it is kept in any case.",
        field: Field::Number(|config| &mut config.output.mib_per_task, 1..=1_048_576),
    },
    Key {
        table: "output",
        name: "mib",
        about: "How much output of all tasks together is kept, in MiB. 0 keeps none.",
        field: Field::Number(|config| &mut config.output.mib, 0..=1_048_576),
    },
    Key {
        table: "output",
        name: "keep",
        about: "How long output is kept.",
        field: Field::Span(|config| &mut config.output.keep, seconds(0, 36_500 * DAY)),
    },
    Key {
        table: "service",
        name: "install",
        about: "With \"auto\", the broker makes itself start at log-in when the first task is registered, and takes \
                that back after the last one is gone. With \"never\", only `oncue service install` and \
                `oncue service uninstall` change what starts at log-in.",
        field: Field::Word {
            words: &["auto", "never"],
            get: |config| config.install.name(),
            set: |config, word| config.install = Install::named(word),
        },
    },
    Key {
        table: "service",
        name: "stay",
        about: "How long after the last task is gone a broker no longer starts at log-in. A broker that a program \
                has started leaves when it has had no task, no run and no client for that long.",
        field: Field::Span(|config| &mut config.settings.stay, seconds(1, DAY)),
    },
    Key {
        table: "service",
        name: "session_bus",
        about: "With \"auto\", programs on the session bus can call the broker as `org.oncue.Broker1`, and `oncue service \
                install` makes the bus start it when it is called. With \"always\", a broker with `ONCUE_HOME` takes \
                the name as well. With \"never\", the broker can be called at its socket only.",
        field: Field::Word {
            words: &["auto", "always", "never"],
            get: |config| config.session_bus.name(),
            set: |config, word| config.session_bus = SessionBus::named(word),
        },
    },
    Key {
        table: "notify",
        name: "runs",
        about: "Which ends of runs show a notification on the desktop. A run that is retried shows none. A command \
                may set its own: `oncue edit NAME --notify failure`.",
        field: Field::Word {
            words: &["never", "failure", "always"],
            get: |config| config.settings.notify.name(),
            set: |config, word| config.settings.notify = word.parse().unwrap_or_default(),
        },
    },
];

impl Key {
    /// Returns the default as written in the file.
    #[must_use]
    pub fn default(&self) -> String {
        let mut config = Config::default();
        match &self.field {
            Field::Number(of, _) => of(&mut config).to_string(),
            Field::Count(of, _) => of(&mut config).to_string(),
            Field::Span(of, _) => format!("\"{}\"", show_span(*of(&mut config))),
            Field::Word { get, .. } => format!("\"{}\"", get(&config)),
        }
    }

    /// Describes the permitted values, as in `a number from 1 to 10`.
    #[must_use]
    pub fn values(&self) -> String {
        match &self.field {
            Field::Number(_, range) => format!("a number from {} to {}", range.start(), range.end()),
            Field::Count(_, range) => format!("a number from {} to {}", range.start(), range.end()),
            Field::Span(_, range) => {
                let [from, to] = [range.start(), range.end()].map(|span| show_span(*span));
                format!("a length of time from \"{from}\" to \"{to}\"")
            }
            Field::Word { words, .. } => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                words.join(" or ")
            }
        }
    }

    /// Sets the value, or returns what is wrong with it.
    pub(super) fn set(&self, config: &mut Config, value: &DeValue<'_>) -> Result<(), String> {
        let set = match &self.field {
            Field::Number(of, range) => number(value)
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| range.contains(number))
                .map(|number| *of(config) = number),
            Field::Count(of, range) => number(value)
                .and_then(|number| usize::try_from(number).ok())
                .filter(|number| range.contains(number))
                .map(|number| *of(config) = number),
            Field::Span(of, range) => value
                .as_str()
                .and_then(|text| parse_span(text).ok())
                .filter(|span| range.contains(span))
                .map(|span| *of(config) = span),
            Field::Word { words, set, .. } => {
                value.as_str().filter(|text| words.contains(text)).map(|text| set(config, text))
            }
        };
        set.ok_or_else(|| format!("`{}` must be {}", self.name, self.values()))
    }
}

fn number(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}
