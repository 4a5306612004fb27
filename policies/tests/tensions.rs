//! Where the five policies disagree: each tension is a setting of a pack, and turning it
//! turns the verdict.

use schoolgate_policies::trial::Trial;
use schoolgate_policies::{Pack, Verdict};

/// The verdict of a pack, extending one that ships, on an example without its `expect`.
#[track_caller]
fn verdict(extends: &str, settings: &str, example: &str) -> Verdict {
    let text = format!(
        "name = \"own\"\nextends = \"{extends}\"\n{settings}\n[[examples]]\ntitle = \"It\"\n\
         expect = \"deliver\"\n{example}\n"
    );
    let pack = Pack::load(&text, &|_| None).unwrap_or_else(|errors| panic!("{errors}"));
    let example = pack.examples.first().expect("one example");
    Trial::of(&pack).run(example).verdict
}

const MARKED_AND_LOCKED: &str = "marking = \"highly-sensitive\"\n\
    about = { categories = \"safeguarding\", sensitivity = \"highly-sensitive\" }\n\
    attachments = { sensitivity = \"highly-sensitive\", encryption = \"strong\" }\n";

fn to(relation: &str, rest: &str) -> String {
    format!("to = \"{relation}\"\n{rest}")
}

#[test]
fn one_stance_bans_what_another_lets_go_marked_and_locked() {
    let example = to("own-contact", MARKED_AND_LOCKED);
    assert_eq!(verdict("ban-outside", "", &example), Verdict::Quarantine);
    assert_eq!(verdict("mark-and-encrypt", "", &example), Verdict::Deliver);
    assert_eq!(
        verdict("appropriate-security", "", &example),
        Verdict::Deliver
    );
    // Inside only: not even to other trusted agencies.
    let example = to(
        "sister-school",
        "marking = \"sensitive\"\nabout = { categories = \"attainment\" }",
    );
    assert_eq!(verdict("ban-outside", "", &example), Verdict::Deliver);
    let inside_only = "[switches]\ninside-only = true";
    assert_eq!(
        verdict("ban-outside", inside_only, &example),
        Verdict::Quarantine
    );
    // And for each class of data: a category may be let off.
    let attainment_may = "[[rules]]\nid = \"pupil-data.banned\"\nmode = \"monitor\"";
    assert_eq!(
        verdict(
            "ban-outside",
            &format!("{inside_only}\n{attainment_may}"),
            &example
        ),
        Verdict::Deliver
    );
}

#[test]
fn ordinary_matter_to_the_own_family_passes_until_a_pack_says_otherwise() {
    let example = to("own-contact", "about = { categories = \"attendance\" }");
    for pack in Pack::shipped_names() {
        assert_eq!(verdict(pack, "", &example), Verdict::Deliver, "{pack}");
    }
    let off = "[switches]\nordinary-to-family = false";
    assert_eq!(verdict("ban-outside", off, &example), Verdict::Quarantine);
}

#[test]
fn the_words_levels_and_places_of_markings_are_the_packs() {
    let matter = "about = { categories = \"health\", sensitivity = \"highly-sensitive\" }";
    let lower = to("own-contact", &format!("{matter}\nmarking = \"sensitive\""));
    // One phrase or two levels: whether the lower one is enough.
    assert_eq!(verdict("baseline", "", &lower), Verdict::Deliver);
    assert_eq!(verdict("mark-and-encrypt", "", &lower), Verdict::Hold);
    let own = to(
        "own-contact",
        "subject = \"[OAK PRIVATE] Plan\"\ntext = \"{pupil} has epilepsy.\"",
    );
    assert_eq!(verdict("baseline", "", &own), Verdict::Hold);
    let words = "[markings]\nsensitive = [\"OAK PRIVATE\"]";
    assert_eq!(verdict("baseline", words, &own), Verdict::Deliver);
    let first_line = format!("{words}\nplaces = [\"first-line\"]");
    assert_eq!(verdict("baseline", &first_line, &own), Verdict::Hold);
}

#[test]
fn log_ins_may_stay_inside_or_go_to_nobody() {
    let example = to("staff", "found = \"credential\"");
    assert_eq!(verdict("baseline", "", &example), Verdict::Hold);
    assert_eq!(verdict("policy-000", "", &example), Verdict::Deliver);
    let outside = to("contact", "found = \"credential\"");
    assert_eq!(verdict("policy-000", "", &outside), Verdict::Hold);
}

