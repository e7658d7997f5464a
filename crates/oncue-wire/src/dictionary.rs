//! Structures that travel as dictionaries with named fields, `a{sv}`.
//!
//! A field that has its default is not sent, and a missing field has its default. So a field can be added
//! at any time: an older program ignores it, and a newer program uses the default if it is missing. The
//! name and the type of a field never change.

use oncue_types::{Guid, InstanceId, TaskId, Wall};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zbus::{Signature, Type};

use crate::vocabulary::Words;
use crate::word::Word;

/// What can be sent.
pub trait Sendable: Type + Serialize + DeserializeOwned {}

impl<T: Type + Serialize + DeserializeOwned> Sendable for T {}

/// A value that a field can have.
pub trait Value: Sized {
    /// The form in which it is sent.
    type Sent<'a>: Type + Serialize
    where
        Self: 'a;
    /// The form in which it is received.
    type Received: Sendable;
    /// Its default, in words.
    const DEFAULT: &'static str;

    /// Returns what is sent.
    fn sent(&self) -> Self::Sent<'_>;

    /// Takes what was received.
    ///
    /// # Errors
    /// Returns an error if it is not such a value.
    fn received(received: Self::Received) -> Result<Self, InvalidId>;

    /// Returns the words of which this is one, if it is one of an enumeration.
    fn words() -> Vec<&'static str> {
        Vec::new()
    }

    /// Returns an example that is not the default.
    fn sample() -> Self;
}

/// The text is not a valid id. Unlike a word, an id that cannot be read is an error: it cannot come from a
/// newer version, and nothing can be done with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid GUID")]
pub struct InvalidId {
    /// The text.
    pub text: String,
}

/// A field of a dictionary: a value that has a default, or that may be absent.
pub trait Field: Default {
    /// The value.
    type Value: Value;
    /// What a missing field stands for, in words.
    const DEFAULT: &'static str;

    /// Returns the value to send, or `None` if the field has its default.
    fn value(&self) -> Option<&Self::Value>;

    /// Returns the field with this value.
    fn of(value: Self::Value) -> Self;

    /// Returns whether the field has its default.
    fn is_default(&self) -> bool {
        self.value().is_none()
    }
}

impl<T: Value + Default + PartialEq> Field for T {
    type Value = T;
    const DEFAULT: &'static str = T::DEFAULT;

    fn value(&self) -> Option<&T> {
        (*self != T::default()).then_some(self)
    }

    fn of(value: T) -> Self {
        value
    }
}

impl<T: Value> Field for Option<T> {
    type Value = T;
    const DEFAULT: &'static str = "none";

    fn value(&self) -> Option<&T> {
        self.as_ref()
    }

    fn of(value: T) -> Self {
        Some(value)
    }
}

