//! A worker's answer is untrusted: its content may have taken the worker over.
//!
//! A clean answer from a worker that was taken over cannot be told from a true one in
//! general; what can be told is an answer that does not hold together.

use std::collections::HashSet;

use schoolgate_detectors::{
    Finding, Inspection, Kind, Limits, MOST_GREETED, PartPath, Unread, UnreadReason, VERSION,
};

use super::error::Abort;

/// Findings of limits and the like, which come on top of the configured count.
const EXTRA: usize = 1_000;

/// The longest text of any one field, octets.
const MAX_TEXT: usize = 64 << 10;

/// Reads and checks an answer about a content of `size` octets.
///
/// # Errors
/// [`Abort::Nonsense`], which says what is wrong with it.
pub fn read(answer: &[u8], size: u64, limits: &Limits) -> Result<Inspection, Abort> {
    let nonsense = |what| Abort::Nonsense { what };
    let inspection: Inspection =
        serde_json::from_slice(answer).map_err(|_| nonsense("it is no inspection"))?;
    // Both sides are the same program, so only one spelling of an inspection is right:
    // this catches unknown fields, repeated ones and values out of range at once.
    if serde_json::to_vec(&inspection).ok().as_deref() != Some(answer) {
        return Err(nonsense("it is not written as a worker writes"));
    }
    check(&inspection, size, limits).map_err(nonsense)?;
    Ok(inspection)
}

/// More offices than a school has.
const MOST_OFFICES: usize = 16;

/// The longest first line, in characters; the worker cuts it shorter.
const MAX_OPENING: usize = 1_000;

/// Reads the answer to the question for a first line.
///
/// # Errors
/// [`Abort::Nonsense`]: it is longer than may be, more than a line, or no text.
pub fn read_opening(answer: &[u8]) -> Result<Option<String>, Abort> {
    let nonsense = |what| Abort::Nonsense { what };
    let line: Option<String> =
        serde_json::from_slice(answer).map_err(|_| nonsense("it is no line of text"))?;
    let fits = |line: &String| line.chars().count() <= MAX_OPENING && !line.contains(['\r', '\n']);
    if !line.as_ref().is_none_or(fits) {
        return Err(nonsense("it is more than a line"));
    }
    Ok(line)
}

fn check(inspection: &Inspection, size: u64, limits: &Limits) -> Result<(), &'static str> {
    if inspection.detectors != VERSION {
        return Err("it comes from another version");
    }
    if inspection.parts.is_empty() && size > 0 {
        return Err("it accounts for no part");
    }
    let most_parts = usize::try_from(limits.parts)
        .unwrap_or(usize::MAX)
        .saturating_mul(2)
        .saturating_add(EXTRA);
    let most_findings = usize::try_from(limits.findings)
        .unwrap_or(usize::MAX)
        .saturating_add(EXTRA);
    if inspection.parts.len() > most_parts || inspection.unread.len() > most_parts.saturating_mul(2)
    {
        return Err("it has more parts than may be");
    }
    if inspection.pictures.len() > most_parts {
        return Err("it has more pictures than may be");
    }
    if inspection.findings.len() > most_findings {
        return Err("it has more findings than may be");
    }
    if inspection.speaks_of.len() > MOST_OFFICES {
        return Err("it speaks of more offices than there are");
    }
    if inspection.greeted.len() > MOST_GREETED {
        return Err("it greets more names than may be");
    }
    check_places(inspection)?;
    check_sums(inspection, size, limits)?;
    check_texts(inspection)
}

/// Whatever is said of a part is said of one that is accounted for, or of a container of
/// such (`2` holds `2.1`, `2/a.zip` holds `2/a.zip/b`). The one exception: what a limit
/// kept out has no part of its own, and saying so only makes an answer stricter.
fn check_places(inspection: &Inspection) -> Result<(), &'static str> {
    let header = PartPath::header();
    let mut known = HashSet::from([header.as_str()]);
    for part in &inspection.parts {
        let path = part.path.as_str();
        known.insert(path);
        known.extend(
            path.match_indices(['.', '/'])
                .filter_map(|(at, _)| path.get(..at)),
        );
    }
    let exists = |path: &PartPath| known.contains(path.as_str());
    let limited = |f: &Finding| f.kind == Kind::LimitReached;
    let kept_out = |u: &Unread| u.reason == UnreadReason::Limit;
    if !inspection
        .findings
        .iter()
        .all(|f| exists(&f.part) || limited(f))
    {
        return Err("a finding lies in a part that is not accounted for");
    }
    if !inspection
        .unread
        .iter()
        .all(|u| exists(&u.part) || kept_out(u))
    {
        return Err("an unread part is not accounted for");
    }
    if !inspection
        .subjects
        .iter()
        .flat_map(|s| &s.parts)
        .all(exists)
    {
        return Err("a subject lies in a part that is not accounted for");
    }
    if !inspection.pictures.iter().all(|p| exists(&p.part)) {
        return Err("a picture lies in a part that is not accounted for");
    }
    if !inspection.mentions.iter().all(|m| exists(&m.part)) {
        return Err("a mention lies in a part that is not accounted for");
    }
    if !inspection.markings.iter().all(|m| exists(&m.part)) {
        return Err("a marking stands in a part that is not accounted for");
    }
    Ok(())
}

