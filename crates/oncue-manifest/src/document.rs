//! Why a file is not an XML document from which a manifest could be read. Each of these problems
//! ends the reading.

use std::borrow::Cow;
use std::fmt;

use crate::source::MAX_BYTES;
use crate::tree::{MAX_ATTRIBUTES, MAX_BINDINGS, MAX_DEPTH, MAX_ELEMENTS};

/// The file is too large, not text, or not well-formed (W3C, Extensible Markup Language 1.0).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentProblem {
    /// The file is larger than [`MAX_BYTES`].
    #[error("the manifest is too large: {size} bytes (limit: {MAX_BYTES})")]
    TooLarge {
        /// Size of the file in bytes.
        size: usize,
    },
    /// The file is a ZIP archive, as `.appx` and `.msix` files are.
    #[error("this is a packed package, not its manifest")]
    PackedPackage,
    /// The file is UTF-16.
    #[error("the manifest is UTF-16; only UTF-8 is supported")]
    Utf16,
    /// A byte is not UTF-8.
    #[error("byte 0x{byte:02x} at offset {offset} is not UTF-8")]
    NotUtf8 {
        /// The byte.
        byte: u8,
        /// Its offset in the file, from 0.
        offset: usize,
    },
    /// A character that XML forbids.
    #[error("character U+{:04X} is not allowed in XML", u32::from(*.character))]
    IllegalCharacter {
        /// The character.
        character: char,
    },
    /// There is no element.
    #[error("the manifest is empty")]
    Empty,
    /// The text does not begin like XML.
    #[error("this is not XML: it does not begin with `<`")]
    NotXml,
    /// The XML declaration names a version other than 1.0.
    #[error("XML version `{version}` is not supported, only 1.0")]
    UnsupportedVersion {
        /// The version as written.
        version: String,
    },
    /// The XML declaration names an encoding other than UTF-8.
    #[error("encoding `{encoding}` is not supported, only UTF-8")]
    UnsupportedEncoding {
        /// The encoding as written.
        encoding: String,
    },
    /// An XML declaration is not at the beginning of the file.
    #[error("the XML declaration is not at the beginning of the file")]
    MisplacedDeclaration,
    /// A document type is declared, possibly with entities.
    #[error("`<!DOCTYPE` declares a document type or entities, which a manifest must not do")]
    DocumentType,
    /// An entity other than XML's five own is used.
    #[error("unknown entity `&{name};`")]
    UnknownEntity {
        /// The entity's name.
        name: String,
    },
    /// A `&` that begins neither an entity nor a valid character reference.
    #[error("`{text}` is not a character reference")]
    BrokenReference {
        /// The reference as written, or its beginning.
        text: String,
    },
    /// A name that is invalid in XML.
    #[error("`{name}` is not an XML name")]
    BadName {
        /// The name as written.
        name: String,
    },
    /// An attribute occurs twice in a tag.
    #[error("duplicate attribute `{name}`")]
    RepeatedAttribute {
        /// The attribute's name.
        name: String,
    },
    /// Something in a tag is not `name="value"`.
    #[error("the attributes of this tag are not all of the form name=\"value\", separated by spaces")]
    BrokenAttribute,
    /// The file ends inside a piece of markup.
    #[error("the manifest ends inside {markup}")]
    Unclosed {
        /// What is not closed.
        markup: Markup,
    },
    /// `<!` or `<?` begins nothing that XML defines.
    #[error("this is not XML markup")]
    BrokenMarkup,
    /// `--` inside a comment.
    #[error("`--` is not allowed inside a comment")]
    DashesInComment,
    /// An end tag closes another element than the innermost open one.
    #[error("`</{found}>` does not match `<{expected}>` in line {opened}")]
    MismatchedEnd {
        /// The element that is open.
        expected: String,
        /// The line where it was opened.
        opened: u32,
        /// The name in the end tag.
        found: String,
    },
    /// An end tag without an element.
    #[error("`</{found}>` has no start tag")]
    UnmatchedEnd {
        /// The name in the end tag.
        found: String,
    },
    /// The file ends before its elements are closed.
    #[error("the manifest ends, but `<{element}>` in line {opened} is not closed")]
    Truncated {
        /// The innermost open element.
        element: String,
        /// The line where it was opened.
        opened: u32,
    },
    /// There is content before or after the root element.
    #[error("there is content outside the root element")]
    OutsideRoot,
    /// Elements are nested too deeply.
    #[error("elements are nested too deeply (limit: {MAX_DEPTH})")]
    TooDeep,
    /// There are too many elements.
    #[error("the manifest has too many elements (limit: {MAX_ELEMENTS})")]
    TooManyElements,
    /// A tag has too many attributes.
    #[error("this tag has too many attributes (limit: {MAX_ATTRIBUTES})")]
    TooManyAttributes,
    /// Too many namespace prefixes are declared at once.
    #[error("too many namespaces are declared here (limit: {MAX_BINDINGS})")]
    TooManyNamespaces,
    /// A reserved prefix is declared, or a prefix is bound to an empty namespace.
    #[error("prefix `{prefix}` cannot be bound to this namespace")]
    BadPrefix {
        /// The prefix.
        prefix: String,
    },
}

