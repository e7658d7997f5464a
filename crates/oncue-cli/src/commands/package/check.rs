//! `oncue package check`: finds all problems of a package, without a broker.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use oncue_manifest::Severity;

use crate::check::{Checked, Finding, check};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;
use crate::render::style::{BAD, FAINT, GOOD, HELD, TITLE, paint};

/// Check a package's manifest, programs and images, for this system and for Windows
#[derive(Debug, Args)]
#[command(
    after_help = "The exit code is 0 if nothing is found except advice, and 3 if the package cannot be used here \
    or Windows would refuse it.\n\nExample:\n  oncue package check examples/primes"
)]
pub(crate) struct Arguments {
    /// The folder that contains its AppxManifest.xml, or that file
    path: PathBuf,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Checks a package.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let checked = check(&arguments.path)?;
    let mut screen = Screen::open();
    if arguments.json {
        screen.json(&checked.shape())?;
    } else {
        screen.write_all(text(&checked).as_bytes())?;
    }
    Ok(exit(&checked))
}

/// Returns the exit code for the findings.
pub(super) fn exit(checked: &Checked) -> Exit {
    if checked.is_fine() { Exit::Done } else { Exit::Refused }
}

/// Lists the findings in the way that compilers do.
pub(super) fn text(checked: &Checked) -> String {
    let mut text = String::new();
    for finding in &checked.findings {
        text.push_str(&one(checked, finding));
    }
    text.push_str(&verdict(checked));
    text
}

fn one(checked: &Checked, finding: &Finding) -> String {
    let path = checked.manifest.display().to_string();
    let place = finding.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
    let word = match finding.severity {
        Severity::Error => paint(BAD, "error:"),
        Severity::WindowsRefuses => paint(HELD, "Windows refuses:"),
        Severity::Advice => paint(FAINT, "advice:"),
    };
    let (path, what, way_out) = (clean(&path), clean(&finding.what), clean(&finding.way_out));
    format!("{path}{place}: {word} {what}\n  {} {way_out}\n", paint(TITLE, "try:"))
}

fn verdict(checked: &Checked) -> String {
    let package = match &checked.package {
        Some(package) => format!("{} {} ({})", package.display_name, package.version, package.family_name),
        None => checked.manifest.display().to_string(),
    };
    let package = clean(&package);
    if checked.is_usable() {
        let (mark, windows) = if checked.is_fine() {
            (paint(GOOD, "✓"), if checked.serves { "fine" } else { "fine, but it cannot have tasks" })
        } else {
            (paint(HELD, "!"), "usable here, but not on Windows")
        };
        format!("{mark} {package} is {windows}\n")
    } else {
        format!("{} {package} cannot be used\n", paint(BAD, "✗"))
    }
}

// The transcripts' tool is not part of the program for Windows.
#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;
    use crate::check::Identity;
    use crate::commands::sample::assert_transcript;

    fn checked(findings: Vec<Finding>) -> Checked {
        let package = Identity {
            family_name: "Primes_8wekyb3d8bbwe".into(),
            full_name: "Primes_1.0.0.0_x64__8wekyb3d8bbwe".into(),
            display_name: "Prime numbers".into(),
            version: "1.0.0.0".into(),
        };
        Checked { manifest: "primes/AppxManifest.xml".into(), package: Some(package), serves: true, findings }
    }

    fn finding(severity: Severity, place: Option<(u32, u32)>, what: &str, way_out: &str) -> Finding {
        Finding { severity, place, what: what.into(), way_out: way_out.into() }
    }

    #[test]
    fn the_transcript_names_each_finding_and_ends_with_a_verdict() {
        let error = finding(
            Severity::Error,
            Some((12, 7)),
            "class id `1` is not a GUID",
            "write 32 hexadecimal digits as in 14C5882B-35D3-41BE-86B2-5106269B97E6",
        );
        let windows = finding(
            Severity::WindowsRefuses,
            None,
            "image Assets/StoreLogo.png does not exist",
            "add the image, or name one that exists",
        );
        let advice = finding(Severity::Advice, None, "the application's program does not exist", "build it");
        let texts = [
            checked(vec![error, windows, advice]),
            checked(vec![finding(Severity::WindowsRefuses, None, "no language", "add one")]),
            checked(Vec::new()),
        ];
        assert_transcript("package-check", &texts.map(|checked| text(&checked)).join("\n"));
    }
}
