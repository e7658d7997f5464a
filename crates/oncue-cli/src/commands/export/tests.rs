//! Tasks are translated; what has no counterpart is named.

mod hostile;
mod round_trip;

use clap::Parser;

use super::*;
use crate::flags::task::TaskFlags;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    task: TaskFlags,
    #[arg(last = true)]
    words: Vec<std::ffi::OsString>,
}

/// Returns the task that `oncue add` would make.
fn subject(name: &str, flags: &[&str], words: &[&str]) -> Subject {
    let fixed = ["add", "--force", "--cwd", "/home/me", "--env", "PATH=/home/me/bin:/usr/bin"];
    let line = Line::parse_from([&fixed[..], flags, &["--"], words].concat());
    let spec = line.task.spec(name, &line.words).unwrap();
    let (task, _) = spec.spec().unwrap();
    Subject::of(&task, spec.command.command().unwrap())
}

/// Returns the files as one text, and the notes.
fn translated(scheduler: Scheduler, subjects: &[Subject]) -> (String, Vec<String>) {
    let how = How { scheduler, values: Values::Hidden, image: None };
    let translation = how.translate(subjects);
    (translation.text(), translation.notes().iter().map(ToString::to_string).collect())
}

fn backup() -> Subject {
    let flags = [
        "--at",
        "03:00 Europe/Berlin",
        "--when",
        "internet and ac",
        "--retry",
        "5",
        "--time-limit",
        "1h",
        "--grace",
        "10s",
        "--queue",
        "disk",
        "--notify",
        "failure",
        "--env",
        "RESTIC_PASSWORD=secret",
    ];
    subject("backup", &flags, &["restic", "backup", "/home/me"])
}

#[test]
fn units_of_systemd() {
    let (text, notes) = translated(Scheduler::Systemd, &[backup()]);
    let expected = r"
[Unit]
Description=backup
StartLimitIntervalSec=6h16m30s
StartLimitBurst=6

[Service]
Type=oneshot
ExecSearchPath=/home/me/bin:/usr/bin
ExecStart=restic backup /home/me
WorkingDirectory=/home/me
Environment=PATH=/home/me/bin:/usr/bin
EnvironmentFile=%E/systemd/user/backup.env
Restart=on-failure
RestartSec=30s
RestartMaxDelaySec=8m
RestartSteps=4
TimeoutStartSec=1h
TimeoutStopSec=10s
Nice=10
CPUSchedulingPolicy=batch
IOSchedulingClass=best-effort
IOSchedulingPriority=7
OOMScoreAdjust=300
";
    let body = |text: &str| {
        text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect::<String>()
    };
    let (service, timer) = text.split_once("# backup.timer").unwrap();
    assert_eq!(body(service).trim(), expected.trim());
    let expected = "[Unit]\nDescription=backup\n\n[Timer]\nOnCalendar=03:00 Europe/Berlin\nAccuracySec=1s\n\
                    Persistent=true\n\n[Install]\nWantedBy=timers.target";
    assert_eq!(
        body(timer).trim_start_matches(" of task backup, written by `oncue export`\n").trim(),
        expected
    );
    let starts = [
        "backup: when `internet and ac`: no counterpart",
        "backup: queue disk: no counterpart",
        "backup: notify failure: no counterpart",
        "backup: retry exponential:30s:5: before systemd 254",
        "backup: time-limit: systemd also retries",
        "backup: retry exponential:30s:5: systemd counts 6 starts",
        "backup: env RESTIC_PASSWORD: the values are not written",
    ];
    assert_eq!(notes.len(), starts.len(), "{notes:#?}");
    for (note, start) in notes.iter().zip(starts) {
        assert!(note.starts_with(start), "{note}");
        assert!(service.contains(&format!("# {note}\n")), "{note}");
    }
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_cron_job_of_kubernetes() {
    let (text, notes) = translated(Scheduler::Kubernetes, &[backup()]);
    let expected = r#"---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: backup
spec:
  schedule: 0 3 * * *
  timeZone: Europe/Berlin
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 5
      template:
        spec:
          restartPolicy: Never
          activeDeadlineSeconds: 3600
          terminationGracePeriodSeconds: 10
          containers:
            - name: backup
              image: registry.example/backup:latest
              command:
                - restic
              args:
                - backup
                - /home/me
              workingDir: /home/me
              env:
                - name: RESTIC_PASSWORD
                  valueFrom:
                    secretKeyRef:
                      name: backup-env
                      key: RESTIC_PASSWORD
"#;
    assert!(text.ends_with(expected), "{text}");
    for start in [
        "backup: image registry.example/backup:latest: a placeholder",
        "backup: paths of this machine, which the image must have: /home/me",
        "backup: when `internet and ac`: no counterpart",
        "backup: queue disk: no counterpart",
        "backup: notify failure: no counterpart",
        "backup: env RESTIC_PASSWORD: the values are not written: `kubectl create secret generic backup-env",
        "backup: retry exponential:30s:5: the delays are Kubernetes' own",
    ] {
        assert!(notes.iter().any(|note| note.starts_with(start)), "{start}: {notes:#?}");
    }
}

#[test]
fn a_periodic_job_of_nomad() {
    let (text, notes) = translated(Scheduler::Nomad, &[backup()]);
    let expected = r#"job "backup" {
  type = "batch"

  periodic {
    crons            = ["0 3 * * *"]
    time_zone        = "Europe/Berlin"
    prohibit_overlap = true
  }

  group "backup" {
    restart {
      attempts = 5
      delay    = "30s"
      interval = "86400s"
      mode     = "fail"
    }

    reschedule {
      attempts  = 0
      unlimited = false
    }

    task "backup" {
      driver       = "raw_exec"
      kill_timeout = "10s"
      env          = {
        "PATH" = "/home/me/bin:/usr/bin"
      }

      config {
        command = "/usr/bin/env"
        args    = ["--chdir=/home/me", "timeout", "--kill-after=10", "3600", "restic", "backup", "/home/me"]
      }

      template {
        data        = "RESTIC_PASSWORD={{ with nomadVar \"nomad/jobs/backup\" }}{{ .RESTIC_PASSWORD | toJSON }}{{ end }}\n"
        destination = "secrets/env"
        env         = true
      }
    }
  }
}
"#;
    assert!(text.ends_with(expected), "{text}");
    for start in [
        "backup: driver raw_exec: clients have to enable it",
        "backup: time-limit: timeout(1) keeps it",
        "backup: env RESTIC_PASSWORD: the values are not written: `nomad var put nomad/jobs/backup",
    ] {
        assert!(notes.iter().any(|note| note.starts_with(start)), "{start}: {notes:#?}");
    }
}

