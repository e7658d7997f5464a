//! Blocks of HCL, the language of HashiCorp's tools.

use std::fmt;

/// A block: its kind, its labels, its attributes, and the blocks inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    kind: &'static str,
    labels: Vec<String>,
    attributes: Vec<(&'static str, Value)>,
    blocks: Vec<Self>,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(u32),
    Bool(bool),
    List(Vec<String>),
    Map(Vec<(String, String)>),
}

impl Block {
    /// Creates an empty block.
    pub(super) fn new<'a>(kind: &'static str, labels: impl IntoIterator<Item = &'a str>) -> Self {
        let labels = labels.into_iter().map(str::to_owned).collect();
        Self { kind, labels, attributes: Vec::new(), blocks: Vec::new() }
    }

    /// Adds an attribute.
    pub(super) fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Adds a block.
    pub(super) fn block(self, block: Self) -> Self {
        self.blocks([block])
    }

    /// Adds blocks.
    pub(super) fn blocks(mut self, blocks: impl IntoIterator<Item = Self>) -> Self {
        self.blocks.extend(blocks);
        self
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        write!(f, "{indent}{}", self.kind)?;
        self.labels.iter().try_for_each(|label| write!(f, " {}", text(label)))?;
        if self.attributes.is_empty() && self.blocks.is_empty() {
            return f.write_str(" {}\n");
        }
        f.write_str(" {\n")?;
        let width = self.attributes.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in &self.attributes {
            write!(f, "{indent}  {name:width$} = ")?;
            value.write(f, depth + 1)?;
            f.write_str("\n")?;
        }
        for (at, block) in self.blocks.iter().enumerate() {
            f.write_str(if at > 0 || !self.attributes.is_empty() { "\n" } else { "" })?;
            block.write(f, depth + 1)?;
        }
        writeln!(f, "{indent}}}")
    }
}

impl Value {
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Self::Text(value) => f.write_str(&text(value)),
            Self::Number(number) => write!(f, "{number}"),
            Self::Bool(is) => write!(f, "{is}"),
            Self::List(values) => {
                let values: Vec<String> = values.iter().map(|value| text(value)).collect();
                write!(f, "[{}]", values.join(", "))
            }
            Self::Map(entries) => {
                let indent = "  ".repeat(depth);
                f.write_str("{\n")?;
                for (name, value) in entries {
                    writeln!(f, "{indent}  {} = {}", text(name), text(value))?;
                }
                write!(f, "{indent}}}")
            }
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Vec<String>> for Value {
    fn from(value: Vec<String>) -> Self {
        Self::List(value)
    }
}

/// Returns a text in quotes. `${` and `%{` would begin an expression.
fn text(text: &str) -> String {
    let mut written = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => written.extend([c, c]),
            c if c.is_control() => written.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => written.push(c),
        }
    }
    written + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_written_as_people_write_it() {
        let block = Block::new("job", ["a \"b\""])
            .set("type", "batch")
            .set("ok", true)
            .block(Block::new("periodic", []).set("crons", vec!["* * * * *".to_owned(), "${x}%{".to_owned()]))
            .block(Block::new("parameterized", []));
        let expected = r#"job "a \"b\"" {
  type = "batch"
  ok   = true

  periodic {
    crons = ["* * * * *", "$${x}%%{"]
  }

  parameterized {}
}
"#;
        assert_eq!(block.to_string(), expected);
        assert_eq!(text("a\\\n\u{1b}$$x"), r#""a\\\n\u001b$$x""#);
    }
}