/// Implements [`Value`] for types that are sent as they are.
macro_rules! sent_as_it_is {
    ($($type:ty, $default:literal, $sample:expr;)+) => {$(
        impl Value for $type {
            type Sent<'a> = &'a Self;
            type Received = Self;
            const DEFAULT: &'static str = $default;

            fn sent(&self) -> &Self {
                self
            }

            fn received(received: Self) -> Result<Self, InvalidId> {
                Ok(received)
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
    String, "empty", "a text".into();
}

/// Implements [`Value`] for ids, which are sent as text.
macro_rules! sent_as_text {
    ($($type:ty, $sample:expr;)+) => {$(
        impl Value for $type {
            type Sent<'a> = Word<Self>;
            type Received = Word<Self>;
            const DEFAULT: &'static str = "the GUID of zeros";

            fn sent(&self) -> Word<Self> {
                Word::Known(*self)
            }

            fn received(received: Word<Self>) -> Result<Self, InvalidId> {
                match received {
                    Word::Known(id) => Ok(id),
                    Word::Other(text) => Err(InvalidId { text }),
                }
            }

            fn sample() -> Self {
                $sample
            }
        }
    )+};
}

const SAMPLE_ID: Guid = Guid::from_u128(0x14c5_882b_35d3_41be_86b2_5106_269b_97e6);

sent_as_text! {
    Guid, SAMPLE_ID;
    TaskId, Self(SAMPLE_ID);
    InstanceId, Self(SAMPLE_ID);
}

/// An instant is sent as microseconds.
impl Value for Wall {
    type Sent<'a> = i64;
    type Received = i64;
    const DEFAULT: &'static str = "0";

    fn sent(&self) -> i64 {
        self.0
    }

    fn received(received: i64) -> Result<Self, InvalidId> {
        Ok(Self(received))
    }

    fn sample() -> Self {
        Self(1_700_000_000_000_000)
    }
}

impl<T: Value + Sendable> Value for Vec<T> {
    type Sent<'a>
        = &'a Self
    where
        T: 'a;
    type Received = Self;
    const DEFAULT: &'static str = "empty";

    fn sent(&self) -> &Self {
        self
    }

    fn received(received: Self) -> Result<Self, InvalidId> {
        Ok(received)
    }

    fn words() -> Vec<&'static str> {
        T::words()
    }

    fn sample() -> Self {
        vec![T::sample()]
    }
}

impl<T: Words> Value for Word<T> {
    type Sent<'a>
        = &'a Self
    where
        T: 'a;
    type Received = Self;
    const DEFAULT: &'static str = "empty";

    fn sent(&self) -> &Self {
        self
    }

    fn received(received: Self) -> Result<Self, InvalidId> {
        Ok(received)
    }

    fn words() -> Vec<&'static str> {
        T::words()
    }

    fn sample() -> Self {
        Self::read(T::SAMPLE)
    }
}

/// A structure that travels as a dictionary.
pub trait Dictionary: Value + Sendable + Default {
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
    pub fields: Vec<DescribedField>,
}

/// The documentation of a field.
#[derive(Clone, Debug)]
pub struct DescribedField {
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

impl DescribedField {
    pub(crate) fn new<T: Field>(name: &'static str, rust: &'static str, meaning: &[&str]) -> Self {
        Self {
            name,
            rust,
            signature: <T::Value as Value>::Received::SIGNATURE,
            default: T::DEFAULT,
            words: T::Value::words(),
            meaning: prose(meaning),
        }
    }
}

/// Returns an example of a field that is not its default.
pub(crate) fn sample<T: Field>() -> T {
    T::of(T::Value::sample())
}

/// Joins the lines of a documentation comment.
pub(crate) fn prose(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    lines.join(" ")
}

/// Writes and reads the fields, for serde.
pub(crate) mod field {
    use serde::de::Error as _;
    use serde::{Deserializer, Serializer};
    use zbus::as_variant;

    use super::{Field, Value};

    pub(crate) fn serialize<T: Field, S: Serializer>(field: &T, serializer: S) -> Result<S::Ok, S::Error> {
        match field.value() {
            Some(value) => as_variant::serialize(&value.sent(), serializer),
            // Such a field is left out.
            None => serializer.serialize_unit(),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: Field<Value: Value<Received: 'de>>,
        D: Deserializer<'de>,
    {
        let received = as_variant::deserialize(deserializer)?;
        T::Value::received(received).map(T::of).map_err(D::Error::custom)
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
                    #[serde(skip_serializing_if = "crate::dictionary::Field::is_default")]
                    pub $field: $type,
                )+
            }

            impl $crate::dictionary::Value for $name {
                type Sent<'a> = &'a Self;
                type Received = Self;
                const DEFAULT: &'static str = "empty";

                fn sent(&self) -> &Self {
                    self
                }

                fn received(received: Self) -> Result<Self, $crate::dictionary::InvalidId> {
                    Ok(received)
                }

                fn sample() -> Self {
                    Self { $($field: $crate::dictionary::sample(),)+ }
                }
            }

            impl $crate::dictionary::Dictionary for $name {
                const NAME: &'static str = stringify!($name);

                fn described() -> $crate::dictionary::Described {
                    $crate::dictionary::Described {
                        name: Self::NAME,
                        meaning: $crate::dictionary::prose(&[$($meaning),+]),
                        fields: vec![$(
                            $crate::dictionary::DescribedField::new::<$type>(
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
