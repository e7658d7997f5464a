//! Which namespace an element belongs to. Foreign elements are dropped if the manifest permits it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::namespace::{COM, FOUNDATION, Namespace, known};
use crate::problem::{Report, Severity, quoted};
use crate::read::one_off;
use crate::xml::{Document, Element, Name};

/// A namespace is wrong, unknown or not declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamespaceProblem {
    /// The root element is not `Package`.
    #[error("the root element is `{found}`, not `Package`")]
    WrongRoot {
        /// Its name as written.
        found: String,
    },
    /// The root element is in another namespace than that of Windows 10.
    #[error("`Package` is in {}, not in the namespace of Windows 10", whose(.uri))]
    WrongFoundation {
        /// The namespace's URI, empty if there is none.
        uri: String,
    },
    /// `IgnorableNamespaces` names a prefix that is not declared.
    #[error("`IgnorableNamespaces` names `{prefix}`, which is not declared")]
    UndeclaredIgnorable {
        /// The prefix.
        prefix: String,
    },
    /// A name has a prefix that is not declared.
    #[error("prefix `{prefix}` of `{name}` is not declared")]
    UndeclaredPrefix {
        /// The prefix.
        prefix: String,
        /// The name as written.
        name: String,
    },
    /// A namespace that Windows does not know and that is not ignorable.
    #[error("namespace `{uri}` of `{name}` is unknown, and not listed in `IgnorableNamespaces`")]
    Unknown {
        /// The namespace's URI.
        uri: String,
        /// The first name in it, as written.
        name: String,
    },
    /// A namespace under Microsoft's address that is unknown here.
    #[error("namespace `{uri}` of `{name}` is unknown and ignored")]
    Unlisted {
        /// The namespace's URI.
        uri: String,
        /// The first name in it, as written.
        name: String,
    },
    /// All task servers are in a namespace that is ignored.
    #[error(
        "`{name}` is in namespace `{uri}`, which Windows ignores: the package is left without a task server"
    )]
    LostServers {
        /// The namespace's URI.
        uri: String,
        /// The first ignored element that contains a task server, as written.
        name: String,
        /// The probably intended URI.
        meant: String,
    },
    /// An element without a namespace.
    #[error("`{name}` has no namespace")]
    NoNamespace {
        /// The element's name.
        name: String,
    },
}

/// Names the origin of a namespace of other package manifests.
fn whose(uri: &str) -> Cow<'_, str> {
    match uri {
        "" => "no namespace".into(),
        "http://schemas.microsoft.com/appx/2010/manifest" => "the namespace of Windows 8".into(),
        "http://schemas.microsoft.com/appx/2013/manifest" => "the namespace of Windows 8.1".into(),
        other => format!("namespace `{other}`").into(),
    }
}

impl NamespaceProblem {
    pub(crate) fn severity(&self) -> Severity {
        if let Self::Unlisted { .. } = self { Severity::Advice } else { Severity::Error }
    }

    pub(crate) fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::WrongRoot { .. } => "pass an AppxManifest.xml, whose root element is `Package`".into(),
            Self::WrongFoundation { .. } => format!("use xmlns=\"{FOUNDATION}\" and its elements").into(),
            Self::UndeclaredIgnorable { prefix } => {
                format!("declare xmlns:{prefix} in `Package`, or remove `{prefix}`").into()
            }
            Self::UndeclaredPrefix { prefix, .. } => format!("declare xmlns:{prefix} in `Package`").into(),
            Self::Unknown { uri, .. } => match meant(uri) {
                Some(meant) => format!("write `{meant}`").into(),
                None => "add its prefix to `IgnorableNamespaces`, or correct the URI".into(),
            },
            Self::LostServers { meant, .. } => format!("write `{meant}`").into(),
            Self::Unlisted { uri, .. } => match meant(uri) {
                Some(meant) => format!("write `{meant}`").into(),
                None => "check the spelling of the URI".into(),
            },
            Self::NoNamespace { .. } => "do not unset xmlns, or give the element a prefix".into(),
        }
    }
}

/// Checks that this is a package manifest for Windows 10.
pub(crate) fn is_package(root: &Element<'_>, report: &mut Report<'_>) -> bool {
    let named = root.name.local == "Package";
    let problem = match root.name.namespace {
        Namespace::Foundation if named => return true,
        Namespace::Foreign(uri) | Namespace::Unlisted(uri) | Namespace::Windows(uri) if named => {
            NamespaceProblem::WrongFoundation { uri: quoted(uri) }
        }
        Namespace::None if named => NamespaceProblem::WrongFoundation { uri: String::new() },
        Namespace::None
        | Namespace::Foundation
        | Namespace::Restricted
        | Namespace::Uap(_)
        | Namespace::Com(_)
        | Namespace::Windows(_)
        | Namespace::Unlisted(_)
        | Namespace::Foreign(_)
        | Namespace::Undeclared(_) => NamespaceProblem::WrongRoot { found: quoted(root.name.written) },
    };
    report.add(root.at, problem);
    false
}

