//! Converts text to a tree of elements, within limits. It stops at anything that is not
//! well-formed.

use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use crate::document::{DocumentProblem, Markup};
use crate::markup::{check_declaration, declared_prefix, inside, parts};
use crate::problem::quoted;
use crate::reference::resolved;
use crate::scopes::{Binding, Scopes};
use crate::source::Source;
use crate::xml::{Attribute, Document, Element, Name};

/// The maximum depth of nested elements.
pub const MAX_DEPTH: usize = 64;
/// The maximum number of elements in a manifest.
pub const MAX_ELEMENTS: usize = 32_768;
/// The maximum number of attributes in a tag, including namespace declarations.
pub const MAX_ATTRIBUTES: usize = 128;
/// The maximum number of namespace declarations in force at once.
pub(crate) const MAX_BINDINGS: usize = 128;

/// The problem that ends the reading, and its byte position.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) at: usize,
    pub(crate) what: DocumentProblem,
}

/// Reads a document.
pub(crate) fn build<'x>(source: &Source<'x>) -> Result<Document<'x>, Broken> {
    let text = source.text();
    match text.char_indices().find(|(_, c)| !c.is_ascii_whitespace()) {
        None => return Err(Broken { at: 0, what: DocumentProblem::Empty }),
        Some((at, c)) if c != '<' => return Err(Broken { at, what: DocumentProblem::NotXml }),
        Some(_) => {}
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut builder = Builder {
        source,
        text,
        scopes: Scopes::new(),
        open: Vec::new(),
        root: None,
        bindings: Vec::new(),
        elements: 0,
    };
    loop {
        let at = place(reader.buffer_position());
        let event =
            reader.read_event().map_err(|error| builder.translated(error, place(reader.error_position())))?;
        let end = place(reader.buffer_position());
        if let Event::Eof = event {
            return builder.finish();
        }
        builder.take(event, at, text.get(at..end).unwrap_or_default())?;
    }
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

struct Builder<'s, 'x> {
    source: &'s Source<'x>,
    text: &'x str,
    scopes: Scopes<'x>,
    open: Vec<Element<'x>>,
    root: Option<Element<'x>>,
    bindings: Vec<Binding<'x>>,
    elements: usize,
}

impl<'x> Builder<'_, 'x> {
    /// Handles one event; `raw` is its text, and `at` is the byte where it begins.
    fn take(&mut self, event: Event<'x>, at: usize, raw: &'x str) -> Result<(), Broken> {
        match event {
            Event::Start(_) => self.begin(at, inside(raw, ">")),
            Event::Empty(_) => {
                self.begin(at, inside(raw, "/>"))?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.characters(at, &text.xml10_content()),
            Event::CData(data) => self.characters(at, &data.xml10_content()),
            Event::GeneralRef(_) => self.characters(at, &resolved(raw, at)?),
            Event::Decl(declaration) => check_declaration(at, &declaration),
            Event::DocType(_) => Err(Broken { at, what: DocumentProblem::DocumentType }),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn begin(&mut self, at: usize, tag: &'x str) -> Result<(), Broken> {
        self.elements += 1;
        let refused = match () {
            () if self.open.is_empty() && self.root.is_some() => Some(DocumentProblem::OutsideRoot),
            () if self.open.len() == MAX_DEPTH => Some(DocumentProblem::TooDeep),
            () if self.elements > MAX_ELEMENTS => Some(DocumentProblem::TooManyElements),
            () => None,
        };
        if let Some(what) = refused {
            return Err(Broken { at, what });
        }
        let length = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
        let (written, _) = tag.split_at(length);
        if written.is_empty() {
            return Err(Broken { at, what: DocumentProblem::BrokenMarkup });
        }
        let (prefix, local) = parts(written, at + 1)?;
        self.scopes.enter();
        let attributes = self.attributes(at, Attributes::new(tag, length))?;
        let name = Name { written, namespace: self.scopes.element(prefix), local };
        if self.open.is_empty() {
            self.bindings = self.scopes.in_force();
        }
        self.open.push(Element { name, at, attributes, children: Vec::new(), text: String::new() });
        Ok(())
    }

    /// Declares a tag's namespaces and returns its other attributes.
    fn attributes(&mut self, tag_at: usize, written: Attributes<'x>) -> Result<Vec<Attribute<'x>>, Broken> {
        let mut attributes = Vec::new();
        for attribute in written.clone().with_checks(false).take(MAX_ATTRIBUTES + 1) {
            let attribute =
                attribute.map_err(|_| Broken { at: tag_at, what: DocumentProblem::BrokenAttribute })?;
            let std::borrow::Cow::Borrowed(raw) = attribute.value else { continue };
            attributes.push((attribute.key.0, raw));
        }
        if attributes.len() > MAX_ATTRIBUTES {
            return Err(Broken { at: tag_at, what: DocumentProblem::TooManyAttributes });
        }
        let mut others = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for (key, raw) in attributes {
            let at = self.offset(key).unwrap_or(tag_at);
            let value_at = self.offset(raw).unwrap_or(at);
            self.check_written(key, raw, at)?;
            if seen.contains(&key) {
                return Err(Broken { at, what: DocumentProblem::RepeatedAttribute { name: quoted(key) } });
            }
            seen.push(key);
            match declared_prefix(key) {
                Some(prefix) => self.scopes.declare(prefix, raw).map_err(|what| Broken { at, what })?,
                None => others.push((key, raw, at, value_at)),
            }
        }
        self.named(others)
    }

    /// Resolves the namespaces of attributes, after all of them have been declared.
    fn named(&self, written: Vec<(&'x str, &'x str, usize, usize)>) -> Result<Vec<Attribute<'x>>, Broken> {
        let mut attributes: Vec<Attribute<'x>> = Vec::with_capacity(written.len());
        for (key, raw, at, value_at) in written {
            let (prefix, local) = parts(key, at)?;
            let name = Name { written: key, namespace: self.scopes.attribute(prefix), local };
            let twice = attributes
                .iter()
                .any(|known| known.name.namespace == name.namespace && known.name.local == local);
            if twice {
                return Err(Broken { at, what: DocumentProblem::RepeatedAttribute { name: quoted(key) } });
            }
            attributes.push(Attribute { name, at, value: resolved(raw, value_at)?, value_at });
        }
        Ok(attributes)
    }

    /// Checks what the tokenizer accepts but XML does not: white space before a name, no `<` in a
    /// value.
    fn check_written(&self, key: &str, raw: &str, at: usize) -> Result<(), Broken> {
        let before = at.checked_sub(1).and_then(|before| self.text.as_bytes().get(before));
        let apart = before.is_some_and(u8::is_ascii_whitespace);
        match apart && !raw.contains('<') && !key.is_empty() {
            true => Ok(()),
            false => Err(Broken { at, what: DocumentProblem::BrokenAttribute }),
        }
    }

    /// Returns the byte position of a part of the document's text.
    fn offset(&self, piece: &str) -> Option<usize> {
        let offset = piece.as_ptr().addr().checked_sub(self.text.as_ptr().addr())?;
        (offset <= self.text.len()).then_some(offset)
    }

    fn end(&mut self) {
        self.scopes.leave();
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn characters(&mut self, at: usize, text: &str) -> Result<(), Broken> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.chars().all(|c| c.is_ascii_whitespace()) => {}
            None => return Err(Broken { at, what: DocumentProblem::OutsideRoot }),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Document<'x>, Broken> {
        let end = self.text.len();
        if let Some(open) = self.open.last() {
            let element = quoted(open.name.written);
            return Err(Broken {
                at: end,
                what: DocumentProblem::Truncated { element, opened: self.source.line(open.at) },
            });
        }
        let root = self.root.take().ok_or(Broken { at: end, what: DocumentProblem::Empty })?;
        Ok(Document { root, bindings: self.bindings })
    }

    fn translated(&self, error: quick_xml::Error, at: usize) -> Broken {
        use quick_xml::errors::{Error, IllFormedError as Ill, SyntaxError as Syntax};
        let unclosed = |markup| DocumentProblem::Unclosed { markup };
        let what = match error {
            Error::Syntax(Syntax::UnclosedDoctype) | Error::IllFormed(Ill::MissingDoctypeName) => {
                DocumentProblem::DocumentType
            }
            Error::Syntax(Syntax::UnclosedPI | Syntax::UnclosedXmlDecl) => unclosed(Markup::Instruction),
            Error::Syntax(Syntax::UnclosedComment) => unclosed(Markup::Comment),
            Error::Syntax(Syntax::UnclosedCData) => unclosed(Markup::CData),
            Error::Syntax(Syntax::UnclosedTag) => unclosed(Markup::Tag),
            Error::Syntax(
                Syntax::UnclosedSingleQuotedAttributeValue | Syntax::UnclosedDoubleQuotedAttributeValue,
            ) => unclosed(Markup::AttributeValue),
            Error::IllFormed(Ill::DoubleHyphenInComment) => DocumentProblem::DashesInComment,
            Error::IllFormed(Ill::UnclosedReference) => DocumentProblem::BrokenReference { text: "&".into() },
            Error::IllFormed(Ill::UnmatchedEndTag(found)) => {
                DocumentProblem::UnmatchedEnd { found: quoted(&found) }
            }
            Error::IllFormed(Ill::MismatchedEndTag { expected, found }) => {
                let opened = self.open.last().map_or(1, |open| self.source.line(open.at));
                DocumentProblem::MismatchedEnd { expected: quoted(&expected), opened, found: quoted(&found) }
            }
            Error::Io(_)
            | Error::Syntax(_)
            | Error::IllFormed(_)
            | Error::InvalidAttr(_)
            | Error::Encoding(_)
            | Error::Escape(_)
            | Error::Namespace(_) => DocumentProblem::BrokenMarkup,
        };
        Broken { at, what }
    }
}
