//! The registry entries: which servers COM starts, and which library contains a runtime class.

use std::fmt::Write as _;
use std::path::Path;

use oncue_manifest::Manifest;

/// The classes of the stand-in, one per line.
const STOOD_IN: &str = include_str!("../../windows/stand-in/classes.txt");

/// Returns the entries in the format of `reg import`.
///
/// On Windows, the package's manifest contains all of this. Wine has no packages, and knows only
/// classes of the whole machine.
pub(super) fn text(manifest: &Manifest, package: &Path, stand_in: &Path) -> String {
    let mut text = String::from("Windows Registry Editor Version 5.00\n");
    // Otherwise a crash would start a debugger that writes pages of output.
    let machine = r"HKEY_LOCAL_MACHINE\Software";
    key(&mut text, &format!(r"{machine}\Microsoft\Windows NT\CurrentVersion\AeDebug"));
    value(&mut text, "\"Debugger\"", "");
    for server in manifest.applications.iter().flat_map(|application| &application.servers) {
        let program = windows_path(&package.join(server.executable.replace('\\', "/")));
        let arguments = &server.arguments;
        for class in &server.classes {
            key(&mut text, &format!(r"{machine}\Classes\CLSID\{{{}}}\LocalServer32", class.id));
            value(&mut text, "@", format!("\"{program}\" {arguments}").trim_end());
        }
    }
    for class in STOOD_IN.lines() {
        key(&mut text, &format!(r"{machine}\Microsoft\WindowsRuntime\ActivatableClassId\{class}"));
        value(&mut text, "\"DllPath\"", &windows_path(stand_in));
        for name in ["ActivationType", "Threading", "TrustLevel"] {
            let _ = writeln!(text, "\"{name}\"=dword:00000000");
        }
    }
    text
}

/// Returns the path of a file of this machine for programs under Wine.
pub(super) fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

fn key(text: &mut String, path: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n[{path}]");
}

fn value(text: &mut String, name: &str, value: &str) {
    let quoted = value.replace('\\', r"\\").replace('"', "\\\"");
    let _ = writeln!(text, "{name}=\"{quoted}\"");
}
