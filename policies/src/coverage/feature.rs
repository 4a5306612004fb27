//! What the product does for a clause besides judging a message: a fixed vocabulary, so
//! that a pack can claim only what there is, or what is known to come.

/// Whether a feature is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is, and a test shows it: `tests/tests/access.rs::it_is_no_open_relay`, from the
    /// top of the repository.
    Here { shown_by: &'static str },
    /// It comes with this later work.
    Waits { for_what: &'static str },
}

use State::{Here, Waits};

macro_rules! features {
    ($($variant:ident $id:literal $label:literal $state:expr;)*) => {
        /// Something that the product does for its school.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Feature {
            $(#[doc = $label] $variant,)*
        }

        /// The words of packs for features.
        pub const FEATURES: &[(Feature, &str)] = &[$((Feature::$variant, $id)),*];

        impl Feature {
            /// The word in packs and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// What it does, as a sentence without its full stop.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }

            /// Whether it is there.
            pub fn state(self) -> State {
                match self { $(Self::$variant => $state),* }
            }
        }
    };
}

/// What later work is called.
const CONSOLE: &str = "the console";
const BREACH: &str = "the breach procedure";
const REPORTS: &str = "the reports of the console";
const PROTECTED: &str = "the handling of protected correspondence";
const TRUST: &str = "the work on abuse, recovery and running for years";

const fn here(shown_by: &'static str) -> State {
    Here { shown_by }
}

const fn waits(for_what: &'static str) -> State {
    Waits { for_what }
}

features! {
    Admission       "admission"         "only the school's own mail servers may send through the gateway" here("tests/tests/access.rs::it_is_no_open_relay");
    SenderIdentity  "sender-identity"   "a sender's address outside the school's domains is refused" here("gateway/src/smtp/tests/admission.rs::a_client_speaks_for_its_own_schools_only");
    GatePoint       "gate-point"        "the rules stand where mail leaves the school, whatever device it was written on" here("tests/tests/relay.rs::a_class_list_to_an_outsider_waits_and_the_head_is_told");
    InspectFirst    "inspect-first"     "nothing leaves before it was inspected, and what cannot be read waits" here("policies/tests/ground_rules.rs::unread_is_held_outside");
    Durable         "durable"           "what was accepted is not lost, however the machine stops" here("tests/tests/durability.rs::nothing_acknowledged_is_lost_however_often_it_is_killed");
    SealedStore     "sealed-store"      "what the gateway keeps is encrypted on disk" here("tests/tests/storage.rs::nothing_personal_lies_on_disk_in_clear");
    AuditLog        "audit-log"         "every verdict, answer and view stands in a log that cannot be changed unnoticed" here("tests/tests/commands.rs::a_changed_audit_log_is_found");
    Journal         "journal"           "who sent what to whom and with which verdict is kept for a stated time, without content" here("tests/tests/relay.rs::observing_delivers_everything_and_records_what_would_have_stopped");
    Tickets         "tickets"           "each quarantined message has a ticket, and the answer to it is recorded" here("tests/tests/commands.rs::a_refused_message_never_leaves_and_its_ticket_is_a_near_miss");
    Reviewers       "reviewers"         "a stopped message goes to the headteacher, or in safeguarding matters to the DSL, and to nobody whose own it is" here("tests/tests/relay.rs::a_class_list_to_an_outsider_waits_and_the_head_is_told");
    SenderNotice    "sender-notice"     "the notice to the sender quotes the clause, accuses nobody and says what to do" here("gateway/src/notify/tests.rs::a_hold_as_its_sender_reads_it");
    QuietNotice     "quiet-notice"      "subjects and previews of notices show no personal data" here("gateway/src/notify/tests.rs::subjects_show_no_person");
    TechnicianView  "technician-view"   "the technician is told what ails without seeing whom a message is about" here("gateway/src/notify/tests.rs::the_technician_sees_no_person");
    SenderRemedy    "sender-remedy"     "a held message waits for its sender, and comes back after five school days" here("gateway/tests/flow/main.rs::a_hold_that_nobody_answers_goes_back_after_five_school_days");
    Observing       "observing"         "the rules can watch first, and a daily report says what they would have stopped" here("gateway/tests/flow/main.rs::observing_delivers_and_reports_the_next_day");
    CoolingOff      "cooling-off"       "messages can wait some minutes before they leave" here("gateway/tests/flow/main.rs::cooling_off_lies_between_verdict_and_first_attempt");
    KeptWhole       "kept-whole"        "a message leaves as its sender signed it" here("tests/tests/dkim.rs::a_signed_message_verifies_after_the_gateway");
    TlsToNextHop    "tls-next-hop"      "the way to the next server can require encryption" here("gateway/src/delivery/tests/encryption.rs::required_means_never_in_clear");
    RequiredTls     "required-tls"      "what a rule names leaves only over a checked encrypted way" here("gateway/tests/flow/consequences.rs::what_must_go_over_tls_waits_where_there_is_none");
    NamedClauses    "named-clauses"     "each verdict names the clause of the school's own policy" here("policies/tests/explanations.rs::a_clause_is_quoted_as_the_pack_has_it");
    PolicyPage      "policy-page"       "the rules stand on a page that governors can read, with what each serves" here("tests/tests/policy.rs::governors_get_a_page_in_html_and_in_markdown");
    ReviewDates     "review-dates"      "headteacher and technician are reminded when the policy is due for review" here("gateway/src/observing.rs::head_and_technician_are_reminded_of_the_review_once_on_the_day");
    Exercises       "exercises"         "rules can be tried on made-up messages, and examples in the pack are run" here("policies/tests/examining.rs::an_example_that_fails_is_a_mistake");
    Doctor          "doctor"            "a check of the installation names what ails and the remedy" here("tests/tests/commands.rs::the_doctor_names_what_ails_with_a_remedy");
    Health          "health"            "the gateway's state can be watched without personal data" here("tests/tests/access.rs::health_and_metrics_are_served_without_personal_data");
    LocalOnly       "local-only"        "content is inspected on the school's own machine, in a process that reaches no network" here("gateway/src/inspect/tests.rs::files_network_and_processes_are_out_of_reach");
    Roles           "roles"             "people sign in under their own name and see what their role allows" waits(CONSOLE);
    Sessions        "sessions"          "sessions are short, and sensitive steps ask for the sign-in again" waits(CONSOLE);
    ViewLog         "view-log"          "each view of content asks its purpose and is recorded" waits(CONSOLE);
    Escalation      "escalation"        "what waits goes on to a deputy in time" waits(CONSOLE);
    Challenge       "challenge"         "a sender can ask for a decision to be looked at again, and the outcome is recorded" waits(CONSOLE);
    GovernorsReport "governors-report"  "a termly report shows governors what was stopped, released and missed" waits(REPORTS);
    DslDigest       "dsl-digest"        "the DSL and senior leaders get a regular digest" waits(REPORTS);
    SelfTest        "self-test"         "made-up messages test the rules every day, and the result is kept" waits(REPORTS);
    Export          "export"            "what the gateway holds about a person can be found and handed over" waits(REPORTS);
    LegalHold       "legal-hold"        "a legal hold stops every deletion" waits(REPORTS);
    Retention       "retention"         "each kind of data has its time, and its destruction is proved" waits(REPORTS);
    MonitoringNotice "monitoring-notice" "staff are told of the monitoring, and who has seen the notice is known" waits(REPORTS);
    Acknowledgements "acknowledgements" "who has read and accepted the policy is recorded" waits(REPORTS);
    Permissions     "permissions"       "the headteacher's permissions are registered, with their reason and their end" here("gateway/tests/flow/registers.rs::a_permission_counts_at_once_lapses_by_itself_and_is_written_down");
    DslAlert        "dsl-alert"         "what a pupil writes of harm is told to the DSL at once, and waits for nobody" here("gateway/tests/flow/consequences.rs::a_pupils_cry_for_help_reaches_the_safeguarding_lead_and_waits_for_nobody");
    SenderGroups    "sender-groups"     "rules can differ for staff, governors, pupils, contractors and visitors" here("policies/tests/consequences.rs::who_may_send_what_goes_by_the_role");
    TeachingTips    "teaching-tips"     "a notice can teach a little, and never too often" here("gateway/tests/flow/consequences.rs::nobody_gets_the_same_tip_twice_a_day");
    ProtectedMail   "protected-mail"    "mail about an approver, and to those who protect staff, is kept from the approver" waits(PROTECTED);
    BreachReport    "breach-report"     "anybody can report a slip in one step, and who must know is told at once" waits(BREACH);
    BreachWorkflow  "breach-workflow"   "a breach is contained, assessed and recorded against the 72-hour clock" waits(BREACH);
    ReceivedInError "received-in-error" "mail received in error is answered, deleted and not passed on" waits(BREACH);
    ThirdParties    "third-parties"     "contractors report breaches, and the council's officer is told" waits(BREACH);
    CaseFile        "case-file"         "a fair file for an investigation, with third parties masked" waits(BREACH);
    LessonToRule    "lesson-to-rule"    "a near miss proposes the rule that would have prevented it" waits(BREACH);
    RateLimits      "rate-limits"       "a mailbox that suddenly sends far more than usual is stopped" waits(TRUST);
    Backups         "backups"           "the gateway's own data is backed up, and the restore is tried" waits(TRUST);
    BypassWatch     "bypass-watch"      "mail that went around the gateway is noticed" waits(TRUST);
    MalwareHook     "malware-hook"      "attachments are shown to the school's virus scanner" waits(TRUST);
    ImageHashes     "image-hashes"      "pictures are compared with the lists of known illegal ones" waits(TRUST);
    ProviderFeed    "provider-feed"     "the school's monitoring provider can be fed" waits(BREACH);
    Screen          "screen"            "the console hides names until they are asked for" waits(CONSOLE);
    CheckBeforeSend "check-before-send" "a draft can be checked without sending it" here("tests/tests/remedies.rs::a_draft_comes_back_with_its_verdict_and_goes_to_nobody");
    SenderHistory   "sender-history"    "senders see what they sent lately" waits(CONSOLE);
    SharingLinks    "sharing-links"     "links to shared drives that are open to anybody are seen" waits("the recognition of sharing links");
    PupilWork       "pupil-work"        "pupils' own work is recognised" waits("the recognition of pupils' work");
    Consents        "consents"          "which pictures of whom may be used comes from the school's list" here("policies/tests/exceptions.rs::pictures_follow_the_families_consent");
    SafeLink        "safe-link"         "an attachment can be replaced by a protected link" waits("the replacing of attachments");
    Hours           "hours"             "mail to families can wait until the morning" waits("the putting off of mail to the morning");
    LeaverWatch    "leaver-watch"      "what somebody who leaves sends to their own address is looked at" waits(TRUST);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_words_are_distinct_and_said_as_parts_of_sentences() {
        let words: BTreeSet<_> = FEATURES.iter().map(|(_, word)| word).collect();
        assert_eq!(words.len(), FEATURES.len());
        for (feature, word) in FEATURES {
            assert_eq!(feature.as_str(), *word);
            assert!(!feature.label().ends_with('.'), "{word}");
        }
    }
}