/// A document without the parts that Windows would not read.
pub(crate) struct Sifted<'x> {
    /// The namespaces in `IgnorableNamespaces`.
    pub(crate) ignorable: Vec<Namespace<'x>>,
    /// The first dropped element that contains a task server, and its position.
    pub(crate) lost_server: Option<(usize, NamespaceProblem)>,
}

/// Drops everything from the document that Windows would not read: foreign elements and attributes,
/// which are either ignorable or reported.
pub(crate) fn drop_foreign<'x>(document: &mut Document<'x>, report: &mut Report<'_>) -> Sifted<'x> {
    let ignorable = ignorable(document, report);
    let mut sieve = Sieve { ignorable: &ignorable, reported: HashSet::new(), lost_server: None, report };
    sieve.clean(&mut document.root);
    let lost_server = sieve.lost_server;
    Sifted { ignorable, lost_server }
}

fn ignorable<'x>(document: &Document<'x>, report: &mut Report<'_>) -> Vec<Namespace<'x>> {
    let Some(attribute) = document.root.attribute("IgnorableNamespaces") else { return Vec::new() };
    let mut found = Vec::new();
    for prefix in attribute.value.split_ascii_whitespace() {
        match document.bindings.iter().rev().find(|(declared, _)| *declared == prefix) {
            Some((_, namespace)) => found.push(*namespace),
            None => report
                .add(attribute.value_at, NamespaceProblem::UndeclaredIgnorable { prefix: quoted(prefix) }),
        }
    }
    found
}

struct Sieve<'s, 'r, 'x> {
    ignorable: &'s [Namespace<'x>],
    /// Namespaces already reported as unknown; each is reported once.
    reported: HashSet<Namespace<'x>>,
    lost_server: Option<(usize, NamespaceProblem)>,
    report: &'s mut Report<'r>,
}

impl<'x> Sieve<'_, '_, 'x> {
    fn clean(&mut self, element: &mut Element<'x>) {
        element.attributes.retain(|attribute| self.keeps(&attribute.name, attribute.at));
        element.children.retain(|child| {
            if child.name.namespace == Namespace::None {
                self.report.add(child.at, NamespaceProblem::NoNamespace { name: quoted(child.name.written) });
                return false;
            }
            let keeps = self.keeps(&child.name, child.at);
            if !keeps && self.lost_server.is_none() && has_server(child) {
                self.lost_server = lost(child).map(|lost| (child.at, lost));
            }
            keeps
        });
        for child in &mut element.children {
            self.clean(child);
        }
    }

    fn keeps(&mut self, name: &Name<'x>, at: usize) -> bool {
        let written = || quoted(name.written);
        let what = match name.namespace {
            Namespace::Foreign(_) | Namespace::Unlisted(_) if self.ignorable.contains(&name.namespace) => {
                return false;
            }
            Namespace::Foreign(uri) => NamespaceProblem::Unknown { uri: quoted(uri), name: written() },
            Namespace::Unlisted(uri) => NamespaceProblem::Unlisted { uri: quoted(uri), name: written() },
            Namespace::Undeclared(prefix) => {
                NamespaceProblem::UndeclaredPrefix { prefix: quoted(prefix), name: written() }
            }
            Namespace::None
            | Namespace::Foundation
            | Namespace::Restricted
            | Namespace::Uap(_)
            | Namespace::Com(_)
            | Namespace::Windows(_) => return true,
        };
        if self.reported.insert(name.namespace) {
            self.report.add(at, what);
        }
        false
    }
}

fn has_server(element: &Element<'_>) -> bool {
    ["ComServer", "ExeServer"].contains(&element.name.local) || element.children.iter().any(has_server)
}

fn lost(element: &Element<'_>) -> Option<NamespaceProblem> {
    let (Namespace::Foreign(uri) | Namespace::Unlisted(uri)) = element.name.namespace else { return None };
    let meant = meant(uri).unwrap_or_else(|| COM.to_owned());
    Some(NamespaceProblem::LostServers { uri: quoted(uri), name: quoted(element.name.written), meant })
}

/// Returns the namespace that a URI misspells: in its scheme, its case, or one character.
fn meant(uri: &str) -> Option<String> {
    let plain = uri.to_ascii_lowercase().replacen("https://", "http://", 1);
    let plain = plain.trim().trim_end_matches('/');
    known().find(|known| plain == known || one_off(plain, known))
}
