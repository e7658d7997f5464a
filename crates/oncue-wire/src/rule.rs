//! A match rule for signals of a message bus, as defined by the D-Bus specification.
//!
//! It is parsed here rather than by the bus, so that an invalid rule is refused with a reason when a task
//! is registered, even if no bus is running.

use std::borrow::Cow;
use std::fmt;

use zbus::ObjectPath;
use zbus::names::{BusName, InterfaceName, MemberName};

/// The highest number of an argument that a rule may name.
const LAST_ARGUMENT: usize = 63;

/// Which signals a rule selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    text: String,
    /// The sender: a unique name, or a well-known name whose owner is the sender.
    pub sender: Option<BusName<'static>>,
    /// The interface.
    pub interface: Option<InterfaceName<'static>>,
    /// The signal's name.
    pub member: Option<MemberName<'static>>,
    /// The objects that send it.
    pub path: Option<Path>,
    /// The required arguments, by position.
    pub arguments: Vec<(usize, Argument)>,
}

/// The objects whose signals a rule selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// One object: `path`.
    Is(ObjectPath<'static>),
    /// An object and all objects below it: `path_namespace`.
    Within(ObjectPath<'static>),
}

/// What a rule requires of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// This text: `arg0`.
    Is(String),
    /// This path, or one of which either is a folder of the other: `arg0path`.
    Path(String),
    /// This name, or one that begins with it and a full stop: `arg0namespace`.
    Within(String),
}

/// What is wrong with a match rule.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RuleError {
    #[error("`{0}` has no value: write `KEY='VALUE'`, separated by commas")]
    NoValue(String),
    #[error("the quote before `{0}` is never closed")]
    OpenQuote(String),
    #[error(
        "unknown key `{0}` in a match rule: the keys are type, sender, interface, member, path, path_namespace, \
         arg0 … arg63, arg0path … arg63path and arg0namespace"
    )]
    UnknownKey(String),
    #[error("duplicate key `{0}`")]
    Twice(String),
    #[error("`path` and `path_namespace` cannot be used together")]
    TwoPaths,
    #[error("type `{0}` is not supported: tasks can only wait for signals, type='signal'")]
    NotSignal(String),
    #[error("`eavesdrop` is not allowed: a task can only wait for broadcast signals")]
    Eavesdrop,
    #[error("`destination` is not allowed: a task can only wait for broadcast signals")]
    Destination,
    #[error("{key} `{value}` is not {wanted}")]
    Invalid { key: String, value: String, wanted: &'static str },
    #[error("it matches every signal of the bus: specify the interface, the sender or the path")]
    Everything,
}

impl fmt::Debug for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a match rule, or if the rule selects anything but broadcast
    /// signals, or all of them.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let mut rule = Self {
            text: text.to_owned(),
            sender: None,
            interface: None,
            member: None,
            path: None,
            arguments: Vec::new(),
        };
        let (mut seen, mut rest) = (Vec::new(), text.trim_start());
        while !rest.is_empty() {
            let (key, value, behind) = cut(rest)?;
            if seen.contains(&key) {
                return Err(RuleError::Twice(key.into()));
            }
            seen.push(key);
            rule.take(key, value)?;
            rest = behind.trim_start();
        }
        if seen.iter().all(|key| *key == "type") {
            return Err(RuleError::Everything);
        }
        // Without a type, the bus would also match messages that are not signals.
        if !seen.contains(&"type") {
            rule.text = format!("type='signal',{text}");
        }
        Ok(rule)
    }

    /// Returns the rule as it is written for the bus.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn take(&mut self, key: &str, value: String) -> Result<(), RuleError> {
        let invalid =
            |value: &str, wanted| RuleError::Invalid { key: key.into(), value: value.into(), wanted };
        match key {
            "type" if value == "signal" => {}
            "type" => return Err(RuleError::NotSignal(value)),
            "eavesdrop" => return Err(RuleError::Eavesdrop),
            "destination" => return Err(RuleError::Destination),
            "sender" => {
                let name = BusName::try_from(value.clone());
                self.sender = Some(name.map_err(|_| invalid(&value, "a bus name"))?);
            }
            "interface" => {
                let name = InterfaceName::try_from(value.clone());
                self.interface = Some(name.map_err(|_| invalid(&value, "an interface name"))?);
            }
            "member" => {
                let name = MemberName::try_from(value.clone());
                self.member = Some(name.map_err(|_| invalid(&value, "the name of a signal"))?);
            }
            "path" | "path_namespace" if self.path.is_some() => return Err(RuleError::TwoPaths),
            "path" | "path_namespace" => {
                let path = ObjectPath::try_from(value.clone());
                let path = path.map_err(|_| invalid(&value, "an object path"))?;
                self.path = Some(if key == "path" { Path::Is(path) } else { Path::Within(path) });
            }
            "arg0namespace" => {
                // A namespace may consist of one part; a name has at least two.
                if BusName::try_from(format!("{value}.x")).is_err() {
                    return Err(invalid(&value, "the beginning of a bus name"));
                }
                self.arguments.push((0, Argument::Within(value)));
            }
            _ => self.arguments.push(argument(key, value)?),
        }
        Ok(())
    }
}

