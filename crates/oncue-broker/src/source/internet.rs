//! Observes whether the internet is reachable, and whether using it is free.
//!
//! If NetworkManager is running and knows, its answer counts; otherwise, the kernel's default routes do.
//! Both send notifications, and the routes are watched only while they are needed, so that nothing wakes
//! the broker while nothing changes.

mod network_manager;
mod rtnetlink;

use futures_util::future::{Fuse, FusedFuture, FutureExt};
use network_manager::{Network, NetworkManager};
use rtnetlink::Routes;
use tokio::sync::{mpsc, watch};

use super::SystemBus;
use super::service::{self, Account};

/// What a source observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    /// Whether the internet is reachable; `None` if no source knows.
    pub(crate) internet: Option<bool>,
    /// Whether the connection is not charged by volume; `None` if no source knows.
    pub(crate) free: Option<bool>,
    /// The source of `internet`: `NetworkManager` or `rtnetlink`.
    pub(crate) source: &'static str,
    /// Why `internet` or `free` is unknown, for people.
    pub(crate) why: Option<String>,
}

/// Observes until `changed` is closed. Sends the first observation as soon as it is known, and then
/// only changes.
///
/// A slow reader gets the latest observation, not each one in between.
pub(crate) async fn observe(system_bus: SystemBus, changed: mpsc::Sender<Observation>) {
    let manager = watch::Sender::new(Account::Awaited);
    let mut manager_news = manager.subscribe();
    let manager_watch = service::follow(system_bus, &NetworkManager, &manager).fuse();

    let routes = watch::Sender::new(Routes::Awaited);
    let mut routes_news = routes.subscribe();
    let routes_watch = Fuse::terminated();

    tokio::pin!(manager_watch, routes_watch);
    let mut watching_routes = false;
    let mut sent = None;
    loop {
        let needs_routes = manager.borrow().leaves_it_to_the_routes();
        if needs_routes != watching_routes {
            watching_routes = needs_routes;
            routes.send_replace(Routes::Awaited);
            routes_watch.set(match needs_routes {
                true => rtnetlink::follow(&routes).fuse(),
                false => Fuse::terminated(),
            });
        }
        let seen = judge(&manager.borrow(), &routes.borrow());
        let unsent = seen.is_some() && seen != sent;

        // A full channel must not keep the bus and the kernel from being read, hence `reserve` in parallel
        // instead of `send` afterwards.
        tokio::select! {
            permit = changed.reserve(), if unsent => match (permit, seen) {
                (Ok(permit), Some(seen)) => {
                    tracing::debug!(?seen, "internet");
                    permit.send(seen.clone());
                    sent = Some(seen);
                }
                _ => return,
            },
            () = changed.closed() => return,
            _ = manager_news.changed() => {}
            _ = routes_news.changed() => {}
            () = &mut manager_watch, if !manager_watch.is_terminated() => {}
            () = &mut routes_watch, if !routes_watch.is_terminated() => {}
        }
    }
}

/// Returns the observation from all accounts; `None` while an account that counts is awaited.
fn judge(manager: &Account<Network>, routes: &Routes) -> Option<Observation> {
    let free = manager.free();
    let free_why = || free.is_none().then(|| manager.why_free_is_unknown());
    if let Some(internet) = manager.internet() {
        return Some(Observation {
            internet: Some(internet),
            free,
            source: "NetworkManager",
            why: free_why(),
        });
    }
    if !manager.leaves_it_to_the_routes() {
        return None;
    }
    let (internet, why) = match routes {
        Routes::Awaited => return None,
        Routes::Judged { internet } => (Some(*internet), free_why()),
        Routes::Lost(error) => (None, Some(format!("cannot watch routes: {error}"))),
    };
    Some(Observation { internet, free, source: "rtnetlink", why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(connectivity: u32, metered: u32) -> Account<Network> {
        Account::Told(Network { connectivity, metered })
    }

    #[test]
    fn network_manager_outranks_the_routes() {
        let behind_a_portal = judge(&told(2, 1), &Routes::Judged { internet: true }).unwrap();
        assert_eq!(behind_a_portal.internet, Some(false));
        assert_eq!(behind_a_portal.free, Some(false));
        assert_eq!(behind_a_portal.source, "NetworkManager");
        assert_eq!(behind_a_portal.why, None);
    }

    #[test]
    fn routes_answer_while_network_manager_does_not_know() {
        let seen = judge(&told(0, 4), &Routes::Judged { internet: true }).unwrap();
        assert_eq!(seen.internet, Some(true));
        assert_eq!(seen.free, Some(true), "metered is still its to tell");
        assert_eq!(seen.source, "rtnetlink");
    }

    #[test]
    fn without_network_manager_nobody_knows_whether_it_is_free() {
        let seen = judge(&Account::Absent, &Routes::Judged { internet: true }).unwrap();
        assert_eq!((seen.internet, seen.free), (Some(true), None));
        assert!(seen.why.unwrap().contains("NetworkManager"));
    }

    #[test]
    fn nothing_is_observed_before_the_account_that_counts() {
        let routes = Routes::Judged { internet: true };
        assert_eq!(judge(&Account::Awaited, &routes), None);
        assert_eq!(judge(&Account::NoBus, &Routes::Awaited), None);
    }

    #[test]
    fn lost_routes_leave_the_internet_unknown_and_say_why() {
        let error = std::io::Error::other("no netlink here");
        let seen = judge(&Account::NoBus, &Routes::Lost(error)).unwrap();
        assert_eq!((seen.internet, seen.free), (None, None));
        assert!(seen.why.unwrap().contains("no netlink here"));
    }

    #[tokio::test]
    async fn observing_ends_when_nobody_listens() {
        let (changed, listener) = mpsc::channel(1);
        drop(listener);
        observe(SystemBus::fixed(None), changed).await;
    }
}
