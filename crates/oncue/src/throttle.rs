//! What a run can be slowed down in.

/// What resource policy has slowed a run down in, with WinRT's numbers.
///
/// Microsoft: *BackgroundTaskThrottleCounter Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum BackgroundTaskThrottleCounter {
    /// Processor and network together.
    All = 0,
    /// Its use of the processor.
    Cpu = 1,
    /// Its use of the network.
    Network = 2,
}