/// A piece of markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// `<name …>`
    Tag,
    /// `name="…"`
    AttributeValue,
    /// `<!-- … -->`
    Comment,
    /// `<![CDATA[ … ]]>`
    CData,
    /// `<? … ?>`, the XML declaration included
    Instruction,
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tag => "this tag",
            Self::AttributeValue => "an attribute value of this tag",
            Self::Comment => "this comment",
            Self::CData => "this CDATA section",
            Self::Instruction => "this processing instruction",
        })
    }
}

impl DocumentProblem {
    pub(crate) fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::TooLarge { .. } => {
                "pass the AppxManifest.xml itself, which usually has a few kilobytes".into()
            }
            Self::PackedPackage => "unpack the package and pass its AppxManifest.xml".into(),
            Self::Utf16 | Self::NotUtf8 { .. } | Self::UnsupportedEncoding { .. } => {
                "save the file as UTF-8".into()
            }
            Self::IllegalCharacter { .. } => "remove the character".into(),
            Self::Empty | Self::NotXml => "pass an AppxManifest.xml, whose root element is `Package`".into(),
            Self::UnsupportedVersion { .. } => "write version=\"1.0\"".into(),
            Self::MisplacedDeclaration => {
                "move `<?xml …?>` to the first character of the file, or remove it".into()
            }
            Self::DocumentType => "remove the declaration, and replace entities with their text".into(),
            Self::UnknownEntity { .. } => "write the character itself, or a number such as &#228;".into(),
            Self::BrokenReference { .. } => "write &amp; for a plain `&`".into(),
            Self::BadName { .. } => {
                "use a letter or `_`, followed by letters, digits, `.`, `-` or `_`".into()
            }
            Self::RepeatedAttribute { name } => format!("keep one `{name}`").into(),
            Self::BrokenAttribute => "write every attribute with `=` and a value in quotes".into(),
            Self::Unclosed { .. } | Self::Truncated { .. } => {
                "restore the rest of the file, or add the missing end tags".into()
            }
            Self::BrokenMarkup => "write &lt; for a plain `<`".into(),
            Self::DashesInComment => "write one dash".into(),
            Self::MismatchedEnd { expected, .. } => format!("write `</{expected}>` here or before").into(),
            Self::UnmatchedEnd { .. } => "remove the end tag, or add its start tag".into(),
            Self::OutsideRoot => "keep one `Package` element, with nothing but comments around it".into(),
            Self::TooDeep | Self::TooManyElements | Self::TooManyAttributes | Self::TooManyNamespaces => {
                "pass a real manifest; none comes near this limit".into()
            }
            Self::BadPrefix { .. } => "bind another prefix to the URI of a namespace".into(),
        }
    }
}
