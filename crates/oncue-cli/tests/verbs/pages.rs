//! The manual pages.

use std::fs;

use crate::stage::Stage;

#[test]
fn every_verb_has_a_page_with_the_usual_sections() {
    let stage = Stage::new();
    let out = stage.path("man");
    stage.done(&["man", "--out", out.to_str().unwrap()]);
    let pages: Vec<_> = fs::read_dir(out.join("man1")).unwrap().map(|page| page.unwrap()).collect();
    assert!(pages.len() > 30, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(page.path()).unwrap();
        for section in
            ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS", "FILES", "ENVIRONMENT", "SEE ALSO"]
        {
            let heading = format!("\n.SH {section}\n");
            let quoted = format!("\n.SH \"{section}\"\n");
            assert!(
                text.contains(&heading) || text.contains(&quoted),
                "{}: {section}",
                page.path().display()
            );
        }
    }
    assert!(fs::read_to_string(out.join("man5/oncue-config.5")).unwrap().contains("min_minutes"));
}

#[test]
fn a_page_tells_of_its_verb() {
    let stage = Stage::new();
    let edit = stage.done(&["man", "edit"]);
    assert!(edit.contains("VISUAL") && edit.contains("oncue edit backup \\-\\-every 2h"), "{edit}");
    let run = stage.done(&["man", "run"]);
    assert!(run.contains("the exit code is 0 if the run completed") && !run.contains("VISUAL"), "{run}");
    assert!(stage.done(&["man", "package"]).contains("oncue\\-package\\-add"));
    assert_eq!(stage.says(&["man", "sing"]).code, Some(2));
}

#[test]
fn a_page_that_cannot_be_written_is_named() {
    let stage = Stage::new();
    let file = stage.write("man", "a file");
    let said = stage.says(&["man", "--out", file.to_str().unwrap()]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("writing the manual page") && said.err.contains("man1/oncue.1"), "{said:?}");
}
