//! The images that a package must have, to be replaced by the developer.

use crate::draft::png;

/// The colour of the disc: red, green, blue.
const COLOUR: [u8; 3] = [0x2d, 0x6c, 0xdf];

/// An image: its file below `Assets`, and its side in pixels.
#[derive(Debug)]
pub(super) struct Logo {
    pub(super) file: &'static str,
    side: u32,
}

/// The images that the manifest names (Microsoft, "uap:VisualElements" and "Logo").
pub(super) const LOGOS: [Logo; 3] = [
    Logo { file: "StoreLogo.png", side: 50 },
    Logo { file: "Square150x150Logo.png", side: 150 },
    Logo { file: "Square44x44Logo.png", side: 44 },
];

impl Logo {
    /// Draws a disc on a transparent background.
    pub(super) fn picture(&self) -> Vec<u8> {
        png::picture(self.side, COLOUR, |x, y| opacity(self.side, x, y))
    }
}

/// How much of a pixel the disc covers, from 0 to 15: the number of its four by four points
/// covered, less one.
fn opacity(side: u32, x: u32, y: u32) -> u8 {
    // Eighths of a pixel, from the centre of the image.
    let half = f64::from(side) * 4.0;
    let radius = half * 0.8;
    let is_inside = |point: &(u32, u32)| {
        let from_middle = |pixel: u32, part: u32| f64::from(pixel * 8 + part * 2 + 1) - half;
        from_middle(x, point.0).hypot(from_middle(y, point.1)) <= radius
    };
    let points = (0..4).flat_map(|across| (0..4).map(move |down| (across, down)));
    points.filter(is_inside).count().min(15).try_into().unwrap_or(15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disc_is_whole_in_the_middle_and_nothing_in_the_corners() {
        for Logo { side, .. } in LOGOS {
            assert_eq!(opacity(side, side / 2, side / 2), 15);
            assert_eq!(opacity(side, 0, 0), 0);
            assert_eq!(opacity(side, side - 1, side - 1), 0);
        }
    }

    #[test]
    fn its_rim_is_smooth() {
        let rim: Vec<u8> = (0..150).map(|x| opacity(150, x, 40)).collect();
        assert!(rim.iter().any(|opacity| (1..15).contains(opacity)), "{rim:?}");
        let mirrored: Vec<u8> = rim.iter().rev().copied().collect();
        assert_eq!(rim, mirrored);
    }
}
