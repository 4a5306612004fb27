//! What the product does for a clause besides judging a message: a fixed vocabulary, so
//! that a pack can claim only what there is, or what is known to come.

/// Whether a feature is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is, and a test shows it (`policies/tests/features.rs`).
    Here,
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
const TRUST: &str = "the work on abuse, recovery and running for years";

const fn waits(for_what: &'static str) -> State {
    Waits { for_what }
}

features! {
    Admission       "admission"         "only the school's own mail servers may send through the gateway" Here;
    SenderIdentity  "sender-identity"   "a sender's address outside the school's domains is refused" Here;
    GatePoint       "gate-point"        "the rules stand where mail leaves the school, whatever device it was written on" Here;
    InspectFirst    "inspect-first"     "nothing leaves before it was inspected, and what cannot be read waits" Here;
    Durable         "durable"           "what was accepted is not lost, however the machine stops" Here;
    SealedStore     "sealed-store"      "what the gateway keeps is encrypted on disk" Here;
    AuditLog        "audit-log"         "every verdict, answer and view stands in a log that cannot be changed unnoticed" Here;
    Journal         "journal"           "who sent what to whom and with which verdict is kept for a stated time, without content" Here;
    Tickets         "tickets"           "each quarantined message has a ticket, and the answer to it is recorded" Here;
    Reviewers       "reviewers"         "a stopped message goes to the headteacher, or in safeguarding matters to the DSL, and to nobody whose own it is" Here;
    SenderNotice    "sender-notice"     "the notice to the sender quotes the clause, accuses nobody and says what to do" Here;
    QuietNotice     "quiet-notice"      "subjects and previews of notices show no personal data" Here;
    TechnicianView  "technician-view"   "the technician is told what ails without seeing whom a message is about" Here;
    SenderRemedy    "sender-remedy"     "a held message waits for its sender, and comes back after five school days" Here;
    Observing       "observing"         "the rules can watch first, and a daily report says what they would have stopped" Here;
    CoolingOff      "cooling-off"       "messages can wait some minutes before they leave" Here;
    KeptWhole       "kept-whole"        "a message leaves as its sender signed it" Here;
    TlsToNextHop    "tls-next-hop"      "the way to the next server can require encryption" Here;
    RequiredTls     "required-tls"      "what a rule names leaves only over a checked encrypted way" Here;
    NamedClauses    "named-clauses"     "each verdict names the clause of the school's own policy" Here;
    PolicyPage      "policy-page"       "the rules stand on a page that governors can read, with what each serves" Here;
    ReviewDates     "review-dates"      "headteacher and technician are reminded when the policy is due for review" Here;
    Exercises       "exercises"         "rules can be tried on made-up messages, and examples in the pack are run" Here;
    Doctor          "doctor"            "a check of the installation names what ails and the remedy" Here;
    Health          "health"            "the gateway's state can be watched without personal data" Here;
    LocalOnly       "local-only"        "content is inspected on the school's own machine, in a process that reaches no network" Here;
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
    Permissions     "permissions"       "the headteacher's permissions are registered, with their reason and their end" Here;
    DslAlert        "dsl-alert"         "what a pupil writes of harm is told to the DSL at once, and waits for nobody" Here;
    SenderGroups    "sender-groups"     "rules can differ for staff, governors, pupils, contractors and visitors" Here;
    TeachingTips    "teaching-tips"     "a notice can teach a little, and never too often" Here;
    ProtectedMail   "protected-mail"    "mail about an approver, and to those who protect staff, is kept from the approver" Here;
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
    CheckBeforeSend "check-before-send" "a draft can be checked without sending it" Here;
    SenderHistory   "sender-history"    "senders see what they sent lately" waits(CONSOLE);
    SharingLinks    "sharing-links"     "links to shared drives that are open to anybody are seen" waits("the recognition of sharing links");
    PupilWork       "pupil-work"        "pupils' own work is recognised" waits("the recognition of pupils' work");
    Consents        "consents"          "which pictures of whom may be used comes from the school's list" Here;
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
