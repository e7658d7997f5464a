//! Structures that travel as dictionaries with named fields, `a{sv}`.
//!
//! A field that has its default is not sent, and a field that is missing has its default. So a field can
//! be added at any time: an older program ignores it, and a newer one can do without it. The name and
//! the type of a field never change.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zbus::{Signature, Type};

use crate::word::{Word, Words};

/// What can be sent.
pub trait Sendable: Type + Serialize + DeserializeOwned {}

impl<T: Type + Serialize + DeserializeOwned> Sendable for T {}

/// What a field of a dictionary can hold.
pub trait Value: Default {
    /// What is sent, in a variant.
    type Sent: Sendable;
    /// What a missing field stands for, in words.
    const DEFAULT: &'static str;

    /// Returns what is to be sent; nothing if the field has its default.
    fn sent(&self) -> Option<&Self::Sent>;

    /// Takes what was sent.
    fn received(sent: Self::Sent) -> Self;

    /// Returns the words of which this is one, if it is one of an enumeration.
    fn words() -> Vec<&'static str> {
        Vec::new()
    }

    /// Returns an example that is not the default.
    fn sample() -> Self;

    /// Returns whether the field has its default.
    fn is_default(&self) -> bool {
        self.sent().is_none()
    }
}

/// Implements [`Value`] for types that are sent as they are.
macro_rules! sent_as_it_is {
    ($($type:ty, $default:literal, $sample:expr;)+) => {$(
        impl Value for $type {
            type Sent = Self;
            const DEFAULT: &'static str = $default;

            fn sent(&self) -> Option<&Self> {
                (*self != Self::default()).then_some(self)
            }

            fn received(sent: Self) -> Self {
                sent
            }

            fn sample() -> Self {
                $sample
            }
        }
    )+};
}

sent_as_it_is! {
    bool, "false", true;
    u32, "0", 7;
    i64, "0", 1_700_000_000_000_000;
    String, "empty", "a text".into();
}

impl<T: Value<Sent = T> + Sendable> Value for Option<T> {
    type Sent = T;
    const DEFAULT: &'static str = "none";

    fn sent(&self) -> Option<&T> {
        self.as_ref()
    }

    fn received(sent: T) -> Self {
        Some(sent)
    }

    fn words() -> Vec<&'static str> {
        T::words()
    }

    fn sample() -> Self {
        Some(T::sample())
    }
}

impl<T: Value<Sent = T> + Sendable> Value for Vec<T> {
    type Sent = Self;
    const DEFAULT: &'static str = "empty";

    fn sent(&self) -> Option<&Self> {
        (!self.is_empty()).then_some(self)
    }

    fn received(sent: Self) -> Self {
        sent
    }

    fn words() -> Vec<&'static str> {
        T::words()
    }

    fn sample() -> Self {
        vec![T::sample()]
    }
}

impl<T: Words> Value for Word<T> {
    type Sent = Self;
    const DEFAULT: &'static str = "empty";

    fn sent(&self) -> Option<&Self> {
        (!self.as_str().is_empty()).then_some(self)
    }

    fn received(sent: Self) -> Self {
        sent
    }

    fn words() -> Vec<&'static str> {
        T::ALL.iter().map(|value| value.word()).collect()
    }

    fn sample() -> Self {
        T::ALL.last().map(|value| Self::Known(*value)).unwrap_or_default()
    }
}

/// A structure that travels as a dictionary.
pub trait Dictionary: Value<Sent = Self> + Sendable {
    /// Its name in the documentation.
    const NAME: &'static str;

    /// Returns its documentation.
    fn described() -> Described;
}

/// The documentation of a dictionary.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its name.
    pub name: &'static str,
    /// What it describes.
    pub meaning: String,
    /// Its fields, in the order in which they are sent.
    pub fields: Vec<Field>,
}

/// The documentation of a field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type in Rust.
    pub rust: &'static str,
    /// The type of the value in its variant.
    pub signature: &'static Signature,
    /// What a missing field stands for.
    pub default: &'static str,
    /// The words that it can hold, if it is one of an enumeration.
    pub words: Vec<&'static str>,
    /// What it means.
    pub meaning: String,
}

impl Field {
    pub(crate) fn new<T: Value>(name: &'static str, rust: &'static str, meaning: &[&str]) -> Self {
        Self {
            name,
            rust,
            signature: T::Sent::SIGNATURE,
            default: T::DEFAULT,
            words: T::words(),
            meaning: prose(meaning),
        }
    }
}

/// Joins the lines of a documentation comment.
pub(crate) fn prose(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    lines.join(" ")
}

/// Writes and reads the fields, for serde.
pub(crate) mod field {
    use serde::{Deserializer, Serializer};
    use zbus::as_variant;

    use super::Value;

    pub(crate) fn serialize<T: Value, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        match value.sent() {
            Some(sent) => as_variant::serialize(sent, serializer),
            // Such a field is left out.
            None => serializer.serialize_unit(),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: Value<Sent: 'de>,
        D: Deserializer<'de>,
    {
        as_variant::deserialize(deserializer).map(T::received)
    }
}

/// Defines structures that travel as dictionaries, and the list of all of them.
///
/// The documentation comments of a structure and of its fields are also the published ones.
macro_rules! dictionaries {
    ($(
        $(#[doc = $meaning:literal])+
        $name:ident {
            $($(#[doc = $of_field:literal])+ $field:ident: $type:ty,)+
        }
    )+) => {
        $(
            $(#[doc = $meaning])+
            #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, zbus::Type)]
            #[serde(default)]
            #[zbus(signature = "a{sv}")]
            pub struct $name {
                $(
                    $(#[doc = $of_field])+
                    #[serde(with = "crate::dictionary::field")]
                    #[serde(skip_serializing_if = "crate::dictionary::Value::is_default")]
                    pub $field: $type,
                )+
            }

            impl $crate::dictionary::Value for $name {
                type Sent = Self;
                const DEFAULT: &'static str = "empty";

                fn sent(&self) -> Option<&Self> {
                    (*self != Self::default()).then_some(self)
                }

                fn received(sent: Self) -> Self {
                    sent
                }

                fn sample() -> Self {
                    Self { $($field: $crate::dictionary::Value::sample(),)+ }
                }
            }

            impl $crate::dictionary::Dictionary for $name {
                const NAME: &'static str = stringify!($name);

                fn described() -> $crate::dictionary::Described {
                    $crate::dictionary::Described {
                        name: Self::NAME,
                        meaning: $crate::dictionary::prose(&[$($meaning),+]),
                        fields: vec![$(
                            $crate::dictionary::Field::new::<$type>(
                                stringify!($field),
                                stringify!($type),
                                &[$($of_field),+],
                            ),
                        )+],
                    }
                }
            }
        )+

        /// Returns the names of all dictionaries.
        pub(crate) fn dictionary_names() -> impl Iterator<Item = &'static str> {
            [$(stringify!($name)),+].into_iter()
        }

        /// Returns the documentation of all dictionaries.
        pub(crate) fn described() -> Vec<$crate::dictionary::Described> {
            vec![$(<$name as $crate::dictionary::Dictionary>::described()),+]
        }

        /// Does something with each dictionary of the interface.
        pub trait ForEach {
            /// Does it with one.
            fn dictionary<T: $crate::dictionary::Dictionary + PartialEq + std::fmt::Debug>(&mut self);
        }

        /// Goes through all dictionaries of the interface.
        pub fn for_each_dictionary(what: &mut impl ForEach) {
            $(what.dictionary::<$name>();)+
        }
    };
}
pub(crate) use dictionaries;
