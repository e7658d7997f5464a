//! `oncue package new`: creates a package's first manifest and images from a crate.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use oncue_types::Guid;

use crate::draft::{Draft, DraftError, Wishes, draft};
use crate::exit::Exit;
use crate::failure::{Failure, refused_or_failed};
use crate::layout;
use crate::render::clean::clean;
use crate::render::screen::Screen;

/// Turn a crate into a package: write its AppxManifest.xml and images
///
/// They are written beside the crate's Cargo.toml, which defines the name, the version and the
/// program that serves the class. Existing files are not overwritten.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oncue package new --publisher CN=Contoso")]
pub(crate) struct Arguments {
    /// The crate's folder; by default, this folder or one above
    folder: Option<PathBuf>,
    /// The publisher; for a signed package, the subject of the certificate
    #[arg(long, value_name = "CN=NAME")]
    publisher: String,
    /// The package's name, 3 to 50 letters, digits, dots and dashes; by default, that of the crate
    #[arg(long)]
    name: Option<String>,
    /// The display name; by default, that of the crate
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// The program that serves the class, if the crate has several
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// The arguments with which the program is started to serve a task
    #[arg(long, default_value = "-StartTaskServer", allow_hyphen_values = true)]
    arguments: String,
    /// The id of the class; by default, a new one
    #[arg(long, value_name = "GUID")]
    class_id: Option<Guid>,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Shape<'a> {
    folder: String,
    files: Vec<String>,
    family_name: &'a str,
    version: String,
    class_id: String,
    program: &'a str,
    arguments: &'a str,
}

/// Turns a crate into a package.
pub(super) fn perform(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments { folder, publisher, name, display_name, bin, arguments, class_id, force, json } =
        arguments;
    let krate = layout::find_crate(folder.map(|folder| folder.join("Cargo.toml")).as_deref())?;
    let wishes = Wishes { publisher, name, display_name, bin, arguments, class_id, force };
    let draft = draft(&krate, wishes)?;
    let mut screen = Screen::open();
    if json {
        screen.json(&shape(&draft))?;
    } else {
        screen.write_all(text(&draft).as_bytes())?;
    }
    Ok(Exit::Done)
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Self {
        let (exit, way_out) = (refused_or_failed(error.is_refusal()), error.way_out());
        Self::new(exit, error).with_way_out(way_out)
    }
}

fn shape(draft: &Draft) -> Shape<'_> {
    Shape {
        folder: draft.folder.display().to_string(),
        files: draft.files.iter().map(|file| file.display().to_string()).collect(),
        family_name: &draft.family_name,
        version: draft.version.to_string(),
        class_id: draft.class_id.to_string(),
        program: &draft.program,
        arguments: &draft.arguments,
    }
}

/// Says what was created, and what to do next.
fn text(draft: &Draft) -> String {
    let Draft { folder, family_name, version, class_id, program, arguments, .. } = draft;
    let mut text = String::new();
    for file in &draft.files {
        text += &format!("wrote {}\n", clean(&folder.join(file).display().to_string()));
    }
    let (family, program) = (clean(family_name), clean(program));
    text += &format!("\nthe package is {family} {version}");
    text +=
        if draft.version_is_new { "; Windows does not accept versions that begin with 0\n" } else { "\n" };
    let number = format!("{:032x}", class_id.to_u128());
    let groups = [&number[..8], &number[8..12], &number[12..16], &number[16..20], &number[20..]].join("_");
    text += &format!(
        "next:\n  \
         1. serve the class in {program}, when it is started with {}:\n     \
         const CLASS: Guid = Guid::from_u128(0x{groups});\n  \
         2. put pictures of your own into Assets\n  \
         3. build it and add it: oncue package add \"$(oncue package layout --release)\"\n  \
         on Windows: docs/windows.md\n",
        clean(arguments)
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use oncue_manifest::Version;

    fn sample() -> Draft {
        Draft {
            folder: "hello".into(),
            family_name: "hello_x".into(),
            version: Version::new(1, 0, 0, 0),
            version_is_new: true,
            class_id: Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6),
            program: "hello".into(),
            arguments: "-StartTaskServer".into(),
            files: vec!["AppxManifest.xml".into()],
        }
    }

    #[cfg(not(windows))]
    #[test]
    fn the_shape_is_as_documented() {
        use crate::render::json::documented::{assert_documented, value};
        assert_documented("A new package", &value(&shape(&sample())));
    }

    #[test]
    fn a_person_reads_the_class_id_as_rust_wants_it() {
        let text = text(&sample());
        assert!(text.contains("Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);"), "{text}");
        assert!(text.contains("Windows does not accept versions that begin with 0"), "{text}");
    }
}
