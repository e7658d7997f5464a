//! The rtnetlink messages about default routes, and the requests for them.
//!
//! Only the fixed headers and two attributes are parsed, so that additions in newer kernels do not
//! make a message unreadable. Layouts: `linux/rtnetlink.h`, rtnetlink(7).

use netlink_packet_core::{
    Emitable, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NetlinkBuffer,
    NetlinkHeader, NlasIterator,
};

const NETLINK_HEADER_BYTES: usize = 16;
const NETLINK_ALIGNMENT: usize = 4;

const RTM_NEWLINK: u16 = 16;
const RTM_DELLINK: u16 = 17;
const RTM_GETLINK: u16 = 18;
const RTM_DELADDR: u16 = 21;
const RTM_NEWROUTE: u16 = 24;
const RTM_DELROUTE: u16 = 25;
const RTM_GETROUTE: u16 = 26;
const RTM_NEWNEXTHOP: u16 = 104;
const RTM_DELNEXTHOP: u16 = 105;

/// `struct ifinfomsg`
const LINK_HEADER_BYTES: usize = 16;
/// `struct rtmsg`
const ROUTE_HEADER_BYTES: usize = 12;
/// `struct rtnexthop`
const NEXT_HOP_HEADER_BYTES: usize = 8;

const IFF_UP: u32 = 1 << 0;
const IFF_LOOPBACK: u32 = 1 << 3;
const IFF_RUNNING: u32 = 1 << 6;

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const RT_TABLE_MAIN: u8 = 254;
const RTN_UNICAST: u8 = 1;
const RTA_OIF: u16 = 4;
const RTA_MULTIPATH: u16 = 9;

/// The meaning of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RouteMessage {
    /// A link exists; `up` if it can carry packets to other machines.
    Link { index: u32, up: bool },
    /// A link was removed.
    LinkGone { index: u32 },
    /// A default route of IPv4 or IPv6 in the main table uses one of these links.
    DefaultRoute { links: Vec<u32> },
    /// Such a route was removed.
    DefaultRouteGone,
    /// An address was removed.
    AddressGone,
    /// A next hop object, which routes may share, was added, changed or removed; ip-nexthop(8).
    NextHopChanged,
    /// The end of a dump; 0 or the number of the error that ended it.
    End { errno: i32 },
    /// Something else.
    Other,
}

/// Returns the messages of a datagram, each with whether its dump was interrupted by a change.
pub(super) fn messages(datagram: &[u8]) -> impl Iterator<Item = (bool, RouteMessage)> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let message = NetlinkBuffer::new_checked(rest).ok()?;
        let length = (message.length() as usize).next_multiple_of(NETLINK_ALIGNMENT);
        rest = rest.get(length..).unwrap_or_default();
        let interrupted = message.flags() & NLM_F_DUMP_INTR != 0;
        let said = read(message.message_type(), message.payload());
        Some((interrupted, said.unwrap_or(RouteMessage::Other)))
    })
}

fn read(kind: u16, payload: &[u8]) -> Option<RouteMessage> {
    Some(match kind {
        NLMSG_DONE | NLMSG_ERROR => {
            RouteMessage::End { errno: -i32::from_ne_bytes(bytes_at(payload, 0).unwrap_or_default()) }
        }
        RTM_NEWLINK => RouteMessage::Link {
            index: u32::from_ne_bytes(bytes_at(payload, 4)?),
            up: is_up(u32::from_ne_bytes(bytes_at(payload, 8)?)),
        },
        RTM_DELLINK => RouteMessage::LinkGone { index: u32::from_ne_bytes(bytes_at(payload, 4)?) },
        RTM_NEWROUTE if is_default(payload)? => {
            RouteMessage::DefaultRoute { links: links(payload.get(ROUTE_HEADER_BYTES..)?) }
        }
        RTM_DELROUTE if is_default(payload)? => RouteMessage::DefaultRouteGone,
        RTM_DELADDR => RouteMessage::AddressGone,
        RTM_NEWNEXTHOP | RTM_DELNEXTHOP => RouteMessage::NextHopChanged,
        _ => RouteMessage::Other,
    })
}

