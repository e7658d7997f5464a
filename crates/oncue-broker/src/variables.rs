//! The environment variables of a run: those of the user's session, not those of the process that started the
//! broker.
//!
//! If a systemd user manager is running, its variables count, and a change (`systemctl --user
//! set-environment`, a desktop that starts) takes effect for the next server. The manager does not announce
//! such changes, so it is asked each time, over a connection that stays open. Once it has not answered in
//! time, the broker does not wait for it again until it answers. Without a manager, the variables are those
//! of a login. They are read again when one of their sources has changed.

mod login;
#[cfg(test)]
mod tests;
mod user_manager;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oncue_wire::names::HOME_VARIABLE;
use tokio::time::timeout;

use self::login::Login;
pub(crate) use self::user_manager::UserManager;

/// Variables by name.
pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// How long the user manager may take to answer; after that the last answer is used.
const PATIENCE: Duration = Duration::from_millis(500);

/// The variables that locate a broker without `ONCUE_HOME`; its servers must find it the same way.
const PLACES: [&str; 5] = ["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"];

/// Never passed on: runs use the system's time zone, as schedules do.
const ZONE: &str = "TZ";

/// Returns the name of this process's user.
pub(crate) fn own_name() -> Option<String> {
    Login::of_this_process().least().get(&OsString::from("USER"))?.to_str().map(ToOwned::to_owned)
}

/// The source of the variables of the user's session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    manager: UserManager,
    login: Arc<Login>,
    /// The variables that locate this broker: set to a value, or removed.
    places: BTreeMap<OsString, Option<OsString>>,
    heard: Arc<Mutex<Heard>>,
}

/// What is known from the user manager.
#[derive(Debug, Default)]
struct Heard {
    /// Its last answer.
    last: Option<Variables>,
    /// It has not answered in time.
    silent: bool,
}

impl Session {
    /// The session that this process runs in.
    pub(crate) fn of_this_process() -> Self {
        let home = std::env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty());
        let others = if home.is_some() { &[] } else { &PLACES[..] };
        let others = others.iter().map(|name| (OsString::from(name), std::env::var_os(name)));
        let places = others.chain([(OsString::from(HOME_VARIABLE), home.clone())]).collect();
        let login = Login::of_this_process();
        Self::new(UserManager::of(&login), login, places)
    }

    fn new(manager: UserManager, login: Login, places: BTreeMap<OsString, Option<OsString>>) -> Self {
        Self { manager, login: Arc::new(login), places, heard: Arc::default() }
    }

    /// Returns the variables of the user manager, if there is one. If it does not answer, its last answer
    /// counts.
    pub(crate) async fn of_manager(&self) -> Option<Variables> {
        if self.heard().silent {
            return self.heard().last.clone();
        }
        let Ok(told) = timeout(PATIENCE, self.manager.environment()).await else {
            tracing::warn!("the user manager did not answer within {PATIENCE:?}; using its last environment");
            self.heard().silent = true;
            let session = self.clone();
            tokio::spawn(async move {
                let told = session.manager.environment().await;
                session.hear(told);
            });
            return self.heard().last.clone();
        };
        self.hear(told.clone());
        told
    }

    fn hear(&self, told: Option<Variables>) {
        *self.heard() = Heard { last: told, silent: false };
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns all variables, given those of the user manager. This reads files, so do not call it on the
    /// loop's thread.
    pub(crate) fn variables(&self, of_manager: Option<Variables>) -> Variables {
        let mut all = match of_manager {
            Some(told) => {
                let mut all = self.login.least();
                all.extend(told);
                all
            }
            None => self.login.variables(),
        };
        all.remove(&OsString::from(ZONE));
        for (name, value) in &self.places {
            match value {
                Some(value) => drop(all.insert(name.clone(), value.clone())),
                None => drop(all.remove(name)),
            }
        }
        all
    }
}
