//! Errors between this process and the broker.

use oncue_wire::Code;

use crate::broker::unreachable::Unreachable;
use crate::error::{self, Error};

/// An error between this process and the broker.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Unreachable(Unreachable),
    #[error("the broker's answer to `{question}` cannot be read")]
    Answer { question: &'static str, source: zbus::Error },
}

impl error::Fault for Fault {
    fn code(&self) -> Option<Code> {
        None
    }

    fn hresult(&self) -> u32 {
        match self {
            Self::Unreachable(unreachable) => unreachable.hresult(),
            Self::Answer { .. } => 0x8007_000d,
        }
    }

    fn way_out(&self) -> Option<&str> {
        Some(match self {
            Self::Unreachable(unreachable) => unreachable.way_out(),
            Self::Answer { .. } => "use one version of oncue for program and broker",
        })
    }

    fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    fn is_incompatible(&self) -> bool {
        matches!(self, Self::Answer { .. })
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::fault(fault)
    }
}

impl From<Unreachable> for Error {
    fn from(unreachable: Unreachable) -> Self {
        Fault::Unreachable(unreachable).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_connection_is_no_refusal() {
        let error = Error::from(Unreachable::Broke);
        assert!(error.is_unreachable() && !error.is_refused() && !error.is_incompatible());
        assert_eq!(error.code(), None);
    }

    #[test]
    fn a_main_that_returns_an_error_says_what_to_do() {
        let error: Box<dyn std::error::Error> = Error::from(Unreachable::NoneToStart).into();
        let printed = format!("Error: {error:?}");
        assert!(
            printed.contains("no broker is running, and none was found to start\n  try: install `oncue`"),
            "{printed}"
        );
        assert!(format!("{error:#?}").contains("NoneToStart"));
    }

    #[test]
    fn a_cause_is_part_of_what_is_printed() {
        let source = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let error = Error::from(Unreachable::Connect { socket: "/run/x".into(), source });
        assert!(format!("{error:?}").contains("at /run/x: permission denied\n  try: "), "{error:?}");
    }

    #[test]
    fn what_cannot_be_read_is_no_refusal_but_another_version() {
        let error = Error::from(Fault::Answer { question: "Find", source: zbus::Error::InvalidField });
        assert!(error.is_incompatible() && !error.is_refused() && !error.is_unreachable());
    }
}