fn bytes_at<const N: usize>(payload: &[u8], offset: usize) -> Option<[u8; N]> {
    payload.get(offset..)?.first_chunk().copied()
}

/// Enabled and, as far as the driver can tell, with a carrier; the loopback does not count.
fn is_up(flags: u32) -> bool {
    flags & (IFF_UP | IFF_RUNNING | IFF_LOOPBACK) == IFF_UP | IFF_RUNNING
}

/// Whether a `struct rtmsg` describes a default route that other tables do not hide.
fn is_default(route: &[u8]) -> Option<bool> {
    let [family, prefix, _, _, table, _, _, kind] = bytes_at(route, 0)?;
    Some(matches!(family, AF_INET | AF_INET6) && prefix == 0 && table == RT_TABLE_MAIN && kind == RTN_UNICAST)
}

/// Returns the links in a route's attributes.
fn links(attributes: &[u8]) -> Vec<u32> {
    let mut links = Vec::new();
    for attribute in NlasIterator::new(attributes).map_while(Result::ok) {
        match attribute.kind() {
            RTA_OIF => links.extend(bytes_at(attribute.value(), 0).map(u32::from_ne_bytes)),
            RTA_MULTIPATH => links.extend(next_hops(attribute.value())),
            _ => {}
        }
    }
    links
}

/// Returns the links of a route with several next hops.
fn next_hops(mut rest: &[u8]) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(bytes_at(rest, 0)?));
        let link = u32::from_ne_bytes(bytes_at(rest, 4)?);
        // Not shorter than its header, so that a wrong length cannot cause an endless loop.
        let length = length.max(NEXT_HOP_HEADER_BYTES);
        rest = rest.get(length.next_multiple_of(NETLINK_ALIGNMENT)..).unwrap_or_default();
        Some(link)
    })
}

/// Returns the request for all links.
pub(super) fn all_links() -> Vec<u8> {
    request(RTM_GETLINK, LINK_HEADER_BYTES)
}

/// Returns the request for all routes of all families.
pub(super) fn all_routes() -> Vec<u8> {
    request(RTM_GETROUTE, ROUTE_HEADER_BYTES)
}

