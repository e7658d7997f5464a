//! The interfaces as introspection data, which `docs/interface/org.oncue.Broker1.xml` publishes.

use std::fmt::Write as _;

use super::{Argument, Kind, Method, Order, Row, Signal};
use crate::message::dictionary_names;
use crate::names::{BROKER_INTERFACE, BROKER_PATH, SERVER_INTERFACE};

/// The annotation that carries documentation, as GDBus reads it.
const DOCUMENTATION: &str = "org.gtk.GDBus.DocString";
/// The annotation of a method that sends no answer.
const NO_REPLY: &str = "org.freedesktop.DBus.Method.NoReply";
/// The annotation that says who may call a method.
const CALLER: &str = "org.oncue.Caller";
/// The annotation that names the dictionary an argument consists of.
const DICTIONARY: &str = "org.oncue.Dictionary";

const HEAD: &str = "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n  \
                    \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n";

/// Returns the XML of both interfaces.
#[must_use]
pub fn xml() -> String {
    let mut xml = format!("{HEAD}<node>\n");
    open(
        &mut xml,
        BROKER_INTERFACE,
        "The broker's interface for apps, tools and task servers, at /org/oncue/Broker1.",
    );
    for method in Method::ALL {
        let mut annotations = vec![(CALLER, method.who().name())];
        if method.kind() == Kind::Tell {
            annotations.push((NO_REPLY, "true"));
        }
        member(&mut xml, "method", &method.row(), &annotations);
    }
    for row in Signal::rows() {
        member(&mut xml, "signal", &row, &[]);
    }
    xml.push_str("  </interface>\n");
    open(
        &mut xml,
        SERVER_INTERFACE,
        "The interface of task servers for the broker, at /org/oncue/TaskServer1.",
    );
    for row in Order::rows() {
        member(&mut xml, "method", &row, &[(NO_REPLY, "true")]);
    }
    xml.push_str("  </interface>\n</node>\n");
    xml
}

/// Returns what introspection says about an object path: both interfaces, or the next element on the way to the
/// broker's object.
#[must_use]
pub fn at(path: &str) -> String {
    let prefix = if path == "/" { path.to_owned() } else { format!("{path}/") };
    let below = BROKER_PATH.strip_prefix(&prefix).filter(|below| !below.is_empty());
    match below.and_then(|below| below.split('/').next()) {
        Some(child) => format!("{HEAD}<node>\n  <node name=\"{child}\"/>\n</node>\n"),
        None => xml(),
    }
}

fn open(xml: &mut String, interface: &str, meaning: &str) {
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(xml, "  <interface name=\"{interface}\">");
    annotation(xml, "    ", DOCUMENTATION, meaning);
}

fn member(xml: &mut String, kind: &str, row: &Row, annotations: &[(&str, &str)]) {
    let _ = writeln!(xml, "    <{kind} name=\"{}\">", row.name);
    annotation(xml, "      ", DOCUMENTATION, &row.meaning);
    for (name, value) in annotations {
        annotation(xml, "      ", name, value);
    }
    let direction = |way| if kind == "method" { format!(" direction=\"{way}\"") } else { String::new() };
    let takes = row.takes.iter().map(|taken| (taken, "in"));
    for (argument, way) in takes.chain(row.gives.iter().map(|given| (given, "out"))) {
        let Argument { name, signature, rust } = argument;
        let tag = format!("      <arg name=\"{name}\" type=\"{signature}\"{}", direction(way));
        match dictionary(rust) {
            Some(dictionary) => {
                let _ = writeln!(xml, "{tag}>");
                annotation(xml, "        ", DICTIONARY, dictionary);
                xml.push_str("      </arg>\n");
            }
            None => {
                let _ = writeln!(xml, "{tag}/>");
            }
        }
    }
    let _ = writeln!(xml, "    </{kind}>");
}

fn annotation(xml: &mut String, indent: &str, name: &str, value: &str) {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let _ = writeln!(xml, "{indent}<annotation name=\"{name}\" value=\"{value}\"/>");
}

/// Returns the name of the dictionary that a Rust type is, or that it is a list of.
pub(super) fn dictionary(rust: &str) -> Option<&'static str> {
    let mut parts = rust.split(|character: char| !character.is_alphanumeric());
    parts.find_map(|part| dictionary_names().find(|name| *name == part))
}
