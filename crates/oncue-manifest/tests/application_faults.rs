//! All problems of applications, task servers and classes: the message, the severity, and the
//! position.

mod sample;

use oncue_manifest::Severity::{self, Advice, Error, WindowsRefuses};
use sample::expect_faults;

#[test]
fn applications() {
    expect_faults(&[
        (
            "Id=\"App\"",
            "Id=\"¦2App\"",
            Error,
            "application id `2App` contains the field `2App`; a field must be an ASCII letter, followed by ASCII letters and digits",
        ),
        (
            "Id=\"App\"",
            "Id=\"¦App.Con\"",
            Error,
            "application id `App.Con` contains a name that Windows reserves for a device",
        ),
        ("Id=\"App\"", "Id=\"¦\"", Error, "the application id has 0 characters; it must have 1 to 64"),
        ("<Application Id=\"App\"", "¦<Application", Error, "attribute `Id` is missing in `Application`"),
        (
            "<Application Id=\"App\" Executable=\"bin\\app.exe\"",
            "¦<Application Id=\"App\"",
            WindowsRefuses,
            "attribute `Executable` is missing in `Application`; Windows requires it",
        ),
        (
            "EntryPoint=\"Windows.FullTrustApplication\"",
            "uap10:RuntimeBehavior=\"¦packagedClasicApp\"",
            WindowsRefuses,
            "`RuntimeBehavior` is `packagedClasicApp`, not windowsApp, packagedClassicApp or win32App",
        ),
        (
            "EntryPoint=\"Windows.FullTrustApplication\"",
            "uap10:RuntimeBehavior=\"packagedClassicApp\" uap10:TrustLevel=\"¦highIL\"",
            WindowsRefuses,
            "`TrustLevel` is `highIL`, not appContainer or mediumIL",
        ),
        (
            "<Application Id=\"App\" Executable=\"bin\\app.exe\" EntryPoint=\"Windows.FullTrustApplication\">",
            "¦<Application Id=\"App\" Executable=\"bin\\app.exe\">",
            WindowsRefuses,
            "attribute `EntryPoint` is missing in `Application`; Windows requires it",
        ),
        (
            "<Application Id=\"App\" Executable=\"bin\\app.exe\" EntryPoint=\"Windows.FullTrustApplication\">",
            "¦<Application Id=\"App\" Executable=\"bin\\app.exe\" EntryPoint=\"Sample.App\">",
            WindowsRefuses,
            "application `App` is a Universal Windows app, whose tasks Windows does not activate by class id",
        ),
        (
            " Square44x44Logo=\"b.png\"",
            " Square44x44Logo=\"¦C:\\b.png\"",
            WindowsRefuses,
            "`C:\\b.png` of attribute `Square44x44Logo` is not a file in the package",
        ),
        (
            "<uap:VisualElements DisplayName=\"App\"",
            "¦<uap:VisualElements",
            WindowsRefuses,
            "attribute `DisplayName` is missing in `uap:VisualElements`; Windows requires it",
        ),
    ]);
}

#[test]
fn executables() {
    let rows: [(&str, Severity, &str); 7] = [
        (
            "¦/usr/bin/server",
            Error,
            "executable `/usr/bin/server` is an absolute path; it must be in the package",
        ),
        (
            "¦C:\\server.exe",
            Error,
            "executable `C:\\server.exe` has a drive letter; it must be in the package",
        ),
        (
            "¦bin\\..\\..\\server.exe",
            Error,
            "executable `bin\\..\\..\\server.exe` contains `..`; it must be in the package",
        ),
        ("¦bin\\", Error, "executable `bin\\` is a folder"),
        ("¦", Error, "`Executable` is empty"),
        (
            "¦bin/server",
            WindowsRefuses,
            "executable `bin/server` does not end with `.exe`, as Windows requires",
        ),
        (
            "¦bin\\ser?ver.exe",
            WindowsRefuses,
            "executable `bin\\ser?ver.exe` contains '?', which Windows does not allow",
        ),
    ];
    for (path, severity, said) in rows {
        expect_faults(&[("bin\\server.exe", path, severity, said), ("bin\\app.exe", path, severity, said)]);
    }
    expect_faults(&[(
        "\"bin\\server.exe\"",
        &format!("\"¦{}.exe\"", "x".repeat(300)),
        WindowsRefuses,
        "the path of the executable is too long: 304 characters (Windows' limit: 256)",
    )]);
}

