//! A unit file of systemd, as systemd.syntax(7) describes it.

use std::time::Duration;

use oncue_types::parse_span;

/// A unit.
#[derive(Debug)]
pub(super) struct Unit {
    file: String,
    settings: Vec<Setting>,
}

/// A line `KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
    pub(super) line: usize,
}

impl Unit {
    /// Reads a unit. Lines that are not settings are ignored, as systemd does.
    pub(super) fn parse(file: &str, text: &str) -> Self {
        let (mut settings, mut section) = (Vec::new(), String::new());
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let mut whole = line.trim().to_owned();
            if whole.is_empty() || whole.starts_with(['#', ';']) {
                continue;
            }
            // A line that ends with a backslash continues; comments in between are skipped.
            while let Some(begun) = whole.strip_suffix('\\') {
                let next =
                    lines.by_ref().map(|(_, line)| line.trim()).find(|line| !line.starts_with(['#', ';']));
                whole = format!("{begun} {}", next.unwrap_or_default());
            }
            if let Some(name) = whole.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.clone_into(&mut section);
            } else if let Some((key, value)) = whole.split_once('=') {
                let [key, value] = [key, value].map(|text| text.trim().to_owned());
                settings.push(Setting { section: section.clone(), key, value, line: at + 1 });
            }
        }
        Self { file: file.to_owned(), settings }
    }

    /// Returns its name, for notes.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Returns its settings in order.
    pub(super) fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Returns the last setting of a key, which is the one that counts.
    pub(super) fn last(&self, section: &str, key: &str) -> Option<&Setting> {
        self.settings.iter().rfind(|setting| setting.section == section && setting.key == key)
    }
}

impl Setting {
    /// Returns the value as a boolean, as systemd reads it.
    pub(super) fn is_yes(&self) -> bool {
        ["1", "yes", "y", "true", "t", "on"].contains(&self.value.to_lowercase().as_str())
    }

    /// Returns the value as a length of time; a number without a unit is seconds.
    pub(super) fn span(&self) -> Option<Duration> {
        if let Ok(seconds) = self.value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let weeks = self.value.strip_suffix("weeks").or_else(|| self.value.strip_suffix("week"));
        match weeks.or_else(|| self.value.strip_suffix('w')) {
            Some(weeks) => weeks.trim().parse().ok().map(|weeks: u32| Duration::from_secs(604_800) * weeks),
            None => parse_span(&self.value).ok(),
        }
    }
}
