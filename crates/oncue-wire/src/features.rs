//! The features of a broker, so that a client can check before it relies on a new one.

use crate::dictionary::Dictionary;
use crate::{BrokerInfo, TaskSpec};

/// Returns this version's features: `task.FIELD` for each field of a task that it understands.
///
/// An older broker ignores a field that it does not know, so a client has to check here first. New methods
/// are not listed, because an older broker refuses to call them.
#[must_use]
pub fn features() -> Vec<String> {
    let fields = TaskSpec::described().fields.into_iter();
    fields.map(|field| format!("task.{}", field.name)).collect()
}

impl BrokerInfo {
    /// Returns whether the broker supports a feature.
    #[must_use]
    pub fn supports(&self, feature: &str) -> bool {
        self.features.iter().any(|supported| supported == feature)
    }
}
