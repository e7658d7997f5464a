//! What NetworkManager reports about the internet.

#[cfg(test)]
mod fake_bus;

use zbus::MatchRule;

use crate::source::service::{self, Account, At, Owner, Service};

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";

/// The service.
pub(super) struct NetworkManager;

/// Its properties `Connectivity` (`NMConnectivityState`) and `Metered` (`NMMetered`), see "D-Bus API
/// Types" in NetworkManager's reference manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) connectivity: u32,
    pub(super) metered: u32,
}

impl Service for NetworkManager {
    type Told = Network;

    fn name(&self) -> &'static str {
        NAME
    }

    fn signals(&self) -> zbus::Result<Vec<MatchRule<'static>>> {
        Ok(vec![service::changes(NAME, NAME, At::Path(PATH))?])
    }

    async fn ask(&self, owner: &Owner<'_>) -> zbus::Result<Network> {
        Ok(Network {
            connectivity: owner.property(PATH, NAME, "Connectivity").await?,
            // Absent before NetworkManager 1.2, and then unknown, like its value 0.
            metered: owner.property(PATH, NAME, "Metered").await.unwrap_or(0),
        })
    }
}

impl Account<Network> {
    /// Whether the internet is reachable, if NetworkManager knows.
    pub(super) fn internet(&self) -> Option<bool> {
        internet(self.told()?.connectivity)
    }

    /// Whether the connection is not metered, if NetworkManager knows.
    pub(super) fn free(&self) -> Option<bool> {
        free(self.told()?.metered)
    }

    /// Whether it has answered, but does not know about the internet.
    pub(super) fn leaves_it_to_the_routes(&self) -> bool {
        !matches!(self, Self::Awaited) && self.internet().is_none()
    }

    /// Why it is unknown whether the connection is metered, which only NetworkManager reports.
    pub(super) fn why_free_is_unknown(&self) -> String {
        self.why_unknown("NetworkManager", "whether the connection is metered")
    }
}

/// `NMConnectivityState`: only full connectivity counts as internet; a portal, limited or no
/// connectivity does not.
fn internet(connectivity: u32) -> Option<bool> {
    match connectivity {
        4 => Some(true),
        1..=3 => Some(false),
        _ => None,
    }
}

/// `NMMetered`: a guess counts the same as certain knowledge.
fn free(metered: u32) -> Option<bool> {
    match metered {
        2 | 4 => Some(true),
        1 | 3 => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::service::Silence;

    #[test]
    fn only_full_connectivity_is_the_internet() {
        let [unknown, none, portal, limited, full] = [0, 1, 2, 3, 4].map(internet);
        assert_eq!(unknown, None);
        assert_eq!([none, portal, limited], [Some(false); 3]);
        assert_eq!(full, Some(true));
        assert_eq!(internet(5), None, "a state of a later NetworkManager");
    }

    #[test]
    fn a_guess_about_metering_counts() {
        let [unknown, yes, no, guess_yes, guess_no] = [0, 1, 2, 3, 4].map(free);
        assert_eq!(unknown, None);
        assert_eq!([yes, guess_yes], [Some(false); 2]);
        assert_eq!([no, guess_no], [Some(true); 2]);
    }

    #[test]
    fn routes_are_asked_only_where_network_manager_does_not_know() {
        let told = |connectivity| Account::Told(Network { connectivity, metered: 2 });
        assert!(told(0).leaves_it_to_the_routes());
        assert!(!told(1).leaves_it_to_the_routes());
        assert!(Account::<Network>::Silent(Silence::TimedOut).leaves_it_to_the_routes());
        assert!(!Account::<Network>::Awaited.leaves_it_to_the_routes());
    }
}
