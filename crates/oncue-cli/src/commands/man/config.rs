//! oncue-config(5): the manual page of `config.toml`, generated from the broker's table of keys.

use oncue_broker::{CONFIG_KEYS, CONFIG_TABLES, ConfigKey};
use roff::{Inline, Roff, bold, italic, roman};

use super::section::{entry, literal, section};

/// Returns the page.
pub(super) fn page() -> String {
    let mut page = Roff::new();
    page.control("TH", ["oncue-config", "5", "", concat!("oncue ", env!("CARGO_PKG_VERSION")), ""]);
    section(&mut page, "NAME", &[vec![roman("oncue-config - settings in config.toml")]]);
    section(&mut page, "SYNOPSIS", &[vec![italic("$XDG_CONFIG_HOME/oncue/config.toml")]]);
    section(&mut page, "DESCRIPTION", &description());
    for (table, about) in CONFIG_TABLES {
        section(&mut page, &format!("[{table}]"), &[vec![roman(about)]]);
        for key in CONFIG_KEYS.iter().filter(|key| key.table == table) {
            key_entry(&mut page, key);
        }
    }
    section(&mut page, "EXAMPLES", &[]);
    literal(&mut page, "[time]\nmin_minutes = 1\nslack = \"10s\"");
    section(&mut page, "SEE ALSO", &[vec![bold("oncue"), roman("(1)")]]);
    page.render()
}

fn description() -> Vec<Vec<Inline>> {
    vec![
        vec![
            roman("The broker reads this file when it starts, usually from "),
            italic("~/.config/oncue/config.toml"),
            roman(", or from "),
            italic("DIR/config/config.toml"),
            roman(" with ONCUE_HOME=DIR. To apply a change, stop the broker with "),
            bold("oncue daemon --stop"),
            roman(
                "; the next call by oncue or an app starts it again. Without the file, every key has its default.",
            ),
        ],
        vec![roman(
            "The file is TOML. A length of time is a string of numbers with units: \"30s\", \"1h30m\", \"2 days\"; \
             the units are ms, s, m, h and d.",
        )],
        vec![roman(
            "The broker does not start if it cannot understand the file. Every program that calls it then gets \
             an error that names the file, the line, the column and the values allowed there.",
        )],
    ]
}

fn key_entry(page: &mut Roff, key: &ConfigKey) {
    let term = vec![bold(key.name), roman(" = "), italic(key.default())];
    entry(page, term, &format!("{} Value: {}.", key.about, key.values()));
}
