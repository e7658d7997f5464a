//! A signal: whether a rule matches it, and its text form.

use std::fmt::{self, Write};

use oncue_core::start_of;
use oncue_wire::Rule;
use oncue_wire::rule::{Argument, Path};
use zbus::message::{Body, Header};
use zbus::names::BusName;
use zbus::{Structure, Variant};

use crate::source::watches::settle::LONGEST_ITEM;

/// One signal.
pub(super) struct Signal<'m> {
    header: Header<'m>,
    arguments: Vec<Variant<'m>>,
}

impl<'m> Signal<'m> {
    pub(super) fn new(header: Header<'m>, body: &'m Body) -> Self {
        let arguments = body.deserialize::<Structure<'_>>().map(Structure::into_fields);
        Self { header, arguments: arguments.unwrap_or_default() }
    }

    /// Whether the rule matches it; `owner` returns the owner of a name.
    ///
    /// The bus also filters, but for all rules of the connection together.
    pub(super) fn is_selected_by<'o>(
        &self,
        rule: &Rule,
        owner: impl FnOnce(&str) -> Option<&'o str>,
    ) -> bool {
        let header = &self.header;
        let sender = header.sender().map(|name| name.as_str());
        let by_sender = match &rule.sender {
            None => true,
            Some(BusName::WellKnown(name)) => {
                sender == Some(name.as_str()) || sender.is_some() && sender == owner(name)
            }
            Some(BusName::Unique(name)) => sender == Some(name.as_str()),
        };
        let path = header.path().map_or("", |path| path.as_str());
        let by_path = match &rule.path {
            None => true,
            Some(Path::Is(wanted)) => wanted.as_str() == path,
            Some(Path::Within(wanted)) => is_within(path, wanted, '/'),
        };
        by_sender
            && by_path
            && rule.interface.as_ref().is_none_or(|wanted| header.interface() == Some(wanted))
            && rule.member.as_ref().is_none_or(|wanted| header.member() == Some(wanted))
            && rule.arguments.iter().all(|(number, wanted)| is_meant(wanted, self.arguments.get(*number)))
    }

    /// Returns the sender, the object, the interface, the name and the arguments.
    pub(super) fn texts(&self) -> Vec<String> {
        let header = &self.header;
        let mut texts = vec![
            header.sender().map(ToString::to_string).unwrap_or_default(),
            header.path().map(ToString::to_string).unwrap_or_default(),
            header.interface().map(ToString::to_string).unwrap_or_default(),
            header.member().map(ToString::to_string).unwrap_or_default(),
        ];
        texts.extend(self.arguments.iter().map(text));
        texts
    }
}

fn is_within(whole: &str, beginning: &str, between: char) -> bool {
    let beginning = beginning.strip_suffix(between).unwrap_or(beginning);
    whole.strip_prefix(beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with(between))
}

fn is_meant(wanted: &Argument, argument: Option<&Variant<'_>>) -> bool {
    match (wanted, argument) {
        (Argument::Is(wanted), Some(Variant::Str(argument))) => wanted == argument.as_str(),
        (Argument::Within(wanted), Some(Variant::Str(argument))) => is_within(argument, wanted, '.'),
        (Argument::Path(wanted), Some(Variant::Str(argument))) => is_folder(wanted, argument),
        (Argument::Path(wanted), Some(Variant::ObjectPath(argument))) => is_folder(wanted, argument),
        _ => false,
    }
}

/// Whether two paths are equal, or one of them ends with a slash and the other begins with it.
fn is_folder(one: &str, other: &str) -> bool {
    let holds = |outer: &str, inner: &str| outer.ends_with('/') && inner.starts_with(outer);
    one == other || holds(one, other) || holds(other, one)
}

