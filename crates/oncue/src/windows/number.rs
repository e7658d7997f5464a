//! Converts WinRT's numbers into the SDK's types.

use crate::access::BackgroundAccessStatus;

/// Converts a *BackgroundAccessStatus*; values of Windows before version 1607 are mapped to their
/// successors.
pub(crate) fn access(number: i32) -> BackgroundAccessStatus {
    match number {
        1 | 2 | 5 => BackgroundAccessStatus::AllowedSubjectToSystemPolicy,
        4 => BackgroundAccessStatus::AlwaysAllowed,
        3 | 6 => BackgroundAccessStatus::DeniedBySystemPolicy,
        7 => BackgroundAccessStatus::DeniedByUser,
        _ => BackgroundAccessStatus::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_today_are_read_as_they_are() {
        for number in [0, 4, 5, 6, 7] {
            assert_eq!(access(number) as i32, number);
        }
    }

    #[test]
    fn those_of_old_mean_yes_or_no() {
        for (old, now) in [(1, 5), (2, 5), (3, 6), (99, 0)] {
            assert_eq!(access(old) as i32, now);
        }
    }
}
