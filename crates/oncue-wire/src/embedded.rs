//! Whether this very program can become the broker, so that the SDK may start it as one.

use std::sync::atomic::{AtomicBool, Ordering};

static EMBEDS: AtomicBool = AtomicBool::new(false);

/// Says that this program embeds the broker; the broker's `embed` calls it.
pub fn announce() {
    EMBEDS.store(true, Ordering::Relaxed);
}

/// Returns whether this program embeds the broker.
#[must_use]
pub fn is_announced() -> bool {
    EMBEDS.load(Ordering::Relaxed)
}
