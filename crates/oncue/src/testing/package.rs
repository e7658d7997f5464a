//! The package that a test installs: its classes, and the code of its task servers.

use std::env;
use std::fmt::{self, Debug};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use oncue_core::{ExeServer, Exit, FamilyName, Package, Version};
use oncue_manifest::Manifest;
use oncue_types::Guid;

use super::TestError;
use crate::worker;

/// A package to install, and the code of its task servers.
///
/// ```
/// # use oncue::testing::TestPackage;
/// # use oncue::Guid;
/// # const CLASS: Guid = Guid::from_u128(1);
/// # fn serve() -> Result<(), oncue::Error> { Ok(()) }
/// let package = TestPackage::new("Contoso.Greeting_8wekyb3d8bbwe").server([CLASS], serve);
/// ```
#[derive(Clone)]
pub struct TestPackage {
    pub(super) package: Package,
    /// The code of each of its servers, in the package's order.
    pub(super) mains: Vec<Main>,
    /// Its servers come from a manifest.
    declared: bool,
}

/// What a task server does after it was started.
#[derive(Clone)]
pub(super) enum Main {
    /// It runs this code.
    Code(Arc<dyn Fn() -> Ended + Send + Sync>),
    /// It starts and never registers a class.
    Silent,
    /// The test has no code for it.
    Missing,
}

/// How a server's code ended, in terms of its process.
pub(super) struct Ended {
    pub(super) exit: Exit,
    pub(super) last_lines: String,
}

impl TestPackage {
    /// Creates a package with this family name, version 1.0.0.0, and no classes.
    #[must_use]
    pub fn new(family_name: &str) -> Self {
        let name = family_name.split('_').next().unwrap_or(family_name);
        let package = Package {
            family: FamilyName::new(family_name),
            full_name: String::new(),
            display_name: name.to_owned(),
            version: Version::new(1, 0, 0, 0),
            location: here(),
            servers: Vec::new(),
        };
        Self { package, mains: Vec::new(), declared: false }.named()
    }

    /// Reads the package from the text of its `AppxManifest.xml`, as the broker does. The files
    /// that it names do not have to exist.
    ///
    /// # Errors
    /// Returns [`TestError::Manifest`] if the broker would not accept it.
    pub fn from_manifest(text: &str) -> Result<Self, TestError> {
        let manifest = Manifest::parse(text.as_bytes()).map_err(TestError::Manifest)?;
        let servers = manifest.applications.iter().flat_map(|application| &application.servers);
        let server = |server: &oncue_manifest::ExeServer| ExeServer {
            classes: server.classes.iter().map(|class| class.id).collect(),
            command: format!("{}\n{}", server.executable, server.arguments),
        };
        let servers: Vec<ExeServer> = servers.map(server).collect();
        let mains = servers.iter().map(|_| Main::Missing).collect();
        let package = Package {
            family: FamilyName::new(&manifest.identity.family_name()),
            full_name: manifest.identity.full_name(),
            display_name: manifest.shown_name().to_owned(),
            version: manifest.identity.version,
            location: here(),
            servers,
        };
        Ok(Self { package, mains, declared: true })
    }

    /// Sets the package's version. Installing a higher one updates the package.
    #[must_use]
    pub fn version(mut self, version: [u16; 4]) -> Self {
        let [major, minor, build, revision] = version;
        self.package.version = Version::new(major, minor, build, revision);
        self.named()
    }

    /// Sets the code of the task server for these classes; `main` corresponds to the program
    /// started with the arguments of the manifest's `ExeServer`. It runs on its own thread each
    /// time the broker starts the server. Its result determines how the process ends: `Ok` with
    /// exit status 0, an error with 1, a panic with 101.
    ///
    /// In a package from a manifest, this is the server that declares the first of these classes.
    /// If no server declares it, this has no effect, and tasks of the class are refused.
    #[must_use]
    pub fn server<E: Debug>(
        self,
        classes: impl IntoIterator<Item = Guid>,
        main: impl Fn() -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.with(classes.into_iter().collect(), Main::Code(Arc::new(move || Ended::of(&main))))
    }

    /// Adds a task server that starts but never registers its classes.
    #[must_use]
    pub fn silent_server(self, classes: impl IntoIterator<Item = Guid>) -> Self {
        self.with(classes.into_iter().collect(), Main::Silent)
    }

    fn with(mut self, classes: Vec<Guid>, main: Main) -> Self {
        let of = classes.first().and_then(|class| self.package.server_of(*class));
        match of {
            Some(of) => self.mains[of] = main,
            None if self.declared => {}
            None => {
                self.package.servers.push(ExeServer { classes, command: String::new() });
                self.mains.push(main);
            }
        }
        self
    }

    /// Updates the full name, unless it comes from a manifest.
    fn named(mut self) -> Self {
        let family = self.package.family.as_str();
        let (name, publisher) = family.split_once('_').unwrap_or((family, ""));
        self.package.full_name = format!("{name}_{}_neutral__{publisher}", self.package.version);
        self
    }
}

impl Ended {
    /// Runs a server's code, and returns how its process would have ended.
    fn of<E: Debug>(main: &dyn Fn() -> Result<(), E>) -> Self {
        match catch_unwind(AssertUnwindSafe(main)) {
            Ok(Ok(())) => Self { exit: Exit::Code(0), last_lines: String::new() },
            Ok(Err(error)) => Self { exit: Exit::Code(1), last_lines: format!("Error: {error:?}") },
            Err(panic) => Self { exit: Exit::Code(101), last_lines: worker::panic_text(&*panic) },
        }
    }
}

impl Debug for TestPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestPackage").field("package", &self.package).finish_non_exhaustive()
    }
}

/// Under `cargo test`, the folder of the crate's manifest, which usually contains
/// `AppxManifest.xml`.
fn here() -> String {
    env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default()
}
