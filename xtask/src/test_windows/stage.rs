//! The stage of the tests: a Wine, the sample's package, the stand-in and the proxies.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use oncue_manifest::Manifest;
use tempfile::TempDir;

use super::build::{Built, Test};
use super::failure::Failure;
use super::prefix::Prefix;
use super::program::status_within;
use super::registry::{self, windows_path};
use super::tally::{Ended, Ran};
use super::{proxy, tally};

/// How long one test program may take.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// The stage. Fields are dropped, and so ended and removed, from top to bottom.
#[derive(Debug)]
pub(super) struct Stage {
    prefix: Prefix,
    sample: PathBuf,
    oncue: PathBuf,
    family_name: String,
    full_name: String,
    folder: TempDir,
}

impl Stage {
    /// Sets the stage.
    pub(super) async fn set(root: &Path, built: &Built) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("oncue-windows-").tempdir();
        let folder = folder.map_err(Failure::file(std::env::temp_dir()))?;
        let below = |name: &str| folder.path().join(name);
        let (sample, manifest) = lay_out(root, built, &below("package"))?;
        let sources = root.join("xtask/windows/proxy");
        let made = below("made");
        fs::create_dir(&made).map_err(Failure::file(&made))?;
        let proxies = proxy::build(&sources, &made).await?;
        let prefix = Prefix::make(below("prefix"), below("wine.txt")).await?;
        if !prefix.system_folder().join("bcryptprimitives.dll").exists() {
            let random = proxy::build_random(&sources, &made).await?;
            copy(&random, &prefix.system_folder().join("bcryptprimitives.dll"))?;
        }
        let registered = below("registered.reg");
        let text = registry::text(&manifest, &below("package"), &built.stand_in);
        fs::write(&registered, text).map_err(Failure::file(&registered))?;
        prefix.succeed(&["reg", "import", &windows_path(&registered)]).await?;
        prefix.succeed(&["regsvr32", "/s", &windows_path(&proxies)]).await?;
        let (family_name, full_name) = (manifest.identity.family_name(), manifest.identity.full_name());
        let oncue = built.oncue.clone();
        Ok(Self { prefix, sample, oncue, family_name, full_name, folder })
    }

    /// Runs the tests of one program and shows their output.
    pub(super) async fn run(&self, test: &Test) -> Result<Ran, Failure> {
        println!("     Running {} (under Wine)", test.name);
        let path = self.folder.path().join("said.txt");
        let said = File::create(&path).map_err(Failure::file(&path))?;
        let also = said.try_clone().map_err(Failure::file(&path))?;
        let mut command = self.prefix.wine();
        command.arg(&test.program).stdout(said).stderr(also);
        command.env("ONCUE_SAMPLE", windows_path(&self.sample));
        command.env("ONCUE_PROGRAM", windows_path(&self.oncue));
        command.env("ONCUE_PACKAGE", windows_path(&self.folder.path().join("package")));
        command.env("ONCUE_FAMILY_NAME", &self.family_name).env("ONCUE_FULL_NAME", &self.full_name);
        command.env("ONCUE_STAND_IN", windows_path(&self.folder.path().join("stand-in")));
        if test.is_of_suite {
            command.arg("--test-threads=1");
        }
        let ended = match status_within(&mut command, LIMIT).await {
            Ok(status) if status.success() => Ended::Well,
            Ok(status) => Ended::Badly(status.to_string()),
            Err(Failure::TooLong { seconds, .. }) => Ended::Badly(format!("nothing after {seconds} s")),
            Err(failure) => return Err(failure),
        };
        let said = fs::read(&path).map_err(Failure::file(&path))?;
        let said = String::from_utf8_lossy(&said);
        println!("{said}");
        Ok(tally::read(&test.name, &said, &ended))
    }
}

/// Lays out the sample as a package: manifest, program, images.
fn lay_out(root: &Path, built: &Built, package: &Path) -> Result<(PathBuf, Manifest), Failure> {
    let source = root.join("examples/primes");
    let manifest = source.join("AppxManifest.xml");
    let bytes = fs::read(&manifest).map_err(Failure::file(&manifest))?;
    let parsed = Manifest::parse(&bytes).map_err(Failure::Manifest)?;
    let sample = package.join("primes.exe");
    copy(&manifest, &package.join("AppxManifest.xml"))?;
    copy(&built.sample, &sample)?;
    let pictures = source.join("Assets");
    for picture in fs::read_dir(&pictures).map_err(Failure::file(&pictures))? {
        let picture = picture.map_err(Failure::file(&pictures))?;
        copy(&picture.path(), &package.join("Assets").join(picture.file_name()))?;
    }
    Ok((sample, parsed))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let copied = || -> io::Result<()> {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        fs::copy(from, to).map(drop)
    };
    copied().map_err(Failure::file(from))
}
