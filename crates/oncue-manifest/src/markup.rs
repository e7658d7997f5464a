//! The parts of XML's grammar for tags, names and declarations that the tokenizer does not check.

use quick_xml::events::BytesDecl;

use crate::document::DocumentProblem;
use crate::problem::quoted;
use crate::tree::Broken;

/// Returns the contents of a tag, between `<` and its end.
pub(crate) fn inside<'x>(raw: &'x str, end: &str) -> &'x str {
    raw.strip_prefix('<').and_then(|tag| tag.strip_suffix(end)).unwrap_or_default()
}

/// Splits a name into prefix, empty if there is none, and local name.
pub(crate) fn parts(written: &str, at: usize) -> Result<(&str, &str), Broken> {
    let (prefix, local) = written.split_once(':').unwrap_or(("", written));
    let good = is_name(local)
        && (prefix.is_empty() != written.contains(':'))
        && (prefix.is_empty() || is_name(prefix));
    match good {
        true => Ok((prefix, local)),
        false => Err(Broken { at, what: DocumentProblem::BadName { name: quoted(written) } }),
    }
}

/// Whether this is a name without a colon. All letters beyond ASCII are accepted.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c) || !c.is_ascii())
}

/// Returns the prefix that a namespace declaration declares, empty for the default namespace.
pub(crate) fn declared_prefix(key: &str) -> Option<&str> {
    if key == "xmlns" { Some("") } else { key.strip_prefix("xmlns:") }
}

/// Checks that an XML declaration is at the beginning and contains supported values.
pub(crate) fn check_declaration(at: usize, declaration: &BytesDecl<'_>) -> Result<(), Broken> {
    let what = match (at, declaration.version(), declaration.encoding()) {
        (1.., _, _) => DocumentProblem::MisplacedDeclaration,
        (_, Err(_), _) | (_, _, Some(Err(_))) => DocumentProblem::BrokenMarkup,
        (_, Ok(version), _) if version != "1.0" => {
            DocumentProblem::UnsupportedVersion { version: quoted(&version) }
        }
        (_, _, Some(Ok(encoding))) if !encoding.eq_ignore_ascii_case("utf-8") => {
            DocumentProblem::UnsupportedEncoding { encoding: quoted(&encoding) }
        }
        _ => return Ok(()),
    };
    Err(Broken { at, what })
}
