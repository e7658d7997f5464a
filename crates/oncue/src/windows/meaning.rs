//! What an `HRESULT` of Windows means here, and how to mend it.

mod rows;

use std::fmt;

use oncue_wire::Code;

use self::rows::{ROWS, Row};

/// Which call to Windows gave it; the same number means different things.
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
    /// Which refusal it is; nothing for a fault.
    pub(crate) code: Option<Code>,
    /// The facts, as a lowercase fragment.
    pub(crate) facts: &'static str,
    /// What the caller can do.
    pub(crate) way_out: &'static str,
}

/// Says what a number means when that call gave it; nothing for a number that is not known here.
pub(crate) fn meaning(call: Call, hresult: u32) -> Option<Meaning> {
    let fits = |row: &&Row| row.0 == hresult && (row.1.is_empty() || row.1.contains(&call));
    ROWS.iter().find(fits).map(|row| Meaning { code: row.2, facts: row.3, way_out: row.4 })
}

/// As Microsoft's documentation names it.
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
        // The numbers that Windows and oncue's broker give for the same must be the same.
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
