//! Class objects, as task servers register them.

use crate::guid::Guid;

/// Identifies a registration of a class object with the broker, like the cookie of `CoRegisterClassObject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cookie(pub u32);

/// How many activations a class object serves; corresponds to COM's `REGCLS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassUse {
    /// Any number of activations (`REGCLS_MULTIPLEUSE`).
    Multiple,
    /// One activation; the next one starts another process (`REGCLS_SINGLEUSE`).
    Single,
}

/// A class object, as a server registers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassObject {
    /// The class that it creates.
    pub class: Guid,
    /// How many activations it serves.
    pub class_use: ClassUse,
    /// Whether it serves only after the server has resumed its class objects (`REGCLS_SUSPENDED`).
    pub suspended: bool,
}
