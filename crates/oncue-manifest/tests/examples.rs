//! The examples' manifests have no problems, and their images have the right sizes.

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
fn nobody_objects_to_any_example() {
    for example in ["awaiting", "foreground", "primes", "several", "sync"] {
        let folder = format!("{}/../../examples/{example}/", env!("CARGO_MANIFEST_DIR"));
        let manifest = Manifest::parse(&std::fs::read(format!("{folder}AppxManifest.xml")).unwrap()).unwrap();
        assert_eq!(manifest.warnings, [], "{example}");
        let shown = &manifest.applications[0].visual_elements;
        // The sizes that Windows requires.
        for (path, size) in
            [(&shown.square_150x150_logo, 150), (&shown.square_44x44_logo, 44), (&manifest.logo, 50)]
        {
            let path = in_package(path.as_deref().unwrap()).unwrap();
            let png = std::fs::read(format!("{folder}{path}")).unwrap();
            assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n", "{example} {path}");
            assert_eq!(png[16..24], [0, 0, 0, size, 0, 0, 0, size], "{example} {path}");
        }
    }
}
