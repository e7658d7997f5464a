//! The applications of a package, and the task servers and classes they declare.

use oncue_types::Guid;

/// One application of a package (Microsoft, "Application (Windows 10)").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its id in the package, the part of an AUMID after `!`.
    pub id: String,
    /// The program it starts with, as written; look it up with [`executable_candidates`].
    ///
    /// [`executable_candidates`]: crate::executable_candidates
    pub executable: Option<String>,
    /// `EntryPoint` as written.
    pub entry_point: Option<String>,
    /// The kind of process that Windows runs it in.
    pub runtime: Runtime,
    /// Names and images that represent it.
    pub visual_elements: VisualElements,
    /// The task servers that run under its identity, in the order of the manifest.
    pub servers: Vec<ExeServer>,
}

/// What kind of process an application is on Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// A desktop process of the user: `EntryPoint="Windows.FullTrustApplication"`, or
    /// `RuntimeBehavior` `packagedClassicApp` or `win32App` that is not in an app container.
    FullTrust,
    /// A desktop process in an app container.
    AppContainer,
    /// A Universal Windows app: any other entry point, a start page, a host, or `windowsApp`.
    Universal,
    /// Not specified in the manifest.
    Unstated,
}

/// The names and images that represent an application. Each is `None` if the manifest does not
/// specify it; logos also if they are not paths in the package. Text that begins with
/// `ms-resource:` names a resource that only Windows can look up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisualElements {
    /// Name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Colour of its tile, `#rrggbb` or a name.
    pub background_color: Option<String>,
    /// Path of its image of 150 × 150 pixels, as written.
    pub square_150x150_logo: Option<String>,
    /// Path of its image of 44 × 44 pixels, as written.
    pub square_44x44_logo: Option<String>,
}

/// A task server: a program and the classes it serves (Microsoft, "com:ExeServer").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExeServer {
    /// The program, as written; look it up with [`executable_candidates`].
    ///
    /// [`executable_candidates`]: crate::executable_candidates
    pub executable: String,
    /// The arguments it is started with, as one string; empty if there are none.
    pub arguments: String,
    /// Its display name.
    pub display_name: Option<String>,
    /// The classes it serves, in the order of the manifest.
    pub classes: Vec<Class>,
}

/// A class that a task server creates (Microsoft, "com:Class (in ExeServer)").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Class id.
    pub id: Guid,
    /// Its display name.
    pub display_name: Option<String>,
}
