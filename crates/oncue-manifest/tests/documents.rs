//! Files that are not manifests: each is refused with the cause and the position, and nothing
//! panics.

#[expect(dead_code, reason = "the fault tests use the rest")]
mod sample;

use oncue_manifest::{
    DocumentProblem, MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, Manifest, Problem, ProblemKind,
};
use sample::{SAMPLE, unmarked};

/// Returns the single problem for which a file is refused.
fn refusal(bytes: &[u8]) -> Problem {
    let problems: Vec<_> = Manifest::parse(bytes).expect_err("a refusal").into_iter().collect();
    let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
    assert!(!problem.way_out().is_empty());
    problem.clone()
}

/// Expects one refusal, at the mark.
fn expect(rows: &[(&str, &str)]) {
    for (text, said) in rows {
        let (text, place) = unmarked(text);
        let problem = refusal(text.as_bytes());
        assert_eq!(problem.to_string(), *said, "{text}");
        assert_eq!((problem.line, problem.column), place, "{text}");
    }
}

#[test]
fn a_large_file_is_refused_by_its_size() {
    let problem = refusal(&vec![b' '; 100_000_000]);
    assert_eq!(problem.what, ProblemKind::Document(DocumentProblem::TooLarge { size: 100_000_000 }));
    assert!(Manifest::parse(format!("{SAMPLE}{}", " ".repeat(MAX_BYTES - SAMPLE.len())).as_bytes()).is_ok());
}

#[test]
fn what_is_no_xml_is_named() {
    expect(&[
        ("¦", "the manifest is empty"),
        ("¦ \n\n", "the manifest is empty"),
        ("\n  ¦{ \"json\": true }", "this is not XML: it does not begin with `<`"),
        ("<!-- only a comment -->¦", "the manifest is empty"),
    ]);
    assert_eq!(refusal("\u{feff}\u{feff}<Package/>".as_bytes()).what, DocumentProblem::NotXml.into());
    assert_eq!(refusal(b"PK\x03\x04\x14\x00").to_string(), "this is a packed package, not its manifest");
}

#[test]
fn only_utf_8_is_read() {
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(SAMPLE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(refusal(&utf16).to_string(), "the manifest is UTF-16; only UTF-8 is supported");
    assert_eq!(refusal(b"<\0P\0").to_string(), "the manifest is UTF-16; only UTF-8 is supported");
    let problem = refusal(b"<Package>\n  <a>\xc3\xa4\xe4</a>");
    assert_eq!((problem.line, problem.column), (2, 7));
    assert_eq!(problem.to_string(), "byte 0xe4 at offset 17 is not UTF-8");
    expect(&[
        (
            "¦<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a/>",
            "encoding `iso-8859-1` is not supported, only UTF-8",
        ),
        ("¦<?xml version=\"1.1\"?><a/>", "XML version `1.1` is not supported, only 1.0"),
        (" ¦<?xml version=\"1.0\"?><a/>", "the XML declaration is not at the beginning of the file"),
        ("<a>\n¦\u{0}</a>", "character U+0000 is not allowed in XML"),
        ("<a b='¦\u{1b}[31m'/>", "character U+001B is not allowed in XML"),
    ]);
}

#[test]
fn entity_bombs_do_not_go_off() {
    let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol1 \"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">]>\n<lolz>&lol1;</lolz>";
    let declared = "`<!DOCTYPE` declares a document type or entities, which a manifest must not do";
    expect(&[
        (&format!("<?xml version=\"1.0\"?>\n¦{bomb}"), declared),
        ("¦<!DOCTYPE Package SYSTEM \"file:///etc/passwd\"><Package/>", declared),
        ("¦<!DOCTYPE Package [<!ENTITY a \"b\"", declared),
        ("<a>¦&lol;</a>", "unknown entity `&lol;`"),
        ("<a b=\"x ¦&lol; y\"/>", "unknown entity `&lol;`"),
        ("<a>¦&#0;</a>", "`&#0;` is not a character reference"),
        ("<a b='¦AT&T'/>".replace("¦AT", "AT¦").as_str(), "`&T` is not a character reference"),
        ("<a>AT¦&T</a>", "`&` is not a character reference"),
    ]);
}

