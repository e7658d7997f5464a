//! What a broker supports, so that a client can ask before it relies on something new.

use crate::dictionary::Dictionary;
use crate::{BrokerInfo, TaskSpec};

/// Returns this version's features: `task.FIELD` for each field of a task that it understands.
///
/// An older broker ignores a field that it does not know, so a client has to look here first. A new method
/// needs no word: an older broker refuses it.
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
