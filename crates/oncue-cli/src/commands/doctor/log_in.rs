//! Finds what starts the broker when the user logs in: a systemd user unit, or an autostart entry.
//!
//! oncue does not create either of them; you can write either one yourself.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use oncue_wire::names::HOME_VARIABLE;

use super::finding::Finding;

/// What happens at log-in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum LogIn {
    /// This file starts the broker at log-in.
    Starts(PathBuf),
    /// Nothing starts it at log-in; programs and `oncue` start it when they need it.
    #[default]
    Nothing,
    /// The broker is never started at log-in, because `ONCUE_HOME` is set, for tests and
    /// demonstrations.
    OwnHome,
}

/// The folders of units and entries, from the environment.
#[derive(Debug)]
struct Folders {
    /// Folders of systemd's user units.
    units: Vec<PathBuf>,
    /// Folders of autostart entries, the user's own first. If two files have the same name, the
    /// first one counts.
    autostart: Vec<PathBuf>,
    /// The folder for the user's own files.
    own: Option<PathBuf>,
    /// Whether the user has a running service manager.
    has_manager: bool,
}

/// Finds what starts the broker at log-in.
pub(super) fn look() -> LogIn {
    match env::var_os(HOME_VARIABLE).is_some_and(|home| !home.is_empty()) {
        true => LogIn::OwnHome,
        false => Folders::here().look(),
    }
}

impl LogIn {
    /// Describes what happens at log-in.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Starts(file) => format!("started by {}", file.display()),
            Self::Nothing => "not started at log-in, only when a program or `oncue` needs it".into(),
            Self::OwnHome => format!("never started at log-in, because {HOME_VARIABLE} is set"),
        }
    }

    /// Returns a finding if tasks are registered but nothing starts the broker.
    pub(super) fn finding(&self, tasks: usize) -> Option<Finding> {
        if *self != Self::Nothing || tasks == 0 {
            return None;
        }
        let program = env::current_exe().unwrap_or_else(|_| PathBuf::from("oncue"));
        Some(Finding {
            what: "nothing starts the broker when you log in: tasks wait until you start a program that uses oncue, \
                   or `oncue` itself"
                .into(),
            way_out: Folders::here().way_out(&program),
        })
    }
}

impl Folders {
    fn here() -> Self {
        let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let config = absolute("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
        let data = absolute("XDG_DATA_HOME").or_else(|| Some(home.as_ref()?.join(".local/share")));
        let shared = env::var("XDG_CONFIG_DIRS").ok().filter(|dirs| !dirs.is_empty());
        let shared = shared.unwrap_or_else(|| "/etc/xdg".into());
        let shared = shared.split(':').map(PathBuf::from);
        let systems = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map(PathBuf::from);
        let places = config.iter().chain(&data).cloned().chain(systems);
        Self {
            units: places.map(|place| place.join("systemd/user")).collect(),
            autostart: config.iter().cloned().chain(shared).map(|place| place.join("autostart")).collect(),
            own: config,
            has_manager: absolute("XDG_RUNTIME_DIR").is_some_and(|dir| dir.join("systemd/private").exists()),
        }
    }

    fn look(&self) -> LogIn {
        let found = self.units.iter().find_map(|units| enabled_unit(units)).or_else(|| self.entry());
        found.map_or(LogIn::Nothing, LogIn::Starts)
    }

    fn entry(&self) -> Option<PathBuf> {
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
            if !off && starts_broker(&text, "Exec=") {
                return Some(file);
            }
        }
        None
    }

    /// Describes how to start the broker at log-in, with the service manager if there is one.
    fn way_out(&self, program: &Path) -> String {
        let own = self.own.clone().unwrap_or_else(|| PathBuf::from("~/.config"));
        let (program, own) = (program.display(), own.display());
        if self.has_manager {
            return format!(
                "write these lines to {own}/systemd/user/oncue.service, then run \
                 `systemctl --user enable --now oncue`:\n\
                 [Service]\nExecStart={program} daemon\n[Install]\nWantedBy=default.target"
            );
        }
        format!(
            "write these lines to {own}/autostart/oncue.desktop, which desktops read at log-in:\n\
             [Desktop Entry]\nType=Application\nName=oncue\nExec={program} daemon"
        )
    }
}

