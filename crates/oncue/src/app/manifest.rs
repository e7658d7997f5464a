//! What the app's manifest takes from the crate and from this program.

use std::env;

use crate::error::Error;

/// How an app recognises a manifest that it wrote.
pub(super) const COMMENT: &str =
    "<!-- Written by oncue::App, which rewrites it when the app's tasks change. -->";

/// Returns a package's version for a crate's. Windows takes none that begins with 0.
pub(super) fn version(of_crate: &str) -> Result<[u16; 4], Error> {
    let release = of_crate.split(['-', '+']).next().unwrap_or(of_crate);
    let numbers: Option<Vec<u16>> = release.split('.').map(|number| number.parse().ok()).collect();
    match numbers.as_deref() {
        Some([0, _, _]) => Ok([1, 0, 0, 0]),
        Some([major, minor, patch]) => Ok([*major, *minor, *patch, 0]),
        Some(_) | None => Err(Error::invalid(
            format!(
                "the version `{of_crate}` is invalid: expected three numbers of at most 65535, as in 1.2.3"
            ),
            "correct the crate's version, or give one with `App::new`",
        )),
    }
}

/// Returns the name of this program, without `.exe`.
pub(super) fn own_program() -> Result<String, Error> {
    let program = env::current_exe().ok();
    let name = program.as_ref().and_then(|program| program.file_name()?.to_str());
    let name = name.ok_or_else(|| {
        Error::invalid("the program's file name is unknown or not UTF-8", "rename the program")
    })?;
    Ok(name.strip_suffix(".exe").unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_begins_with_0_becomes_the_first_that_windows_takes() {
        let cases = [
            ("0.7.1", Some([1, 0, 0, 0])),
            ("1.2.3-beta.1+x", Some([1, 2, 3, 0])),
            ("1.2", None),
            ("1.2.70000", None),
        ];
        for (crates, package) in cases {
            assert_eq!(version(crates).ok(), package, "{crates}");
        }
    }
}
