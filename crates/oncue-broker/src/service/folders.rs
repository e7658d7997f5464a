//! The folders of units and autostart entries, and what in them starts the broker at log-in.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use oncue_wire::names::{BROKER_INTERFACE, EMBEDDED_ARGUMENT, SERVICE_ARGUMENT};

use super::text::command;

/// The unit and its socket, and the targets that want them at log-in.
const UNITS: [(&str, &str); 2] =
    [("oncue.service", "default.target.wants"), ("oncue.socket", "sockets.target.wants")];

/// The name of the autostart entry.
const ENTRY: &str = "oncue.desktop";

/// The folders of units and entries, from the environment.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Folders of systemd's user units, the user's own first.
    units: Vec<PathBuf>,
    /// Folders of autostart entries, the user's own first. If two files have the same name, the first one
    /// counts.
    autostart: Vec<PathBuf>,
    /// The folder for the user's own configuration.
    own: PathBuf,
    /// The folder for the user's own service files of the session bus, if it is known.
    bus: Option<PathBuf>,
    /// The folder for oncue's state.
    state: PathBuf,
    /// Whether the user has a running service manager.
    pub(super) has_manager: bool,
}

/// The way in which the broker starts at log-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starter {
    /// The unit or entry.
    pub file: PathBuf,
    /// The program that it starts, if that is an absolute path.
    pub program: Option<PathBuf>,
}

impl Folders {
    /// Finds the folders from the environment; `None` if it names none for configuration or state.
    #[must_use]
    pub fn here() -> Option<Self> {
        let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let below_home = |below: &str| Some(home.as_ref()?.join(below));
        let own = absolute("XDG_CONFIG_HOME").or_else(|| below_home(".config"))?;
        let data = absolute("XDG_DATA_HOME").or_else(|| below_home(".local/share"));
        let state = absolute("XDG_STATE_HOME").or_else(|| below_home(".local/state"))?.join("oncue");
        let shared = env::var("XDG_CONFIG_DIRS").ok().filter(|dirs| !dirs.is_empty());
        let shared = shared.unwrap_or_else(|| "/etc/xdg".into());
        let systems = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map(PathBuf::from);
        let bus = data.as_ref().map(|data| data.join("dbus-1/services"));
        let places = [own.clone()].into_iter().chain(data).chain(systems);
        let autostart = [own.clone()].into_iter().chain(shared.split(':').map(PathBuf::from));
        Some(Self {
            units: places.map(|place| place.join("systemd/user")).collect(),
            autostart: autostart.map(|place| place.join("autostart")).collect(),
            own,
            bus,
            state,
            has_manager: absolute("XDG_RUNTIME_DIR").is_some_and(|dir| dir.join("systemd/private").exists()),
        })
    }

    /// Folders for tests.
    #[cfg(test)]
    pub(super) fn below(root: &Path) -> Self {
        Self {
            units: vec![root.join("config/systemd/user"), root.join("units")],
            autostart: vec![root.join("config/autostart"), root.join("shared")],
            own: root.join("config"),
            bus: Some(root.join("data/dbus-1/services")),
            state: root.join("state"),
            has_manager: false,
        }
    }

    /// Returns what starts the broker at log-in.
    #[must_use]
    pub fn starter(&self) -> Option<Starter> {
        let unit = self.units.iter().find_map(|units| enabled_unit(units));
        unit.or_else(|| self.enabled_entry()).or_else(|| {
            let file = self.portal_note();
            file.exists().then_some(Starter { file, program: None })
        })
    }

    /// Returns the paths of the user's unit and its socket.
    pub(super) fn units(&self) -> [PathBuf; 2] {
        UNITS.map(|(name, _)| self.own.join("systemd/user").join(name))
    }

    /// Returns the paths of the links that make the manager start them.
    pub(super) fn wants(&self) -> [PathBuf; 2] {
        UNITS.map(|(name, target)| self.own.join("systemd/user").join(target).join(name))
    }

    /// Returns the path of the user's autostart entry.
    pub(super) fn entry(&self) -> PathBuf {
        self.own.join("autostart").join(ENTRY)
    }

    /// Returns the path of the file with which the session bus starts the broker when it is called.
    pub(super) fn bus_service(&self) -> Option<PathBuf> {
        Some(self.bus.as_ref()?.join(format!("{BROKER_INTERFACE}.service")))
    }

