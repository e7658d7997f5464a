//! The manifest of the example is one that nobody objects to, and its pictures have their sizes.

use oncue_manifest::{Manifest, in_package};

const MANIFEST: &[u8] = include_bytes!("../../../examples/primes/AppxManifest.xml");

#[test]
fn the_example_is_the_package_of_the_article() {
    let manifest = Manifest::parse(MANIFEST).unwrap();
    assert_eq!(manifest.warnings, []);
    assert_eq!(manifest.identity.family_name(), "SamplePackagedWinMainBackgroundApp_h91ms92gdsmmt");
    assert_eq!(
        manifest.identity.app_user_model_id(&manifest.applications[0].id),
        "SamplePackagedWinMainBackgroundApp_h91ms92gdsmmt!App"
    );
    let declared = manifest.class("14C5882B-35D3-41BE-86B2-5106269B97E6".parse().unwrap()).unwrap();
    assert_eq!(
        (declared.server.executable.as_str(), declared.server.arguments.as_str()),
        ("primes.exe", "-StartSampleTaskServer")
    );
}

#[test]
fn its_pictures_have_the_sizes_that_windows_asks_for() {
    let manifest = Manifest::parse(MANIFEST).unwrap();
    let shown = &manifest.applications[0].visual_elements;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/primes/");
    for (path, size) in
        [(&shown.square_150x150_logo, 150), (&shown.square_44x44_logo, 44), (&manifest.logo, 50)]
    {
        let path = in_package(path.as_deref().unwrap()).unwrap();
        let png = std::fs::read(format!("{folder}{path}")).unwrap();
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n", "{path}");
        assert_eq!(png[16..24], [0, 0, 0, size, 0, 0, 0, size], "{path}");
    }
}
