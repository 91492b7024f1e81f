//! A run of info-cron that has ended.

use anyhow::Result;
use k8s_openapi::api::core::v1::Pod;
use serde::Serialize;

use crate::error::problem;
use crate::ui::Format;

/// One finished run.
#[derive(Clone, Debug, Serialize)]
pub struct Finished {
    /// Its pod.
    pub pod: String,
    /// When it began.
    pub started: String,
    /// How it ended: `Succeeded` or `Failed`.
    pub phase: String,
    /// What it printed.
    pub output: String,
}

impl Finished {
    /// The run of this pod.
    pub fn of(pod: Pod, output: String) -> Self {
        Self {
            pod: pod.metadata.name.unwrap_or_default(),
            started: pod.metadata.creation_timestamp.map(|t| t.0.to_string()).unwrap_or_default(),
            phase: pod.status.and_then(|s| s.phase).unwrap_or_default(),
            output,
        }
    }

    /// What it printed, for people.
    pub fn said(&self) -> String {
        self.output.replace('\r', "").trim_end().to_owned()
    }

    /// As `-o name` has it.
    pub fn name(&self) -> String {
        format!("pod/{}", self.pod)
    }

    /// It alone, as one of many that come one by one.
    pub fn alone(&self, format: Format) -> Result<String> {
        Ok(match format {
            Format::Json => serde_json::to_string(self)?,
            Format::Yaml => format!("---\n{}", serde_yaml::to_string(self)?.trim_end()),
            Format::Name => self.name(),
            Format::Table => format!("{}\n", self.said()),
            Format::Dotenv => return Err(problem!(Usage, "-o dotenv is for dev-vars only").into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_followed_is_one_line_of_json_or_the_text_alone() {
        let run = Finished {
            pod: "redis-info-1".into(),
            started: "2026-11-20T18:32:00Z".into(),
            phase: "Succeeded".into(),
            output: "# Replication\r\nrole:master\r\n\r\n".into(),
        };
        let json = run.alone(Format::Json).unwrap();
        assert_eq!(json.lines().count(), 1, "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&read["pod"], &read["phase"]), (&"redis-info-1".into(), &"Succeeded".into()));
        assert_eq!(run.alone(Format::Table).unwrap(), "# Replication\nrole:master\n");
        assert_eq!(run.alone(Format::Name).unwrap(), "pod/redis-info-1");
        assert!(run.alone(Format::Yaml).unwrap().starts_with("---\npod: redis-info-1\n"));
    }
}
