//! Timers and services that are translated.

use super::*;

fn translated(timer: &str, service: &str) -> (String, Vec<String>, bool) {
    let draft = super::translated("job", timer, service);
    (draft.text(), draft.notes().iter().map(ToString::to_string).collect(), draft.is_complete())
}

const SERVICE: &str = "[Service]\nType=oneshot\nExecStart=/bin/true\n";

#[test]
fn a_timer_and_its_service_are_a_task() {
    let timer = "[Unit]\nDescription=x\n[Timer]\nOnCalendar=Mon..Fri 9:00\nPersistent=true\nAccuracySec=10s\n\
                 RandomizedDelaySec=1h\n[Install]\nWantedBy=timers.target\n";
    let service = "# comment\n[Unit]\nConditionACPower=true\nAfter=network.target\n[Service]\nType=oneshot\n\
        ExecStart=/usr/bin/restic \\\n  backup \"my files\"\nEnvironment=A=b \"C=d e\"\nWorkingDirectory=/srv\n\
        TimeoutStartSec=90\nTimeoutStopSec=1min 30s\nRestart=on-failure\nRestartSec=30\nStartLimitBurst=3\n\
        SuccessExitStatus=3 4\nStandardInput=file:/dev/null\nNice=10\n";
    let (text, notes, is_complete) = translated(timer, service);
    let expected = r#"# job.timer
[task.job]
command = ["/usr/bin/restic", "backup", "my files"]
at = "Mon..Fri 9:00"
when = "ac"
env.A = "b"
env.C = "d e"
cwd = "/srv"
time-limit = "1m30s"
grace = "1m30s"
retry = "linear:30s:2"
success = "0,3,4"
stdin = "/dev/null"
slack = "10s"
"#;
    assert_eq!(text, expected);
    assert!(is_complete);
    let starts = [
        "job.timer:7: RandomizedDelaySec=1h: nothing is random",
        "job.service:3: ConditionACPower=true: the task waits for this",
        "job.service:4: After=network.target: ignored: a task has no counterpart",
        "job.service:13: Restart=on-failure: only failed runs are retried",
        "job.service:18: Nice=10: ignored",
    ];
    assert_eq!(notes.len(), starts.len(), "{notes:?}");
    for (note, start) in notes.iter().zip(starts) {
        assert!(note.starts_with(start), "{note}");
    }
    let tasks = crate::declared::read("t", Path::new("/"), &text).unwrap();
    tasks[0].spec(None).unwrap();
}

#[test]
fn each_trigger_is_a_task_and_a_missed_one_is_skipped_unless_persistent() {
    let (text, notes, _) =
        translated("[Timer]\nOnCalendar=daily\nOnUnitActiveSec=90s\nOnBootSec=5min\n", SERVICE);
    assert!(
        text.contains("[task.job]\ncommand = [\"/bin/true\"]\nat = \"daily\"\nmissed = \"skip\""),
        "{text}"
    );
    assert!(text.contains("[task.job-2]\ncommand = [\"/bin/true\"]\nevery = \"2m\""), "{text}");
    assert!(
        notes[0].contains("rounded up to 2m") && notes[1].contains("OnBootSec=5min: ignored"),
        "{notes:?}"
    );
    let (text, notes, _) = translated("[Timer]\nOnStartupSec=5min\n", SERVICE);
    assert!(text.contains("at-login = true") && notes[0].contains("without a delay"), "{text}{notes:?}");
}

#[test]
fn what_cannot_be_translated_is_named() {
    for (timer, service, said) in [
        ("[Timer]\nOnCalendar=never\n", SERVICE, "job.timer:2: not translated: OnCalendar=never"),
        ("[Timer]\n", SERVICE, "job.timer:1: not translated: the timer has no trigger"),
        ("[Timer]\nOnCalendar=daily\n", "[Service]\n", "not translated: the service has no command"),
        (
            "[Timer]\nOnCalendar=daily\n",
            "[Service]\nExecStart=a %i\n",
            "the specifier `%i` is not understood",
        ),
    ] {
        let (_, notes, is_complete) = translated(timer, service);
        assert!(!is_complete && notes.iter().any(|note| note.contains(said)), "{notes:?}");
    }
}

#[test]
fn several_commands_are_a_script() {
    let service =
        "[Service]\nType=oneshot\nExecStart=-+/bin/a 'x y'\nExecStart=/bin/b 50%%\nExecStartPre=/bin/c\n";
    let (text, notes, is_complete) = translated("[Timer]\nOnCalendar=daily\n", service);
    assert!(text.contains("shell = \'\'\'\n{ /bin/a \'x y\' || true; } &&\n/bin/b 50%\'\'\'\n"), "{text}");
    assert!(notes[0].contains("the prefix `+` is ignored") && !is_complete, "{notes:?}");
    assert!(notes[1].starts_with("job.service:5: not translated: ExecStartPre=/bin/c"), "{notes:?}");
}
