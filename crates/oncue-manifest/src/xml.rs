//! A document as a tree of elements, each knowing its namespace and where it stands.

use std::borrow::Cow;

use crate::namespace::Namespace;
use crate::scopes::Binding;

/// A whole document.
pub(crate) struct Document<'x> {
    pub(crate) root: Element<'x>,
    /// What the root element's prefixes are bound to.
    pub(crate) bindings: Vec<Binding<'x>>,
}

/// The name of an element or attribute.
#[derive(Clone, Copy)]
pub(crate) struct Name<'x> {
    /// As written, prefix included.
    pub(crate) written: &'x str,
    pub(crate) namespace: Namespace<'x>,
    pub(crate) local: &'x str,
}

/// An element with all that is in it.
pub(crate) struct Element<'x> {
    pub(crate) name: Name<'x>,
    /// Byte of its `<`.
    pub(crate) at: usize,
    /// Its attributes, but for namespace declarations.
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
    /// Its value, references resolved.
    pub(crate) value: Cow<'x, str>,
    /// Byte of its value's first character.
    pub(crate) value_at: usize,
}

impl<'x> Element<'x> {
    /// Tells whether this is the manifest's own element of that name.
    pub(crate) fn is(&self, local: &str) -> bool {
        self.name.namespace == Namespace::Foundation && self.name.local == local
    }

    /// Tells whether this is the element of that name in any version of the `com` namespace.
    pub(crate) fn is_com(&self, local: &str) -> bool {
        matches!(self.name.namespace, Namespace::Com(_)) && self.name.local == local
    }

    /// Tells whether this is the element of that name in any version of the `uap` namespace.
    pub(crate) fn is_uap(&self, local: &str) -> bool {
        matches!(self.name.namespace, Namespace::Uap(_)) && self.name.local == local
    }

    /// Returns the attribute of that name without a prefix.
    pub(crate) fn attribute(&self, local: &str) -> Option<&Attribute<'x>> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name.namespace == Namespace::None && attribute.name.local == local)
    }

    /// Returns the attribute of that name in any version of the `uap` namespace.
    pub(crate) fn uap_attribute(&self, local: &str) -> Option<&Attribute<'x>> {
        self.attributes.iter().find(|attribute| {
            matches!(attribute.name.namespace, Namespace::Uap(_)) && attribute.name.local == local
        })
    }
}
