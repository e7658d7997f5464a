//! Checks that `docs/config.md` matches the table of keys.

use std::fmt::Write as _;
use std::path::Path;

use super::{KEYS, TABLES};

const BEGINNING: &str = "\
# config.toml

<!-- Written from the table in crates/oncue-broker/src/config/key.rs:
     ONCUE_BLESS=1 cargo test -p oncue-broker config::reference -->

The broker reads `$XDG_CONFIG_HOME/oncue/config.toml` (usually `~/.config/oncue/config.toml`; `DIR/config/config.toml` with
`ONCUE_HOME=DIR`) when it starts. To apply a change, stop the broker with `oncue daemon --stop`; the next call by `oncue` or an
app starts it again. Without the file, every key has its default.

The file is TOML. A length of time is a string of numbers with units: `\"30s\"`, `\"1h30m\"`, `\"2 days\"`; the units are
`ms`, `s`, `m`, `h` and `d`.

```toml
[time]
min_minutes = 1
slack = \"10s\"
```

The broker does not start if it cannot understand the file. Every program that calls it then gets an error that names the
file, the line, the column and the values allowed there; `oncue doctor` shows the same. `oncue man config` shows this page as oncue-config(5).
";

fn page() -> String {
    let mut page = String::from(BEGINNING);
    for (table, about) in &TABLES {
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## [{table}]\n\n{about}\n\n| key | default | values | what it does |\n|---|---|---|---|\n"
        );
        for key in KEYS.iter().filter(|key| key.table == *table) {
            let _ =
                writeln!(page, "| `{}` | `{}` | {} | {} |", key.name, key.default(), key.values(), key.about);
        }
    }
    page
}

#[test]
fn the_page_is_as_the_table_has_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.md");
    if std::env::var_os("ONCUE_BLESS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        page(),
        "docs/config.md differs from the table of keys; update it with ONCUE_BLESS=1"
    );
}
