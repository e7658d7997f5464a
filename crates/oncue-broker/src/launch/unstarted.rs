//! Why a program could not be started. The system's error is short, so its program is
//! inspected.

use std::io;
use std::path::Path;

use crate::package::program_problem;

/// Says why a program could not be started. This accesses files, so do not call it on the loop's
/// thread.
pub(super) fn why(executable: &Path, folder: &Path, error: &io::Error) -> String {
    let path = executable.display();
    if !folder.is_dir() {
        let folder = folder.display();
        return format!(
            "its folder {folder} does not exist; restore it, or remove the package: `oncue package remove PACKAGE`"
        );
    }
    why_program(executable, error)
        .unwrap_or_else(|| format!("{path} no longer exists; restore it, or add the package again"))
}

/// Says why a program could not be started; returns `None` if it does not exist.
pub(super) fn why_program(executable: &Path, error: &io::Error) -> Option<String> {
    let path = executable.display();
    Some(match program_problem(executable) {
        Ok(Some(problem)) => format!("cannot start {path}: {problem}; {}", problem.way_out()),
        Err(found) if found.kind() == io::ErrorKind::NotFound => return None,
        Ok(None) if error.kind() == io::ErrorKind::ExecutableFileBusy => format!(
            "cannot start {path}: it is open for writing; to replace a program, rename a new file over it"
        ),
        Ok(None) | Err(_) => format!("cannot start {path}: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_reason_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app");
        let error = io::Error::from(io::ErrorKind::NotFound);
        let told = |path: &Path| why(path, folder.path(), &error);
        assert!(told(&path).contains("app no longer exists; restore it"), "{}", told(&path));
        fs::write(&path, "#!/no/such/interpreter\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let said = told(&path);
        assert!(said.contains("its interpreter /no/such/interpreter does not exist; install"), "{said}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(told(&path).ends_with("chmod +x"), "{}", told(&path));
        let gone = why(&path, &folder.path().join("gone"), &error);
        assert!(gone.contains("gone does not exist; restore it"), "{gone}");
    }
}
