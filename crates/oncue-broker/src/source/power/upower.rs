//! What UPower reports about external power and the battery; see its D-Bus reference,
//! `org.freedesktop.UPower`.

use zbus::MatchRule;

use super::Power;
use crate::source::service::{self, At, Owner, Service};

const NAME: &str = "org.freedesktop.UPower";
const PATH: &str = "/org/freedesktop/UPower";
/// All batteries together, as shown by a desktop.
const DISPLAY_DEVICE: &str = "/org/freedesktop/UPower/devices/DisplayDevice";
const DEVICE: &str = "org.freedesktop.UPower.Device";

/// The service.
pub(super) struct UPower;

impl Service for UPower {
    type Told = Power;

    fn name(&self) -> &'static str {
        NAME
    }

    fn signals(&self) -> zbus::Result<Vec<MatchRule<'static>>> {
        Ok(vec![
            service::changes(NAME, NAME, At::Path(PATH))?,
            service::changes(NAME, DEVICE, At::Path(DISPLAY_DEVICE))?,
        ])
    }

    async fn ask(&self, owner: &Owner<'_>) -> zbus::Result<Power> {
        let on_battery: bool = owner.property(PATH, NAME, "OnBattery").await?;
        let mut device = owner.properties(DISPLAY_DEVICE, DEVICE).await?;
        let (kind, present) = (device.take("Type"), device.take("IsPresent"));
        let battery = battery(kind, present, device.take("Percentage"));
        Ok(Power { on_ac: !on_battery, battery })
    }
}

/// Returns the charge of the display device, if it is a battery (2) or a UPS (3) and present.
fn battery(kind: Option<u32>, present: Option<bool>, percentage: Option<f64>) -> Option<u8> {
    let is_battery = matches!(kind, Some(2 | 3)) && present == Some(true);
    percentage.filter(|_| is_battery).map(whole_percent)
}

/// Rounds down, so that a battery never seems fuller than it is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 100")]
fn whole_percent(percentage: f64) -> u8 {
    percentage.clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_battery_counts_only_while_it_is_there() {
        assert_eq!(battery(Some(2), Some(true), Some(79.9)), Some(79));
        assert_eq!(battery(Some(3), Some(true), Some(100.0)), Some(100), "a UPS");
        assert_eq!(battery(Some(2), Some(false), Some(79.9)), None);
        assert_eq!(battery(Some(0), Some(true), Some(0.0)), None, "no device at all");
        assert_eq!(battery(Some(2), Some(true), Some(f64::NAN)), Some(0));
    }
}
