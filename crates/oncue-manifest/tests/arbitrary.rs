//! Any bytes either are a manifest or cause an error with a position.

#[expect(dead_code, reason = "the fault tests use the rest")]
mod sample;

use oncue_manifest::{Manifest, Severity, executable_candidates};
use proptest::collection::vec;
use proptest::prelude::*;
use sample::SAMPLE;

/// Parses, and checks what must be true of every result.
fn check(bytes: &[u8]) {
    let problems = match Manifest::parse(bytes) {
        Ok(manifest) => {
            assert!(manifest.identity.family_name().is_ascii());
            assert!(manifest.warnings.iter().all(|problem| problem.severity != Severity::Error));
            manifest.warnings
        }
        Err(problems) => {
            assert!(problems.first_error().is_some());
            problems.into_iter().collect()
        }
    };
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for problem in problems {
        assert!((1..=lines).contains(&(problem.line as usize)) && problem.column >= 1);
        assert!(!problem.to_string().contains(char::is_control) && !problem.way_out().is_empty());
    }
}

/// Parts of XML and manifests, so that arbitrary texts resemble them.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<",
        ">",
        "/>",
        "</",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<!DOCTYPE ",
        "&",
        ";",
        "&amp;",
        "&#x41;",
        "=",
        "\"",
        "'",
        " ",
        "\n",
        "\r",
        ":",
        "a",
        "ä",
        "\u{feff}",
        "xmlns",
        "xmlns:a='urn:x'",
        "a:",
        "Package",
        "<Identity Name='",
        "<com:Class Id='{",
        "<?xml version='1.0'?>",
        "\u{9b}",
        "IgnorableNamespaces='a'",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_arbitrary_bytes(bytes in vec(any::<u8>(), 0..512)) {
        check(&bytes);
    }

    #[test]
    fn of_arbitrary_markup(pieces in vec(piece(), 0..64)) {
        check(pieces.concat().as_bytes());
    }

    #[test]
    fn of_a_manifest_with_bytes_changed(changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes);
    }

    #[test]
    fn of_a_manifest_with_pieces_changed(changes in vec((any::<prop::sample::Index>(), 0..20_usize, piece()), 1..6)) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (at, removed, piece) in changes {
            let at = at.index(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, piece.bytes());
        }
        check(&bytes);
    }

    #[test]
    fn no_candidate_leaves_the_package(written in r"[a./\\:A-C]{0,12}(\.exe)?") {
        for candidate in executable_candidates(&written) {
            prop_assert!(!candidate.is_empty() && !candidate.starts_with('/'));
            prop_assert!(candidate.split('/').all(|part| part != ".."));
        }
    }
}