fn request(kind: u16, header_bytes: usize) -> Vec<u8> {
    let mut request = vec![0; NETLINK_HEADER_BYTES + header_bytes];
    let mut header = NetlinkHeader::default();
    header.length = request.len() as u32;
    header.message_type = kind;
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    header.emit(&mut request);
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
        let mut message = request(kind, payload.len());
        message[6..8].copy_from_slice(&flags.to_ne_bytes());
        message[NETLINK_HEADER_BYTES..].copy_from_slice(payload);
        message.resize(message.len().next_multiple_of(NETLINK_ALIGNMENT), 0);
        message
    }

    fn read_one(kind: u16, payload: &[u8]) -> RouteMessage {
        let datagram = message(kind, 0, payload);
        messages(&datagram).next().unwrap().1
    }

    fn link(index: u32, flags: u32) -> Vec<u8> {
        [[0; 4], index.to_ne_bytes(), flags.to_ne_bytes(), [0; 4]].concat()
    }

    fn route(family: u8, prefix: u8, table: u8, kind: u8) -> Vec<u8> {
        vec![family, prefix, 0, 0, table, 0, 0, kind, 0, 0, 0, 0]
    }

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = (4 + value.len()) as u16;
        [&length.to_ne_bytes(), &kind.to_ne_bytes(), value].concat()
    }

    #[test]
    fn a_link_is_up_when_switched_on_with_a_carrier() {
        let up = |flags| read_one(RTM_NEWLINK, &link(7, flags));
        let expected = |up| RouteMessage::Link { index: 7, up };
        assert_eq!(up(IFF_UP | IFF_RUNNING), expected(true));
        assert_eq!(up(IFF_UP), expected(false), "no carrier");
        assert_eq!(up(0), expected(false), "switched off");
        assert_eq!(up(IFF_UP | IFF_RUNNING | IFF_LOOPBACK), expected(false));
    }

    #[test]
    fn a_default_route_names_its_link() {
        let mut payload = route(AF_INET, 0, RT_TABLE_MAIN, RTN_UNICAST);
        payload.extend(attribute(15, &254_u32.to_ne_bytes()));
        payload.extend(attribute(RTA_OIF, &3_u32.to_ne_bytes()));
        let said = read_one(RTM_NEWROUTE, &payload);
        assert_eq!(said, RouteMessage::DefaultRoute { links: vec![3] });
    }

    #[test]
    fn a_route_with_several_next_hops_names_each_link() {
        let gateway = attribute(5, &[192, 0, 2, 1]);
        let hop = |link: u32| [&16_u16.to_ne_bytes(), &[0, 0][..], &link.to_ne_bytes(), &gateway].concat();
        let mut payload = route(AF_INET6, 0, RT_TABLE_MAIN, RTN_UNICAST);
        payload.extend(attribute(RTA_MULTIPATH, &[hop(3), hop(4)].concat()));
        let said = read_one(RTM_NEWROUTE, &payload);
        assert_eq!(said, RouteMessage::DefaultRoute { links: vec![3, 4] });
    }

    #[test]
    fn other_routes_do_not_count() {
        const UNREACHABLE: u8 = 7;
        const BRIDGE: u8 = 7;
        for other in [
            route(AF_INET, 24, RT_TABLE_MAIN, RTN_UNICAST),
            route(AF_INET, 0, RT_TABLE_MAIN - 1, RTN_UNICAST),
            route(AF_INET6, 0, RT_TABLE_MAIN, UNREACHABLE),
            route(BRIDGE, 0, RT_TABLE_MAIN, RTN_UNICAST),
        ] {
            assert_eq!(read_one(RTM_NEWROUTE, &other), RouteMessage::Other);
            assert_eq!(read_one(RTM_DELROUTE, &other), RouteMessage::Other);
        }
    }

    #[test]
    fn the_end_of_a_dump_carries_its_error() {
        let denied = (-13_i32).to_ne_bytes();
        assert_eq!(read_one(NLMSG_ERROR, &denied), RouteMessage::End { errno: 13 });
        assert_eq!(read_one(NLMSG_DONE, &[0; 4]), RouteMessage::End { errno: 0 });
        assert_eq!(read_one(NLMSG_DONE, &[]), RouteMessage::End { errno: 0 });
    }

    #[test]
    fn a_datagram_may_hold_several_messages() {
        let datagram =
            [message(RTM_NEWLINK, NLM_F_DUMP_INTR, &link(1, 0)), message(RTM_DELLINK, 0, &link(2, 0))]
                .concat();
        let read: Vec<_> = messages(&datagram).collect();
        let gone = RouteMessage::LinkGone { index: 2 };
        assert_eq!(read[0], (true, RouteMessage::Link { index: 1, up: false }));
        assert_eq!(read[1..], [(false, gone)]);
    }

    #[test]
    fn cut_off_bytes_are_passed_over() {
        let whole = message(RTM_NEWROUTE, 0, &route(AF_INET, 0, RT_TABLE_MAIN, RTN_UNICAST));
        for end in 0..whole.len() {
            assert_eq!(messages(&whole[..end]).count(), 0);
        }
        assert_eq!(read_one(RTM_NEWLINK, &[0; 3]), RouteMessage::Other);
        let endless = [0_u8; 8];
        assert_eq!(next_hops(&endless).count(), 1);
    }
}
