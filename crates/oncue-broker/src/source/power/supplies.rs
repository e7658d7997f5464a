//! External power and batteries as shown by the kernel, see
//! `Documentation/ABI/testing/sysfs-class-power`.

use std::fs;
use std::io;
use std::path::Path;

use super::Power;

/// The kernel's folder.
pub(super) const FOLDER: &str = "/sys/class/power_supply";

/// Reads all power supplies in a folder.
///
/// The machine is on external power if a supply is connected, or if none of its own batteries is
/// discharging, like systemd's `ConditionACPower`. A missing folder means a machine without a
/// battery.
pub(super) fn read(folder: &Path) -> io::Result<Power> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Power { on_ac: true, battery: None });
        }
        Err(error) => return Err(error),
    };
    let (mut connected, mut discharging, mut fill) = (false, false, Fill::default());
    for entry in entries {
        let supply = entry?.path();
        match said(&supply, "type").as_deref() {
            // The battery of an attached device, such as a mouse.
            Some("Battery" | "UPS") if said(&supply, "scope").as_deref() == Some("Device") => {}
            Some("Battery" | "UPS") => {
                discharging |= said(&supply, "status").as_deref() == Some("Discharging");
                fill.add(&supply);
            }
            Some(_) => connected |= number(&supply, "online").is_some_and(|online| online > 0),
            None => {}
        }
    }
    Ok(Power { on_ac: connected || !discharging, battery: fill.percent() })
}

/// The charge of all batteries together.
#[derive(Default)]
struct Fill {
    /// The sum of their percentages, multiplied by their weights.
    weighted: u64,
    weights: u64,
}

impl Fill {
    fn add(&mut self, supply: &Path) {
        if number(supply, "present") == Some(0) {
            return;
        }
        let Some(percent) = number(supply, "capacity") else { return };
        let full = number(supply, "energy_full").or_else(|| number(supply, "charge_full"));
        // In thousands, because the values are in millionths of a unit.
        let weight = full.map_or(1, |full| (full / 1_000).clamp(1, 1_000_000_000));
        self.weighted += percent.min(100) * weight;
        self.weights += weight;
    }

    fn percent(&self) -> Option<u8> {
        let percent = self.weighted.checked_div(self.weights)?;
        u8::try_from(percent).ok()
    }
}

fn said(supply: &Path, attribute: &str) -> Option<String> {
    // A supply that is removed in the meantime has no values.
    fs::read_to_string(supply.join(attribute)).ok().map(|text| text.trim().to_owned())
}

fn number(supply: &Path, attribute: &str) -> Option<u64> {
    said(supply, attribute)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(supplies: &[(&str, &[(&str, &str)])]) -> Power {
        let folder = tempfile::tempdir().unwrap();
        for (name, attributes) in supplies {
            let supply = folder.path().join(name);
            fs::create_dir(&supply).unwrap();
            for (attribute, value) in *attributes {
                fs::write(supply.join(attribute), format!("{value}\n")).unwrap();
            }
        }
        read(folder.path()).unwrap()
    }

    const MAINS: &[(&str, &str)] = &[("type", "Mains"), ("online", "1")];
    const NO_MAINS: &[(&str, &str)] = &[("type", "Mains"), ("online", "0")];
    const DISCHARGING: &[(&str, &str)] =
        &[("type", "Battery"), ("status", "Discharging"), ("capacity", "42"), ("present", "1")];

    #[test]
    fn mains_that_are_connected_are_external_power() {
        let power = machine(&[("AC", MAINS), ("BAT0", DISCHARGING)]);
        assert_eq!(power, Power { on_ac: true, battery: Some(42) });
    }

    #[test]
    fn a_battery_that_is_discharged_without_mains_is_not() {
        assert!(!machine(&[("AC", NO_MAINS), ("BAT0", DISCHARGING)]).on_ac);
        assert!(!machine(&[("BAT0", DISCHARGING)]).on_ac, "not every machine shows its mains");
    }

    #[test]
    fn a_machine_that_shows_nothing_is_a_desktop() {
        let desktop = Power { on_ac: true, battery: None };
        assert_eq!(machine(&[]), desktop);
        assert_eq!(read(Path::new("/nowhere")).unwrap(), desktop);
    }

    #[test]
    fn the_battery_of_a_mouse_is_not_the_machines() {
        let mouse: &[_] =
            &[("type", "Battery"), ("scope", "Device"), ("status", "Discharging"), ("capacity", "3")];
        assert_eq!(machine(&[("mouse", mouse)]), Power { on_ac: true, battery: None });
    }

    #[test]
    fn two_batteries_count_by_their_size() {
        let large: &[_] = &[("type", "Battery"), ("capacity", "100"), ("energy_full", "60000000")];
        let small: &[_] = &[("type", "Battery"), ("capacity", "20"), ("energy_full", "20000000")];
        assert_eq!(machine(&[("BAT0", large), ("BAT1", small)]).battery, Some(80));
    }
}
