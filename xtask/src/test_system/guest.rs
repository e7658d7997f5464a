//! The guest: a complete systemd in its own namespaces.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::process::Pid;
use tempfile::TempDir;

use super::failure::Failure;
use super::interrupt::{First, Interrupt, end_of};
use super::options::Options;

/// The Debian packages that the guest needs.
const PACKAGES: &str = "dbus dbus-user-session iproute2 libglib2.0-bin libpam-systemd network-manager polkitd \
                        power-profiles-daemon python3-dbus python3-dbusmock python3-gi python3-pip strace systemd \
                        systemd-sysv upower";

/// The packages of PyPI that check exported tasks.
const CHECKERS: &str = "kubernetes-validate==1.37.0 python-hcl2==8.1.4";

/// What namespaces do not isolate: the suite's own processes in the guest must not have these
/// either.
const WITHHELD: &str = "-sys_time,-sys_module,-sys_boot,-sys_rawio,-syslog,-wake_alarm";

/// How long the guest may take to boot.
const BOOT: Duration = Duration::from_secs(60);

/// The beginning of the name of the guest's control group.
const GROUP: &str = "oncue-system-tests.";

/// What a guest is furnished with.
pub(super) struct Furniture<'a> {
    /// The program to test.
    pub(super) oncue: &'a Path,
    /// The folder with what a user downloads.
    pub(super) downloads: &'a Path,
    /// The Debian packages that the scenarios need besides those of all.
    pub(super) needs: BTreeSet<&'static str>,
}

/// A running guest, which is ended when dropped.
pub(super) struct Guest {
    unshare: Child,
    _room: TempDir,
}

impl Guest {
    /// Installs what is needed into an overlay, and boots it.
    pub(super) fn boot(furniture: &Furniture<'_>, interrupt: &Interrupt) -> Result<Self, Failure> {
        sweep();
        let folder = || tempfile::Builder::new().prefix("oncue-system-tests-").tempdir();
        let room = folder().map_err(Failure::system("a folder for the guest"))?;
        let outside = folder().map_err(Failure::system("a folder for the guest"))?;
        let ready_at = outside.path().join("ready");
        let ready = UnixDatagram::bind(&ready_at).map_err(Failure::system("a socket for the guest"))?;
        eprintln!("test-system: installing Debian's packages into an overlay");
        let unshare = enter(&room, &ready_at, furniture)?;
        let mut guest = Self { unshare, _room: room };
        guest.furnished(interrupt)?;
        eprintln!("test-system: booting");
        match interrupt.or_readable(&ready, Some(BOOT))? {
            First::Interrupted => Err(Failure::Interrupted),
            First::Readable => Ok(guest),
            First::Neither => {
                Err(Failure::TooLate { what: "the guest's boot".into(), seconds: BOOT.as_secs() })
            }
        }
    }

    /// Waits until the guest's systemd starts.
    fn furnished(&mut self, interrupt: &Interrupt) -> Result<(), Failure> {
        let Some(stdout) = self.unshare.stdout.take() else { return Ok(()) };
        if interrupt.or_readable(&stdout, None)? == First::Interrupted {
            return Err(Failure::Interrupted);
        }
        let mut line = String::new();
        let heard = BufReader::new(stdout).read_line(&mut line);
        if heard.map_err(Failure::system("hearing from the guest"))? > 0 {
            return Ok(());
        }
        let status = self.unshare.wait().map_err(Failure::system("waiting for the guest"))?;
        Err(Failure::NotMade { status })
    }

    /// Lets this program play the scenarios in the guest.
    pub(super) fn play(&mut self, options: &Options, interrupt: &Interrupt) -> Result<ExitCode, Failure> {
        let init = self.init().ok_or_else(|| Failure::App("the guest has ended".into()))?;
        let mut suite = Command::new("nsenter");
        suite.args(["--target", &init.to_string(), "--all"]);
        suite.args(["setpriv", "--bounding-set", WITHHELD, "--pdeathsig", "KILL", "/usr/local/bin/suite"]);
        suite.arg("test-system-inside").args(options.words());
        suite.env_clear().env("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").env("LANG", "C.UTF-8");
        let mut suite = suite.spawn().map_err(Failure::system("nsenter"))?;
        if interrupt.or_readable(&end_of(&suite)?, None)? == First::Interrupted {
            return Err(Failure::Interrupted);
        }
        let status = suite.wait().map_err(Failure::system("waiting for the scenarios"))?;
        Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The process id of the guest's first process on this system.
    fn init(&self) -> Option<u32> {
        let pid = self.unshare.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // When its first process ends, the kernel ends all others, and then `unshare` ends too.
        let init = self.init().and_then(|init| Pid::from_raw(init.cast_signed()));
        let ended = init.map(|init| rustix::process::kill_process(init, rustix::process::Signal::KILL));
        if !matches!(ended, Some(Ok(()))) {
            let _ = self.unshare.kill();
        }
        let _ = self.unshare.wait();
        sweep();
    }
}

/// Starts the process that creates the environment and becomes the guest; it ends with this
/// process.
fn enter(room: &TempDir, ready: &Path, furniture: &Furniture<'_>) -> Result<Child, Failure> {
    let Furniture { oncue, downloads, needs } = furniture;
    let packages: Vec<&str> = [PACKAGES].into_iter().chain(needs.iter().copied()).collect();
    let scripts = crate::workspace_root().join("xtask/src/test_system/guest");
    let program = std::env::current_exe().map_err(Failure::system("the path of this program"))?;
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "sh", "-eu"])
        .arg(scripts.join("enter.sh"))
        .arg(room.path())
        .env("ONCUE_SUITE_GROUP", format!("{GROUP}{}", std::process::id()))
        .env("ONCUE_SUITE_PACKAGES", packages.join(" "))
        .env("ONCUE_SUITE_CHECKERS", CHECKERS)
        .env("ONCUE_SUITE_PROGRAM", program)
        .env("ONCUE_SUITE_ONCUE", oncue)
        .env("ONCUE_SUITE_DOWNLOADS", downloads)
        .env("ONCUE_SUITE_READY", ready)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Failure::system("setpriv"))
}

/// Removes the control groups of guests that have ended.
fn sweep() {
    let Ok(mounts) = fs::read_to_string("/proc/self/mounts") else { return };
    let Ok(groups) = fs::read_to_string("/proc/self/cgroup") else { return };
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    let roots = mounts.lines().filter_map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
        [_, at, "cgroup2", ..] => Some(PathBuf::from(at).join(own)),
        _ => None,
    });
    for root in roots {
        for entry in fs::read_dir(root).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(GROUP) {
                remove_group(&entry.path());
            }
        }
    }
}

/// Removes a group and those below it, unless it still has processes.
fn remove_group(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_group(&entry.path());
        }
    }
    let _ = fs::remove_dir(group);
}
