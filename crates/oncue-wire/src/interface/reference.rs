//! The dictionaries' fields as a document, which `docs/interface/messages.md` publishes.

use std::fmt::Write as _;

use zbus::Signature;

use super::xml::dictionary;
use crate::dictionary::{Described, DescribedField};
use crate::message::described;

const HEAD: &str = "# Messages

What a message describes is a dictionary, `a{sv}`; a list is `aa{sv}`. This page lists the fields of each.
It is generated from `crates/oncue-wire/src/message.rs`; [org.oncue.Broker1.xml](org.oncue.Broker1.xml) names
the dictionary of each argument in the annotation `org.oncue.Dictionary`.

- A field that has its default may be missing. The broker omits it.
- Ignore fields that you do not know; a newer broker sends more.
- A field that is one of several words can hold a word that you do not know. Show it, or treat it as
  \"other\"; never as one of those that you know.
- The name and the type of a field never change, and no field is removed while the interface is called
  `org.oncue.Broker1`.
- A broker ignores fields that it does not know. `About` lists in `features` each field of `TaskSpec` that it
  knows, as `task.FIELD`: look there before you rely on a new one.

Times are microseconds since 1970-01-01 00:00 UTC. Ids are GUIDs as text.
";

/// Returns the document.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(HEAD);
    for Described { name, meaning, fields } in described() {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "\n## {name}\n\n{meaning}\n\n| field | type | meaning | if missing |\n|---|---|---|---|"
        );
        for field in &fields {
            let DescribedField { name, default, .. } = field;
            let _ = writeln!(text, "| `{name}` | {} | {} | {default} |", form(field), meaning_of(field));
        }
    }
    text
}

fn form(field: &DescribedField) -> String {
    let signature = field.signature;
    if let Some(dictionary) = dictionary(field.rust) {
        return format!("`{signature}` [{dictionary}](#{})", dictionary.to_lowercase());
    }
    const PLAIN: [(Signature, &str); 4] = [
        (Signature::Str, "text"),
        (Signature::Bool, "boolean"),
        (Signature::U32, "number"),
        (Signature::I64, "time"),
    ];
    // Everything else is a list of texts.
    let plain = PLAIN.iter().find(|(plain, _)| plain == signature).map_or("texts", |(_, name)| name);
    format!("`{signature}` {plain}")
}

fn meaning_of(field: &DescribedField) -> String {
    let DescribedField { meaning, words, .. } = field;
    match words[..] {
        [] => meaning.clone(),
        _ => format!("{meaning} One of: `{}`.", words.join("`, `")),
    }
}
