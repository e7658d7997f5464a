//! A private dbus-daemon, which can activate the measured server.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use zbus::Connection;
use zbus::connection::Builder;

use super::bus_install::install;
use super::bus_server::{INTERFACE, NAME, OBJECT};
use super::room::Room;
use super::unmeasured::Unmeasured;

/// How long a call may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(25);

/// The daemon runs as long as the value lives.
pub(super) struct PrivateBus {
    daemon: Child,
    address: String,
}

impl PrivateBus {
    /// Starts the daemon in `room`, and first installs it if it is missing and that is possible.
    pub(super) fn start(room: &Room) -> Result<Self, Unmeasured> {
        let config =
            configure(room.sockets(), room.program()).map_err(Unmeasured::io("the bus configuration"))?;
        // The daemon writes a line for every activation.
        let log = room.sockets().join("bus.log");
        let daemon = match spawn(&config, &log) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                install()?;
                spawn(&config, &log)
            }
            spawned => spawned,
        };
        Self::listening(daemon.map_err(Unmeasured::io("it does not start"))?, &log)
    }

    /// Waits until the daemon reports that it is listening.
    fn listening(mut daemon: Child, log: &Path) -> Result<Self, Unmeasured> {
        let output = daemon.stdout.take();
        // Created first, so that the daemon ends whatever happens.
        let mut bus = Self { daemon, address: String::new() };
        if let Some(output) = output {
            BufReader::new(output)
                .read_line(&mut bus.address)
                .map_err(Unmeasured::io("the address of dbus-daemon"))?;
        }
        bus.address = bus.address.trim().to_owned();
        if bus.address.is_empty() {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            let said = said.trim().to_owned();
            return Err(Unmeasured::NoAddress { said });
        }
        Ok(bus)
    }

    /// Opens a new connection to the daemon.
    pub(super) async fn connect(&self) -> Result<Connection, Unmeasured> {
        let builder = Builder::address(self.address.as_str()).method_timeout(PATIENCE);
        Ok(builder.build().await?)
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        // Both can only fail because the daemon is already gone.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Calls the server once and waits for its reply.
pub(super) async fn call(connection: &Connection) -> Result<(), Unmeasured> {
    let reply = connection.call_method(Some(NAME), OBJECT, Some(INTERFACE), "Echo", &7u64).await?;
    reply.body().deserialize::<u64>()?;
    Ok(())
}

/// A runtime like that of a small client or server.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Unmeasured> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Unmeasured::io("the async runtime"))
}

fn spawn(config: &Path, log: &Path) -> io::Result<Child> {
    Command::new("dbus-daemon")
        .arg("--config-file")
        .arg(config)
        .args(["--nofork", "--nopidfile", "--print-address=1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(log)?)
        .spawn()
}

/// Writes the daemon's configuration and the server's service file, and returns the path of the
/// configuration.
///
/// Formats: man dbus-daemon(1), and the D-Bus Specification, "Message Bus Starting Services".
fn configure(folder: &Path, server: &Path) -> io::Result<PathBuf> {
    let (folder_text, server) = (folder.display(), server.display());
    let address = format!("unix:path={folder_text}/bus");
    let config = format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder_text}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#
    );
    let service = format!("[D-BUS Service]\nName={NAME}\nExec=\"{server}\" bench-server bus {address}\n");
    std::fs::write(folder.join(format!("{NAME}.service")), service)?;
    let path = folder.join("bus.conf");
    std::fs::write(&path, config)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_that_tells_no_address_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("bus.log");
        std::fs::write(&log, "no such user\n").unwrap();
        let silent = Command::new("/bin/true").stdout(Stdio::piped()).spawn().unwrap();
        let refused = PrivateBus::listening(silent, &log).map(|_| ());
        let told = refused.unwrap_err().to_string();
        assert!(told.ends_with("address: no such user"), "{told}");
    }

    #[test]
    fn the_service_file_starts_the_server_on_the_private_bus() {
        let folder = tempfile::tempdir().unwrap();
        configure(folder.path(), Path::new("/opt/a b/xtask")).unwrap();
        let service = folder.path().join(format!("{NAME}.service"));
        let service = std::fs::read_to_string(service).unwrap();
        assert!(service.contains("Exec=\"/opt/a b/xtask\" bench-server bus unix:path="));
    }
}