#[test]
fn a_trigger_without_a_counterpart_is_named() {
    for (flags, scheduler, said) in [
        (&["--every", "7m"][..], Scheduler::Kubernetes, "t: not translated: every 7m: cron cannot express"),
        (&["--every", "2d"], Scheduler::Nomad, "t: not translated: every 2d: cron cannot express"),
        (
            &["--every", "32m"],
            Scheduler::Kubernetes,
            "t: not translated: trigger `every 32m`: it would take 8",
        ),
        (
            &["--at", "*:*:30"],
            Scheduler::Kubernetes,
            "t: not translated: at `*:*:30`: a line of cron has no seconds",
        ),
        (
            &["--on-change", "/srv"],
            Scheduler::Nomad,
            "t: not translated: trigger `path /srv`: nothing fires there",
        ),
        (
            &["--on", "user-away"],
            Scheduler::Systemd,
            "t: not translated: trigger `on user-away`: systemd has no",
        ),
        (
            &["--on-device", "usb"],
            Scheduler::Systemd,
            "t: not translated: trigger `device usb`: systemd has no",
        ),
        (
            &["--after", "x"],
            Scheduler::Systemd,
            "t: not translated: trigger `after completed x`: export x as well",
        ),
        (&[], Scheduler::Kubernetes, "t: not translated: trigger `application`"),
        (&[], Scheduler::Systemd, "t: it has no trigger: `systemctl --user start` runs it"),
        (&["--every", "2d"], Scheduler::Systemd, "t: every 2d: it counts anew each time you log in"),
        (&["--on-change", "/srv", "--recursive"], Scheduler::Systemd, "t: recursive: no counterpart"),
        (&["--maintenance", "6h"], Scheduler::Kubernetes, "t: maintenance: no counterpart"),
        (&["--every", "90m"], Scheduler::Kubernetes, "t: its schedule takes 2 CronJobs"),
        (&["--hold-limit", "2h:run"], Scheduler::Systemd, "t: hold-limit 2h:run: no counterpart"),
        (&["--cancel-on-loss"], Scheduler::Systemd, "t: cancel-on-loss: no counterpart"),
        (
            &["--stdin", "/etc/hosts", "--at", "daily"],
            Scheduler::Kubernetes,
            "t: stdin /etc/hosts: no counterpart",
        ),
        (&["--success", "0,2", "--at", "daily"], Scheduler::Nomad, "t: success 0,2: no counterpart"),
        (&["--slack", "5m", "--at", "daily"], Scheduler::Nomad, "t: slack 5m: no counterpart"),
        (&["--missed", "skip", "--at", "daily"], Scheduler::Nomad, "t: missed skip: no counterpart"),
    ] {
        let (_, notes) = translated(scheduler, &[subject("t", flags, &["true"])]);
        assert!(notes.iter().any(|note| note.starts_with(said)), "{flags:?}: {said}: {notes:#?}");
    }
}

