//! The package that a test installs: its classes, and what its task servers do.

use std::env;
use std::fmt::{self, Debug};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use oncue_core::{ExeServer, Exit, FamilyName, Package, Version};
use oncue_manifest::Manifest;

use super::TestError;
use crate::{Guid, worker};

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
    /// What each of its servers does, in the package's order.
    pub(super) mains: Vec<Main>,
    /// Its servers are those of a manifest.
    declared: bool,
}

/// What a started task server does.
#[derive(Clone)]
pub(super) enum Main {
    /// It runs this code.
    Code(Arc<dyn Fn() -> Ended + Send + Sync>),
    /// It starts and never offers a class.
    Silent,
    /// The test gives it no code.
    Missing,
}

/// How a server's code ended: what its process would have left.
pub(super) struct Ended {
    pub(super) exit: Exit,
    pub(super) last_lines: String,
}

impl TestPackage {
    /// Makes a package of that family name, in version 1.0.0.0, without classes.
    #[must_use]
    pub fn new(family_name: &str) -> Self {
        let name = family_name.split('_').next().unwrap_or(family_name);
        let package = Package {
            family: FamilyName::new(family_name),
            full_name: String::new(),
            display_name: name.to_owned(),
            version: Version([1, 0, 0, 0]),
            location: here(),
            servers: Vec::new(),
        };
        Self { package, mains: Vec::new(), declared: false }.named()
    }

    /// Reads the package from the text of its `AppxManifest.xml`, as the broker does; the files that
    /// it names need not be there.
    ///
    /// # Errors
    /// [`TestError::Manifest`] when the broker would not take it.
    pub fn from_manifest(text: &str) -> Result<Self, TestError> {
        let manifest = Manifest::parse(text.as_bytes()).map_err(TestError::Manifest)?;
        let version = manifest.identity.version;
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
            version: Version([version.major, version.minor, version.build, version.revision]),
            location: here(),
            servers,
        };
        Ok(Self { package, mains, declared: true })
    }

    /// Gives the package another version; a higher one updates what is installed.
    #[must_use]
    pub fn version(mut self, version: [u16; 4]) -> Self {
        self.package.version = Version(version);
        self.named()
    }

    /// Sets what the task server of these classes does; `main` is what the arguments of the
    /// manifest's `ExeServer` lead to. It runs on a thread of its own, each time anew when the broker
    /// starts the server. What it returns is how the process ends: `Ok` as exit 0, an error as exit
    /// 1, a panic as exit 101.
    ///
    /// In a package from a manifest it is the server that declares the first of these classes; one
    /// that none declares changes nothing, and its tasks are refused.
    #[must_use]
    pub fn server<E: Debug>(
        self,
        classes: impl IntoIterator<Item = Guid>,
        main: impl Fn() -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.with(classes.into_iter().collect(), Main::Code(Arc::new(move || Ended::of(&main))))
    }

    /// Gives the package a task server that starts and never offers its classes.
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

    /// Writes the full name anew, where no manifest has given one.
    fn named(mut self) -> Self {
        let family = self.package.family.as_str();
        let (name, publisher) = family.split_once('_').unwrap_or((family, ""));
        self.package.full_name = format!("{name}_{}_neutral__{publisher}", self.package.version);
        self
    }
}

impl Ended {
    /// Runs a server's code, and says what its process would have left.
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

/// Under `cargo test` the folder of the crate's own manifest, where `AppxManifest.xml` mostly lies.
fn here() -> String {
    env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default()
}
