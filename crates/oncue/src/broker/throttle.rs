//! How often the kernel has slowed this process down.

use std::fs;
use std::path::PathBuf;

use crate::throttle::BackgroundTaskThrottleCounter;

/// The kernel counts per control group; the network is never throttled.
pub(crate) fn count(counter: BackgroundTaskThrottleCounter) -> u32 {
    match counter {
        BackgroundTaskThrottleCounter::All | BackgroundTaskThrottleCounter::Cpu => {
            statistics().and_then(|text| n_throttled(&text)).unwrap_or(0)
        }
        BackgroundTaskThrottleCounter::Network => 0,
    }
}

/// Returns the statistics of this process's control group.
fn statistics() -> Option<String> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = own_group(&groups)?;
    fs::read_to_string(PathBuf::from("/sys/fs/cgroup").join(group).join("cpu.stat")).ok()
}

/// Returns the group in the unified hierarchy, relative to its root: cgroups(7).
fn own_group(groups: &str) -> Option<&str> {
    groups.lines().find_map(|line| line.strip_prefix("0::/"))
}

fn n_throttled(statistics: &str) -> Option<u32> {
    let count = statistics.lines().find_map(|line| line.strip_prefix("nr_throttled "))?;
    Some(count.trim().parse::<u64>().ok()?.try_into().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_group_is_that_of_the_unified_hierarchy() {
        let unified = "0::/user.slice/user-1000.slice/app.slice/sync.scope\n";
        assert_eq!(own_group(unified), Some("user.slice/user-1000.slice/app.slice/sync.scope"));
        assert_eq!(own_group("4:memory:/a\n0::/\n"), Some(""));
        assert_eq!(own_group("4:memory:/a\n"), None);
    }

    #[test]
    fn the_count_is_found_where_the_group_has_a_limit() {
        let limited = "usage_usec 9\nnr_periods 12\nnr_throttled 7\nthrottled_usec 300\n";
        assert_eq!(n_throttled(limited), Some(7));
        assert_eq!(n_throttled(&limited.replace('7', "5000000000")), Some(u32::MAX));
        assert_eq!(n_throttled("usage_usec 9\n"), None);
    }
}
