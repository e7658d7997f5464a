//! Resets what the broker has inherited from the process that happened to start it, and passes its socket on to the
//! program that takes over.
//!
//! Any program that needs the broker may start it, with arbitrary descriptors, signals and limits.
//! The broker lives for the whole session and starts the task servers of every package, so it first
//! becomes what it would be if a new login had started it. Its children inherit that.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use rustix::fs::Mode;
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::net::{SocketAddrUnix, SocketType, getsockname, sockopt};
use rustix::process::{Resource, Rlimit, getrlimit, setpriority_process, setrlimit, umask};
use rustix::thread::{CpuSet, sched_setaffinity};

/// The first descriptor after the standard streams.
const FIRST: libc::c_int = 3;
/// The highest signal: signal(7).
const SIGNALS: libc::c_int = 64;

/// The variables with which a service manager passes sockets on: sd_listen_fds(3).
const LISTEN: [&str; 4] = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"];

/// The variable with which a broker passes its socket on to the program that takes over: the process id, the
/// descriptor, and who has bound the socket.
const TAKEOVER: &str = "ONCUE_TAKEOVER_SOCKET";

/// The state that a new broker finds.
#[derive(Debug)]
pub(crate) struct Inheritance {
    /// The state that could not be reset.
    pub(crate) kept: Vec<Kept>,
    /// The socket at which clients wait for the broker.
    pub(crate) socket: Option<Inherited>,
}

/// An inherited socket.
#[derive(Debug)]
pub(crate) struct Inherited {
    pub(crate) socket: OwnedFd,
    pub(crate) bound_by: BoundBy,
}

/// The process that has bound the socket, and removes it at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoundBy {
    /// The service manager, which still listens when the broker has ended.
    ServiceManager,
    /// The broker.
    Broker,
}

impl BoundBy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ServiceManager => "service manager",
            Self::Broker => "program before",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::ServiceManager => "manager",
            Self::Broker => "broker",
        }
    }
}

/// Something that could not be reset; the broker works anyway.
#[derive(Debug)]
pub(crate) struct Kept {
    what: &'static str,
    why: io::Error,
}

/// Resets everything that this process has inherited, as far as permitted, but for the socket at which
/// clients wait.
///
/// Call it first: nothing may have been opened, and no thread started.
#[expect(clippy::disallowed_methods, reason = "no other thread runs yet")]
pub(crate) fn put_right() -> Inheritance {
    umask(Mode::from_raw_mode(0o022));
    forget_zone();
    let socket = take_socket();
    let mut kept = Vec::new();
    let mut note = |what, right: io::Result<()>| kept.extend(right.err().map(|why| Kept { what, why }));
    let kept_open = socket.as_ref().map(|inherited| inherited.socket.as_raw_fd());
    note("descriptors", close_descriptors(kept_open));
    note("signals", default_signals());
    note("limits", usual_limits());
    note("the niceness", setpriority_process(None, 0).map_err(io::Error::from));
    note("the score for the out-of-memory killer", no_oom_score());
    note("the working directory", std::env::set_current_dir("/"));
    note("the processors", all_processors());
    Inheritance { kept, socket }
}

/// Takes the socket that the broker before has passed to this process, or the first one of a service manager. It
/// is checked later whether it is the broker's.
fn take_socket() -> Option<Inherited> {
    let [pid, count, ..] = LISTEN.map(|name| std::env::var(name).ok());
    let before = std::env::var(TAKEOVER).ok();
    for name in LISTEN.into_iter().chain([TAKEOVER]) {
        // SAFETY: there is no other thread yet that could read the environment.
        #[expect(unsafe_code, reason = "child processes must not take the socket for theirs")]
        unsafe {
            std::env::remove_var(name);
        }
    }
    let is_for_this = |pid: &str| pid.parse() == Ok(std::process::id());
    if let Some(before) = before {
        let words: Vec<&str> = before.split(':').collect();
        let [pid, descriptor, by] = words[..] else { return None };
        let known = [BoundBy::ServiceManager, BoundBy::Broker].into_iter().find(|known| known.word() == by);
        let descriptor = descriptor.parse().ok().filter(|_| is_for_this(pid))?;
        return Some(Inherited { socket: take(descriptor)?, bound_by: known? });
    }
    if !is_for_this(&pid?) || !count?.parse().is_ok_and(|count: u32| count > 0) {
        return None;
    }
    Some(Inherited { socket: take(FIRST)?, bound_by: BoundBy::ServiceManager })
}

