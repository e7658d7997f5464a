//! The folders for configuration, state, runtime files and data, according to the XDG Base
//! Directory Specification.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::names::HOME_VARIABLE;

/// The folders of one user's oncue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `config.toml`: `$XDG_CONFIG_HOME/oncue`.
    pub config: PathBuf,
    /// The store and the logs: `$XDG_STATE_HOME/oncue`.
    pub state: PathBuf,
    /// The socket and the locks: `$XDG_RUNTIME_DIR/oncue`.
    pub runtime: PathBuf,
    /// The packages' local folders: `$XDG_DATA_HOME/oncue`.
    pub data: PathBuf,
}

/// The environment does not specify a folder.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Neither variable gives an absolute folder.
    #[error("no folder for {what}: set {variable} or HOME to an absolute path")]
    NoFolder {
        /// For what.
        what: &'static str,
        /// The variable that would tell.
        variable: &'static str,
    },
    /// `ONCUE_HOME` is not absolute.
    #[error("ONCUE_HOME is `{given}`: it must be an absolute path")]
    HomeNotAbsolute {
        /// What it is.
        given: String,
    },
}

impl fmt::Debug for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PlaceError {
    /// Returns what the caller can do.
    #[must_use]
    pub const fn way_out(&self) -> &'static str {
        match self {
            Self::NoFolder { .. } => "set HOME and XDG_RUNTIME_DIR as in a login session, or set ONCUE_HOME",
            Self::HomeNotAbsolute { .. } => {
                "set ONCUE_HOME to the absolute path of a folder that you own, or unset it"
            }
        }
    }
}

impl Place {
    /// Finds the folders from the environment: below `ONCUE_HOME` if it is set, otherwise as
    /// specified by XDG.
    ///
    /// Without `XDG_RUNTIME_DIR`, the runtime folder is `run` below the state folder.
    ///
    /// # Errors
    /// Returns an error if the environment contains no absolute path to use.
    pub fn find() -> Result<Self, PlaceError> {
        if let Some(home) = env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty()) {
            let home = PathBuf::from(home);
            if !home.is_absolute() {
                return Err(PlaceError::HomeNotAbsolute { given: home.display().to_string() });
            }
            return Ok(Self::below(&home));
        }
        let state = base("state", "XDG_STATE_HOME", ".local/state")?;
        let runtime = absolute("XDG_RUNTIME_DIR").map_or_else(|| state.join("run"), |dir| dir.join("oncue"));
        Ok(Self {
            config: base("configuration", "XDG_CONFIG_HOME", ".config")?,
            state,
            runtime,
            data: base("data", "XDG_DATA_HOME", ".local/share")?,
        })
    }

    /// Returns whether `ONCUE_HOME` is set, for tests and demonstrations.
    #[must_use]
    pub fn is_own_home() -> bool {
        env::var_os(HOME_VARIABLE).is_some_and(|home| !home.is_empty())
    }

    /// Returns whether the runtime folder is removed when the user's last session ends.
    #[must_use]
    pub fn goes_with_log_in(&self) -> bool {
        !Self::is_own_home() && absolute("XDG_RUNTIME_DIR").is_some_and(|dir| self.runtime.starts_with(dir))
    }

    /// Puts all folders below a single one.
    #[must_use]
    pub fn below(home: &Path) -> Self {
        Self {
            config: home.join("config"),
            state: home.join("state"),
            runtime: home.join("run"),
            data: home.join("data"),
        }
    }

    /// Returns the broker's socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.runtime.join("broker.sock")
    }

    /// Returns a package's local folder, the counterpart of `ApplicationData.LocalFolder`.
    #[must_use]
    pub fn local_folder(&self, family_name: &str) -> PathBuf {
        self.data.join("packages").join(family_name).join("LocalState")
    }
}

fn base(what: &'static str, variable: &'static str, below_home: &str) -> Result<PathBuf, PlaceError> {
    absolute(variable)
        .or_else(|| absolute("HOME").map(|home| home.join(below_home)))
        .map(|dir| dir.join("oncue"))
        .ok_or(PlaceError::NoFolder { what, variable })
}

/// According to the specification, a path that is not absolute is ignored.
fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}
