//! How often resource policy has slowed a run down.

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
