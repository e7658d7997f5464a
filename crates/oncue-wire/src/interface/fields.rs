//! The fields of a message's structure, in the order of its definition.
//!
//! A body that is one structure is sent as its fields, one argument each.

use serde::de::value::Error;
use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use zbus::{Signature, Type};

/// Returns the fields of a structure: name and signature.
pub(super) fn fields<'de, T: Type + Deserialize<'de>>() -> Vec<(&'static str, String)> {
    let mut names: &[&str] = &[];
    // It only collects the fields; nothing is deserialised.
    let _ = T::deserialize(Asked(&mut names));
    let Signature::Structure(signatures) = T::SIGNATURE else { return Vec::new() };
    names.iter().copied().zip(signatures.iter().map(ToString::to_string)).collect()
}

/// Collects the names of a structure's fields.
struct Asked<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(Error::custom("only the fields are asked for"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("not a structure"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
