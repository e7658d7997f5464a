//! The rows of the tables of methods and signals, and the macros that read them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zbus::{Signature, Type};

use super::Method;

/// A method or a signal. The implementing type contains its arguments.
pub trait Member: Serialize + DeserializeOwned + Type {
    /// Its name.
    const NAME: &'static str;
}

/// A method of the broker.
pub trait Ask: Member {
    /// The method.
    const METHOD: Method;
    /// The type of its answer.
    type Answer: Serialize + DeserializeOwned + Type;
}

/// Who may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Any process of the user. An app sees and controls only what belongs to its own package.
    Anyone,
    /// A process that belongs to a package.
    App,
    /// A process that belongs to no package: `oncue` and other tools of the user. For all others, the text
    /// says what they may not do.
    Tool(&'static str),
    /// Any process; from then on, the broker treats it as a task server.
    Server,
}

impl Who {
    /// Returns the word in the published XML.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::App => "app",
            Self::Tool(_) => "tool",
            Self::Server => "server",
        }
    }
}

/// The effect of calling a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// None. It can be called again if no answer arrives.
    Look,
    /// None, and the answer can be long.
    List,
    /// A change; a second call may change something a second time.
    Change,
    /// A report, which needs no answer.
    Tell,
}

/// One row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The member's name.
    pub name: &'static str,
    /// What it does.
    pub meaning: String,
    /// Its arguments.
    pub takes: Vec<Argument>,
    /// Its result, if it has one.
    pub gives: Option<Argument>,
}

/// An argument or a result.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Its type on the wire.
    pub signature: &'static Signature,
    /// Its type in Rust.
    pub rust: &'static str,
}

/// Defines the type that carries a member's arguments.
macro_rules! member {
    ($(#[doc = $meaning:literal])+ $name:ident) => {
        $(#[doc = $meaning])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, zbus::Type)]
        pub struct $name;
        $crate::interface::row::named!($name);
    };
    ($(#[doc = $meaning:literal])+ $name:ident $($argument:ident: $type:ty),+) => {
        $(#[doc = $meaning])+
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, zbus::Type)]
        #[expect(missing_docs, reason = "the documentation of the whole names its arguments")]
        pub struct $name {
            $(pub $argument: $type,)+
        }
        $crate::interface::row::named!($name);
    };
}
pub(super) use member;

/// Gives a member its name.
macro_rules! named {
    ($name:ident) => {
        impl $crate::interface::Member for $name {
            const NAME: &'static str = stringify!($name);
        }
    };
}
pub(super) use named;

/// Names the type of a result.
macro_rules! answer {
    () => {
        ()
    };
    ($type:ty) => {
        $type
    };
}
pub(super) use answer;

/// Describes an argument.
macro_rules! argument {
    ($name:ident: $type:ty) => {
        $crate::interface::Argument {
            name: stringify!($name),
            signature: <$type as zbus::Type>::SIGNATURE,
            rust: stringify!($type),
        }
    };
}
pub(super) use argument;

/// Reads a table of signals or of calls that need no answer: a module with a type for each, and an
/// enumeration of what can be received.
macro_rules! members {
    (
        $(#[doc = $of_module:literal])+ mod $module:ident;
        $(#[doc = $of_enum:literal])+ enum $received:ident;
        $($(#[doc = $meaning:literal])+ $name:ident($($argument:ident: $type:ty),*);)+
    ) => {
        $(#[doc = $of_module])+
        pub mod $module {
            use super::*;
            $($crate::interface::row::member! { $(#[doc = $meaning])+ $name $($argument: $type),* })+
        }

        $(#[doc = $of_enum])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $received {
            $($(#[doc = $meaning])+ $name($module::$name),)+
        }

        impl $received {
            /// Reads a message. `None` if this version does not know its member.
            ///
            /// # Errors
            /// Returns an error if the arguments do not have the types that the interface specifies.
            pub fn read(message: &zbus::Message) -> zbus::Result<Option<Self>> {
                let header = message.header();
                let name = header.member().map_or("", |member| member.as_str());
                $(
                    if name == stringify!($name) {
                        return message.body().deserialize_ignore_signature().map(Self::$name).map(Some);
                    }
                )+
                Ok(None)
            }

            /// Returns the table's rows.
            #[must_use]
            pub fn rows() -> Vec<$crate::interface::Row> {
                vec![$($crate::interface::Row {
                    name: stringify!($name),
                    meaning: $crate::dictionary::prose(&[$($meaning),+]),
                    takes: vec![$($crate::interface::row::argument!($argument: $type)),*],
                    gives: None,
                }),+]
            }
        }
    };
}
pub(super) use members;

/// Reads the table of the broker's methods.
macro_rules! methods {
    ($(
        $(#[doc = $meaning:literal])+
        [$who:expr, $kind:expr] $name:ident($($argument:ident: $type:ty),*) $(-> $result:ident: $answer:ty)?;
    )+) => {
        /// The arguments of the broker's methods.
        pub mod ask {
            use super::*;
            $($crate::interface::row::member! { $(#[doc = $meaning])+ $name $($argument: $type),* })+
        }

        /// The broker's methods.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Method {
            $($(#[doc = $meaning])+ $name,)+
        }

        /// A call of one of the broker's methods.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Call {
            $($(#[doc = $meaning])+ $name(ask::$name),)+
        }

        $(
            impl $crate::interface::Ask for ask::$name {
                const METHOD: Method = Method::$name;
                type Answer = $crate::interface::row::answer!($($answer)?);
            }
        )+

        impl Method {
            /// Every method, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the method's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// Returns who may call it.
            #[must_use]
            pub const fn who(self) -> $crate::interface::Who {
                match self {
                    $(Self::$name => $who,)+
                }
            }

            /// Returns what calling it does.
            #[must_use]
            pub const fn kind(self) -> $crate::interface::Kind {
                match self {
                    $(Self::$name => $kind,)+
                }
            }

            /// Returns its row.
            #[must_use]
            pub fn row(self) -> $crate::interface::Row {
                match self {
                    $(Self::$name => $crate::interface::Row {
                        name: stringify!($name),
                        meaning: $crate::dictionary::prose(&[$($meaning),+]),
                        takes: vec![$($crate::interface::row::argument!($argument: $type)),*],
                        gives: [$($crate::interface::row::argument!($result: $answer))?].first().copied(),
                    },)+
                }
            }
        }

        impl Call {
            /// Reads the arguments of a call.
            ///
            /// # Errors
            /// Returns an error if they have another form than the interface says.
            pub fn read(method: Method, message: &zbus::Message) -> Result<Self, $crate::Refused> {
                match method {
                    $(Method::$name => $crate::hear::arguments(message).map(Self::$name),)+
                }
            }
        }
    };
}
pub(super) use methods;