fn argument(key: &str, value: String) -> Result<(usize, Argument), RuleError> {
    let unknown = || RuleError::UnknownKey(key.into());
    let number = key.strip_prefix("arg").ok_or_else(unknown)?;
    let (number, is_path) = match number.strip_suffix("path") {
        Some(number) => (number, true),
        None => (number, false),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unknown());
    }
    let number = number.parse().ok().filter(|number| *number <= LAST_ARGUMENT).ok_or_else(unknown)?;
    Ok((number, if is_path { Argument::Path(value) } else { Argument::Is(value) }))
}

/// Splits off the first pair and the comma after it.
fn cut(text: &str) -> Result<(&str, String, &str), RuleError> {
    let no_value = || RuleError::NoValue(text.split(',').next().unwrap_or_default().trim_end().into());
    let at = text.find(['=', ',']).filter(|at| text.as_bytes()[*at] == b'=').ok_or_else(no_value)?;
    let (key, rest) = (text[..at].trim_end(), &text[at + 1..]);
    let (value, behind) = value(rest)?;
    Ok((key, value.into_owned(), behind))
}

/// Splits off a value. Text between apostrophes is literal; outside of them, `\'` is an apostrophe, and a
/// comma ends the value.
fn value(text: &str) -> Result<(Cow<'_, str>, &str), RuleError> {
    let (mut value, mut quote) = (String::new(), None);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' if quote.is_some() => quote = None,
            '\'' => quote = Some(at + 1),
            ',' if quote.is_none() => return Ok((value.into(), &text[at + 1..])),
            '\\' if quote.is_none() && characters.next_if(|(_, next)| *next == '\'').is_some() => {
                value.push('\'');
            }
            other => value.push(other),
        }
    }
    match quote {
        Some(at) => Err(RuleError::OpenQuote(text[at..].chars().take(32).collect())),
        None => Ok((value.into(), "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_all_that_a_rule_can_say() {
        let text = r"type='signal',sender='org.a.B', interface=org.a.C,member='D',path_namespace='/a/b',
            arg0='it'\''s, so',arg3path='/x/',";
        let rule = Rule::parse(text).unwrap();
        assert_eq!(rule.as_str(), text);
        assert_eq!(rule.sender.unwrap(), "org.a.B");
        assert_eq!(rule.interface.unwrap(), "org.a.C");
        assert_eq!(rule.member.unwrap(), "D");
        assert_eq!(rule.path, Some(Path::Within("/a/b".try_into().unwrap())));
        let path = Argument::Path("/x/".into());
        assert_eq!(rule.arguments, [(0, Argument::Is("it's, so".into())), (3, path)]);
        let rule = Rule::parse("path='/a',arg0namespace=org").unwrap();
        assert_eq!(rule.as_str(), "type='signal',path='/a',arg0namespace=org");
        assert_eq!(rule.arguments, [(0, Argument::Within("org".into()))]);
    }

    #[test]
    fn refuses_what_is_wrong_by_name() {
        for (text, refusal) in [
            ("interface", "`interface` has no value"),
            ("interface,member=X", "`interface` has no value"),
            ("interface='org.a.B", "the quote before `org.a.B` is never closed"),
            ("colour=red", "unknown key `colour`"),
            ("arg64=x", "unknown key `arg64`"),
            ("arg=x", "unknown key `arg`"),
            ("arg+1=x", "unknown key `arg+1`"),
            ("arg1namespace=x", "unknown key `arg1namespace`"),
            ("member=A,member=B", "duplicate key `member`"),
            ("path=/a,path_namespace=/a", "cannot be used together"),
            ("type=method_call", "type `method_call` is not supported"),
            ("interface=org.a.B,eavesdrop=true", "`eavesdrop` is not allowed"),
            ("destination=':1.5'", "`destination` is not allowed"),
            ("sender='nodot'", "sender `nodot` is not a bus name"),
            ("interface='org..x'", "interface `org..x` is not an interface name"),
            ("member='a.b'", "member `a.b` is not the name of a signal"),
            ("path='a'", "path `a` is not an object path"),
            ("arg0namespace='a b'", "arg0namespace `a b` is not the beginning of a bus name"),
            ("type='signal'", "it matches every signal"),
        ] {
            let said = Rule::parse(text).unwrap_err().to_string();
            assert!(said.contains(refusal), "{text}: {said}");
        }
    }
}