#[test]
fn truncated_files_are_named() {
    expect(&[
        ("<Package>\n<Identity>\n  <a/>¦", "the manifest ends, but `<Identity>` in line 2 is not closed"),
        ("<Package>\n  ¦<Identity Name", "the manifest ends inside this tag"),
        ("<Package>\n  ¦<Identity Name=\"x", "the manifest ends inside an attribute value of this tag"),
        ("<Package>¦<!-- ", "the manifest ends inside this comment"),
        ("<Package>¦<![CDATA[ ", "the manifest ends inside this CDATA section"),
        ("¦<?xml ", "the manifest ends inside this processing instruction"),
    ]);
    for end in (1..SAMPLE.trim_end().len()).filter(|end| SAMPLE.is_char_boundary(*end)) {
        assert!(Manifest::parse(&SAMPLE.as_bytes()[..end]).is_err(), "{end}");
    }
}

#[test]
fn tags_that_do_not_fit_are_named() {
    expect(&[
        ("<Package>\n<Identity>\n¦</Package>", "`</Package>` does not match `<Identity>` in line 2"),
        ("<Package/>¦</Package>", "`</Package>` has no start tag"),
        ("<Package/>\n¦<Package/>", "there is content outside the root element"),
        ("<Package/>¦ text", "there is content outside the root element"),
        ("¦<![CDATA[x]]><Package/>", "there is content outside the root element"),
        ("<Package>¦<!x></Package>", "this is not XML markup"),
    ]);
}

#[test]
fn attributes_and_names_are_those_of_xml() {
    let broken = "the attributes of this tag are not all of the form name=\"value\", separated by spaces";
    expect(&[
        ("<a b='1' ¦b='2'/>", "duplicate attribute `b`"),
        ("<a xmlns:x='urn:n' xmlns:y='urn:n' x:b='1' ¦y:b='2'/>", "duplicate attribute `y:b`"),
        ("<a xmlns:x='urn:n' ¦xmlns:x='urn:m'/>", "duplicate attribute `xmlns:x`"),
        ("¦<a b=1/>", broken),
        ("¦<a b/>", broken),
        ("<a b='1'¦c='2'/>", broken),
        ("<a ¦b='<'/>", broken),
        ("<¦1a/>", "`1a` is not an XML name"),
        ("<¦:a/>", "`:a` is not an XML name"),
        ("<¦a:b:c/>", "`a:b:c` is not an XML name"),
        ("<a ¦x:y:z='1'/>", "`x:y:z` is not an XML name"),
        ("¦< a/>", "this is not XML markup"),
        ("<a ¦xmlns:b=''/>", "prefix `b` cannot be bound to this namespace"),
        ("<a ¦xmlns:xml='urn:x'/>", "prefix `xml` cannot be bound to this namespace"),
    ]);
    assert_eq!(refusal(b"<a><!-- a -- b --></a>").to_string(), "`--` is not allowed inside a comment");
}

#[test]
fn limits_hold() {
    let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_eq!(refusal(deep(MAX_DEPTH + 1).as_bytes()).what, DocumentProblem::TooDeep.into());
    assert_eq!(refusal("<a>".repeat(300_000).as_bytes()).what, DocumentProblem::TooDeep.into());
    assert!(refusal(deep(MAX_DEPTH).as_bytes()).to_string().starts_with("the root element is `a`"));
    let many = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
    assert_eq!(refusal(many.as_bytes()).what, DocumentProblem::TooManyElements.into());
    let wide: String = (0..=MAX_ATTRIBUTES).map(|number| format!(" a{number}=''")).collect();
    assert_eq!(refusal(format!("<a{wide}/>").as_bytes()).what, DocumentProblem::TooManyAttributes.into());
    let declared: String = (0..100).map(|number| format!(" xmlns:a{number}='urn:x'")).collect();
    assert_eq!(
        refusal(format!("<a{declared}><b{declared}/></a>").as_bytes()).what,
        DocumentProblem::TooManyNamespaces.into()
    );
}

#[test]
fn manifests_of_other_kinds_are_named() {
    expect(&[
        ("<!-- x -->\n¦<Project/>", "the root element is `Project`, not `Package`"),
        ("¦<Package/>", "`Package` is in no namespace, not in the namespace of Windows 10"),
        (
            "¦<Package xmlns=\"http://schemas.microsoft.com/appx/2010/manifest\"/>",
            "`Package` is in the namespace of Windows 8, not in the namespace of Windows 10",
        ),
        (
            "¦<Package xmlns=\"http://schemas.microsoft.com/appx/2013/manifest\"/>",
            "`Package` is in the namespace of Windows 8.1, not in the namespace of Windows 10",
        ),
        (
            "¦<p:Package xmlns:p=\"urn:x\"/>",
            "`Package` is in namespace `urn:x`, not in the namespace of Windows 10",
        ),
        (
            "¦<Bundle xmlns=\"http://schemas.microsoft.com/appx/2013/bundle\"/>",
            "the root element is `Bundle`, not `Package`",
        ),
    ]);
}
