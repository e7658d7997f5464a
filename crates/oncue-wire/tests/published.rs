//! The published XML matches the code.

use std::path::Path;

use oncue_wire::interface::{Method, methods, xml};

#[test]
fn the_published_interface_is_the_one_spoken() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/interface/org.oncue.Broker1.xml");
    if std::env::var_os("ONCUE_BLESS").is_some() {
        std::fs::write(&path, xml()).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        published,
        xml(),
        "the interface changed: run this test with ONCUE_BLESS=1 and review the difference"
    );
}

#[test]
fn every_method_is_found_by_its_name() {
    let rows = methods();
    for row in &rows {
        assert_eq!(Method::named(row.name), Some(row.method));
    }
    // The last variant is their number minus one.
    assert_eq!(rows.len(), Method::Leave as usize + 1, "a method has no row");
}
