//! The environment of a login, for users without a user manager: environ(7), and the files that pam_env(8)
//! and shells read.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustix::process::getuid;

use super::Variables;

/// The default `PATH` of a login.
const SEARCH: &str = "/usr/local/bin:/usr/bin:/bin";
/// The default `PATH` of root.
const SEARCH_OF_ROOT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The files that set variables for all users; later files override earlier ones.
const FILES: [&str; 3] = ["/etc/locale.conf", "/etc/default/locale", "/etc/environment"];
/// Where X servers listen.
const X_SERVERS: &str = "/tmp/.X11-unix";

/// The accounts of this machine.
const ACCOUNTS: &str = "/etc/passwd";
/// How old a change must be so that a later one has another time: file systems count time in ticks.
const TICK: Duration = Duration::from_secs(1);

/// The user who would log in.
#[derive(Debug)]
pub(super) struct Login {
    user: u32,
    runtime: PathBuf,
    known: Mutex<Option<Known>>,
}

/// What was read, and the state of the sources before that.
#[derive(Debug)]
struct Known {
    sources: Vec<Option<Look>>,
    least: Variables,
    all: Variables,
}

/// What distinguishes a changed file or folder from an unchanged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    file: (u64, u64),
    size: u64,
    changed: SystemTime,
}

impl Look {
    fn at(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        let changed = Duration::new(found.ctime().try_into().ok()?, found.ctime_nsec().try_into().ok()?);
        let (file, size) = ((found.dev(), found.ino()), found.size());
        Some(Self { file, size, changed: SystemTime::UNIX_EPOCH + changed })
    }

    /// Returns whether a later change would look different.
    #[expect(clippy::disallowed_methods, reason = "files are stamped by the wall clock")]
    fn is_settled(&self) -> bool {
        SystemTime::now().duration_since(self.changed).is_ok_and(|age| age > TICK)
    }
}

impl Login {
    /// The user of this process.
    pub(super) fn of_this_process() -> Self {
        let user = getuid().as_raw();
        let told = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
        Self::of(user, told.unwrap_or_else(|| format!("/run/user/{user}").into()))
    }

    fn of(user: u32, runtime: PathBuf) -> Self {
        Self { user, runtime, known: Mutex::default() }
    }

    /// Returns the variables that every login has.
    pub(super) fn least(&self) -> Variables {
        self.known(|known| known.least.clone())
    }

    /// Returns all variables of a login.
    pub(super) fn variables(&self) -> Variables {
        self.known(|known| known.all.clone())
    }

    /// Calls `take` with the known variables, which are first read again if one of their sources has changed.
    fn known<T>(&self, take: impl FnOnce(&Known) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let paths =
            FILES.iter().map(Path::new).chain([Path::new(ACCOUNTS), Path::new(X_SERVERS), &self.runtime]);
        let sources: Vec<Option<Look>> = paths.map(Look::at).collect();
        let settled = |known: &Known| known.sources.iter().flatten().all(Look::is_settled);
        if let Some(known) = known.as_ref().filter(|known| known.sources == sources && settled(known)) {
            return take(known);
        }
        let least = self.read_least();
        let all = self.read_all(least.clone());
        take(known.insert(Known { sources, least, all }))
    }

    /// The folder of the user's sockets.
    pub(super) fn runtime(&self) -> &Path {
        &self.runtime
    }

    /// The address of the session bus, as a login knows it.
    pub(super) fn bus(&self) -> Option<String> {
        let socket = self.runtime.join("bus");
        self.owns_socket(&socket).then(|| format!("unix:path={}", socket.display()))
    }

