//! Texts that look like something else in the language of a scheduler.

use super::*;

/// Words and values that have to arrive as they are.
pub(super) const TEXTS: [&str; 26] = [
    "",
    " ",
    "yes",
    "null",
    "~",
    "0x10",
    "1e3",
    "1_000",
    "12:30:45",
    "2026-01-01",
    "-",
    "- a",
    ": ",
    "a: b",
    "#a",
    "a #b",
    "it's",
    "say \"hi\"",
    "two\nlines\n",
    "tab\t",
    "größer, 日本",
    "$HOME ${HOME} $(date) $$ $",
    "100% %h %% %{x}",
    "back\\slash\\",
    ";",
    "&a *b !c |d >e @f `g {h} [i]",
];

fn subject_with_all() -> Subject {
    let mut subject = subject("hostile", &["--at", "daily UTC"], &["printf"]);
    subject.command.arguments = TEXTS.map(str::to_owned).into();
    subject.command.environment.insert("ALL".into(), TEXTS.concat());
    subject
}

/// Each text of a manifest, in order, without a parser: JSON is also YAML, and so are its strings.
#[test]
fn yaml_keeps_them() {
    let how = How { scheduler: Scheduler::Kubernetes, values: Values::Written, image: Some("- a: b") };
    let text = how.translate(&[subject_with_all()]).text();
    insta::assert_snapshot!("hostile-kubernetes", text);
}

#[test]
fn hcl_keeps_them() {
    let how = How { scheduler: Scheduler::Nomad, values: Values::Written, image: Some("a\"b") };
    let text = how.translate(&[subject_with_all()]).text();
    insta::assert_snapshot!("hostile-nomad", text);
}

#[test]
fn units_keep_them() {
    let how = How { scheduler: Scheduler::Systemd, values: Values::Written, image: None };
    let text = how.translate(&[subject_with_all()]).text();
    insta::assert_snapshot!("hostile-systemd", text);
}
