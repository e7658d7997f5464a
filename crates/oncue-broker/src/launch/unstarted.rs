//! Why a task server could not be started: the system's answer is short, so its program is looked at.

use std::io;
use std::path::Path;

use oncue_core::ServerId;
use tokio::sync::mpsc;

use crate::event_loop::Inbox;
use crate::package::{Program, program_problem};

/// Finds out why a server could not be started and tells the loop. Files are looked at, which may take
/// its time: not on the loop's thread.
pub(crate) fn explain(
    server: ServerId,
    program: &Program,
    folder: &Path,
    error: io::Error,
    inbox: &mpsc::Sender<Inbox>,
) {
    let (executable, folder, inbox) = (program.executable.clone(), folder.to_owned(), inbox.clone());
    tokio::task::spawn_blocking(move || {
        let why = why(&executable, &folder, &error);
        // When the loop is gone nobody needs to know any more.
        let _ = inbox.blocking_send(Inbox::LaunchFailed { server, why });
    });
}

fn why(executable: &Path, folder: &Path, error: &io::Error) -> String {
    let path = executable.display();
    if !folder.is_dir() {
        let folder = folder.display();
        return format!(
            "its folder {folder} is not there; put it back, or remove the package: `oncue package remove PACKAGE`"
        );
    }
    match program_problem(executable) {
        Ok(Some(problem)) => format!("cannot start {path}: {problem}; {}", problem.way_out()),
        Err(found) if found.kind() == io::ErrorKind::NotFound => {
            format!("{path} is not there any more; put it back, or add the package again")
        }
        Ok(None) if error.kind() == io::ErrorKind::ExecutableFileBusy => format!(
            "cannot start {path}: something has it open for writing; replace a program by renaming a new file over it"
        ),
        Ok(None) | Err(_) => format!("cannot start {path}: {error}"),
    }
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
        assert!(told(&path).contains("app is not there any more; put it back"), "{}", told(&path));
        fs::write(&path, "#!/no/such/interpreter\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let said = told(&path);
        assert!(said.contains("its interpreter /no/such/interpreter is not there; install"), "{said}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(told(&path).ends_with("chmod +x"), "{}", told(&path));
        let gone = why(&path, &folder.path().join("gone"), &error);
        assert!(gone.contains("gone is not there; put it back"), "{gone}");
    }
}
