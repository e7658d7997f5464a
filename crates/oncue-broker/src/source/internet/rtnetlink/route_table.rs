//! The links that are up, the links of default routes, and what follows from them.

use std::collections::BTreeSet;

use super::route_message::RouteMessage;

/// The kernel's links and default routes at one moment, by link index.
#[derive(Debug, Default)]
pub(super) struct RouteTable {
    up: BTreeSet<u32>,
    default_over: BTreeSet<u32>,
}

impl RouteTable {
    /// Adds a message of a dump.
    pub(super) fn learn(&mut self, message: RouteMessage) {
        match message {
            RouteMessage::Link { index, up: true } => {
                self.up.insert(index);
            }
            RouteMessage::DefaultRoute { links } => self.default_over.extend(links),
            RouteMessage::Link { up: false, .. }
            | RouteMessage::LinkGone { .. }
            | RouteMessage::DefaultRouteGone
            | RouteMessage::AddressGone
            | RouteMessage::NextHopChanged
            | RouteMessage::End { .. }
            | RouteMessage::Other => {}
        }
    }

    /// Whether a default route uses a link that is up.
    pub(super) fn internet(&self) -> bool {
        !self.up.is_disjoint(&self.default_over)
    }

    /// Whether the table must be read again after this notification.
    ///
    /// Most notifications about links (statistics, wireless scans), and all about other routes,
    /// change nothing here. If an IPv4 address is removed, a link goes down or a next hop object
    /// changes, its routes are removed without a notification for each.
    pub(super) fn outdated_by(&self, notice: &RouteMessage) -> bool {
        match notice {
            RouteMessage::Link { index, up } => self.up.contains(index) != *up,
            RouteMessage::LinkGone { index } => self.up.contains(index) || self.default_over.contains(index),
            RouteMessage::DefaultRoute { .. }
            | RouteMessage::DefaultRouteGone
            | RouteMessage::AddressGone
            | RouteMessage::NextHopChanged => true,
            RouteMessage::End { .. } | RouteMessage::Other => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(messages: impl IntoIterator<Item = RouteMessage>) -> RouteTable {
        let mut table = RouteTable::default();
        messages.into_iter().for_each(|message| table.learn(message));
        table
    }

    fn link(index: u32, up: bool) -> RouteMessage {
        RouteMessage::Link { index, up }
    }

    fn default_over(links: impl Into<Vec<u32>>) -> RouteMessage {
        RouteMessage::DefaultRoute { links: links.into() }
    }

    #[test]
    fn a_default_route_over_a_link_that_is_up_is_the_internet() {
        assert!(table([link(2, true), default_over([2])]).internet());
        assert!(table([link(2, false), link(3, true), default_over([2, 3])]).internet());
    }

    #[test]
    fn neither_a_link_nor_a_route_alone_is_the_internet() {
        assert!(!table([]).internet());
        assert!(!table([link(2, true)]).internet());
        assert!(!table([link(2, false), default_over([2])]).internet());
        assert!(!table([link(2, true), link(3, false), default_over([3])]).internet());
    }

    #[test]
    fn a_notice_that_repeats_what_is_known_changes_nothing() {
        let table = table([link(2, true), link(3, false), default_over([2])]);
        assert!(!table.outdated_by(&link(2, true)));
        assert!(!table.outdated_by(&link(3, false)));
        assert!(!table.outdated_by(&RouteMessage::LinkGone { index: 3 }));
        assert!(!table.outdated_by(&RouteMessage::Other));
    }

    #[test]
    fn news_that_can_bring_or_take_a_default_route_outdates_the_table() {
        let table = table([link(2, true), link(3, false), default_over([2])]);
        for news in [
            link(2, false),
            link(3, true),
            RouteMessage::LinkGone { index: 2 },
            default_over([3]),
            RouteMessage::DefaultRouteGone,
            RouteMessage::AddressGone,
            RouteMessage::NextHopChanged,
        ] {
            assert!(table.outdated_by(&news), "{news:?}");
        }
    }
}