#[test]
fn task_servers() {
    expect_faults(&[
        (
            "<com:ExeServer Executable=\"bin\\server.exe\"",
            "¦<com:ExeServer",
            Error,
            "attribute `Executable` is missing in `com:ExeServer`",
        ),
        (
            "<com:ExeServer Executable",
            "¦<com:ExeServer Executable=\"x.exe\"/><com:ExeServer Executable",
            WindowsRefuses,
            "`ExeServer` has no class",
        ),
        (
            "\"-Serve\"",
            "\"¦-Serve \"",
            WindowsRefuses,
            "`Arguments` begins or ends with a space, which Windows does not accept",
        ),
        (
            "\"-Serve\"",
            "\"¦\"",
            WindowsRefuses,
            "attribute `Arguments` has 0 characters; Windows accepts 1 to 32767",
        ),
        ("Arguments=", "¦Argument=", Advice, "unknown attribute `Argument` in `com:ExeServer` is ignored"),
        (
            "<com:Extension Category=\"windows.comServer\"",
            "¦<com:Extension Category=\"windows.comserver\"",
            WindowsRefuses,
            "`ComServer` is in an extension of category `windows.comserver`, not `windows.comServer`",
        ),
        (
            "<Extensions>",
            "<Extensions>¦<com:Extension Category=\"windows.comServer\"/>",
            WindowsRefuses,
            "element `com:ComServer` is missing in `com:Extension`; Windows requires it",
        ),
        (
            "<Applications>",
            "<Extensions>¦<com:Extension Category=\"windows.comServer\"><com:ComServer/></com:Extension></Extensions><Applications>",
            WindowsRefuses,
            "`ComServer` is in the package's own `Extensions` and is ignored",
        ),
        (
            "<com:ComServer>",
            "<com:ComServer/>¦<com:ComServer>",
            WindowsRefuses,
            "duplicate element `com:ComServer`; line 24 already has one",
        ),
        (
            "<Extensions>",
            "<Extensions>¦<com:Extention Category=\"windows.comServer\"/>",
            Advice,
            "unknown element `com:Extention` in `Extensions` is ignored",
        ),
        (
            "<com:ComServer>",
            "<com:ComServer>¦<ExeServer/>",
            Advice,
            "unknown element `ExeServer` in `com:ComServer` is ignored",
        ),
    ]);
}

#[test]
fn classes() {
    expect_faults(&[
        (
            "\"14C5882B-35D3-41BE-86B2-5106269B97E6\"",
            "\"¦{14C5882B-35D3-41BE-86B2-5106269B97E6}\"",
            Error,
            "class id `{14C5882B-35D3-41BE-86B2-5106269B97E6}` has braces, which a manifest must not have",
        ),
        (
            "\"14C5882B-35D3-41BE-86B2-5106269B97E6\"",
            "\"¦14C5882B35D341BE86B25106269B97E6\"",
            Error,
            "class id `14C5882B35D341BE86B25106269B97E6` is not a GUID",
        ),
        (
            "<com:Class Id=\"14C5882B-35D3-41BE-86B2-5106269B97E6\"",
            "¦<com:Class",
            Error,
            "attribute `Id` is missing in `com:Class`",
        ),
        (
            "DisplayName=\"Task\"/>",
            "DisplayName=\"Task\"/><com:Class Id=\"¦14c5882b-35d3-41be-86b2-5106269b97e6\"/>",
            Error,
            "class id 14c5882b-35d3-41be-86b2-5106269b97e6 is already declared in line 26",
        ),
        (
            "DisplayName=\"Task\"/>",
            "DisplayName=\"Task\"/>¦<com:Clas Id=\"1\"/>",
            Advice,
            "unknown element `com:Clas` in `com:ExeServer` is ignored",
        ),
    ]);
}
