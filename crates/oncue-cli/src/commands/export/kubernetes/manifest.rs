//! The manifest of a CronJob, of the API batch/v1.

use serde::Serialize;

/// A manifest.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CronJob<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    pub(super) spec: Spec<'a>,
}

#[derive(Clone, Debug, Serialize)]
struct Metadata {
    name: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec<'a> {
    schedule: String,
    time_zone: String,
    concurrency_policy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) starting_deadline_seconds: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) suspend: bool,
    pub(super) job_template: Template<JobSpec<'a>>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Template<T> {
    pub(super) spec: T,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobSpec<'a> {
    pub(super) backoff_limit: u32,
    pub(super) template: Template<PodSpec<'a>>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSpec<'a> {
    restart_policy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) active_deadline_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) termination_grace_period_seconds: Option<u64>,
    containers: [Container<'a>; 1],
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container<'a> {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) command: [String; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) args: Vec<String>,
    pub(super) working_dir: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) env: Vec<Variable<'a>>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    #[serde(flatten)]
    pub(super) source: Source<'a>,
}

/// The source of a variable's value.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Source<'a> {
    Value(String),
    #[serde(rename_all = "camelCase")]
    ValueFrom {
        secret_key_ref: KeyRef<'a>,
    },
}

/// A key of a Secret.
#[derive(Clone, Debug, Serialize)]
pub(super) struct KeyRef<'a> {
    pub(super) name: String,
    pub(super) key: &'a str,
}

impl<'a> CronJob<'a> {
    /// Returns a CronJob that runs one pod at a time, without retries.
    pub(super) fn new(name: String, schedule: String, time_zone: String, container: Container<'a>) -> Self {
        let pod = PodSpec {
            restart_policy: "Never",
            active_deadline_seconds: None,
            termination_grace_period_seconds: None,
            containers: [container],
        };
        let job = JobSpec { backoff_limit: 0, template: Template { spec: pod } };
        let spec = Spec {
            schedule,
            time_zone,
            concurrency_policy: "Forbid",
            starting_deadline_seconds: None,
            suspend: false,
            job_template: Template { spec: job },
        };
        Self { api_version: "batch/v1", kind: "CronJob", metadata: Metadata { name }, spec }
    }
}

/// Returns a manifest as YAML, which readers of YAML 1.1 and 1.2 understand alike.
pub(super) fn yaml(job: &CronJob<'_>) -> String {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        // Long texts stay on one line.
        folded_wrap_chars: usize::MAX,
    };
    serde_saphyr::to_string_with_options(job, options).unwrap_or_default()
}
