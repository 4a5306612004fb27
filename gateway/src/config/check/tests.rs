use proptest::prelude::*;

use super::*;

const SMALLEST: &str = r#"
hostname = "gate.oak.example"

[[school]]
id = "oak"
name = "Oak Primary School"
domains = ["oak.example"]
headteacher = "head@oak.example"
technician = "it@oak.example"

[[client]]
name = "mail server"
networks = ["192.0.2.10"]

[[next_hop]]
host = "smtp.oak.example"
"#;

fn problems(text: &str) -> Vec<Problem> {
    parse(text, Path::new("/etc/schoolgate"))
        .err()
        .unwrap_or_default()
}

#[test]
fn the_smallest_file_is_enough() {
    let settings = parse(SMALLEST, Path::new("/etc/schoolgate")).unwrap();
    assert_eq!(settings.schools[0].dsl, "head@oak.example");
    assert_eq!(settings.schools[0].next_hops, vec![0]);
    assert_eq!(settings.limits.message_size, 64 << 20);
    let lines = SMALLEST.lines().filter(|l| !l.is_empty()).count();
    assert!(lines < 15, "the smallest file has {lines} lines");
}

#[test]
fn an_unknown_key_is_named_with_line_and_nearest_word() {
    let found = problems(&SMALLEST.replace("headteacher", "headtacher"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].line, 8);
    assert_eq!(found[0].remedy, "Did you mean `headteacher`?");
}

#[test]
fn every_mistake_is_reported() {
    let text = SMALLEST
        .replace("192.0.2.10", "192.0.2.300")
        .replace("head@oak.example", "the head")
        .replace("id = \"oak\"", "id = \"Oak School\"");
    assert_eq!(problems(&text).len(), 4, "{:#?}", problems(&text));
}

#[test]
fn a_cloud_range_needs_the_secret_header() {
    let shared = SMALLEST.replace("192.0.2.10", "40.107.0.0/16");
    let found = problems(&shared);
    assert_eq!(found.len(), 1);
    assert!(found[0].what.contains("secret_header"), "{found:?}");
    let with = shared.replace(
        "technician =",
        "secret_header = \"X-Oak: 0123456789abcdef0123\"\ntechnician =",
    );
    assert!(problems(&with).is_empty());
}

#[test]
fn a_client_that_anybody_could_be_is_refused() {
    let text = SMALLEST.replace("networks = [\"192.0.2.10\"]", "networks = []");
    assert!(problems(&text)[0].what.contains("not told apart"));
}

#[test]
fn the_gateways_own_mail_domain_is_no_schools() {
    let settings = parse(SMALLEST, Path::new("/etc/schoolgate")).unwrap();
    assert_eq!(settings.mail_domain, "gate.oak.example");
    let own = format!("mail_domain = \"Ask.Oak.Example\"\n{SMALLEST}");
    let settings = parse(&own, Path::new("/etc/schoolgate")).unwrap();
    assert_eq!(settings.mail_domain, "ask.oak.example");
    for swallowing in [
        own.replace("Ask.Oak.Example", "OAK.example"),
        SMALLEST.replace("\"gate.oak.example", "\"oak.example"),
    ] {
        let found = problems(&swallowing);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].remedy.contains("mail_domain"), "{found:?}");
    }
    let wrong = own.replace("Ask.Oak.Example", "not a domain");
    assert_eq!(problems(&wrong).len(), 1);
}

#[test]
fn a_server_for_some_domains_is_checked_and_not_the_only_one() {
    let direct = "\n[[next_hop]]\nhost = \"mx.mash.example\"\ntls = \"required\"\n\
                  final_for = [\"MASH.example\"]\n";
    let both = format!("{SMALLEST}{direct}");
    let settings = parse(&both, Path::new("/etc/schoolgate")).unwrap();
    assert_eq!(settings.next_hops[1].final_for, ["mash.example"]);
    for (wrong, line) in [
        (both.replace("tls = \"required\"\n", ""), 20),
        (both.replace("MASH.example", "not a domain"), 21),
        (
            SMALLEST.replace("[[next_hop]]\nhost = \"smtp.oak.example\"\n", direct),
            0,
        ),
    ] {
        let found = problems(&wrong);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(line == 0 || found[0].line == line, "{found:?}");
    }
}

/// The file that ships with every key explained.
const LONGEST: &str = include_str!("../../../../deploy/schoolgate.toml");

proptest! {
    #[test]
    fn a_file_that_was_mangled_is_read_or_refused_with_a_place(
        line in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        instead in "[a-z_]{0,8}( = )?([\\[\\]{}\"',a-z0-9.é-]{0,12})?",
    ) {
        for text in [SMALLEST, LONGEST] {
            let mut lines: Vec<&str> = text.lines().collect();
            let (one, two) = (line.index(lines.len()), other.index(lines.len()));
            lines.swap(one, two);
            lines[one] = &instead;
            let mangled = lines.join("\n");
            for problem in problems(&mangled) {
                prop_assert!(problem.line <= lines.len() + 1, "{problem:?}");
                prop_assert!(!problem.what.is_empty(), "{problem:?}");
            }
        }
    }
}
