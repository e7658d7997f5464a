//! Names for jobs, which have none in a crontab.

/// Programs that only start another one.
const STARTERS: [&str; 21] = [
    "[", "bash", "cd", "chronic", "dash", "env", "exec", "fish", "flock", "ionice", "nice", "nohup", "perl",
    "python", "python3", "ruby", "sh", "sleep", "test", "timeout", "zsh",
];
/// The starters whose first argument is not a program.
const WITH_ARGUMENT: [&str; 4] = ["cd", "flock", "sleep", "timeout"];

/// Returns a name for a job, from the program that it runs.
pub(super) fn name(script: &str) -> String {
    let mut words =
        script.split(|c: char| c.is_whitespace() || ";&|()'\"".contains(c)).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let is_number = word.chars().all(|c| c.is_ascii_digit());
        if word.contains('=') || word.starts_with(['-', '$']) || is_number {
            continue;
        }
        let program = word.rsplit('/').next().unwrap_or(word);
        if STARTERS.contains(&program) {
            if WITH_ARGUMENT.contains(&program) {
                words.next();
            }
            continue;
        }
        let stem = program.rsplit_once('.').map_or(program, |(stem, _)| stem);
        let name: String = stem.chars().filter(|c| c.is_alphanumeric() || "_-.".contains(*c)).collect();
        if !name.is_empty() {
            return name;
        }
    }
    "task".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_named_after_what_it_runs() {
        for (script, expected) in [
            ("mbsync -a", "mbsync"),
            ("/usr/local/bin/report.sh --all", "report"),
            ("cd /srv && ./run.py", "run"),
            ("LANG=C nice -n 10 python3 -u sync.py", "sync"),
            ("bash -c 'backup now'", "backup"),
            ("[ -x /bin/true ] && true", "true"),
            ("", "task"),
        ] {
            assert_eq!(name(script), expected, "{script}");
        }
    }
}
