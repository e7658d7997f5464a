//! Observes the user's sessions: whether one of them is in the foreground, and whether it is in use.
//!
//! Only logind knows this. For a graphical session, the desktop tells logind whether the user is present
//! (`IdleHint`, `LockedHint`). For a text session, no one sets these hints; logind derives them from the
//! last use of the terminal, but does not announce changes. There, the user counts as present as long as
//! the session is in the foreground.

use oncue_core::{Event, FactKind, Reading};
use tokio::sync::{mpsc, watch};
use zbus::{MatchRule, OwnedObjectPath};

use super::logind::{MANAGER, NAME, PATH, SESSION, signals_of_the_manager};
use super::service::{self, Account, At, Owner, Properties, Service};
use super::{Seen, SystemBus, Teller};
use crate::inbox::Inbox;

/// Observes until the broker ends.
pub(super) async fn observe(bus: SystemBus, mut teller: Teller, inbox: mpsc::Sender<Inbox>) {
    let account = watch::Sender::new(Account::Awaited);
    let mut news = account.subscribe();
    let telling = async {
        let mut told = None;
        loop {
            let logged_in = is_logged_in(&account.borrow());
            if logged_in.is_some() && logged_in != told {
                told = logged_in;
                // The loop may have ended.
                let _ = inbox.send(Event::LoggedIn(logged_in == Some(true)).into()).await;
            }
            let seen = facts(&account.borrow());
            for seen in seen.into_iter().flatten() {
                teller.tell(seen).await;
            }
            let _ = news.changed().await;
        }
    };
    let sessions = Sessions { user: rustix::process::getuid().as_raw() };
    tokio::join!(service::follow(bus, &sessions, &account), telling);
}

/// The sessions of one user, by user id.
struct Sessions {
    user: u32,
}

/// One session of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Session {
    /// Whether it is in the foreground of its seat; always true without a seat, as over SSH.
    active: bool,
    /// Whether it is a graphical session.
    graphical: bool,
    /// Whether it is not in use.
    idle: bool,
    /// Whether its screen is locked.
    locked: bool,
}

impl Service for Sessions {
    type Told = Vec<Session>;

    fn name(&self) -> &'static str {
        NAME
    }

    fn signals(&self) -> zbus::Result<Vec<MatchRule<'static>>> {
        Ok(vec![
            signals_of_the_manager()?,
            service::changes(NAME, SESSION, At::Below("/org/freedesktop/login1/session"))?,
        ])
    }

    async fn ask(&self, owner: &Owner<'_>) -> zbus::Result<Vec<Session>> {
        let reply = owner.call(PATH, MANAGER, "ListSessions", &()).await?;
        let listed: Vec<(String, u32, String, String, OwnedObjectPath)> = reply.body().deserialize()?;
        let mut sessions = Vec::new();
        for (_, user, _, _, path) in listed {
            if user != self.user {
                continue;
            }
            // A session that has ended by now has no properties, and no longer counts.
            if let Ok(properties) = owner.properties(path.as_str(), SESSION).await {
                sessions.extend(session(properties));
            }
        }
        Ok(sessions)
    }
}

/// Returns the session with these properties, unless it is not a user's session, or is about to close.
fn session(mut properties: Properties) -> Option<Session> {
    let class: String = properties.take("Class")?;
    let state: String = properties.take("State")?;
    let kind: String = properties.take("Type")?;
    // `user-early`, `user-light` and `user-incomplete` are users' sessions too.
    (class.starts_with("user") && state != "closing").then(|| Session {
        active: state == "active",
        graphical: matches!(kind.as_str(), "x11" | "wayland" | "mir"),
        idle: properties.take("IdleHint").unwrap_or(false),
        // It does not exist before systemd 230.
        locked: properties.take("LockedHint").unwrap_or(false),
    })
}

/// Returns what is seen; `None` while logind is awaited.
fn facts(account: &Account<Vec<Session>>) -> Option<[Seen; 2]> {
    if let Account::Awaited = account {
        return None;
    }
    let sessions = account.told();
    let fact = |kind, value: Option<bool>, what: &str| {
        Seen::new(kind, "logind", value.map(Reading::Is), || account.why_unknown("logind", what))
    };
    Some([
        fact(FactKind::UserPresent, sessions.map(|s| is_present(s)), "whether the user is present"),
        fact(
            FactKind::SessionConnected,
            sessions.map(|s| is_connected(s)),
            "whether the session is in the foreground",
        ),
    ])
}

/// Returns whether the user is logged in; `None` if nobody knows. A logind that is restarted is not the end
/// of a session.
fn is_logged_in(account: &Account<Vec<Session>>) -> Option<bool> {
    account.told().map(|sessions| !sessions.is_empty())
}

fn is_connected(sessions: &[Session]) -> bool {
    sessions.iter().any(|session| session.active)
}

/// Graphical sessions take precedence over text sessions, which never report that no one is present.
fn is_present(sessions: &[Session]) -> bool {
    if sessions.iter().any(|session| session.graphical) {
        let used = |session: &&Session| session.active && !session.idle && !session.locked;
        return sessions.iter().filter(|session| session.graphical).any(|session| used(&session));
    }
    is_connected(sessions)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESKTOP: Session = Session { active: true, graphical: true, idle: false, locked: false };
    const TEXT: Session = Session { active: true, graphical: false, idle: true, locked: false };

    #[test]
    fn a_desktop_that_is_idle_locked_or_in_the_background_is_left() {
        assert!(is_present(&[DESKTOP]));
        assert!(!is_present(&[Session { idle: true, ..DESKTOP }]));
        assert!(!is_present(&[Session { locked: true, ..DESKTOP }]));
        assert!(!is_present(&[Session { active: false, ..DESKTOP }]));
    }

    #[test]
    fn one_desktop_in_use_is_enough() {
        assert!(is_present(&[Session { active: false, ..DESKTOP }, DESKTOP]));
    }

    #[test]
    fn a_text_session_is_used_unless_there_is_a_desktop() {
        assert!(is_present(&[TEXT]), "its idle hint is made up and not announced");
        assert!(!is_present(&[TEXT, Session { locked: true, ..DESKTOP }]));
    }

    #[test]
    fn without_a_session_nobody_is_there() {
        assert!(!is_present(&[]) && !is_connected(&[]));
        assert_eq!(is_logged_in(&Account::Told(vec![])), Some(false));
        assert_eq!(is_logged_in(&Account::Told(vec![Session { active: false, ..TEXT }])), Some(true));
        assert!(!is_connected(&[Session { active: false, ..DESKTOP }]));
    }

    #[test]
    fn without_logind_both_are_unknown_and_it_is_said_why() {
        let seen = facts(&Account::Absent).unwrap();
        assert!(seen.iter().all(|seen| seen.value.as_ref().unwrap_err().contains("logind is not running")));
        assert_eq!(facts(&Account::Awaited), None);
        assert_eq!(is_logged_in(&Account::Absent), None);
    }
}
