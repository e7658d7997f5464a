//! New, unique class ids.

use oncue_types::Guid;

use crate::draft::error::DraftError;

/// Creates a random one: RFC 9562, version 4.
pub(super) fn fresh() -> Result<Guid, DraftError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(DraftError::NoRandomness)?;
    Ok(Guid::from_u128(shaped(u128::from_be_bytes(bytes))))
}

/// Sets the version and the variant.
fn shaped(random: u128) -> u128 {
    let random = random & !(0xf << 76) | 0x4 << 76;
    random & !(0x3 << 62) | 0x2 << 62
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_variant_are_those_of_random_ids() {
        assert_eq!(
            Guid::from_u128(shaped(0)).to_string().to_lowercase(),
            "00000000-0000-4000-8000-000000000000"
        );
        assert_eq!(
            Guid::from_u128(shaped(u128::MAX)).to_string().to_lowercase(),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
    }

    #[test]
    fn no_two_are_the_same() {
        assert_ne!(fresh().unwrap(), fresh().unwrap());
    }
}
