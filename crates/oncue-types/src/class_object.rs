//! Class objects, as task servers register them.

use crate::guid::Guid;

/// Names one registration of a class object with the broker, as the cookie of `CoRegisterClassObject` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cookie(pub u32);

/// How often a class object serves, as COM's `REGCLS` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassUse {
    /// For as many activations as come (`REGCLS_MULTIPLEUSE`).
    Multiple,
    /// For one activation; the next one starts another process (`REGCLS_SINGLEUSE`).
    Single,
}

/// A class object as a server registers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassObject {
    /// Which class it makes.
    pub class: Guid,
    /// How often it serves.
    pub class_use: ClassUse,
    /// Whether it serves only once the server resumes its class objects (`REGCLS_SUSPENDED`).
    pub suspended: bool,
}
