//! Files that were dropped into a document: the `Package` objects of OLE (MS-OLEDS).

use super::charset;
use super::fields::Fields;

/// The name and content in a stream `Ole10Native` (MS-OLEDS §2.3.6).
pub(super) fn native(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut fields = Fields(bytes);
    let size = fields.size()?;
    let inner = fields.0.get(..size.min(fields.0.len()))?;
    package(inner).or(Some((String::new(), inner)))
}

/// A packaged file: label, original path, path of a temporary copy, content.
fn package(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut fields = Fields(bytes);
    if fields.number(2)? != 2 {
        return None;
    }
    let label = fields.text()?;
    let path = fields.text()?;
    fields.take(4)?;
    fields.counted()?;
    let length = fields.size()?;
    let content = fields.0.get(..length.min(fields.0.len()))?;
    let name = if path.is_empty() { label } else { path };
    let name = charset::decode(name, None).into_owned();
    let name = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .to_owned();
    Some((
        if name.is_empty() {
            "package".to_owned()
        } else {
            name
        },
        content,
    ))
}

/// The name and content of an object as Rich Text writes it (MS-OLEDS §2.2.5).
pub(super) fn object(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut fields = Fields(bytes);
    fields.take(4)?;
    // Linked objects lie elsewhere; embedded ones are of kind 2.
    if fields.number(4)? != 2 {
        return None;
    }
    let class = fields.counted()?;
    fields.counted()?;
    fields.counted()?;
    let length = fields.size()?;
    let content = fields.0.get(..length.min(fields.0.len()))?;
    let class = charset::decode(class, None);
    if class.starts_with("Package")
        && let Some(packaged) = package(content)
    {
        return Some(packaged);
    }
    Some(("object".to_owned(), content))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packaged() -> Vec<u8> {
        let mut inner = vec![2, 0];
        inner.extend(b"list.csv\0C:\\Users\\x\\list.csv\0");
        inner.extend([0, 0, 3, 0, 2, 0, 0, 0, b'x', 0, 5, 0, 0, 0]);
        inner.extend(b"Jamie and more");
        inner
    }

    #[test]
    fn a_packaged_file_has_its_name() {
        let inner = packaged();
        let mut bytes = (inner.len() as u32).to_le_bytes().to_vec();
        bytes.extend(&inner);
        assert_eq!(native(&bytes), Some(("list.csv".into(), &b"Jamie"[..])));
        let mut object_bytes = vec![1, 5, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0];
        object_bytes.extend(b"Package\0");
        object_bytes.extend([0; 8]);
        object_bytes.extend((inner.len() as u32).to_le_bytes());
        object_bytes.extend(&inner);
        assert_eq!(
            object(&object_bytes),
            Some(("list.csv".into(), &b"Jamie"[..]))
        );
    }

    proptest! {
        #[test]
        fn no_octets_make_more_of_themselves(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..60) {
            let broken: Vec<u8> = packaged().into_iter().take(cut).chain(bytes).collect();
            for found in [native(&broken), object(&broken)].into_iter().flatten() {
                prop_assert!(found.1.len() <= broken.len());
            }
        }
    }
}
