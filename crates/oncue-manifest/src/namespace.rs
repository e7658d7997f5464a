//! The namespaces of a package manifest, distinguished by their URIs, regardless of prefixes.

/// The meaning of a namespace for Windows and for this crate. Compared by URI, never by prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Namespace<'x> {
    /// No namespace, as for attributes without a prefix.
    None,
    /// `…/foundation/windows10`: the manifest itself.
    Foundation,
    /// `…/foundation/windows10/restrictedcapabilities`.
    Restricted,
    /// `…/uap/windows10`, with the number after it, or 1 if there is none.
    Uap(u16),
    /// `…/com/windows10`, with the number after it, or 1 if there is none.
    Com(u16),
    /// A namespace that Windows knows, but from which nothing is read here.
    Windows(&'x str),
    /// A namespace under Microsoft's manifest address that is unknown here.
    Unlisted(&'x str),
    /// Any other namespace.
    Foreign(&'x str),
    /// A prefix that is not declared.
    Undeclared(&'x str),
}

/// The address of the manifest itself.
pub(crate) const FOUNDATION: &str = "http://schemas.microsoft.com/appx/manifest/foundation/windows10";

/// The address of task servers.
pub(crate) const COM: &str = "http://schemas.microsoft.com/appx/manifest/com/windows10";

/// Returns the addresses from which something is read here, most common first.
pub(crate) fn known() -> impl Iterator<Item = String> {
    let plain = [COM, FOUNDATION].map(str::to_owned).into_iter();
    let numbered = |area: &str, most: u16| {
        let area = area.to_owned();
        (2..=most).map(move |number| format!("{MANIFEST}{area}/windows10/{number}"))
    };
    plain
        .chain(
            ["uap/windows10", "foundation/windows10/restrictedcapabilities"]
                .map(|tail| format!("{MANIFEST}{tail}")),
        )
        .chain(numbered("com", 6))
        .chain(numbered("uap", 18))
}

const MANIFEST: &str = "http://schemas.microsoft.com/appx/manifest/";

/// Parts of Windows whose manifest vocabulary is known to exist (Package manifest schema reference
/// for Windows 10, "What's changed").
const AREAS: [&str; 18] = [
    "cloudfiles",
    "com",
    "deployment",
    "desktop",
    "foundation",
    "heap",
    "holographic",
    "iot",
    "mobile",
    "preview",
    "printsupport",
    "rescap",
    "server",
    "systemai",
    "team",
    "trustedlaunch",
    "uap",
    "virtualization",
];

/// Namespaces of Windows outside that scheme: phone identity, external dependencies, XML's own.
const OTHERS: [&str; 5] = [
    "http://schemas.microsoft.com/appx/2014/phone/manifest",
    "http://schemas.microsoft.com/appx/manifest/externaldependencies",
    "http://schemas.microsoft.com/appx/manifest/types",
    "http://www.w3.org/2001/XMLSchema-instance",
    XML,
];

/// The namespace to which the prefix `xml` is always bound.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

impl<'x> Namespace<'x> {
    /// Returns the meaning of the namespace with this URI.
    pub(crate) fn of(uri: &'x str) -> Self {
        if OTHERS.contains(&uri) {
            return Self::Windows(uri);
        }
        let Some((area, rest)) = uri.strip_prefix(MANIFEST).and_then(|path| path.split_once('/')) else {
            return if uri.starts_with(MANIFEST) { Self::Unlisted(uri) } else { Self::Foreign(uri) };
        };
        let number = match rest.strip_prefix("windows10") {
            Some("") => Some(1),
            Some(tail) => tail.strip_prefix('/').and_then(|number| number.parse().ok()),
            None => None,
        };
        match (area, number, rest) {
            ("foundation", Some(1), _) => Self::Foundation,
            ("foundation", _, "windows10/restrictedcapabilities") => Self::Restricted,
            ("uap", Some(number), _) => Self::Uap(number),
            ("com", Some(number), _) => Self::Com(number),
            ("uap" | "com", None, _) => Self::Unlisted(uri),
            _ if AREAS.contains(&area) && rest.starts_with("windows10") => Self::Windows(uri),
            _ if area == "preview" => Self::Windows(uri),
            _ => Self::Unlisted(uri),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_namespaces_apart_by_uri() {
        let of = |tail: &str| Namespace::of(format!("{MANIFEST}{tail}").leak());
        assert_eq!(of("foundation/windows10"), Namespace::Foundation);
        assert_eq!(of("foundation/windows10/restrictedcapabilities"), Namespace::Restricted);
        assert_eq!(of("uap/windows10"), Namespace::Uap(1));
        assert_eq!(of("uap/windows10/10"), Namespace::Uap(10));
        assert_eq!(of("com/windows10/4"), Namespace::Com(4));
        assert!(matches!(of("com/windows11"), Namespace::Unlisted(_)));
        assert!(matches!(of("com/windows10/x"), Namespace::Unlisted(_)));
        assert!(matches!(of("nonsense"), Namespace::Unlisted(_)));
        assert!(matches!(of("desktop/windows10/6"), Namespace::Windows(_)));
        assert!(matches!(of("foundation/windows10/restrictedcapabilities/6"), Namespace::Windows(_)));
        assert!(matches!(
            Namespace::of("http://schemas.microsoft.com/developer/appx/2015/build"),
            Namespace::Foreign(_)
        ));
        assert!(matches!(
            Namespace::of("http://schemas.microsoft.com/appx/2010/manifest"),
            Namespace::Foreign(_)
        ));
    }
}
