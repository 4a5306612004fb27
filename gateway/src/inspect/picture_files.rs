//! Pictures on their way from a worker to the reading: digest, length, octets, and so on.

use schoolgate_detectors::pictures::Digest;

/// Octets of a digest and a length.
const HEAD: usize = 32 + 4;

/// As it goes over the wire.
pub fn write(files: &[(Digest, Vec<u8>)]) -> Vec<u8> {
    let length = files.iter().map(|(_, file)| HEAD + file.len()).sum();
    let mut out = Vec::with_capacity(length);
    for (digest, file) in files {
        let Ok(length) = u32::try_from(file.len()) else {
            continue;
        };
        out.extend_from_slice(&digest.0);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(file);
    }
    out
}

/// Reads what a worker wrote; `None` when it does not add up or holds what nobody wanted.
/// What the pictures hold is not looked at here.
pub fn read(mut payload: &[u8], wanted: &[Digest]) -> Option<Vec<(Digest, Vec<u8>)>> {
    let mut files: Vec<(Digest, Vec<u8>)> = Vec::new();
    while !payload.is_empty() {
        let (digest, rest) = payload.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (file, rest) = rest.split_at_checked(length)?;
        let digest = Digest(*digest);
        if !wanted.contains(&digest) || files.iter().any(|(known, _)| *known == digest) {
            return None;
        }
        files.push((digest, file.to_vec()));
        payload = rest;
    }
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let files = vec![
            (Digest::of(b"a"), b"a".to_vec()),
            (Digest::of(b"b"), Vec::new()),
        ];
        let wanted: Vec<Digest> = files.iter().map(|(digest, _)| *digest).collect();
        let written = write(&files);
        assert_eq!(read(&written, &wanted), Some(files));
        assert_eq!(read(&[], &wanted), Some(Vec::new()));
        assert_eq!(read(&written, &wanted[..1]), None, "one that nobody wanted");
        assert_eq!(
            read(&[&written[..], &written[..]].concat(), &wanted),
            None,
            "twice"
        );
        for cut in 1..written.len() {
            let read = read(&written[..cut], &wanted);
            assert!(read.is_none_or(|files| files.len() == 1), "{cut}");
        }
    }
}
