//! The text of a package's first manifest.

use cargo_metadata::semver;
use oncue_manifest::Version;
use oncue_types::Guid;

use crate::draft::Wishes;
use crate::draft::error::DraftError;
use crate::layout::Crate;

/// The manifest, with words in braces for the values. Readers that do not know `uap` and `rescap`
/// ignore them; Windows has supported `com` since version 1703.
const TEMPLATE: &str = include_str!("template.xml");

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
    let description = krate.description.as_deref().map(one_line);
    let words = [
        ("{name}", name),
        ("{publisher}", wishes.publisher.clone()),
        ("{version}", version.to_string()),
        ("{display_name}", display_name.to_owned()),
        ("{publisher_name}", common_name(&wishes.publisher).to_owned()),
        ("{description}", description.unwrap_or_else(|| display_name.to_owned())),
        ("{program}", program.to_owned()),
        ("{arguments}", wishes.arguments.clone()),
        ("{class_id}", class_id.to_string()),
    ];
    let mut text = TEMPLATE.to_owned();
    for (word, value) in words {
        text = text.replace(word, &escaped(&value));
    }
    text
}

/// The publisher's display name: the first part of its distinguished name.
fn common_name(publisher: &str) -> &str {
    let first = publisher.split(", ").next().unwrap_or(publisher);
    first.split_once('=').map_or(first, |(_, name)| name.trim_matches('"'))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Escapes characters with a meaning in XML, and braces, which would be replaced.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '{' => text.push_str("&#123;"),
            _ => text.push(character),
        }
    }
    text
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

    #[test]
    fn people_read_the_common_name() {
        for (publisher, name) in
            [("CN=Contoso", "Contoso"), ("CN=\"A B\", O=C", "A B"), ("Contoso", "Contoso")]
        {
            assert_eq!(common_name(publisher), name);
        }
    }
}
