//! The library that carries the interfaces of background tasks between processes, compiled from
//! their definition.

use std::path::{Path, PathBuf};

use super::debian::{GCC, INTERFACES, WIDL};
use super::failure::Failure;
use super::program::{command, succeed};

/// The class of the proxies' factory, used nowhere else.
const CLASS: &str = "{0x3f6c1a54,0x0b7e,0x4d0c,{0x9a,0x58,0x61,0x2d,0x1f,0x0e,0x77,0x35}}";

/// The parts that the definition is compiled to, and the options of widl for each. `-Oicf` selects
/// proxies whose code does not need Wine's own headers.
const PARTS: [(&str, &[&str]); 4] = [
    ("background.h", &["-Oicf", "-h"]),
    ("background_p.c", &["-Oicf", "-p"]),
    ("background_i.c", &["-Oicf", "-u"]),
    ("dlldata.c", &["--dlldata-only"]),
];

/// Compiles the proxy library into a folder.
pub(super) async fn build(sources: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    for (part, options) in PARTS {
        let mut widl = command(WIDL);
        widl.current_dir(folder).args(options).arg("-I").arg(INTERFACES).args(["-o", part]);
        // The registration of the library only needs the name of the definition.
        match part {
            "dlldata.c" => widl.arg("background"),
            _ => widl.arg(sources.join("background.idl")),
        };
        succeed(&mut widl).await?;
    }
    let library = folder.join("oncue-proxy.dll");
    let mut gcc = command(GCC);
    gcc.current_dir(folder).args(["-shared", "-O1", "-s", "-I", "."]);
    gcc.arg("-include").arg(sources.join("proxy.h")).arg("-o").arg(&library);
    gcc.args(["-DREGISTER_PROXY_DLL", &format!("-DPROXY_CLSID_IS={CLASS}")]);
    gcc.args(["background_p.c", "background_i.c", "dlldata.c"]);
    gcc.args(["text.c", "proxy.def"].map(|source| sources.join(source)));
    gcc.args(["-lrpcrt4", "-lole32", "-loleaut32", "-luuid", "-lruntimeobject"]);
    succeed(&mut gcc).await?;
    Ok(library)
}

/// Compiles a library that Wine 8 lacks and every Rust program loads.
pub(super) async fn build_random(sources: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let library = folder.join("bcryptprimitives.dll");
    let mut gcc = command(GCC);
    gcc.args(["-shared", "-O1", "-s"]).arg(sources.join("random.c"));
    gcc.arg("-ladvapi32").arg("-o").arg(&library);
    succeed(&mut gcc).await?;
    Ok(library)
}
