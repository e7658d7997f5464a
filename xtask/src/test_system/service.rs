//! Services on the guest's system bus: calls them, and simulates those for which the guest has no
//! hardware.

use std::process::{Child, Command, Stdio};

use super::failure::Failure;
use super::shell;
use super::until::until;

/// Calls a method; `words` are its signature and arguments, as for busctl(1).
pub(super) fn call(name: &str, path: &str, method: (&str, &str), words: &[&str]) -> Result<String, Failure> {
    let mut all = vec!["busctl", "--system", "call", name, path, method.0, method.1];
    all.extend(words);
    shell::run(&all)
}

/// Whether a name on the bus has an owner.
fn is_owned(name: &str) -> Result<bool, Failure> {
    let bus = "org.freedesktop.DBus";
    Ok(call(bus, "/org/freedesktop/DBus", (bus, "NameHasOwner"), &["s", name])? == "b true")
}

/// A service simulated by python-dbusmock, which is removed when dropped.
pub(super) struct Played {
    name: &'static str,
    path: &'static str,
    process: Child,
}

impl Played {
    /// Starts one of dbusmock's templates on the system bus and waits for its name.
    pub(super) fn template(
        template: &str,
        parameters: &str,
        name: &'static str,
        path: &'static str,
    ) -> Result<Self, Failure> {
        let process = Command::new("python3")
            .args(["-m", "dbusmock", "--system", "--template", template, "--parameters", parameters])
            .stdout(Stdio::null())
            .spawn()
            .map_err(Failure::system("python3"))?;
        let played = Self { name, path, process };
        until(&format!("`{name}`"), || is_owned(name))?;
        Ok(played)
    }

    /// Calls a method of dbusmock's own interface.
    pub(super) fn tell(&self, method: &str, words: &[&str]) -> Result<(), Failure> {
        call(self.name, self.path, ("org.freedesktop.DBus.Mock", method), words).map(drop)
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
