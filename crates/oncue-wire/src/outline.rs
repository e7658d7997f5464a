//! The text of an `AppxManifest.xml` with one application and one task server.
//!
//! The SDK writes it for an app that has none, and `oncue package new` writes it beside a `Cargo.toml`.

use std::env;
use std::fmt;

use oncue_types::Guid;

/// The manifest with a word in braces for what changes. `uap` and `rescap` are ignored by readers that do not
/// know them; Windows has known `com` since version 1703.
const TEMPLATE: &str = include_str!("manifest.xml");

/// What the manifest says.
#[derive(Debug)]
pub struct Outline<'a> {
    /// A comment about the file, as XML has it; may be empty.
    pub comment: &'a str,
    /// The identity's name.
    pub name: &'a str,
    /// The publisher, a distinguished name.
    pub publisher: &'a str,
    /// The package's version.
    pub version: [u16; 4],
    /// The name that people read.
    pub display_name: &'a str,
    /// The description that people read.
    pub description: &'a str,
    /// The program, without `.exe`.
    pub program: &'a str,
    /// What the task server is started with.
    pub arguments: &'a str,
    /// The classes, with their names.
    pub classes: Vec<(Guid, String)>,
}

impl fmt::Display for Outline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = |(id, name): &(Guid, String)| {
            format!("\n              <com:Class Id=\"{id}\" DisplayName=\"{}\" />", escaped(name))
        };
        let comment = match self.comment {
            "" => String::new(),
            comment => format!("\n{comment}"),
        };
        let version = self.version.map(|number| number.to_string()).join(".");
        let words = [
            ("{name}", escaped(self.name)),
            ("{publisher}", escaped(self.publisher)),
            ("{version}", version),
            ("{architecture}", architecture().to_owned()),
            ("{display_name}", escaped(self.display_name)),
            ("{publisher_name}", escaped(common_name(self.publisher))),
            ("{description}", escaped(&one_line(self.description))),
            ("{program}", escaped(self.program)),
            ("{arguments}", escaped(self.arguments)),
            ("{comment}", comment),
            ("{classes}", self.classes.iter().map(class).collect()),
        ];
        let mut text = TEMPLATE.to_owned();
        for (word, value) in words {
            text = text.replace(word, &value);
        }
        f.write_str(&text)
    }
}

/// The processor that this program was built for, as manifests name it.
fn architecture() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "x64",
        "x86" => "x86",
        "aarch64" => "arm64",
        "arm" => "arm",
        _ => "neutral",
    }
}

/// The name of the publisher that people read: the first part of a distinguished name.
fn common_name(publisher: &str) -> &str {
    let first = publisher.split(", ").next().unwrap_or(publisher);
    first.split_once('=').map_or(first, |(_, name)| name.trim_matches('"'))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Escapes what means something in XML, and braces, which would be filled in.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '{' => text.push_str("&#123;"),
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_the_common_name() {
        for (publisher, name) in
            [("CN=Contoso", "Contoso"), ("CN=\"A B\", O=C", "A B"), ("Contoso", "Contoso")]
        {
            assert_eq!(common_name(publisher), name);
        }
    }
}
