//! The single error type of this crate: opaque, cloneable, with predicates.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use oncue_types::{Cookie, Told};
use oncue_wire::{Code, Refused};

/// An error between this process and its host. It displays the facts.
pub(crate) trait Fault: std::error::Error + Send + Sync {
    /// Returns the corresponding refusal, if the host understood the request and refused it.
    fn code(&self) -> Option<Code>;
    /// Returns the `HRESULT` that Windows uses for this error.
    fn hresult(&self) -> u32;
    /// Returns what the caller can do about it.
    fn way_out(&self) -> Option<&str>;
    /// Whether the host could not be reached.
    fn is_unreachable(&self) -> bool;
    /// Whether host and process cannot understand each other because their versions differ.
    fn is_incompatible(&self) -> bool {
        false
    }
}

/// The error of all fallible functions in this crate.
///
/// `Display` shows what happened, and [`source`](std::error::Error::source) the cause below it.
/// [`way_out`](Self::way_out) says what to do about it, and the predicates distinguish kinds of errors.
/// If Windows has an `HRESULT` for the same error, [`hresult`](Self::hresult) returns it.
///
/// `Debug` shows all of this as text, so that a `main` that returns an error tells the user what to do:
///
/// ```text
/// Error: no broker is running, and none was found to start
///   try: install `oncue`, name it in ONCUE_BROKER, or embed the broker with `oncue_broker::embed()`
/// ```
///
/// Every public error type of oncue does this. `{:#?}` shows the structure of this type instead; that
/// output is for bug reports and may change.
#[derive(Clone)]
pub struct Error {
    kind: Arc<Kind>,
}

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error(transparent)]
    Refused(Refused),
    #[error("{0}")]
    Fault(Box<dyn Fault>),
    #[error("cannot create the local folder {}", path.display())]
    LocalFolder { path: PathBuf, source: io::Error },
    #[error("the system cannot start a thread")]
    NoThread,
}

