//! The applications of a package, and the task servers and classes they declare.

use oncue_types::Guid;

/// One application of a package (Microsoft, "Application (Windows 10)").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its id in the package, the part of an AUMID behind `!`.
    pub id: String,
    /// The program it starts with, as written; look it up with [`executable_candidates`].
    ///
    /// [`executable_candidates`]: crate::executable_candidates
    pub executable: Option<String>,
    /// `EntryPoint` as written.
    pub entry_point: Option<String>,
    /// What kind of process Windows makes of it.
    pub runtime: Runtime,
    /// Names and pictures to show it by.
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
    /// The manifest does not say.
    Unstated,
}

/// What an application is shown by; each is missing if the manifest does not give it, and the
/// logos also if they are not paths in the package. Text beginning with `ms-resource:` names a
/// resource that only Windows can look up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisualElements {
    /// Name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Colour of its tile, `#rrggbb` or a name.
    pub background_color: Option<String>,
    /// Path of its picture of 150 × 150 pixels, as written.
    pub square_150x150_logo: Option<String>,
    /// Path of its picture of 44 × 44 pixels, as written.
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
    /// Its name for people.
    pub display_name: Option<String>,
    /// The classes it serves, in the order of the manifest.
    pub classes: Vec<Class>,
}

/// A class that a task server makes (Microsoft, "com:Class (in ExeServer)").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Class id.
    pub id: Guid,
    /// Its name for people.
    pub display_name: Option<String>,
}
