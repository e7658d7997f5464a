//! A manifest without problems, and how to introduce one.

use oncue_manifest::{Manifest, Problem, Severity};

/// A manifest without problems here and on Windows.
pub(crate) const SAMPLE: &str = r##"<?xml version="1.0" encoding="utf-8"?>
<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10"
  xmlns:uap="http://schemas.microsoft.com/appx/manifest/uap/windows10"
  xmlns:uap10="http://schemas.microsoft.com/appx/manifest/uap/windows10/10"
  xmlns:com="http://schemas.microsoft.com/appx/manifest/com/windows10"
  xmlns:rescap="http://schemas.microsoft.com/appx/manifest/foundation/windows10/restrictedcapabilities"
  IgnorableNamespaces="uap uap10 com rescap">
  <Identity Name="Contoso.Sample" Publisher="CN=Contoso" Version="1.2.3.4" ProcessorArchitecture="x64"/>
  <Properties>
    <DisplayName>Sample &amp; more</DisplayName>
    <PublisherDisplayName>Contoso</PublisherDisplayName>
    <Logo>Assets\Store.png</Logo>
  </Properties>
  <Resources><Resource Language="en-us"/></Resources>
  <Dependencies>
    <TargetDeviceFamily Name="Windows.Desktop" MinVersion="10.0.19041.0" MaxVersionTested="10.0.22621.0"/>
  </Dependencies>
  <Capabilities><rescap:Capability Name="runFullTrust"/></Capabilities>
  <Applications>
    <Application Id="App" Executable="bin\app.exe" EntryPoint="Windows.FullTrustApplication">
      <uap:VisualElements DisplayName="App" Description="An app." BackgroundColor="#102030" Square150x150Logo="a.png" Square44x44Logo="b.png"/>
      <Extensions>
        <com:Extension Category="windows.comServer">
          <com:ComServer>
            <com:ExeServer Executable="bin\server.exe" Arguments="-Serve" DisplayName="Server">
              <com:Class Id="14C5882B-35D3-41BE-86B2-5106269B97E6" DisplayName="Task"/>
            </com:ExeServer>
          </com:ComServer>
        </com:Extension>
      </Extensions>
    </Application>
  </Applications>
</Package>
"##;

/// The place where a problem is expected.
pub(crate) const MARK: char = '¦';

/// Returns the sample with `old`, which occurs once in it, replaced by `new`, and the line and
/// column of the mark.
pub(crate) fn faulty(old: &str, new: &str) -> (String, (u32, u32)) {
    assert_eq!(SAMPLE.matches(old).count(), 1, "{old}");
    unmarked(&SAMPLE.replace(old, new))
}

/// Returns the text without its mark, and the mark's line and column.
pub(crate) fn unmarked(text: &str) -> (String, (u32, u32)) {
    let (before, after) = text.split_once(MARK).expect("a mark");
    let last_line = before.rsplit('\n').next().unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = last_line.chars().count() + 1;
    (format!("{before}{after}"), (line as u32, column as u32))
}

/// Returns all problems of a manifest, whether it can be used or not.
pub(crate) fn problems(text: &str) -> Vec<Problem> {
    match Manifest::parse(text.as_bytes()) {
        Ok(manifest) => manifest.warnings,
        Err(problems) => problems.into_iter().collect(),
    }
}

/// Puts each problem into the sample and expects exactly one problem, at the mark.
pub(crate) fn expect_faults(rows: &[(&str, &str, Severity, &str)]) {
    for (old, new, severity, said) in rows {
        let (text, place) = faulty(old, new);
        let found = problems(&text);
        let [problem] = found.as_slice() else { panic!("{new}: {found:#?}") };
        assert_eq!(problem.to_string(), *said, "{new}");
        assert_eq!(problem.severity, *severity, "{new}");
        assert_eq!((problem.line, problem.column), place, "{new}");
        assert!(!problem.way_out().is_empty());
    }
}