/// Returns strings and numbers as they are, and everything else in `GVariant`'s text form, like
/// gdbus(1).
fn text(argument: &Variant<'_>) -> String {
    let mut text = Bounded(String::new());
    // If it is full, writing more would change nothing.
    let _ = match argument {
        Variant::Str(value) => text.write_str(value),
        Variant::ObjectPath(value) => text.write_str(value),
        Variant::U8(value) => write!(text, "{value}"),
        Variant::I16(value) => write!(text, "{value}"),
        Variant::U16(value) => write!(text, "{value}"),
        Variant::I32(value) => write!(text, "{value}"),
        Variant::U32(value) => write!(text, "{value}"),
        Variant::I64(value) => write!(text, "{value}"),
        Variant::U64(value) => write!(text, "{value}"),
        Variant::F64(value) => write!(text, "{value}"),
        Variant::Variant(value) => return self::text(value),
        other @ (Variant::Bool(_)
        | Variant::Signature(_)
        | Variant::Array(_)
        | Variant::Dict(_)
        | Variant::Structure(_)
        | Variant::Fd(_)) => write!(text, "{other}"),
    };
    text.0
}

/// A text that takes no more memory than will be used; a message can have 128 MiB.
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        // One byte more than fits shows that there was more.
        let room = (LONGEST_ITEM + 4).saturating_sub(self.0.len());
        self.0.push_str(start_of(more, room));
        if more.len() > room { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::Message;
    use zbus::wire::DynamicType;

    fn selected<B: serde::Serialize + DynamicType>(rule: &str, body: &B) -> bool {
        let message = Message::signal("/a/b", "org.a.C", "D").sender(":1.5").build(body).unwrap();
        let body = message.body();
        let owner = |name: &str| (name == "org.a.owner").then_some(":1.5");
        Signal::new(message.header(), &body).is_selected_by(&Rule::parse(rule).unwrap(), owner)
    }

    #[test]
    fn a_rule_selects_as_the_specification_says() {
        let path = zbus::ObjectPath::try_from("/x/y").unwrap();
        let body = &("one", path, "org.a.thing", 7_u32, "/dir/");
        for (rule, expected) in [
            ("interface=org.a.C", true),
            ("interface=org.a.CC", false),
            ("path=/a/b,member=D", true),
            ("path=/a/b,member=E", false),
            ("path=/a", false),
            ("path_namespace=/a", true),
            ("path_namespace=/", true),
            ("path_namespace=/a/b", true),
            ("path_namespace=/a/bb", false),
            ("path_namespace='/a/b/c'", false),
            ("sender=':1.5'", true),
            ("sender=':1.55'", false),
            ("sender=org.a.owner", true),
            ("sender=org.a.other", false),
            ("path=/a/b,arg0=one", true),
            ("path=/a/b,arg0=on", false),
            ("path=/a/b,arg1=/x/y", false),
            ("path=/a/b,arg1path=/x/", true),
            ("path=/a/b,arg1path=/x", false),
            ("path=/a/b,arg4path=/dir/file", true),
            ("path=/a/b,arg3=7", false),
            ("path=/a/b,arg9=one", false),
            ("path=/a/b,arg0namespace=one", true),
            ("path=/a/b,arg0namespace=o", false),
        ] {
            assert_eq!(selected(rule, body), expected, "{rule}");
        }
        assert!(selected("path=/a/b,arg0namespace=org.a", &"org.a.thing"));
        assert!(!selected("path=/a/b,arg0namespace=org.a", &"org.abc"));
        assert!(!selected("path=/a/b,arg0=x", &()));
    }

    #[test]
    fn a_signal_is_told_in_texts() {
        let body = &("a 'text'", 5_u8, -7_i64, true, 0.5, vec!["x", "y"], Variant::from(9_u32));
        let message = Message::signal("/a/b", "org.a.C", "D").sender(":1.5").build(body).unwrap();
        let texts = Signal::new(message.header(), &message.body()).texts();
        let expected =
            [":1.5", "/a/b", "org.a.C", "D", "a 'text'", "5", "-7", "true", "0.5", "[\"x\", \"y\"]", "9"];
        assert_eq!(texts, expected);
        let message = Message::signal("/a/b", "org.a.C", "D").build(&()).unwrap();
        assert_eq!(Signal::new(message.header(), &message.body()).texts(), ["", "/a/b", "org.a.C", "D"]);
    }

    #[test]
    fn a_huge_signal_is_cut_before_it_is_written_out() {
        let message = Message::signal("/a/b", "org.a.C", "D").build(&vec!["ä"; 100_000]).unwrap();
        let texts = Signal::new(message.header(), &message.body()).texts();
        assert!((LONGEST_ITEM..LONGEST_ITEM + 8).contains(&texts[4].len()), "{}", texts[4].len());
    }
}
