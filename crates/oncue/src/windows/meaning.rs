//! What an `HRESULT` of Windows means here, and what to do about it.

mod rows;

use std::fmt;

use oncue_wire::Code;

use self::rows::{ROWS, Row};

/// The call to Windows that returned it; the same number has different meanings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Register,
    AllTasks,
    Unregister,
    Listen,
    Access,
    Package,
    LocalFolder,
    Serve,
    Revoke,
    Thread,
}

/// What an `HRESULT` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// The corresponding refusal; `None` for a fault.
    pub(crate) code: Option<Code>,
    /// The facts, as a lowercase fragment.
    pub(crate) facts: &'static str,
    /// What the caller can do about it.
    pub(crate) way_out: &'static str,
}

/// Returns the meaning of a number returned by a call, or `None` if it is unknown.
pub(crate) fn meaning(call: Call, hresult: u32) -> Option<Meaning> {
    let fits = |row: &&Row| row.0 == hresult && (row.1.is_empty() || row.1.contains(&call));
    ROWS.iter().find(fits).map(|row| Meaning { code: row.2, facts: row.3, way_out: row.4 })
}

/// As named in Microsoft's documentation.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Register => "BackgroundTaskBuilder.Register",
            Self::AllTasks => "BackgroundTaskRegistration.AllTasks",
            Self::Unregister => "BackgroundTaskRegistration.Unregister",
            Self::Listen => "an event of BackgroundTaskRegistration",
            Self::Access => "BackgroundExecutionManager",
            Self::Package => "Package.Current",
            Self::LocalFolder => "ApplicationData.LocalFolder",
            Self::Serve => "CoRegisterClassObject",
            Self::Revoke => "CoRevokeClassObject",
            Self::Thread => "a thread that may call Windows",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: [Call; 10] = [
        Call::Register,
        Call::AllTasks,
        Call::Unregister,
        Call::Listen,
        Call::Access,
        Call::Package,
        Call::LocalFolder,
        Call::Serve,
        Call::Revoke,
        Call::Thread,
    ];

    #[test]
    fn every_row_can_be_reached() {
        for row in &ROWS {
            let reached =
                CALLS.iter().any(|call| meaning(*call, row.0).is_some_and(|found| found.facts == row.3));
            assert!(reached, "0x{:08x}: {}", row.0, row.3);
        }
    }

    #[test]
    fn the_same_number_means_what_the_call_makes_of_it() {
        let code = |call, hresult| meaning(call, hresult).and_then(|meaning| meaning.code);
        assert_eq!(code(Call::Register, 0x8004_0154), Some(Code::ClassNotDeclared));
        assert_eq!(code(Call::Access, 0x8004_0154), Some(Code::NotSupported));
        assert_eq!(code(Call::AllTasks, 0x8007_0490), Some(Code::NoIdentity));
        assert_eq!(code(Call::Serve, 0x8008_0005), None);
        assert_eq!(meaning(Call::Register, 0x8123_4567), None);
    }

    #[test]
    fn a_refusal_has_the_number_that_the_code_stands_for_elsewhere() {
        // Windows and oncue's broker must use the same numbers for the same errors.
        for (call, hresult) in [
            (Call::Register, 0x8007_0057),
            (Call::Register, 0x8007_0032),
            (Call::Register, 0x8004_0154),
            (Call::AllTasks, 0x8007_0490),
            (Call::Register, 0x8007_0718),
            (Call::Register, 0x8007_0005),
            (Call::Unregister, 0x8007_0490),
            (Call::Serve, 0x8008_0008),
        ] {
            let code = meaning(call, hresult).and_then(|meaning| meaning.code);
            assert_eq!(code.map(Code::hresult), Some(hresult), "{call}");
        }
    }

    #[test]
    fn facts_and_ways_out_are_fragments() {
        for row in &ROWS {
            for text in [row.3, row.4] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
            }
        }
    }
}
