//! How a process ended: `exit 3`, `SIGSEGV`.

use core::fmt;
use core::str::FromStr;

use crate::unknown::Unknown;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this status.
    Code(i32),
    /// It was ended by this signal.
    Signal(i32),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(status) => write!(f, "exit {status}"),
            Self::Signal(number) => match signal_name(*number) {
                Some(name) => f.write_str(name),
                None => write!(f, "signal {number}"),
            },
        }
    }
}

impl FromStr for Exit {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        if let Some(status) = text.strip_prefix("exit ") {
            return status.parse().map(Self::Code).map_err(|_| Unknown);
        }
        if let Some(number) = text.strip_prefix("signal ") {
            return number.parse().map(Self::Signal).map_err(|_| Unknown);
        }
        (1..32).find(|number| signal_name(*number) == Some(text)).map(Self::Signal).ok_or(Unknown)
    }
}

/// The signals of signal(7) that end a process, with Linux' numbers on most machines.
fn signal_name(number: i32) -> Option<&'static str> {
    Some(match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn an_exit_reads_back() {
        for exit in [Exit::Code(0), Exit::Code(3), Exit::Signal(9), Exit::Signal(6), Exit::Signal(40)] {
            assert_eq!(exit.to_string().parse(), Ok(exit));
        }
    }
}
