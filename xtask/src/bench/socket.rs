//! Peer: 64 bytes in both directions over a plain Unix socket, between two processes.

use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::room::{Plan, Room};
use super::samples::{Rounds, time};
use super::unmeasured::Unmeasured;

const SIZE: usize = 64;

const PLAN: Plan = Plan { full: 50_000, quick: 20_000 };

pub(super) fn measure(room: &Room) -> Result<Vec<Duration>, Unmeasured> {
    let (near, far) = UnixStream::pair().map_err(Unmeasured::io("a pair of sockets"))?;
    let mut server = Command::new(room.program())
        .args(["bench-server", "echo"])
        .stdin(OwnedFd::from(far))
        .stdout(Stdio::null())
        .spawn()
        .map_err(Unmeasured::io("the echo server"))?;
    // The near end closes with the trips, whether they succeed or fail, which ends the server.
    let durations = trips(near, room.rounds(&PLAN));
    let status = server.wait().map_err(Unmeasured::io("the echo server"))?;
    match durations {
        Ok(_) if !status.success() => Err(Unmeasured::Ended { what: "the echo server", status }),
        durations => durations,
    }
}

fn trips(mut near: UnixStream, rounds: Rounds) -> Result<Vec<Duration>, Unmeasured> {
    let there = [0x5a; SIZE];
    let mut back = [0; SIZE];
    time(rounds, || {
        near.write_all(&there)?;
        near.read_exact(&mut back)
    })
    .map_err(Unmeasured::io("a round trip"))
}

/// Sends back what arrives on standard input, a socket, until its other end closes.
pub(super) fn serve() -> Result<(), Unmeasured> {
    let stdin = std::io::stdin().as_fd().try_clone_to_owned().map_err(Unmeasured::io("standard input"))?;
    echo(UnixStream::from(stdin)).map_err(Unmeasured::io("the echo"))
}

fn echo(mut far: UnixStream) -> std::io::Result<()> {
    let mut buffer = [0; SIZE];
    loop {
        let read = far.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        far.write_all(&buffer[..read])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_echo_returns_every_trip_and_ends_with_the_socket() {
        let (near, far) = UnixStream::pair().unwrap();
        let server = std::thread::spawn(|| echo(far));
        let rounds = Rounds { warm_up: 1, counted: 3 };
        assert_eq!(trips(near, rounds).unwrap().len(), 3);
        server.join().unwrap().unwrap();
    }

    #[test]
    fn a_server_that_is_gone_is_told() {
        let (near, far) = UnixStream::pair().unwrap();
        drop(far);
        let rounds = Rounds { warm_up: 0, counted: 1 };
        assert!(trips(near, rounds).is_err());
    }
}