fn check_sums(inspection: &Inspection, size: u64, limits: &Limits) -> Result<(), &'static str> {
    // No decoding of mail makes more of its own top level than it was; what is unpacked
    // beyond that counts against its limit. Twice, because ambiguous parts are read twice.
    let most = limits
        .unpacked_bytes
        .saturating_add(size.saturating_mul(2))
        .saturating_mul(2)
        .saturating_add(1 << 20);
    let total = |of: fn(&schoolgate_detectors::Part) -> u64| {
        inspection
            .parts
            .iter()
            .map(of)
            .fold(0u64, u64::saturating_add)
    };
    if total(|part| part.text_bytes) > most.max(limits.text_bytes.saturating_mul(2)) {
        return Err("it read more text than may be");
    }
    let confident = |value: f32| (0.0..=1.0).contains(&value);
    if !inspection
        .findings
        .iter()
        .all(|f| confident(f.confidence.get()))
        || !inspection
            .subjects
            .iter()
            .all(|s| confident(s.confidence.get()))
    {
        return Err("a confidence is out of range");
    }
    if inspection.subjects.iter().any(|s| s.count == 0) {
        return Err("a subject stands for nobody");
    }
    Ok(())
}

fn check_texts(inspection: &Inspection) -> Result<(), &'static str> {
    let fits = |text: &str| text.len() <= MAX_TEXT;
    let findings = inspection
        .findings
        .iter()
        .all(|f| fits(&f.place) && fits(f.excerpt.as_str()) && fits(f.part.as_str()));
    let parts = inspection.parts.iter().all(|p| {
        fits(p.path.as_str())
            && fits(&p.declared_type)
            && fits(&p.actual_type)
            && p.name.as_deref().is_none_or(fits)
    });
    let unread = inspection.unread.iter().all(|u| fits(&u.detail));
    let pictures = inspection.pictures.iter().all(|p| {
        let camera = p.camera.as_ref();
        fits(&p.place)
            && camera.is_none_or(|c| fits(&c.make) && fits(&c.model) && fits(&c.taken_at))
    });
    if findings && parts && unread && pictures {
        Ok(())
    } else {
        Err("a text is longer than may be")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use schoolgate_detectors::pictures::{Camera, Digest, Format, Picture, Reading};
    use schoolgate_detectors::{Confidence, Masked, NameDigest, Sensitivity, Subject};

    use super::*;

    fn sane() -> Inspection {
        super::super::aborted(&Abort::Disconnected, 100)
    }

    fn verdict(inspection: &Inspection) -> Result<(), Abort> {
        let answer = serde_json::to_vec(inspection).unwrap();
        read(&answer, 100, &Limits::default()).map(drop)
    }

    fn refused(change: impl FnOnce(&mut Inspection)) {
        let mut inspection = sane();
        change(&mut inspection);
        assert!(
            matches!(verdict(&inspection), Err(Abort::Nonsense { .. })),
            "{inspection:?}"
        );
    }

    fn finding(part: &str) -> Finding {
        Finding {
            category: None,
            kind: Kind::Upn,
            part: PartPath(part.into()),
            place: "line 1".into(),
            confidence: Confidence::new(0.31),
            count: 1,
            subjects: Vec::new(),
            excerpt: Masked::default(),
        }
    }

    #[test]
    fn a_true_answer_passes() {
        let mut inspection = sane();
        inspection.findings.push(finding("1"));
        inspection.findings.push(finding("header"));
        for step in 0..=1000u16 {
            let mut one = finding("1");
            one.confidence = Confidence::new(f32::from(step) / 1000.0);
            inspection.findings.push(one);
        }
        assert_eq!(verdict(&inspection), Ok(()));
    }

    #[test]
    fn containers_and_what_a_limit_kept_out_need_no_part_of_their_own() {
        let unread = |part: &str, reason| Unread {
            part: PartPath(part.into()),
            reason,
            detail: "parts".into(),
        };
        let mut inspection = sane();
        inspection
            .unread
            .push(unread("7/many.zip/a", UnreadReason::Limit));
        let mut limit = finding("7/many.zip/a");
        limit.kind = Kind::LimitReached;
        inspection.findings.push(limit);
        inspection.parts[0].path = PartPath("2.1/a.zip/b".into());
        inspection.unread[0].part = PartPath("2.1/a.zip/b".into());
        inspection.findings.push(finding("2"));
        inspection.findings.push(finding("2.1"));
        inspection.findings.push(finding("2.1/a.zip"));
        assert_eq!(verdict(&inspection), Ok(()));
        refused(|i| i.unread.push(unread("1/many.zip/a", UnreadReason::Damaged)));
        refused(|i| i.findings.push(finding("")));
        refused(|i| i.findings.push(finding("1.1")));
    }

    #[test]
    fn answers_that_do_not_hold_together_are_refused() {
        refused(|i| i.parts.clear());
        refused(|i| i.detectors = "0.0.0".into());
        refused(|i| i.findings.push(finding("2/other.zip")));
        refused(|i| {
            i.unread.push(Unread {
                part: PartPath("3".into()),
                reason: UnreadReason::Media,
                detail: String::new(),
            });
        });
        refused(|i| {
            i.subjects.push(Subject {
                pupils: Vec::new(),
                identified_by: Vec::new(),
                confidence: Confidence::new(1.0),
                special: false,
                categories: Vec::new(),
                sensitivity: Sensitivity::None,
                parts: vec![PartPath("9".into())],
                count: 1,
            });
        });
        refused(|i| i.findings = vec![finding("1"); 10_000]);
        refused(|i| i.parts = vec![i.parts[0].clone(); 20_000]);
        refused(|i| i.greeted = vec![NameDigest { word: 1, stem: 1 }; MOST_GREETED + 1]);
        refused(|i| i.parts[0].text_bytes = u64::MAX);
        refused(|i| i.parts[0].declared_type = "x".repeat(MAX_TEXT + 1));
    }

    #[test]
    fn pictures_lie_in_parts_that_are_accounted_for() {
        let picture = |part: &str| Picture {
            part: PartPath(part.into()),
            place: "page 2".into(),
            digest: Digest([7; 32]),
            format: Format::Png,
            width: 1240,
            height: 1754,
            bytes: 99,
            camera: Some(Camera::default()),
            letters: 0,
            reading: Reading::Wanted,
        };
        let mut inspection = sane();
        inspection.pictures.push(picture("1"));
        assert_eq!(verdict(&inspection), Ok(()));
        refused(|i| i.pictures.push(picture("9")));
        refused(|i| i.pictures = vec![picture("1"); 20_000]);
        refused(|i| {
            let mut long = picture("1");
            long.place = "x".repeat(MAX_TEXT + 1);
            i.pictures.push(long);
        });
    }

    #[test]
    fn only_one_spelling_is_right() {
        let answer = serde_json::to_string(&sane()).unwrap();
        let limits = Limits::default();
        assert!(read(answer.as_bytes(), 100, &limits).is_ok());
        for wrong in [
            format!(" {answer}"),
            answer.replacen('{', r#"{"extra":1,"#, 1),
            answer.replacen('{', "", 1),
            String::new(),
        ] {
            assert!(read(wrong.as_bytes(), 100, &limits).is_err(), "{wrong}");
        }
        let mut doubtful = sane();
        doubtful.findings.push(finding("1"));
        let doubtful = serde_json::to_string(&doubtful).unwrap();
        let doubtful = doubtful.replace("0.31", "7.5");
        assert!(read(doubtful.as_bytes(), 100, &limits).is_err());
    }

    proptest! {
        #[test]
        fn a_bent_answer_is_refused_or_as_a_worker_writes(
            at in any::<prop::sample::Index>(),
            octet in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut inspection = sane();
            inspection.findings.push(finding("1"));
            let true_answer = serde_json::to_vec(&inspection).unwrap();
            let mut bent = true_answer.clone();
            bent[at.index(true_answer.len())] = octet;
            if let Ok(read) = read(&bent, 100, &Limits::default()) {
                prop_assert_eq!(serde_json::to_vec(&read).unwrap(), bent);
            }
            let short = &true_answer[..cut.index(true_answer.len())];
            prop_assert!(super::read(short, 100, &Limits::default()).is_err());
        }

        #[test]
        fn noise_is_no_answer(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(super::read(&noise, 100, &Limits::default()).is_err());
        }
    }
}
