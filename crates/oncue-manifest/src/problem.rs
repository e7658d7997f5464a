//! Problems of a manifest, and how serious they are.

use std::borrow::Cow;
use std::fmt;

use oncue_types::Told;

use crate::document::DocumentProblem;
use crate::executable::ExecutableProblem;
use crate::foreign::NamespaceProblem;
use crate::read::{ApplicationProblem, IdentityProblem, PackageProblem, ServerProblem, ShapeProblem};
use crate::source::Source;

/// The maximum number of errors, and of warnings, kept for one manifest; further ones are only
/// counted.
pub const MAX_PROBLEMS: usize = 100;

/// The maximum number of characters of the manifest that a problem quotes.
const QUOTED: usize = 80;

/// How serious a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The package cannot be used, here or on Windows.
    Error,
    /// Windows refuses to install the package, but it works here.
    WindowsRefuses,
    /// Windows accepts the package, but something in it does not do what it seems to.
    Advice,
}

/// One problem and its position. It is displayed as what is wrong; the position is in the fields.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Problem {
    /// How serious it is.
    pub severity: Severity,
    /// Line in the file, from 1.
    pub line: u32,
    /// Column in the line, from 1, in characters.
    pub column: u32,
    /// What is wrong, with the facts.
    pub what: ProblemKind,
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        fmt::Display::fmt(&Told::of(self).with(Some(&self.way_out())), f)
    }
}

impl Problem {
    /// Returns how to fix it, as a lowercase fragment.
    #[must_use]
    pub fn way_out(&self) -> Cow<'static, str> {
        self.what.way_out()
    }
}

/// What is wrong, grouped by the part of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// The file is not a well-formed XML document.
    #[error(transparent)]
    Document(#[from] DocumentProblem),
    /// A namespace is wrong, unknown or not declared.
    #[error(transparent)]
    Namespace(#[from] NamespaceProblem),
    /// An element or attribute is missing, repeated or unknown.
    #[error(transparent)]
    Shape(#[from] ShapeProblem),
    /// The package's identity is wrong.
    #[error(transparent)]
    Identity(#[from] IdentityProblem),
    /// A statement about the whole package is wrong: properties, targets or capabilities.
    #[error(transparent)]
    Package(#[from] PackageProblem),
    /// An application is wrong.
    #[error(transparent)]
    Application(#[from] ApplicationProblem),
    /// A task server or class is wrong.
    #[error(transparent)]
    Server(#[from] ServerProblem),
    /// The path of an executable is wrong.
    #[error(transparent)]
    Executable(#[from] ExecutableProblem),
    /// There are more problems than are kept.
    #[error("{left_out} more problems are not listed (limit: {MAX_PROBLEMS} errors and as many warnings)")]
    LeftOut {
        /// How many were left out.
        left_out: usize,
    },
}

impl ProblemKind {
    /// Returns how serious a problem of this kind is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Document(_) => Severity::Error,
            Self::Namespace(what) => what.severity(),
            Self::Shape(what) => what.severity(),
            Self::Identity(what) => what.severity(),
            Self::Package(what) => what.severity(),
            Self::Application(what) => what.severity(),
            Self::Server(what) => what.severity(),
            Self::Executable(what) => what.severity(),
            Self::LeftOut { .. } => Severity::Advice,
        }
    }

    /// Returns how to fix it, as a lowercase fragment.
    #[must_use]
    pub fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::Document(what) => what.way_out(),
            Self::Namespace(what) => what.way_out(),
            Self::Shape(what) => what.way_out(),
            Self::Identity(what) => what.way_out(),
            Self::Package(what) => what.way_out(),
            Self::Application(what) => what.way_out(),
            Self::Server(what) => what.way_out(),
            Self::Executable(what) => what.way_out(),
            Self::LeftOut { .. } => "fix the listed errors and check again".into(),
        }
    }
}

/// All problems of a manifest that cannot be used, in the order of the file; at least one of them
/// is an [`Severity::Error`].
#[derive(Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Returns the problems in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Returns the first error, which is the one to show if there is room for only one.
    #[must_use]
    pub fn first_error(&self) -> Option<&Problem> {
        self.0.iter().find(|problem| problem.severity == Severity::Error)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'p> IntoIterator for &'p Problems {
    type Item = &'p Problem;
    type IntoIter = std::slice::Iter<'p, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.first_error() else { return f.write_str("the manifest cannot be used") };
        write!(f, "line {}, column {}: {first}", first.line, first.column)?;
        match self.0.len() - 1 {
            0 => Ok(()),
            1 => f.write_str("; and 1 more problem"),
            more => write!(f, "; and {more} more problems"),
        }
    }
}

impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way_out = self.first_error().map(Problem::way_out);
        fmt::Display::fmt(&Told::of(self).with(way_out.as_deref()), f)
    }
}

impl std::error::Error for Problems {}

/// Collects problems while a manifest is read, and knows the position of each byte.
pub(crate) struct Report<'x> {
    source: &'x Source<'x>,
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
    left_out: usize,
}

impl<'x> Report<'x> {
    pub(crate) fn new(source: &'x Source<'x>) -> Self {
        Self { source, errors: Vec::new(), warnings: Vec::new(), left_out: 0 }
    }

    /// Adds a problem at a byte of the document.
    pub(crate) fn add(&mut self, at: usize, what: impl Into<ProblemKind>) {
        let what = what.into();
        let severity = what.severity();
        let kept = if severity == Severity::Error { &mut self.errors } else { &mut self.warnings };
        if kept.len() == MAX_PROBLEMS {
            self.left_out += 1;
            return;
        }
        let (line, column) = self.source.position(at);
        kept.push(Problem { severity, line, column, what });
    }

    /// Returns the line of a byte of the document.
    pub(crate) fn line(&self, at: usize) -> u32 {
        self.source.line(at)
    }

    /// Returns the warnings, or everything if there was an error.
    pub(crate) fn finish(self) -> Result<Vec<Problem>, Problems> {
        let usable = self.errors.is_empty();
        let mut all = self.errors;
        all.extend(self.warnings);
        all.sort_by_key(|problem| (problem.line, problem.column));
        if self.left_out > 0 {
            let (line, column) = self.source.position(usize::MAX);
            let what = ProblemKind::LeftOut { left_out: self.left_out };
            all.push(Problem { severity: what.severity(), line, column, what });
        }
        if usable { Ok(all) } else { Err(Problems(all)) }
    }
}

/// Returns a quotation from the manifest for use in a problem: on one line, without control
/// characters, and truncated.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String =
        text.chars().take(QUOTED).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(QUOTED).is_some() {
        shown.push('…');
    }
    shown
}
