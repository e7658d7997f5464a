//! Class ids that follow from names, so that an app and its manifest agree without writing one down.

use oncue_types::Guid;

/// Derives a GUID from names: a UUID of version 8 (RFC 9562) from the 128-bit FNV-1a hash of the names, each
/// with its length before it.
///
/// The result is part of what apps have registered, so it must never change.
pub(super) const fn derived(names: &[&str]) -> Guid {
    let mut hash = Fnv(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
    let mut at = 0;
    while at < names.len() {
        let name = names[at].as_bytes();
        hash = hash.taking(&(name.len() as u64).to_be_bytes()).taking(name);
        at += 1;
    }
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    Guid::from_u128(hash.0 & !VERSION & !VARIANT | 8 << 76 | 0b10 << 62)
}

/// FNV-1a with 128 bits, as its authors specify it.
#[derive(Clone, Copy)]
struct Fnv(u128);

impl Fnv {
    const fn taking(self, bytes: &[u8]) -> Self {
        const PRIME: u128 = (1 << 88) + 0x13b;
        let (mut hash, mut at) = (self.0, 0);
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u128).wrapping_mul(PRIME);
            at += 1;
        }
        Self(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_its_specification() {
        // The published value for the text "a".
        let hash = Fnv(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d).taking(b"a");
        assert_eq!(hash.0, 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    #[test]
    fn an_id_never_changes_and_tells_names_apart() {
        const ID: Guid = derived(&["hello", "", "Hello"]);
        // Computed independently; the 8 after the second dash is the version, the 8 after the third the variant.
        assert_eq!(ID.to_string().to_lowercase(), "a635cc4f-e94f-8b2a-85e9-528ef4b69fab");
        assert_ne!(derived(&["ab", "c"]), derived(&["a", "bc"]));
    }
}
