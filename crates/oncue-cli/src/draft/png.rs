//! Images of one colour in sixteen strengths, as PNG (ISO/IEC 15948, W3C "PNG Specification").

/// The beginning of every PNG.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Bits per pixel, and the colour type: each pixel is an index into the palette.
const DEPTH_AND_KIND: [u8; 2] = [4, 3];
/// The maximum size of a stored block in zlib's format.
const BLOCK: usize = 0xffff;

/// Draws a square image; `strength` gives the strength of the colour, 0 to 15, at a column and row.
pub(super) fn picture(side: u32, colour: [u8; 3], strength: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let mut png = SIGNATURE.to_vec();
    let size = side.to_be_bytes();
    chunk(&mut png, b"IHDR", &[&size[..], &size, &DEPTH_AND_KIND, &[0, 0, 0]].concat());
    chunk(&mut png, b"PLTE", &colour.repeat(16));
    let opacities: Vec<u8> = (0..16).map(|strength| strength * 17).collect();
    chunk(&mut png, b"tRNS", &opacities);
    chunk(&mut png, b"IDAT", &stored(&rows(side, strength)));
    chunk(&mut png, b"IEND", &[]);
    png
}

/// Two pixels per byte; each row begins with its filter type, none.
fn rows(side: u32, strength: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..side {
        rows.push(0);
        rows.extend((0..side).step_by(2).map(|x| {
            let right = if x + 1 < side { strength(x + 1, y) } else { 0 };
            strength(x, y) << 4 | right
        }));
    }
    rows
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let at = png.len();
    png.extend(kind);
    png.extend(data);
    png.extend(crc(&png[at..]).to_be_bytes());
}

/// zlib's format without compression (RFC 1950, RFC 1951), because the images are small.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut zlib = vec![0x78, 0x01];
    let last = data.chunks(BLOCK).len().saturating_sub(1);
    for (number, block) in data.chunks(BLOCK).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        zlib.push(u8::from(number == last));
        zlib.extend(length.to_le_bytes());
        zlib.extend((!length).to_le_bytes());
        zlib.extend(block);
    }
    zlib.extend(adler(data).to_be_bytes());
    zlib
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

fn adler(bytes: &[u8]) -> u32 {
    const PRIME: u32 = 65_521;
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % PRIME;
        (a, (a + b) % PRIME)
    });
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_specifications() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc(b"IEND"), 0xae42_6082);
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn a_picture_has_its_rows_and_its_end() {
        let png = picture(3, [1, 2, 3], |x, y| u8::try_from(x + y).unwrap());
        assert_eq!(&png[..8], SIGNATURE);
        assert_eq!(&png[16..26], [0, 0, 0, 3, 0, 0, 0, 3, 4, 3]);
        let rows = [0, 0x01, 0x20, 0, 0x12, 0x30, 0, 0x23, 0x40];
        assert!(png.windows(rows.len()).any(|window| window == rows), "{png:x?}");
        assert_eq!(&png[png.len() - 8..], b"IEND\xae\x42\x60\x82");
    }

    #[test]
    fn more_than_a_block_is_stored_in_two() {
        let zlib = stored(&vec![7; BLOCK + 1]);
        assert_eq!(zlib.len(), 2 + 5 + BLOCK + 5 + 1 + 4);
        assert_eq!((zlib[2], zlib[2 + 5 + BLOCK]), (0, 1), "the last one says so");
    }
}
