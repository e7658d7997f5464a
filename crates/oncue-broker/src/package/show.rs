//! Packages as clients see them.

use std::path::Path;

use oncue_core::{Broker, FamilyName, Package};
use oncue_wire::{ClassInfo, Code, Identity, Origin, PackageInfo, Place, Refused, ServerInfo};

use super::{Files, Packages, folder_of};

impl Packages {
    /// Describes the package of a caller.
    pub(crate) fn identity(
        &self,
        family: &FamilyName,
        core: &Broker,
        place: &Place,
    ) -> Result<Identity, Refused> {
        let package = core.package(family).ok_or_else(|| {
            Refused::new(
                Code::UnknownPackage,
                format!("no package {family} is known"),
                "add it: `oncue package add FOLDER`",
            )
        })?;
        Ok(Identity {
            family_name: family.as_str().into(),
            full_name: package.full_name.clone(),
            location: folder_of(Path::new(&package.location)).display().to_string(),
            local_folder: place.local_folder(family.as_str()).display().to_string(),
            access: core.access(family).into(),
        })
    }

    /// Describes a package.
    pub(crate) fn info(&self, package: &Package, core: &Broker, place: &Place) -> PackageInfo {
        let files = self.get(&package.family);
        let shared = files.is_some_and(|files| files.shared);
        PackageInfo {
            family_name: package.family.as_str().into(),
            full_name: package.full_name.clone(),
            display_name: package.display_name.clone(),
            version: package.version.to_string(),
            location: package.location.clone(),
            local_folder: place.local_folder(package.family.as_str()).display().to_string(),
            access: core.access(&package.family).into(),
            origin: if shared { Origin::Installed } else { Origin::Added }.into(),
            servers: files.map(servers).unwrap_or_default(),
            tasks: u32::try_from(core.n_tasks_of(&package.family)).unwrap_or(u32::MAX),
            problem: files.and_then(Files::problem).unwrap_or_default().into(),
        }
    }
}

fn servers(files: &Files) -> Vec<ServerInfo> {
    let shown = files.servers.iter().map(|program| ServerInfo {
        executable: program.executable.display().to_string(),
        arguments: program.arguments.clone(),
        classes: (program.classes.iter())
            .map(|(id, name)| ClassInfo { class_id: *id, display_name: name.clone() })
            .collect(),
    });
    shown.collect()
}
