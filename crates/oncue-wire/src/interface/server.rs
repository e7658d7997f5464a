//! A task server's interface, `org.oncue.TaskServer1`.

use super::row::members;
use crate::message::Activation;

members! {
    /// What the broker asks of a task server.
    mod order;

    /// Something that the broker asks of a task server.
    enum Order;

    /// Runs an instance. There is no answer; Entered and Completed follow.
    Run(activation: Activation);

    /// Cancels an instance, with a reason from BackgroundTaskCancellationReason. There is no answer; Completed
    /// follows.
    Cancel(instance_id: String, reason: u32);
}
