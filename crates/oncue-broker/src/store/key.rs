//! An id as stored: 16 bytes, the lower half of the GUID first.
//!
//! The lower half of the broker's own ids is a counter, so later ids sort later: a thousand
//! registrations fill a few pages at the end of the table, instead of being spread over a thousand
//! pages by the random upper half.

use oncue_core::Guid;

/// Returns the bytes for an id.
pub(super) fn key(id: Guid) -> [u8; 16] {
    id.to_u128().rotate_left(64).to_be_bytes()
}

/// Returns the id for its bytes.
pub(super) fn id(key: [u8; 16]) -> Guid {
    Guid::from_u128(u128::from_be_bytes(key).rotate_left(64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_that_counts_comes_first() {
        let guid: Guid = "00112233-4455-8677-8899-aabbccddeeff".parse().unwrap();
        assert_eq!(key(guid)[0], 0x88);
        assert_eq!(key(guid)[15], 0x77);
        assert_eq!(id(key(guid)), guid);
    }
}
