//! An `HRESULT` returned by Windows, for the public error.

use std::fmt;

use oncue_wire::Code;

use super::meaning::{Call, Meaning, meaning};
use crate::error;

/// An `HRESULT` returned by a call to Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    call: Call,
    hresult: u32,
    /// The message from Windows, in the user's language.
    said: String,
}

impl Fault {
    pub(crate) fn new(call: Call, hresult: u32, said: impl Into<String>) -> Self {
        Self { call, hresult, said: said.into() }
    }

    fn meaning(&self) -> Option<Meaning> {
        meaning(self.call, self.hresult)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.said.trim().trim_end_matches('.');
        let facts = match self.meaning() {
            Some(meaning) => meaning.facts,
            None if said.is_empty() => "unknown error",
            None => said,
        };
        write!(f, "{}: {facts} (0x{:08x})", self.call, self.hresult)
    }
}

impl std::error::Error for Fault {}

impl error::Fault for Fault {
    fn code(&self) -> Option<Code> {
        self.meaning()?.code
    }

    fn hresult(&self) -> u32 {
        self.hresult
    }

    fn way_out(&self) -> Option<&str> {
        self.meaning().map(|meaning| meaning.way_out)
    }

    fn is_unreachable(&self) -> bool {
        matches!(self.hresult, 0x8007_06ba | 0x8007_06be | 0x8001_0108 | 0x8007_05b4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault as _;

    #[test]
    fn a_known_number_says_what_it_means_and_how_to_mend_it() {
        let fault = Fault::new(Call::AllTasks, 0x8007_0490, "Element not found.");
        assert_eq!(
            fault.to_string(),
            "BackgroundTaskRegistration.AllTasks: this process has no package identity (0x80070490)"
        );
        assert_eq!(fault.code(), Some(Code::NoIdentity));
        assert!(fault.way_out().is_some_and(|way_out| way_out.contains("Add-AppxPackage")));
        assert!(!fault.is_unreachable());
    }

    #[test]
    fn an_unknown_number_says_what_windows_says() {
        let fault = Fault::new(Call::Register, 0x8123_4567, "The moon is full.\r\n");
        assert_eq!(fault.to_string(), "BackgroundTaskBuilder.Register: The moon is full (0x81234567)");
        assert_eq!((fault.code(), fault.way_out()), (None, None));
    }

    #[test]
    fn a_service_that_is_gone_is_unreachable_and_no_refusal() {
        let fault = Fault::new(Call::Register, 0x8007_06ba, "");
        assert!(fault.is_unreachable());
        assert_eq!(fault.code(), None);
    }
}