/// Returns a unit that is enabled and starts the broker.
fn enabled_unit(units: &Path) -> Option<PathBuf> {
    let wants = fs::read_dir(units).ok()?.flatten().map(|entry| entry.path());
    let wants = wants.filter(|path| path.extension().is_some_and(|extension| extension == "wants"));
    let mut wanted = wants.flat_map(|folder| files(&folder, "service"));
    wanted.find(|unit| starts_broker(&fs::read_to_string(unit).unwrap_or_default(), "ExecStart="))
}

/// Returns the files of a folder with this ending; none if the folder cannot be read.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

/// Whether a line that begins with `key` starts `oncue daemon`, from any folder.
fn starts_broker(text: &str, key: &str) -> bool {
    let commands = text.lines().filter_map(|line| line.trim().strip_prefix(key));
    commands.into_iter().any(|command| {
        let mut words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
        let is_oncue = |word: &str| Path::new(word).file_name().is_some_and(|name| name == "oncue");
        words.any(is_oncue) && words.next() == Some("daemon")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(root: &Path) -> Folders {
        Folders {
            units: vec![root.join("units")],
            autostart: vec![root.join("own"), root.join("shared")],
            own: None,
            has_manager: false,
        }
    }

    fn write(root: &Path, below: &str, text: &str) -> PathBuf {
        let path = root.join(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_unit_counts_when_something_wants_it() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(folders(root.path()).look(), LogIn::Nothing);
        let text = "[Service]\nExecStart=/usr/bin/oncue daemon\n";
        write(root.path(), "units/oncue.service", text);
        assert_eq!(folders(root.path()).look(), LogIn::Nothing, "it is not enabled");
        write(root.path(), "units/default.target.wants/other.service", "[Service]\nExecStart=oncue list\n");
        assert_eq!(folders(root.path()).look(), LogIn::Nothing, "it starts no broker");
        let unit = write(root.path(), "units/default.target.wants/oncue.service", text);
        assert_eq!(folders(root.path()).look(), LogIn::Starts(unit));
    }

    #[test]
    fn an_autostart_entry_counts_unless_it_is_switched_off_or_hidden_by_the_users_own() {
        let root = tempfile::tempdir().unwrap();
        let text = "[Desktop Entry]\nExec=\"/opt/oncue\" daemon\n";
        let shared = write(root.path(), "shared/oncue.desktop", text);
        assert_eq!(folders(root.path()).look(), LogIn::Starts(shared));
        let own = write(root.path(), "own/oncue.desktop", &format!("{text}Hidden=true\n"));
        assert_eq!(folders(root.path()).look(), LogIn::Nothing);
        fs::write(&own, text).unwrap();
        assert_eq!(folders(root.path()).look(), LogIn::Starts(own));
    }

    #[test]
    fn what_it_tells_to_write_is_what_it_looks_for() {
        for has_manager in [true, false] {
            let text =
                Folders { has_manager, ..folders(Path::new("/")) }.way_out(Path::new("/usr/bin/oncue"));
            let key = if has_manager { "ExecStart=" } else { "Exec=" };
            assert!(starts_broker(&text, key), "{text}");
        }
    }

    #[test]
    fn it_is_wrong_only_where_tasks_wait() {
        assert_eq!(LogIn::Nothing.finding(0), None);
        assert!(LogIn::Nothing.finding(1).is_some());
        assert_eq!(LogIn::OwnHome.finding(1), None);
        assert_eq!(LogIn::Starts("a".into()).finding(1), None);
    }
}
