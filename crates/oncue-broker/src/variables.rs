//! The environment variables of a run: those of the user's session, not of the broker's starter.
//!
//! If a systemd user manager runs, the broker asks it before each start of a server, so that a change
//! (`systemctl --user set-environment`, a desktop that starts) takes effect for the next server. Otherwise
//! the variables are those of a login.

mod login;
#[cfg(test)]
mod tests;
mod user_manager;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oncue_wire::names::HOME_VARIABLE;
use tokio::time::timeout;

use self::login::Login;
use self::user_manager::UserManager;

/// Variables by name.
pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// How long the user manager may take to answer; after that the last answer is used.
const PATIENCE: Duration = Duration::from_millis(500);

/// The variables that locate a broker without `ONCUE_HOME`; its servers must find it the same way.
const PLACES: [&str; 5] = ["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"];

/// Never passed on: runs go by the system's time zone, as schedules do.
const ZONE: &str = "TZ";

/// The source of the variables of the user's session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    manager: UserManager,
    login: Login,
    /// The variables that locate this broker: set to a value, or removed.
    places: BTreeMap<OsString, Option<OsString>>,
    last: Arc<Mutex<Option<Variables>>>,
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
        Self { manager, login, places, last: Arc::default() }
    }

    /// Returns the variables as they are now.
    pub(crate) async fn variables(&self) -> Variables {
        let told = match timeout(PATIENCE, self.ask()).await {
            Ok(told) => told,
            Err(_) => {
                tracing::warn!(
                    "the user manager did not answer within {PATIENCE:?}; using its last environment"
                );
                None
            }
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some() {
            last.clone_from(&told);
        }
        let mut all = told.or_else(|| last.clone()).unwrap_or_else(|| self.login.least());
        all.remove(&OsString::from(ZONE));
        for (name, value) in &self.places {
            match value {
                Some(value) => drop(all.insert(name.clone(), value.clone())),
                None => drop(all.remove(name)),
            }
        }
        all
    }

    async fn ask(&self) -> Option<Variables> {
        if let Some(told) = self.manager.environment().await {
            let mut all = self.login.least();
            all.extend(told);
            return Some(all);
        }
        let login = self.login.clone();
        tokio::task::spawn_blocking(move || login.variables()).await.ok()
    }
}
