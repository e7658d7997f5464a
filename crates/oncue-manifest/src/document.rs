//! Why a file is no XML document that a manifest could be read from; each of these ends the reading.

use std::borrow::Cow;
use std::fmt;

use crate::source::MAX_BYTES;
use crate::tree::{MAX_ATTRIBUTES, MAX_BINDINGS, MAX_DEPTH, MAX_ELEMENTS};

/// The file is too large, not text, or not well-formed (W3C, Extensible Markup Language 1.0).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentProblem {
    /// The file is larger than [`MAX_BYTES`].
    #[error("the manifest has {size} bytes; at most {MAX_BYTES} are read")]
    TooLarge {
        /// Size of the file in bytes.
        size: usize,
    },
    /// The file is a ZIP archive, as `.appx` and `.msix` files are.
    #[error("this is a packed package, not its manifest")]
    PackedPackage,
    /// The file is UTF-16.
    #[error("the manifest is UTF-16; only UTF-8 is read")]
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
    /// There is no element at all.
    #[error("the manifest is empty")]
    Empty,
    /// The text does not begin as XML does.
    #[error("this is not XML: it does not begin with `<`")]
    NotXml,
    /// The XML declaration names another version than 1.0.
    #[error("XML version `{version}` is not read, only 1.0")]
    UnsupportedVersion {
        /// The version as written.
        version: String,
    },
    /// The XML declaration names another encoding than UTF-8.
    #[error("encoding `{encoding}` is not read, only UTF-8")]
    UnsupportedEncoding {
        /// The encoding as written.
        encoding: String,
    },
    /// An XML declaration stands behind the file's first character.
    #[error("the XML declaration does not stand at the very beginning")]
    MisplacedDeclaration,
    /// A document type, and with it perhaps entities, is declared.
    #[error("`<!DOCTYPE` declares a document type or entities, which a manifest must not")]
    DocumentType,
    /// An entity other than XML's five own is used.
    #[error("entity `&{name};` is not known")]
    UnknownEntity {
        /// The entity's name.
        name: String,
    },
    /// A `&` that begins neither an entity nor a character reference, or one to no character.
    #[error("`{text}` is not a reference to a character")]
    BrokenReference {
        /// The reference as written, or its beginning.
        text: String,
    },
    /// A name that is none in XML.
    #[error("`{name}` is not an XML name")]
    BadName {
        /// The name as written.
        name: String,
    },
    /// An attribute occurs twice in a tag.
    #[error("attribute `{name}` is there twice")]
    RepeatedAttribute {
        /// The attribute's name.
        name: String,
    },
    /// Something in a tag is not `name="value"`.
    #[error("the attributes of this tag are not all written name=\"value\", with spaces between")]
    BrokenAttribute,
    /// The file ends inside a piece of markup.
    #[error("the manifest ends inside {markup}")]
    Unclosed {
        /// What is not closed.
        markup: Markup,
    },
    /// `<!` or `<?` begins nothing that XML knows.
    #[error("this is not XML markup")]
    BrokenMarkup,
    /// `--` inside a comment.
    #[error("`--` is not allowed inside a comment")]
    DashesInComment,
    /// An end tag closes another element than the one that is open.
    #[error("`</{found}>` closes nothing; `<{expected}>` of line {opened} is open")]
    MismatchedEnd {
        /// The element that is open.
        expected: String,
        /// The line where it was opened.
        opened: u32,
        /// The name in the end tag.
        found: String,
    },
    /// An end tag without an element.
    #[error("`</{found}>` closes nothing")]
    UnmatchedEnd {
        /// The name in the end tag.
        found: String,
    },
    /// The file ends before its elements do.
    #[error("the manifest ends while `<{element}>` of line {opened} is open")]
    Truncated {
        /// The innermost open element.
        element: String,
        /// The line where it was opened.
        opened: u32,
    },
    /// Something stands before or behind the one root element.
    #[error("there is something outside the root element")]
    OutsideRoot,
    /// Elements are nested too deeply.
    #[error("elements are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// There are too many elements.
    #[error("the manifest has more than {MAX_ELEMENTS} elements")]
    TooManyElements,
    /// A tag has too many attributes.
    #[error("this tag has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    /// Too many namespace prefixes are declared at once.
    #[error("more than {MAX_BINDINGS} namespaces are declared here")]
    TooManyNamespaces,
    /// A prefix is declared that cannot be, or bound to nothing.
    #[error("prefix `{prefix}` cannot be declared like this")]
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
                "give the AppxManifest.xml itself; a real one has a few kilobytes".into()
            }
            Self::PackedPackage => "unpack the package and give the AppxManifest.xml in it".into(),
            Self::Utf16 | Self::NotUtf8 { .. } | Self::UnsupportedEncoding { .. } => {
                "save the file as UTF-8".into()
            }
            Self::IllegalCharacter { .. } => "remove the character".into(),
            Self::Empty | Self::NotXml => "give an AppxManifest.xml; its root element is `Package`".into(),
            Self::UnsupportedVersion { .. } => "write version=\"1.0\"".into(),
            Self::MisplacedDeclaration => {
                "move `<?xml …?>` to the first character of the file, or remove it".into()
            }
            Self::DocumentType => "remove the declaration and write the text out".into(),
            Self::UnknownEntity { .. } => "write the character itself, or a number such as &#228;".into(),
            Self::BrokenReference { .. } => "write &amp; for a plain `&`".into(),
            Self::BadName { .. } => {
                "begin a name with a letter or `_`; go on with letters, digits, `.`, `-` or `_`".into()
            }
            Self::RepeatedAttribute { name } => format!("keep one `{name}`").into(),
            Self::BrokenAttribute => "give every attribute `=` and a value in quotes".into(),
            Self::Unclosed { .. } | Self::Truncated { .. } => {
                "restore the rest of the file, or close what is open".into()
            }
            Self::BrokenMarkup => "write &lt; for a plain `<`".into(),
            Self::DashesInComment => "write one dash".into(),
            Self::MismatchedEnd { expected, .. } => format!("write `</{expected}>` here or before").into(),
            Self::UnmatchedEnd { .. } => "remove the end tag, or add its start tag".into(),
            Self::OutsideRoot => "keep one `Package` element and nothing around it but comments".into(),
            Self::TooDeep | Self::TooManyElements | Self::TooManyAttributes | Self::TooManyNamespaces => {
                "give a manifest written by hand or by a packaging tool; none comes near this limit".into()
            }
            Self::BadPrefix { .. } => "bind another prefix to the URI of a namespace".into(),
        }
    }
}