/// Takes a descriptor that was passed to this process, if it is open.
fn take(descriptor: libc::c_int) -> Option<OwnedFd> {
    if descriptor < FIRST {
        return None;
    }
    // SAFETY: whoever started this program has opened this descriptor for it, and nothing else owns it. The
    // call only passes integers, and tells whether it is open.
    #[expect(unsafe_code, reason = "only the starter of this program knows the descriptor")]
    unsafe {
        let is_open = libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) == 0;
        is_open.then(|| OwnedFd::from_raw_fd(descriptor))
    }
}

/// Passes a socket on to the program that takes over in this process.
pub(crate) fn pass_on(inherited: &Inherited, to: &mut Command) -> io::Result<()> {
    let Inherited { socket, bound_by } = inherited;
    fcntl_setfd(socket, FdFlags::empty())?;
    let (pid, descriptor) = (std::process::id(), socket.as_raw_fd());
    to.env(TAKEOVER, format!("{pid}:{descriptor}:{}", bound_by.word()));
    Ok(())
}

/// Returns the inherited socket if it listens at this path.
pub(crate) fn listener_at(socket: OwnedFd, path: &Path) -> io::Result<OwnedFd> {
    let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    if !sockopt::socket_acceptconn(&socket)? || sockopt::socket_type(&socket)? != SocketType::STREAM {
        return Err(wrong("it is not a listening stream socket".into()));
    }
    let address = SocketAddrUnix::try_from(getsockname(&socket)?)?;
    if address.path_bytes() != Some(path.as_os_str().as_bytes()) {
        return Err(wrong(format!("it listens at {address:?}, not at {}", path.display())));
    }
    ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

/// Logs what could not be reset. There is no log yet when that happens.
pub(crate) fn tell(kept: &[Kept]) {
    for Kept { what, why } in kept {
        tracing::info!("cannot reset {what} inherited by this process: {why}; keeping it");
    }
}

/// A descriptor of the starter may be a lock, a pipe whose end another process waits for, or a secret.
fn close_descriptors(kept: Option<libc::c_int>) -> io::Result<()> {
    let from = |first: libc::c_int| first.cast_unsigned()..=libc::c_uint::MAX;
    let (before, after) = match kept {
        Some(kept) => (Some(FIRST.cast_unsigned()..=(kept - 1).cast_unsigned()), from(kept + 1)),
        None => (None, from(FIRST)),
    };
    let ranges = before.filter(|before| !before.is_empty()).into_iter().chain([after]);
    let closed = ranges.map(|range| {
        // SAFETY: this process has not opened anything yet, so no value owns a descriptor in the range. The
        // call only passes integers.
        #[expect(
            unsafe_code,
            reason = "only the system can close descriptors that this process did not open"
        )]
        unsafe {
            libc::syscall(libc::SYS_close_range, *range.start(), *range.end(), 0)
        }
    });
    if closed.into_iter().all(|result| result == 0) {
        return Ok(());
    }
    // A kernel before 5.9: descriptors stay open here, but are not passed on to child processes.
    for entry in fs::read_dir("/proc/self/fd")? {
        if let Ok(number) = entry?.file_name().to_string_lossy().parse::<libc::c_int>()
            && number >= FIRST
        {
            // SAFETY: the call only passes integers, and closes nothing.
            #[expect(unsafe_code, reason = "rustix requires a borrowed descriptor")]
            let _ = unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
    Ok(())
}

/// Child processes inherit ignored signals, such as the hang-up of nohup(1), and blocked signals
/// never reach them.
fn default_signals() -> io::Result<()> {
    // SAFETY: `set` and `action` are plain data that the calls read and write, and only the default
    // action is set, which runs no code. There is no other thread yet.
    #[expect(unsafe_code, reason = "neither std nor rustix can set signal actions")]
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        if libc::pthread_sigmask(libc::SIG_SETMASK, &raw const set, std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
        for signal in 1..=SIGNALS {
            let mut action: libc::sigaction = std::mem::zeroed();
            let known = libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0;
            // Rust itself ignores SIGPIPE, and resets it for its children.
            if known && action.sa_sigaction == libc::SIG_IGN && signal != libc::SIGPIPE {
                action.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(signal, &raw const action, std::ptr::null_mut());
            }
        }
    }
    Ok(())
}

/// The limits that the kernel gives to init. A lowered hard limit is raised again if permitted.
fn usual_limits() -> io::Result<()> {
    const STACK: u64 = 8 << 20;
    const FILES: u64 = 1_024;
    let soft = [
        (Resource::Cpu, None),
        (Resource::Fsize, None),
        (Resource::Data, None),
        (Resource::Stack, Some(STACK)),
        (Resource::Core, Some(0)),
        (Resource::Rss, None),
        (Resource::Nproc, None),
        (Resource::Nofile, Some(FILES)),
        (Resource::Memlock, None),
        (Resource::As, None),
        (Resource::Locks, None),
        (Resource::Sigpending, None),
        (Resource::Msgqueue, None),
        (Resource::Rttime, None),
    ];
    let of_init = fs::read_to_string("/proc/1/limits").unwrap_or_default();
    let mut all = Ok(());
    for (resource, usual) in soft {
        let own = getrlimit(resource);
        let raised = hard_limit(&of_init, resource).map_or(own.maximum, |hard| more(own.maximum, hard));
        let limit = |hard: Option<u64>| Rlimit { current: less(usual, hard), maximum: hard };
        let set = setrlimit(resource, limit(raised)).or_else(|_| setrlimit(resource, limit(own.maximum)));
        if let Err(error) = set {
            all = Err(error.into());
        }
    }
    all
}

/// The smaller of two limits; `None` is unlimited.
fn less(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

fn more(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    Some(a?.max(b?))
}

/// Finds a hard limit in the text of proc_pid_limits(5): `Max open files   1024   524288   files`.
fn hard_limit(text: &str, resource: Resource) -> Option<Option<u64>> {
    let name = match resource {
        Resource::Cpu => "Max cpu time",
        Resource::Fsize => "Max file size",
        Resource::Data => "Max data size",
        Resource::Stack => "Max stack size",
        Resource::Core => "Max core file size",
        Resource::Rss => "Max resident set",
        Resource::Nproc => "Max processes",
        Resource::Nofile => "Max open files",
        Resource::Memlock => "Max locked memory",
        Resource::As => "Max address space",
        Resource::Locks => "Max file locks",
        Resource::Sigpending => "Max pending signals",
        Resource::Msgqueue => "Max msgqueue size",
        Resource::Rttime => "Max realtime timeout",
        Resource::Nice | Resource::Rtprio | _ => return None,
    };
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    match rest.split_whitespace().nth(1)? {
        "unlimited" => Some(None),
        number => number.parse().ok().map(Some),
    }
}

fn no_oom_score() -> io::Result<()> {
    const SCORE: &str = "/proc/self/oom_score_adj";
    if fs::read_to_string(SCORE)?.trim() == "0" { Ok(()) } else { fs::write(SCORE, "0") }
}

fn all_processors() -> io::Result<()> {
    let mut all = CpuSet::new();
    (0..CpuSet::MAX_CPU).for_each(|processor| all.set(processor));
    Ok(sched_setaffinity(None, &all)?)
}

/// Schedules use the system's time zone, not that of the terminal in which the broker was started.
fn forget_zone() {
    // SAFETY: there is no other thread yet that could read the environment.
    #[expect(unsafe_code, reason = "libraries read TZ from nowhere but the environment")]
    unsafe {
        std::env::remove_var("TZ");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn hard_limits_are_read_as_the_kernel_writes_them() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max cpu time              unlimited            unlimited            seconds   \n\
                    Max open files            1024                 524288               files     \n";
        assert_eq!(hard_limit(text, Resource::Nofile), Some(Some(524_288)));
        assert_eq!(hard_limit(text, Resource::Cpu), Some(None));
        assert_eq!(hard_limit(text, Resource::Core), None);
    }

    #[test]
    fn only_the_brokers_own_socket_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broker.sock");
        let listening = || OwnedFd::from(UnixListener::bind(&path).unwrap());
        let listener = listening();
        assert!(listener_at(listener, &folder.path().join("other.sock")).is_err());
        fs::remove_file(&path).unwrap();
        let listener = listener_at(listening(), &path).unwrap();
        let accepted = UnixListener::from(listener).accept();
        assert_eq!(accepted.unwrap_err().kind(), io::ErrorKind::WouldBlock, "it does not block the door");
        let (one, _other) = UnixStream::pair().unwrap();
        assert!(listener_at(one.into(), &path).is_err(), "it does not listen");
    }

    #[test]
    fn no_limit_is_larger_than_any() {
        assert_eq!((less(None, Some(2)), less(Some(1), Some(2))), (Some(2), Some(1)));
        assert_eq!((more(None, Some(2)), more(Some(1), Some(2))), (None, Some(2)));
    }
}
