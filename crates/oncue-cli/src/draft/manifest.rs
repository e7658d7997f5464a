//! The text of a package's first manifest.

use cargo_metadata::semver;
use oncue_manifest::Version;
use oncue_types::Guid;
use oncue_wire::outline::Outline;

use crate::draft::Wishes;
use crate::draft::error::DraftError;
use crate::layout::Crate;

/// Returns the package's version for a crate's version. Windows does not accept versions that begin
/// with 0.
pub(super) fn version(of_crate: &semver::Version) -> Result<Version, DraftError> {
    if of_crate.major == 0 {
        return Ok(Version::new(1, 0, 0, 0));
    }
    let number = |number: u64| {
        u16::try_from(number).map_err(|_| DraftError::Version { version: of_crate.to_string() })
    };
    Ok(Version::new(number(of_crate.major)?, number(of_crate.minor)?, number(of_crate.patch)?, 0))
}

/// Writes the manifest.
pub(super) fn text(
    krate: &Crate,
    wishes: &Wishes,
    program: &str,
    class_id: &Guid,
    version: Version,
) -> String {
    // A crate's name may contain underscores, a package's name may not.
    let name = wishes.name.clone().unwrap_or_else(|| krate.name.replace('_', "-"));
    let display_name = wishes.display_name.as_deref().unwrap_or(&krate.name);
    Outline {
        comment: "",
        name: &name,
        publisher: &wishes.publisher,
        version: [version.major, version.minor, version.build, version.revision],
        display_name,
        description: krate.description.as_deref().unwrap_or(display_name),
        program,
        arguments: &wishes.arguments,
        classes: vec![(*class_id, display_name.to_owned())],
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oncue_manifest::Manifest;

    fn krate(version: &str) -> Crate {
        Crate {
            name: "hello_there".into(),
            version: version.parse().unwrap(),
            description: Some("Says hello,\n  \"now\" & <then>.".into()),
            folder: "folder".into(),
            binaries: vec!["hello".into()],
            target: "target".into(),
            uses_sdk: false,
        }
    }

    fn wishes(publisher: &str) -> Wishes {
        Wishes {
            publisher: publisher.into(),
            name: None,
            display_name: None,
            bin: None,
            arguments: "-Serve {class_id} \"x\"".into(),
            class_id: None,
            force: false,
        }
    }

    #[test]
    fn whatever_is_said_is_read_again_as_it_was_said() {
        let krate = krate("2.3.4");
        let class_id = Guid::from_u128(7);
        let version = version(&krate.version).unwrap();
        let text = text(&krate, &wishes("CN=Contoso, O=\"A, B & C\""), "hello", &class_id, version);
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert!(manifest.warnings.is_empty(), "{:?}", manifest.warnings);
        assert_eq!(manifest.identity.name, "hello-there");
        assert_eq!(manifest.identity.publisher, "CN=Contoso, O=\"A, B & C\"");
        assert_eq!(manifest.identity.version.to_string(), "2.3.4.0");
        let application = &manifest.applications[0];
        assert_eq!(application.executable.as_deref(), Some("hello.exe"));
        let server = &application.servers[0];
        assert_eq!(server.arguments, "-Serve {class_id} \"x\"");
        assert_eq!(server.classes[0].id, class_id);
    }

    #[test]
    fn a_version_that_begins_with_0_becomes_the_first_that_windows_takes() {
        assert_eq!(version(&"0.7.1".parse().unwrap()).unwrap().to_string(), "1.0.0.0");
        assert_eq!(version(&"1.2.3-beta.1".parse().unwrap()).unwrap().to_string(), "1.2.3.0");
        assert!(matches!(version(&"1.2.70000".parse().unwrap()), Err(DraftError::Version { .. })));
    }
}
