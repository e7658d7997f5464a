//! The output of a broker for the program that started it: ready, or failed.

use crate::names::{FAILED, READY};

/// What a broker has written so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It accepts calls.
    Ready,
    /// It cannot start.
    Failed(Failed),
    /// Neither yet.
    Nothing,
}

/// Why a broker cannot start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// What happened.
    pub what: String,
    /// What the user can do about it.
    pub way_out: String,
}

/// Separates the two parts of a failure.
const TRY: &str = "\n  try: ";

/// Returns what a broker writes once it accepts calls.
#[must_use]
pub fn ready() -> String {
    format!("{READY}\n")
}

impl Failed {
    /// Returns what a broker that cannot start writes before it ends.
    #[must_use]
    pub fn written(&self) -> String {
        let Self { what, way_out } = self;
        format!("{FAILED}\n{what}{TRY}{way_out}\n")
    }
}

impl Said {
    /// Parses the output so far. A failure is complete once the output is closed.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            if line == READY {
                return Self::Ready;
            }
            if line == FAILED {
                let (what, way_out) = after.split_once(TRY).unwrap_or((after, ""));
                let [what, way_out] = [what, way_out].map(|text| text.trim_end().to_owned());
                return Self::Failed(Failed { what, way_out });
            }
            rest = after;
        }
        Self::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let failed = Failed { what: "a file is wrong:\nline 2".into(), way_out: "correct it".into() };
        assert_eq!(Said::read(&failed.written()), Said::Failed(failed.clone()));
        assert_eq!(Said::read(&format!("words of the app\n{}", failed.written())), Said::Failed(failed));
        assert_eq!(Said::read(&ready()), Said::Ready);
        assert_eq!(Said::read("read"), Said::Nothing);
        assert_eq!(Said::read(""), Said::Nothing);
    }
}