impl Error {
    /// Whether the request was understood and refused. It had no effect, except as described at
    /// [`is_store_unwritable`](Self::is_store_unwritable).
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.code().is_some()
    }

    /// Whether the broker could not be reached, or ended before it answered.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(&*self.kind, Kind::Fault(fault) if fault.is_unreachable())
    }

    /// Whether this process does not belong to a package (on Windows: no package identity,
    /// 0x80070490).
    #[must_use]
    pub fn is_no_identity(&self) -> bool {
        self.code() == Some(Code::NoIdentity)
    }

    /// Whether the package's manifest does not declare the class (`REGDB_E_CLASSNOTREG`).
    #[must_use]
    pub fn is_class_not_declared(&self) -> bool {
        self.code() == Some(Code::ClassNotDeclared)
    }

    /// Whether a limit would be exceeded (`ERROR_NOT_ENOUGH_QUOTA`).
    #[must_use]
    pub fn is_quota(&self) -> bool {
        self.code() == Some(Code::NotEnoughQuota)
    }

    /// Whether an argument is missing or invalid (`E_INVALIDARG`).
    #[must_use]
    pub fn is_invalid_argument(&self) -> bool {
        self.code() == Some(Code::InvalidArgument)
    }

    /// Whether there is no task or package with this id or name (`ERROR_NOT_FOUND`).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.code(), Some(Code::UnknownTask | Code::UnknownPackage))
    }

    /// Whether several tasks have this name.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.code() == Some(Code::AmbiguousTask)
    }

    /// Whether the task's state does not permit the request: it is neither running nor held, or it
    /// is not quarantined (`ERROR_INVALID_STATE`).
    #[must_use]
    pub fn is_not_active(&self) -> bool {
        self.code() == Some(Code::NotActive)
    }

    /// Whether this process is not allowed to do this (`E_ACCESSDENIED`).
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        self.code() == Some(Code::AccessDenied)
    }

    /// Whether a package's manifest or files are invalid.
    #[must_use]
    pub fn is_bad_package(&self) -> bool {
        self.code() == Some(Code::BadPackage)
    }

    /// Whether the package is already installed, in a newer version or in another folder.
    #[must_use]
    pub fn is_downgrade(&self) -> bool {
        matches!(self.code(), Some(Code::Downgrade | Code::PackageExists))
    }

    /// Whether the broker cannot record anything at the moment, for example because the disk is
    /// full. Retry later.
    ///
    /// A registration did not take effect. The change that was in progress when recording first
    /// failed may have taken effect without being recorded; in this case the text says so.
    #[must_use]
    pub fn is_store_unwritable(&self) -> bool {
        self.code() == Some(Code::StoreUnwritable)
    }

    /// Whether the broker, or this task server, is about to end. Retry: the next call finds or
    /// starts another broker.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.code() == Some(Code::Stopping)
    }

    /// Whether broker and program cannot understand each other because their versions differ.
    #[must_use]
    pub fn is_incompatible(&self) -> bool {
        matches!(&*self.kind, Kind::Fault(fault) if fault.is_incompatible())
            || self.code() == Some(Code::UnknownMethod)
    }

    /// Whether the broker failed; its log says more.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.code() == Some(Code::Fault)
    }

    /// Whether the host does not support this (`ERROR_NOT_SUPPORTED`). The error names what is not
    /// supported, and an alternative.
    #[must_use]
    pub fn is_not_supported(&self) -> bool {
        self.code() == Some(Code::NotSupported)
    }

    /// Returns the kind of refusal, or `None` if the request was not refused.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match &*self.kind {
            Kind::Refused(refused) => Some(refused.code),
            Kind::Fault(fault) => fault.code(),
            Kind::LocalFolder { .. } | Kind::NoThread => None,
        }
    }

    /// Returns the `HRESULT` that Windows uses for this error.
    #[must_use]
    pub fn hresult(&self) -> u32 {
        match &*self.kind {
            Kind::Refused(refused) => refused.code.hresult(),
            Kind::Fault(fault) => fault.hresult(),
            Kind::LocalFolder { .. } => 0x8000_4005,
            Kind::NoThread => 0x8007_000e,
        }
    }

    /// Returns what the caller can do about it.
    #[must_use]
    pub fn way_out(&self) -> Option<&str> {
        match &*self.kind {
            Kind::Refused(refused) => Some(refused.way_out.as_str()).filter(|text| !text.is_empty()),
            Kind::Fault(fault) => fault.way_out(),
            Kind::LocalFolder { .. } => Some("make its parent folder writable, and check the disk's space"),
            Kind::NoThread => Some("end other programs, or raise the limit of processes and threads"),
        }
    }

    /// An argument that is refused without asking the host.
    pub(crate) fn invalid(message: impl Into<String>, way_out: impl Into<String>) -> Self {
        Refused::new(Code::InvalidArgument, message, way_out).into()
    }

    #[cfg(any(windows, test))]
    pub(crate) fn not_supported(message: impl Into<String>, way_out: impl Into<String>) -> Self {
        Refused::new(Code::NotSupported, message, way_out).into()
    }

    pub(crate) fn unknown_cookie(cookie: Cookie) -> Self {
        Self::invalid(
            format!("no class object has the cookie {}", cookie.0),
            "revoke a class object once, at the server that registered it",
        )
    }

    pub(crate) fn unknown_task(task_id: &str) -> Self {
        let message = format!("no task has the id {task_id}");
        Refused::new(Code::UnknownTask, message, "list the tasks that are registered").into()
    }

    pub(crate) fn fault(fault: impl Fault + 'static) -> Self {
        Self::of(Kind::Fault(Box::new(fault)))
    }

    pub(crate) fn local_folder(path: PathBuf, source: io::Error) -> Self {
        Self::of(Kind::LocalFolder { path, source })
    }

    pub(crate) fn no_thread() -> Self {
        Self::of(Kind::NoThread)
    }

    fn of(kind: Kind) -> Self {
        Self { kind: Arc::new(kind) }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::of(Kind::Refused(refused))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kind, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return fmt::Debug::fmt(&self.kind, f);
        }
        fmt::Display::fmt(&Told::of(self).with(self.way_out()), f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.kind {
            Kind::Fault(fault) => fault.source(),
            kind @ (Kind::Refused(_) | Kind::LocalFolder { .. } | Kind::NoThread) => kind.source(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_its_code_and_way_out() {
        let error = Error::from(Refused::new(Code::ClassNotDeclared, "no class x", "declare it"));
        assert!(error.is_refused() && error.is_class_not_declared() && !error.is_unreachable());
        assert_eq!(error.hresult(), 0x8004_0154);
        assert_eq!(error.to_string(), "no class x");
        assert_eq!(error.way_out(), Some("declare it"));
    }

    /// All predicates except `is_refused`, which holds for every refusal.
    const PREDICATES: [fn(&Error) -> bool; 15] = [
        Error::is_unreachable,
        Error::is_no_identity,
        Error::is_class_not_declared,
        Error::is_quota,
        Error::is_invalid_argument,
        Error::is_not_found,
        Error::is_ambiguous,
        Error::is_not_active,
        Error::is_access_denied,
        Error::is_bad_package,
        Error::is_downgrade,
        Error::is_store_unwritable,
        Error::is_stopping,
        Error::is_incompatible,
        Error::is_fault,
    ];

    fn told(error: &Error) -> Vec<usize> {
        (0..PREDICATES.len()).filter(|at| PREDICATES[*at](error)).collect()
    }

    #[test]
    fn every_refusal_is_told_by_one_predicate() {
        for (codes, at) in [
            (&[Code::NoIdentity][..], 1),
            (&[Code::ClassNotDeclared], 2),
            (&[Code::NotEnoughQuota], 3),
            (&[Code::InvalidArgument], 4),
            (&[Code::UnknownTask, Code::UnknownPackage], 5),
            (&[Code::AmbiguousTask], 6),
            (&[Code::NotActive], 7),
            (&[Code::AccessDenied], 8),
            (&[Code::BadPackage], 9),
            (&[Code::Downgrade, Code::PackageExists], 10),
            (&[Code::StoreUnwritable], 11),
            (&[Code::Stopping], 12),
            (&[Code::UnknownMethod], 13),
            (&[Code::Fault], 14),
        ] {
            for code in codes {
                let error = Error::from(Refused::new(*code, "no", "ask somebody else"));
                assert!(error.is_refused() && error.code() == Some(*code));
                assert_eq!(told(&error), [at], "{code:?}");
            }
        }
    }
}
