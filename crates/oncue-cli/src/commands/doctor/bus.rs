//! Whether the broker can be called on the session bus.

use oncue_broker::service::{NameOnBus, name_on_bus};
use oncue_wire::Place;
use oncue_wire::names::BROKER_INTERFACE;

use super::finding::Finding;

/// Returns a finding if another program has the name of this broker.
pub(super) fn finding(broker: u32) -> Option<Finding> {
    // There is only one name, which a broker with ONCUE_HOME leaves to others.
    if Place::is_own_home() { None } else { judge(name_on_bus(), broker) }
}

fn judge(name: NameOnBus, broker: u32) -> Option<Finding> {
    match name {
        NameOnBus::NoBus | NameOnBus::Free { .. } => None,
        NameOnBus::Owned { pid } if pid == Some(broker) => None,
        NameOnBus::Owned { pid } => {
            let process = pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
            Some(Finding {
                what: format!(
                    "{BROKER_INTERFACE} on the session bus is another program{process}, which programs call \
                     instead of the broker"
                ),
                way_out: "end that program, or give its broker the setting `session_bus = \"never\"`".into(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_program_with_the_name_is_a_problem() {
        assert_eq!(judge(NameOnBus::NoBus, 7), None);
        assert_eq!(judge(NameOnBus::Owned { pid: Some(7) }, 7), None);
        let found = judge(NameOnBus::Owned { pid: Some(8) }, 7).unwrap();
        assert!(found.what.contains("(pid 8)"), "{found:?}");
    }
}
