//! The published interface is what the code speaks.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use oncue_wire::interface::{Method, Signal, reference, xml};

/// Compares a file of `docs/interface` with what is generated; with `ONCUE_BLESS` it is written.
fn compare(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/interface").join(name);
    if std::env::var_os("ONCUE_BLESS").is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        published, generated,
        "the interface changed: run this test with ONCUE_BLESS=1 and review the difference"
    );
}

#[test]
fn the_published_interface_is_the_one_spoken() {
    compare("org.oncue.Broker1.xml", &xml::xml());
}

#[test]
fn the_published_fields_are_the_ones_sent() {
    compare("messages.md", &reference::reference());
}

#[test]
fn every_member_has_its_own_name_and_is_documented() {
    let mut rows: Vec<_> = Method::ALL.iter().map(|method| method.row()).collect();
    rows.extend(Signal::rows());
    for row in &rows {
        assert!(!row.meaning.is_empty(), "{}", row.name);
    }
    let mut names: Vec<_> = Method::ALL.iter().map(|method| method.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Method::ALL.len());
    for method in Method::ALL {
        assert_eq!(Method::named(method.name()), Some(*method));
    }
}
