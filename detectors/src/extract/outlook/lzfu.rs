//! The squeezed Rich Text of Outlook (MS-OXRTFCP).

/// Why nothing came out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Damaged,
    TooLong,
}

/// What the dictionary holds at the start (MS-OXRTFCP §2.1.2.1).
const START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const SIZE: usize = 4096;

/// Unpacks to at most `most` octets.
pub(super) fn unpack(bytes: &[u8], most: u64) -> Result<Vec<u8>, Refusal> {
    let [_, _, _, _, r0, r1, r2, r3, magic @ ..] = bytes else {
        return Err(Refusal::Damaged);
    };
    let whole = u32::from_le_bytes([*r0, *r1, *r2, *r3]) as usize;
    let Some((magic, rest)) = magic.split_at_checked(8) else {
        return Err(Refusal::Damaged);
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if whole > most {
        return Err(Refusal::TooLong);
    }
    match magic.get(..4) {
        Some(b"MELA") => return Ok(rest.get(..whole.min(rest.len())).unwrap_or_default().into()),
        Some(b"LZFu") => {}
        _ => return Err(Refusal::Damaged),
    }
    let mut dictionary = [b' '; SIZE];
    for (at, octet) in dictionary.iter_mut().zip(START) {
        *at = *octet;
    }
    let mut at = START.len();
    let mut text = Vec::new();
    let mut put = |octet: u8, dictionary: &mut [u8; SIZE], at: &mut usize| {
        text.push(octet);
        if let Some(place) = dictionary.get_mut(*at) {
            *place = octet;
        }
        *at = (*at + 1) % SIZE;
        text.len() <= most
    };
    let mut octets = rest.iter().copied();
    'all: while let Some(control) = octets.next() {
        for bit in 0..8 {
            if control >> bit & 1 == 0 {
                let Some(octet) = octets.next() else {
                    break 'all;
                };
                if !put(octet, &mut dictionary, &mut at) {
                    return Err(Refusal::TooLong);
                }
                continue;
            }
            let (Some(high), Some(low)) = (octets.next(), octets.next()) else {
                break 'all;
            };
            let reference = usize::from(u16::from_be_bytes([high, low]));
            let (offset, length) = (reference >> 4, (reference & 0xf) + 2);
            // A reference to the place of writing is the end.
            if offset == at {
                break 'all;
            }
            for step in 0..length {
                let octet = dictionary.get((offset + step) % SIZE).copied();
                if !put(octet.unwrap_or(b' '), &mut dictionary, &mut at) {
                    return Err(Refusal::TooLong);
                }
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_starts_as_the_standard_says() {
        assert_eq!(START.len(), 207);
    }

    #[test]
    fn the_examples_of_the_standard_unpack() {
        // MS-OXRTFCP §4.1.1 and §4.1.2: plain, and with references that overlap.
        let simple = [
            0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5,
            0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42,
            0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0,
            0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        assert_eq!(
            unpack(&simple, 1000).unwrap(),
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
        );
        let crossing = [
            0x1a, 0x00, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4,
            0x4b, 0x51, 0x41, 0x00, 0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01,
            0x0e, 0xb0,
        ];
        assert_eq!(
            unpack(&crossing, 1000).unwrap(),
            b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
        );
        assert_eq!(unpack(&simple, 10), Err(Refusal::TooLong));
        assert_eq!(unpack(&simple[..10], 1000), Err(Refusal::Damaged));
    }
}
