//! Installing, upgrading and removing oncue, as a user of a machine does it.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::scenarios;
use crate::test_system::account::Account;
use crate::test_system::downloads::{FOLDER, VERSIONS};
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::until::until;

scenarios!("install":
    the_debian_package_installs_upgrades_and_goes,
    the_tarball_installs_without_root_and_goes,
);

const ONCUE: &str = "/usr/bin/oncue";

/// Asks bash's completions for what begins with `oncue run gr`, as bash does for the Tab key.
const COMPLETED: &str = ". /usr/share/bash-completion/completions/oncue; \
    COMP_WORDS=(oncue run gr); COMP_CWORD=2; COMP_TYPE=9; _clap_complete_oncue oncue gr run; echo \"${COMPREPLY[@]}\"";

fn expect(what: &str, expected: &str, seen: &str) -> Result<(), Failure> {
    if seen == expected {
        return Ok(());
    }
    let (expected, seen) = (expected.to_owned(), seen.to_owned());
    Err(Failure::Unexpected { what: what.into(), expected, seen })
}

fn dpkg(action: &str, what: &str) -> Result<String, Failure> {
    shell::run(&["dpkg", action, what])
}

/// Waits until a command of the user has written a file, and removes it.
fn written(path: &str) -> Result<(), Failure> {
    until(&format!("a run that writes {path}"), || Ok(Path::new(path).exists()))?;
    fs::remove_file(path).map_err(Failure::system(path))
}

fn the_debian_package_installs_upgrades_and_goes() -> Result<(), Failure> {
    let mark = "/home/tester/bin/greeted";
    let mut account = Account::new("")?;
    let [old, new] = VERSIONS.map(|version| format!("{FOLDER}/{version}.deb"));
    dpkg("--install", &old)?;
    for script in
        ["bash-completion/completions/oncue", "man/man1/oncue-add.1.gz", "man/man5/oncue-config.5.gz"]
    {
        let path = format!("/usr/share/{script}");
        if !Path::new(&path).exists() {
            return Err(Failure::App(format!("{path} is missing")));
        }
    }
    account.log_in()?;
    let units = ["/usr/lib/systemd/user/oncue.service", "/usr/lib/systemd/user/oncue.socket"];
    account.run("systemd-analyze", &[&["verify", "--user", "--man=no"][..], &units].concat())?;
    account.run(ONCUE, &["add", "greets", "--at-login", "--", "touch", mark])?;
    account.has_status("/installed_by", &json!("broker"))?;
    account.has_status("/program", &json!(ONCUE))?;
    expect("what bash completes", "greets", &account.run("bash", &["-c", COMPLETED])?)?;
    account.log_out(false)?;
    account.log_in()?;
    written(mark)?;
    account.has_status("/broker/started_by", &json!("service"))?;

    dpkg("--install", &new)?;
    expect(
        "the version",
        VERSIONS[1],
        &shell::run(&["dpkg-query", "--show", "--showformat=${Version}", "oncue"])?,
    )?;
    account.run(ONCUE, &["run", "greets", "--wait"])?;
    written(mark)?;

    dpkg("--remove", "oncue")?;
    until("the end of the service", || {
        let state = account
            .run("systemctl", &["--user", "show", "--property=ActiveState", "--value", "oncue.service"])?;
        Ok(state == "inactive")
    })?;
    account.log_out(false)?;
    account.log_in()?;
    let failed = account.run("systemctl", &["--user", "list-units", "--failed", "--plain", "--no-legend"])?;
    expect("failed units of the user", "", &failed)?;
    let left = shell::run(&[
        "find",
        "/usr",
        "/etc",
        "/var/lib",
        "-path",
        "/usr/local",
        "-prune",
        "-o",
        "-name",
        "*oncue*",
        "-print",
    ])?;
    let is_left = |path: &&str| !path.contains("/var/lib/dpkg/") && !path.contains("oncue-suite");
    let left: Vec<&str> = left.lines().filter(is_left).collect();
    expect("files of the package", "", &left.join("\n"))?;
    expect("the run at log-in", "false", &Path::new(mark).exists().to_string())
}

fn the_tarball_installs_without_root_and_goes() -> Result<(), Failure> {
    let mut account = Account::new("")?;
    account.log_in()?;
    let below = |path: &str| format!("/home/tester/bin/{path}");
    account
        .run("tar", &["--extract", "--file", &format!("{FOLDER}/oncue.tar.gz"), "--directory", &below("")])?;
    let unpacked = format!("oncue-{}-{}-linux/install.sh", VERSIONS[0], std::env::consts::ARCH);
    let (script, prefix) = (below(&unpacked), below("prefix"));
    let program = format!("{prefix}/bin/oncue");
    // The second time is an update.
    for _ in 0..2 {
        let said = account.run(&script, &["--prefix", &prefix])?;
        if !said.contains(&format!("add {prefix}/bin to your PATH")) {
            return Err(Failure::App(format!("the installer says: {said}")));
        }
        account.run(&program, &["add", "greets", "--replace", "--", "touch", &below("greeted")])?;
        account.run(&program, &["run", "greets", "--wait"])?;
        written(&below("greeted"))?;
    }
    account.has_status("/installed_by", &json!("broker"))?;
    // An update that fails half-way leaves nothing that cannot be removed.
    let in_the_way = format!("{prefix}/share/man/man5");
    account.run("rm", &["--recursive", &in_the_way])?;
    account.run("touch", &[&in_the_way])?;
    if account.run(&script, &["--prefix", &prefix]).is_ok() {
        return Err(Failure::App("a folder that cannot be made is no error".into()));
    }
    account.run("rm", &[&in_the_way])?;
    account.run(&script, &["--uninstall", "--prefix", &prefix])?;
    account.has_status("/log_in", &serde_json::Value::Null)?;
    account.has_status("/broker", &serde_json::Value::Null)?;
    expect("files of oncue", "", &shell::run(&["find", &prefix, "-type", "f"])?)
}