#[test]
fn webmail_is_judged_by_whose_it_is_and_the_school_may_say_which_it_is() {
    let parent = to("own-contact", "about = { categories = \"attendance\" }");
    assert_eq!(verdict("policy-000", "", &parent), Verdict::Deliver);
    let locked = to(
        "other",
        "domain = \"village-net.example\"\nattachments = { encryption = \"strong\" }",
    );
    assert_eq!(verdict("baseline", "", &locked), Verdict::Deliver);
    let also = "[webmail]\nalso = [\"village-net.example\"]";
    assert_eq!(verdict("baseline", also, &locked), Verdict::Hold);
    let known = to(
        "webmail",
        "domain = \"village-net.example\"\nattachments = { encryption = \"strong\" }",
    );
    assert_eq!(verdict("baseline", "", &known), Verdict::Hold);
    let except = "[webmail]\nexcept = [\"village-net.example\"]";
    assert_eq!(verdict("baseline", except, &known), Verdict::Deliver);
}

#[test]
fn private_use_is_watched_until_a_school_goes_further() {
    let example = to("contact", "found = \"conduct.private-use\"");
    for pack in Pack::shipped_names() {
        assert_eq!(verdict(pack, "", &example), Verdict::Deliver, "{pack}");
    }
    let enforced = "[[rules]]\nid = \"conduct.tone\"\nmode = \"enforce\"";
    assert_eq!(verdict("baseline", enforced, &example), Verdict::Hold);
}

#[test]
fn what_the_law_asks_for_is_stopped_by_no_stance() {
    let example = to(
        "agency",
        &format!("agency-kind = \"social-care\"\n{MARKED_AND_LOCKED}"),
    );
    for pack in Pack::shipped_names() {
        assert_eq!(verdict(pack, "", &example), Verdict::Deliver, "{pack}");
    }
    // Which agencies these are is the school's to say.
    let police_only =
        "[switches]\ninside-only = true\n[agencies]\nlawful-disclosure = [\"police\"]";
    assert_eq!(
        verdict("ban-outside", police_only, &example),
        Verdict::Quarantine
    );
    // Marking and lock are still due.
    let bare = to(
        "agency",
        "agency-kind = \"Social Care\"\nabout = { categories = \"safeguarding\", sensitivity = \"highly-sensitive\" }",
    );
    assert_eq!(verdict("policy-004", "", &bare), Verdict::Hold);
}

#[test]
fn the_register_of_ai_services_has_a_gate_of_the_schools() {
    let example = to(
        "other",
        "domain = \"chatgpt.com\"\ntext = \"Please write a quiz.\"",
    );
    for (pack, expected) in [
        ("baseline", Verdict::Deliver),
        ("policy-000", Verdict::Hold),
        ("policy-001", Verdict::Hold),
        ("policy-002", Verdict::Deliver),
        ("policy-003", Verdict::Hold),
        ("policy-004", Verdict::Deliver),
    ] {
        assert_eq!(verdict(pack, "", &example), expected, "{pack}");
    }
    let allowed = "[ai]\nallowed = [\"chatgpt.com\"]";
    assert_eq!(verdict("policy-001", allowed, &example), Verdict::Deliver);
    let open = "[ai]\ngate = \"none\"";
    assert_eq!(verdict("policy-003", open, &example), Verdict::Deliver);
    // Personal data goes to none of them, agreed or not.
    let data = to(
        "other",
        "domain = \"chatgpt.com\"\nabout = { categories = \"attainment\" }",
    );
    assert_eq!(verdict("policy-001", allowed, &data), Verdict::Quarantine);
}

#[test]
fn mail_to_pupils_and_mail_to_parents_are_judged_apart() {
    let number = |relation| to(relation, "found = \"staff.details\"");
    for pack in ["policy-003", "policy-004"] {
        assert_eq!(verdict(pack, "", &number("pupil")), Verdict::Hold, "{pack}");
        assert_eq!(
            verdict(pack, "", &number("contact")),
            Verdict::Hold,
            "{pack}"
        );
    }
    // A school that lets staff give parents their number, and pupils never.
    let parents_may = "[[rules]]\nid = \"staff-details.outside\"\nconcern = \"staff-details\"\n\
        when = { all = [{ relation = [\"pupil\"] }, { found = [\"staff.details\"] }] }\n\
        then = \"hold\"\nclauses = []";
    assert_eq!(
        verdict("policy-003", parents_may, &number("pupil")),
        Verdict::Hold
    );
    assert_eq!(
        verdict("policy-003", parents_may, &number("contact")),
        Verdict::Deliver
    );
    // Work contact by the school's own mail is fine.
    let work = to("pupil", "text = \"Please bring your book on Tuesday.\"");
    for pack in Pack::shipped_names() {
        assert_eq!(verdict(pack, "", &work), Verdict::Deliver, "{pack}");
    }
}