    fn read_least(&self) -> Variables {
        let search = if self.user == 0 { SEARCH_OF_ROOT } else { SEARCH };
        let accounts = fs::read_to_string(ACCOUNTS).unwrap_or_default();
        let mut all = set([("PATH", search.into())]);
        match account(&accounts, self.user) {
            Some([name, home, shell]) => all.extend(set([
                ("USER", name.into()),
                ("LOGNAME", name.into()),
                ("HOME", home.into()),
                ("SHELL", shell.into()),
            ])),
            // The account may come from a directory service; then this process is the best source.
            None => all.extend(
                ["USER", "LOGNAME", "HOME", "SHELL"]
                    .into_iter()
                    .filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?))),
            ),
        }
        all
    }

    fn read_all(&self, least: Variables) -> Variables {
        let mut all = least;
        for file in FILES {
            all.extend(assignments(&fs::read_to_string(file).unwrap_or_default()));
        }
        if fs::metadata(&self.runtime).is_ok_and(|found| found.is_dir() && found.uid() == self.user) {
            all.insert("XDG_RUNTIME_DIR".into(), self.runtime.clone().into());
        }
        all.extend(self.bus().map(|address| ("DBUS_SESSION_BUS_ADDRESS".into(), address.into())));
        let wayland = self.first_socket(&self.runtime, "wayland-");
        all.extend(wayland.map(|number| ("WAYLAND_DISPLAY".into(), format!("wayland-{number}").into())));
        let x = self.first_socket(Path::new(X_SERVERS), "X");
        all.extend(x.map(|number| ("DISPLAY".into(), format!(":{number}").into())));
        all
    }

    /// Returns the lowest number among the user's sockets in a folder whose names begin with `name`.
    fn first_socket(&self, folder: &Path, name: &str) -> Option<u32> {
        let entries = fs::read_dir(folder).ok()?.flatten();
        let numbered = entries.filter_map(|entry| {
            let number = entry.file_name().to_str()?.strip_prefix(name)?.parse().ok()?;
            self.owns_socket(&entry.path()).then_some(number)
        });
        numbered.min()
    }

    fn owns_socket(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|found| found.file_type().is_socket() && found.uid() == self.user)
    }
}

fn set<const N: usize>(pairs: [(&str, OsString); N]) -> Variables {
    pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

/// Finds name, home and shell of a user in passwd(5).
fn account(accounts: &str, user: u32) -> Option<[&str; 3]> {
    accounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, id, _, _, home, shell] = fields[..] else { return None };
        let shell = if shell.is_empty() { "/bin/sh" } else { shell };
        (id.parse() == Ok(user)).then_some([name, home, shell])
    })
}

/// Reads `NAME=value` lines as pam_env(8) does: strips quotes around a value and `export` before a name,
/// and skips lines that begin with `#`.
fn assignments(text: &str) -> Variables {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='));
    let valid = pairs
        .filter(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    valid.map(|(name, value)| (name.into(), unquoted(value.trim()).into())).collect()
}

fn unquoted(value: &str) -> &str {
    let quoted = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_among_the_accounts() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:Ann,,,:/home/ann:\nbroken:x:7\n";
        assert_eq!(account(accounts, 0), Some(["root", "/root", "/bin/bash"]));
        assert_eq!(account(accounts, 1000), Some(["ann", "/home/ann", "/bin/sh"]));
        assert_eq!(account(accounts, 7), None);
    }

    #[test]
    fn what_changes_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let login = Login::of(getuid().as_raw(), folder.path().to_owned());
        let display = || login.variables().get(&OsString::from("WAYLAND_DISPLAY")).cloned();
        assert_eq!(display(), None);
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("wayland-1")).unwrap();
        assert_eq!(display(), Some("wayland-1".into()));
        fs::remove_file(folder.path().join("wayland-1")).unwrap();
        assert_eq!(display(), None);
    }

    #[test]
    fn assignments_are_read_as_a_login_reads_them() {
        let text = "# LANG=C\nLANG=\"de_DE.UTF-8\"\nexport EDITOR='vi -e'\n PATH = no\nX=a=b\n=\nEMPTY=\n";
        let read = assignments(text);
        let pairs = [("EDITOR", "vi -e"), ("EMPTY", ""), ("LANG", "de_DE.UTF-8"), ("X", "a=b")];
        assert_eq!(read, pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
    }
}