#[test]
fn a_chain_is_kept_by_systemd() {
    let first = subject("first", &["--at", "daily"], &["true"]);
    let second = subject("the second", &["--after", "first:any"], &["true"]);
    let third = subject("third", &["--after", "first:failed"], &["true"]);
    let (text, notes) = translated(Scheduler::Systemd, &[first, second, third]);
    assert!(
        text.contains("OnSuccess=the\\x20second.service\nOnFailure=the\\x20second.service third.service\n"),
        "{text}"
    );
    assert!(!text.contains("the\\x20second.timer"), "{text}");
    assert_eq!(notes, [""; 0]);
}

#[test]
fn a_watched_path_a_log_in_and_a_disabled_task_have_units() {
    let (text, _) = translated(Scheduler::Systemd, &[subject("t", &["--on-change", "/srv/a%b"], &["./x"])]);
    assert!(
        text.contains(
            "# t.path of task t, written by `oncue export`\n[Unit]\nDescription=t\n\n[Path]\nPathChanged=/srv/a%%b\n"
        ),
        "{text}"
    );
    assert!(text.contains("ExecStart=/home/me/./x\n"), "{text}");
    let (text, _) = translated(Scheduler::Systemd, &[subject("t", &["--at-login"], &["x"])]);
    assert!(text.contains("OnStartupSec=0\n\n[Install]"), "{text}");
    let mut disabled = subject("t", &["--at", "daily", "--missed", "skip"], &["x"]);
    disabled.policy.disabled = true;
    let (text, notes) = translated(Scheduler::Systemd, &[disabled.clone()]);
    assert!(!text.contains("[Install]\nWantedBy") && !text.contains("Persistent"), "{text}");
    assert!(notes[0].starts_with("t: it is disabled"), "{notes:?}");
    let (text, _) = translated(Scheduler::Kubernetes, &[disabled.clone()]);
    assert!(text.contains("  startingDeadlineSeconds: 60\n  suspend: true\n"), "{text}");
    let (text, _) = translated(Scheduler::Nomad, &[disabled]);
    assert!(text.contains("enabled          = false"), "{text}");
    let (text, _) = translated(Scheduler::Nomad, &[subject("a b", &[], &["x"]), subject("a-b", &[], &["x"])]);
    assert!(text.contains("job \"a-b\" {\n  type = \"batch\"\n\n  parameterized {}\n"), "{text}");
    assert!(text.contains("job \"a-b-2\""), "{text}");
}

#[test]
fn files_of_others_are_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let units = folder.path().join("user");
    let how = How { scheduler: Scheduler::Systemd, values: Values::Hidden, image: None };
    let translation = how.translate(&[subject("t", &["--at", "daily"], &["true"])]);
    folder::write(&units, translation.files()).unwrap();
    folder::write(&units, translation.files()).unwrap();
    assert_eq!(std::fs::read_dir(&units).unwrap().count(), 2);
    std::fs::write(units.join("t.timer"), "[Timer]\n").unwrap();
    std::fs::remove_file(units.join("t.service")).unwrap();
    assert_eq!(folder::write(&units, translation.files()).unwrap_err().exit(), Exit::Refused);
    assert_eq!(std::fs::read_dir(&units).unwrap().count(), 1, "nothing is written");
}
