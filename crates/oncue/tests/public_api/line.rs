//! One item as one line.

use quote::ToTokens;
use syn::{Attribute, Visibility};

pub(crate) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Returns whether an item exists in tests only.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| line(attribute).starts_with("#[cfg(test)]"))
}

/// Returns the attributes that belong to the API, in brackets.
pub(crate) fn attributes(attributes: &[Attribute]) -> String {
    let part_of_the_api = ["derive", "must_use", "non_exhaustive"];
    let known = attributes
        .iter()
        .filter(|attribute| part_of_the_api.iter().any(|name| attribute.path().is_ident(name)));
    // Only that a value must be used belongs to the API, not the reason.
    let shown = known.map(|attribute| match attribute.path().is_ident("must_use") {
        true => "must_use".to_owned(),
        false => line(&attribute.meta),
    });
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { String::new() } else { format!(" [{}]", shown.join(", ")) }
}

/// Writes tokens as a person would.
pub(crate) fn line(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let joined = [
        (" :: ", "::"),
        (":: ", "::"),
        (" : ", ": "),
        (" :", ":"),
        (" , ", ", "),
        (" ,", ","),
        ("( ", "("),
        (" )", ")"),
        (" (", "("),
        ("& ", "&"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" [", "["),
        ("[ ", "["),
        (" ]", "]"),
        ("# [", "#["),
        (" <", "<"),
        (",)", ")"),
    ];
    for (from, to) in joined {
        text = text.replace(from, to);
    }
    text
}
