//! Maps prefixes to namespaces while a document is read (W3C, Namespaces in XML 1.0).

use crate::document::DocumentProblem;
use crate::namespace::{Namespace, XML};
use crate::problem::quoted;
use crate::tree::MAX_BINDINGS;

/// A prefix, empty for the default namespace, and its namespace.
pub(crate) type Binding<'x> = (&'x str, Namespace<'x>);

/// The current declarations, innermost last.
pub(crate) struct Scopes<'x> {
    bindings: Vec<Binding<'x>>,
    /// The number of bindings before each open element.
    before: Vec<usize>,
}

impl<'x> Scopes<'x> {
    pub(crate) fn new() -> Self {
        Self { bindings: vec![("xml", Namespace::Windows(XML))], before: Vec::new() }
    }

    /// Begins an element.
    pub(crate) fn enter(&mut self) {
        self.before.push(self.bindings.len());
    }

    /// Ends an element, and removes its declarations.
    pub(crate) fn leave(&mut self) {
        let before = self.before.pop().unwrap_or(1);
        self.bindings.truncate(before);
    }

    /// Declares a prefix, empty for the default namespace, in the most recently entered element.
    pub(crate) fn declare(&mut self, prefix: &'x str, uri: &'x str) -> Result<(), DocumentProblem> {
        let is_xml = uri == XML;
        if prefix == "xmlns" || (prefix == "xml") != is_xml || (uri.is_empty() && !prefix.is_empty()) {
            return Err(DocumentProblem::BadPrefix { prefix: quoted(prefix) });
        }
        if self.bindings.len() > MAX_BINDINGS {
            return Err(DocumentProblem::TooManyNamespaces);
        }
        let namespace = if uri.is_empty() { Namespace::None } else { Namespace::of(uri) };
        self.bindings.push((prefix, namespace));
        Ok(())
    }

    /// Returns the namespace of an element's prefix, which may be empty.
    pub(crate) fn element(&self, prefix: &'x str) -> Namespace<'x> {
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        match bound {
            Some((_, namespace)) => *namespace,
            None if prefix.is_empty() => Namespace::None,
            None => Namespace::Undeclared(prefix),
        }
    }

    /// Returns the namespace of an attribute's prefix; the default namespace does not apply to
    /// attributes.
    pub(crate) fn attribute(&self, prefix: &'x str) -> Namespace<'x> {
        if prefix.is_empty() { Namespace::None } else { self.element(prefix) }
    }

    /// Returns the current declarations, innermost last.
    pub(crate) fn in_force(&self) -> Vec<Binding<'x>> {
        self.bindings.clone()
    }
}
