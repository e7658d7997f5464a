//! What stands in the registry: whose servers COM starts, and which library has a runtime class.

use std::fmt::Write as _;
use std::path::Path;

use oncue_manifest::Manifest;

/// The classes of the stand-in, a line each.
const STOOD_IN: &str = include_str!("../../windows/stand-in/classes.txt");

/// Writes what is registered, as `reg import` reads it.
///
/// On Windows the package's manifest says all of this; Wine knows no packages, and of classes only
/// those of the machine.
pub(super) fn text(manifest: &Manifest, package: &Path, stand_in: &Path) -> String {
    let mut text = String::from("Windows Registry Editor Version 5.00\n");
    // A crash would otherwise be answered by a debugger that writes pages.
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

/// How programs under Wine call a file of this machine.
pub(super) fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

fn key(text: &mut String, path: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "\n[{path}]");
}

fn value(text: &mut String, name: &str, value: &str) {
    let quoted = value.replace('\\', r"\\").replace('"', "\\\"");
    let _ = writeln!(text, "{name}=\"{quoted}\"");
}
