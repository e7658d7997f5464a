//! A document as a tree of elements, each with its namespace and position.

use std::borrow::Cow;

use crate::namespace::Namespace;
use crate::scopes::Binding;

/// A whole document.
pub(crate) struct Document<'x> {
    pub(crate) root: Element<'x>,
    /// The namespaces of the root element's prefixes.
    pub(crate) bindings: Vec<Binding<'x>>,
}

/// The name of an element or attribute.
#[derive(Clone, Copy)]
pub(crate) struct Name<'x> {
    /// As written, including the prefix.
    pub(crate) written: &'x str,
    pub(crate) namespace: Namespace<'x>,
    pub(crate) local: &'x str,
}

/// An element with its contents.
pub(crate) struct Element<'x> {
    pub(crate) name: Name<'x>,
    /// Byte of its `<`.
    pub(crate) at: usize,
    /// Its attributes, without namespace declarations.
    pub(crate) attributes: Vec<Attribute<'x>>,
    pub(crate) children: Vec<Self>,
    /// Its own text, without that of its children.
    pub(crate) text: String,
}

/// An attribute of an element.
pub(crate) struct Attribute<'x> {
    pub(crate) name: Name<'x>,
    /// Byte of its name's first character.
    pub(crate) at: usize,
    /// Its value, with references resolved.
    pub(crate) value: Cow<'x, str>,
    /// Byte of its value's first character.
    pub(crate) value_at: usize,
}

impl<'x> Element<'x> {
    /// Whether this is the manifest's own element with this name.
    pub(crate) fn is(&self, local: &str) -> bool {
        self.name.namespace == Namespace::Foundation && self.name.local == local
    }

    /// Whether this is the element with this name in any version of the `com` namespace.
    pub(crate) fn is_com(&self, local: &str) -> bool {
        matches!(self.name.namespace, Namespace::Com(_)) && self.name.local == local
    }

    /// Whether this is the element with this name in any version of the `uap` namespace.
    pub(crate) fn is_uap(&self, local: &str) -> bool {
        matches!(self.name.namespace, Namespace::Uap(_)) && self.name.local == local
    }

    /// Returns the attribute with this name without a prefix.
    pub(crate) fn attribute(&self, local: &str) -> Option<&Attribute<'x>> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name.namespace == Namespace::None && attribute.name.local == local)
    }

    /// Returns the attribute with this name in any version of the `uap` namespace.
    pub(crate) fn uap_attribute(&self, local: &str) -> Option<&Attribute<'x>> {
        self.attributes.iter().find(|attribute| {
            matches!(attribute.name.namespace, Namespace::Uap(_)) && attribute.name.local == local
        })
    }
}
