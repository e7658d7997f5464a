//! How often resource policy has slowed a run down.

use crate::BackgroundTaskInstance;

/// The resources whose use can be throttled, with WinRT's numbers.
///
/// Microsoft: *BackgroundTaskThrottleCounter Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum BackgroundTaskThrottleCounter {
    /// Processor and network together.
    All = 0,
    /// The processor.
    Cpu = 1,
    /// The network.
    Network = 2,
}

impl BackgroundTaskInstance {
    /// Returns how often resource policy has slowed the run down.
    /// Microsoft: *IBackgroundTaskInstance2.GetThrottleCount*.
    ///
    /// On Linux, the kernel counts this for a control group, not for a run: how often the task
    /// server's group has used up its share of processor time (`nr_throttled` of `cpu.stat`, in
    /// *Control Group v2*), since the group was created, by all processes in it. It is 0 if no such
    /// limit is set. It is always 0 for the network, which is not throttled.
    #[must_use]
    pub fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32 {
        self.run().throttle_count(counter)
    }
}