    /// Returns the path of the note that the portal was asked, since it cannot be asked whether it was.
    pub(super) fn portal_note(&self) -> PathBuf {
        self.state.join("portal-autostart")
    }

    /// Returns the path of the note that the user does not want the service.
    pub(super) fn declined(&self) -> PathBuf {
        self.state.join("no-service")
    }

    fn enabled_entry(&self) -> Option<Starter> {
        let mut seen = Vec::new();
        for file in self.autostart.iter().flat_map(|folder| files(folder, "desktop")) {
            let name = file.file_name().map(ToOwned::to_owned);
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let text = fs::read_to_string(&file).unwrap_or_default();
            let off = ["Hidden=true", "X-GNOME-Autostart-enabled=false"];
            let off = text.lines().any(|line| off.contains(&line.trim()));
            if !off && let Some(program) = started(&text, "Exec=") {
                return Some(Starter { file, program: absolute(program) });
            }
        }
        None
    }
}

/// Returns a unit that is enabled and starts the broker.
fn enabled_unit(units: &Path) -> Option<Starter> {
    let wants = fs::read_dir(units).ok()?.flatten().map(|entry| entry.path());
    let wants = wants.filter(|path| path.extension().is_some_and(|extension| extension == "wants"));
    let wanted = wants.flat_map(|folder| files(&folder, "service"));
    wanted.into_iter().find_map(|file| {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let program = started(&text, "ExecStart=")?;
        Some(Starter { file, program: absolute(program) })
    })
}

/// Returns the files of a folder with this ending; none if the folder cannot be read.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

/// Returns the program that a line beginning with `key` starts as the broker: `oncue daemon`, or an app that
/// embeds it.
fn started(text: &str, key: &str) -> Option<PathBuf> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix(key));
    lines.into_iter().find_map(|line| {
        let words = command(line);
        let [program, argument, rest @ ..] = words.as_slice() else { return None };
        let program = PathBuf::from(program);
        let is_oncue = program.file_name().is_some_and(|name| name == "oncue") && argument == "daemon";
        let is_ours = argument == EMBEDDED_ARGUMENT || rest.iter().any(|word| word == SERVICE_ARGUMENT);
        (is_oncue || is_ours).then_some(program)
    })
}

fn absolute(program: PathBuf) -> Option<PathBuf> {
    Some(program).filter(|program| program.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, below: &str, text: &str) -> PathBuf {
        let path = root.join(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn starts(root: &Path) -> Option<PathBuf> {
        Folders::below(root).starter().map(|starter| starter.file)
    }

    #[test]
    fn a_unit_counts_when_something_wants_it() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(starts(root.path()), None);
        let text = "[Service]\nExecStart=/usr/bin/oncue daemon\n";
        write(root.path(), "units/oncue.service", text);
        assert_eq!(starts(root.path()), None, "it is not enabled");
        write(root.path(), "units/default.target.wants/other.service", "[Service]\nExecStart=oncue list\n");
        assert_eq!(starts(root.path()), None, "it starts no broker");
        let unit = write(root.path(), "units/default.target.wants/oncue.service", text);
        assert_eq!(starts(root.path()), Some(unit));
    }

    #[test]
    fn an_autostart_entry_counts_unless_it_is_switched_off_or_hidden_by_the_users_own() {
        let root = tempfile::tempdir().unwrap();
        let text = "[Desktop Entry]\nExec=\"/opt/oncue\" daemon\n";
        let shared = write(root.path(), "shared/oncue.desktop", text);
        assert_eq!(starts(root.path()), Some(shared));
        let own = write(root.path(), "config/autostart/oncue.desktop", &format!("{text}Hidden=true\n"));
        assert_eq!(starts(root.path()), None);
        fs::write(&own, text).unwrap();
        assert_eq!(starts(root.path()), Some(own));
    }

    #[test]
    fn an_app_that_embeds_the_broker_counts_as_well() {
        assert_eq!(started("Exec=/opt/app --oncue-broker", "Exec="), Some("/opt/app".into()));
        assert_eq!(started("Exec=/opt/app --help", "Exec="), None);
    }
}
