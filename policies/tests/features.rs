//! Each feature that packs may name as being there is shown by a test.

// The tests are files; the crate itself still reads none.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use schoolgate_policies::coverage::{FEATURES, State};

/// The test of each feature, from the top of the repository.
const SHOWN_BY: &[(&str, &str, &str)] = &[
    ("admission", "tests/tests/access.rs", "it_is_no_open_relay"),
    (
        "sender-identity",
        "gateway/src/smtp/tests/admission.rs",
        "a_client_speaks_for_its_own_schools_only",
    ),
    (
        "gate-point",
        "tests/tests/relay.rs",
        "a_class_list_to_an_outsider_waits_and_the_head_is_told",
    ),
    (
        "inspect-first",
        "policies/tests/ground_rules/content.rs",
        "unread_is_held_outside",
    ),
    (
        "durable",
        "tests/tests/durability.rs",
        "nothing_acknowledged_is_lost_however_often_it_is_killed",
    ),
    (
        "sealed-store",
        "tests/tests/storage.rs",
        "nothing_personal_lies_on_disk_in_clear",
    ),
    (
        "audit-log",
        "tests/tests/commands.rs",
        "a_changed_audit_log_is_found",
    ),
    (
        "journal",
        "tests/tests/relay.rs",
        "observing_delivers_everything_and_records_what_would_have_stopped",
    ),
    (
        "tickets",
        "tests/tests/commands.rs",
        "a_refused_message_never_leaves_and_its_ticket_is_a_near_miss",
    ),
    (
        "reviewers",
        "tests/tests/relay.rs",
        "a_class_list_to_an_outsider_waits_and_the_head_is_told",
    ),
    (
        "sender-notice",
        "gateway/src/notify/tests.rs",
        "a_hold_as_its_sender_reads_it",
    ),
    (
        "quiet-notice",
        "gateway/src/notify/tests.rs",
        "subjects_show_no_person",
    ),
    (
        "technician-view",
        "gateway/src/notify/tests.rs",
        "the_technician_sees_no_person",
    ),
    (
        "sender-remedy",
        "gateway/tests/flow/main.rs",
        "a_hold_that_nobody_answers_goes_back_after_five_school_days",
    ),
    (
        "observing",
        "gateway/tests/flow/main.rs",
        "observing_delivers_and_reports_the_next_day",
    ),
    (
        "cooling-off",
        "gateway/tests/flow/main.rs",
        "cooling_off_lies_between_verdict_and_first_attempt",
    ),
    (
        "kept-whole",
        "tests/tests/dkim.rs",
        "a_signed_message_verifies_after_the_gateway",
    ),
    (
        "tls-next-hop",
        "gateway/src/delivery/tests/encryption.rs",
        "required_means_never_in_clear",
    ),
    (
        "required-tls",
        "gateway/tests/flow/consequences.rs",
        "what_must_go_over_tls_waits_where_there_is_none",
    ),
    (
        "named-clauses",
        "policies/tests/explanations.rs",
        "a_clause_is_quoted_as_the_pack_has_it",
    ),
    (
        "policy-page",
        "tests/tests/policy.rs",
        "governors_get_a_page_in_html_and_in_markdown",
    ),
    (
        "review-dates",
        "gateway/src/observing.rs",
        "head_and_technician_are_reminded_of_the_review_once_on_the_day",
    ),
    (
        "exercises",
        "policies/tests/examining.rs",
        "an_example_that_fails_is_a_mistake",
    ),
    (
        "doctor",
        "tests/tests/commands.rs",
        "the_doctor_names_what_ails_with_a_remedy",
    ),
    (
        "health",
        "tests/tests/access.rs",
        "health_and_metrics_are_served_without_personal_data",
    ),
    (
        "local-only",
        "gateway/src/inspect/tests.rs",
        "files_network_and_processes_are_out_of_reach",
    ),
    (
        "permissions",
        "gateway/tests/flow/registers.rs",
        "a_permission_counts_at_once_lapses_by_itself_and_is_written_down",
    ),
    (
        "dsl-alert",
        "gateway/tests/flow/consequences.rs",
        "a_pupils_cry_for_help_reaches_the_safeguarding_lead_and_waits_for_nobody",
    ),
    (
        "sender-groups",
        "policies/tests/consequences.rs",
        "who_may_send_what_goes_by_the_role",
    ),
    (
        "teaching-tips",
        "gateway/tests/flow/consequences.rs",
        "nobody_gets_the_same_tip_twice_a_day",
    ),
    (
        "check-before-send",
        "tests/tests/remedies.rs",
        "a_draft_comes_back_with_its_verdict_and_goes_to_nobody",
    ),
    (
        "consents",
        "policies/tests/exceptions.rs",
        "pictures_follow_the_families_consent",
    ),
    (
        "protected-mail",
        "gateway/tests/flow/protected.rs",
        "mail_to_a_union_is_held_for_its_sender_and_known_to_nobody_else",
    ),
];

#[test]
fn what_is_claimed_to_be_there_is_shown_by_a_test() {
    let shown: BTreeMap<&str, (&str, &str)> = SHOWN_BY
        .iter()
        .map(|(feature, file, test)| (*feature, (*file, *test)))
        .collect();
    for (feature, word) in FEATURES {
        let by = shown.get(word);
        assert_eq!(
            by.is_some(),
            feature.state() == State::Here,
            "{word}: what is there has a test, and what waits has none"
        );
        let Some((file, test)) = by else { continue };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{word}: {file}: {e}"));
        let place = text
            .find(&format!("fn {test}("))
            .unwrap_or_else(|| panic!("{word}: there is no {test} in {file}"));
        let before = text.get(..place).unwrap_or_default().trim_end();
        let attributes = before.rsplit('\n').take(3).collect::<String>();
        assert!(attributes.contains("test"), "{word}: {test} is no test");
    }
}
