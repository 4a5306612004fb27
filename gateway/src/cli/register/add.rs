//! `schoolgate register add …`: one entry, from options.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use schoolgate_policies::address::fold;
use schoolgate_policies::exceptions::{Permission, What, Whom};

use super::super::failure::Failure;
use super::Where;
use crate::registers::{Draft, Grounds, parse_allowances, parse_matter, parse_upn};

/// What can be entered.
#[derive(Debug, Subcommand)]
pub enum AddCommand {
    /// The headteacher lets a sender write to a recipient about something
    Permission {
        /// The sender's school address, or * for everybody at the school but pupils
        #[arg(long, value_name = "ADDRESS")]
        sender: String,
        /// An address, or @DOMAIN for all of a domain
        #[arg(long, value_name = "WHOM")]
        recipient: String,
        /// What it is for: categories (attendance, health, staff, …) or photo, with commas
        #[arg(
            long = "for",
            value_name = "MATTER",
            value_delimiter = ',',
            required = true
        )]
        matter: Vec<String>,
        /// Only for this pupil, by UPN; as often as needed [default: whoever it is about]
        #[arg(long, value_name = "UPN")]
        pupil: Vec<String>,
        /// What it allows besides: unmarked, unencrypted, locked (files, unseen)
        #[arg(long, value_name = "WHAT", value_delimiter = ',')]
        allow: Vec<String>,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
    /// A person or body to whom the school writes as to an agency
    TrustedRecipient {
        /// An address, or @DOMAIN for all of a domain
        #[arg(long, value_name = "WHOM")]
        recipient: String,
        /// police, social-care, health, local-authority, sister-school, …
        #[arg(long)]
        kind: String,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
    /// A member of staff who is a parent, and the address at which they are one
    DualRole {
        /// The school address
        #[arg(long, value_name = "ADDRESS")]
        staff: String,
        /// The personal address
        #[arg(long, value_name = "ADDRESS")]
        personal: String,
        /// A child, by UPN; as often as needed [default: as the roster has them]
        #[arg(long, value_name = "UPN")]
        pupil: Vec<String>,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
    /// A member of staff and a pupil who are family or close family friends
    FamilyException {
        /// The school address of the member of staff
        #[arg(long, value_name = "ADDRESS")]
        staff: String,
        /// The pupil, by UPN
        #[arg(long, value_name = "UPN")]
        pupil: String,
        /// An address of the pupil or the family that the roster does not have
        #[arg(long, value_name = "ADDRESS")]
        address: Option<String>,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
    /// Whether a family agrees to pictures of a pupil
    ImageConsent {
        /// The pupil, by UPN
        #[arg(long, value_name = "UPN")]
        pupil: String,
        #[arg(long)]
        consent: ConsentArg,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
    /// A member of staff who does not want to be in pictures
    ImageOptOut {
        /// The school address
        #[arg(long, value_name = "ADDRESS")]
        staff: String,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
}

/// Whether the family agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConsentArg {
    Given,
    Withheld,
}

/// Why, since when and how long.
#[derive(Debug, Args)]
pub struct GroundsArgs {
    /// Why; others read it later
    #[arg(long, default_value = "")]
    reason: String,
    /// The last day, 2027-07-21 for instance; a permission needs one, within a year
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// The first day [default: today]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Who decided it [default: the headteacher]
    #[arg(long, value_name = "WHO", default_value = "")]
    granted_by: String,
    /// Where the risk assessment is
    #[arg(long, value_name = "REFERENCE", default_value = "")]
    risk_assessment: String,
    #[command(flatten)]
    at: Where,
}

impl AddCommand {
    fn grounds(&self) -> &GroundsArgs {
        match self {
            Self::Permission { grounds, .. }
            | Self::TrustedRecipient { grounds, .. }
            | Self::DualRole { grounds, .. }
            | Self::FamilyException { grounds, .. }
            | Self::ImageConsent { grounds, .. }
            | Self::ImageOptOut { grounds, .. } => grounds,
        }
    }

    /// Where it is to be entered.
    pub fn at(&self) -> &Where {
        &self.grounds().at
    }

    /// What is to be entered.
    ///
    /// # Errors
    /// A word, an address or a UPN is wrong; the text says which option.
    pub fn draft(&self, today: Date) -> Result<Draft, Failure> {
        let grounds = self.grounds();
        let what = match self {
            Self::Permission {
                sender,
                recipient,
                matter,
                pupil,
                allow,
                ..
            } => {
                let words: Vec<&str> = matter.iter().map(|word| word.trim()).collect();
                let (categories, photos) = parse_matter(&words).map_err(at("--for"))?;
                let words: Vec<&str> = allow.iter().map(|word| word.trim()).collect();
                What::Permission(Permission {
                    sender: fold(sender),
                    recipient: whom(recipient)?,
                    categories,
                    photos,
                    allows: parse_allowances(&words).map_err(at("--allow"))?,
                    pupils: upns(pupil)?,
                })
            }
            Self::TrustedRecipient {
                recipient, kind, ..
            } => What::TrustedRecipient {
                recipient: whom(recipient)?,
                agency: kind.trim().to_lowercase(),
            },
            Self::DualRole {
                staff,
                personal,
                pupil,
                ..
            } => What::DualRole {
                staff: fold(staff),
                personal: fold(personal),
                pupils: upns(pupil)?,
            },
            Self::FamilyException {
                staff,
                pupil,
                address,
                ..
            } => What::FamilyException {
                staff: fold(staff),
                pupil: upn(pupil)?,
                address: address.as_deref().map(fold),
            },
            Self::ImageConsent { pupil, consent, .. } => What::ImageConsent {
                pupil: upn(pupil)?,
                given: *consent == ConsentArg::Given,
            },
            Self::ImageOptOut { staff, .. } => What::ImageOptOut { staff: fold(staff) },
        };
        Ok(Draft {
            from: grounds.from.unwrap_or(today),
            until: grounds.until,
            what,
            grounds: Grounds {
                reason: grounds.reason.clone(),
                granted_by: grounds.granted_by.clone(),
                risk_assessment: grounds.risk_assessment.clone(),
            },
        })
    }
}

fn at<E: std::fmt::Display>(option: &'static str) -> impl Fn(E) -> Failure {
    move |error| Failure::usage(format!("{option}: {error}"))
}

fn whom(text: &str) -> Result<Whom, Failure> {
    Whom::parse(text).map_err(at("--recipient"))
}

fn upn(text: &str) -> Result<String, Failure> {
    parse_upn(text).map_err(at("--pupil"))
}

fn upns(texts: &[String]) -> Result<Vec<String>, Failure> {
    texts.iter().map(|text| upn(text)).collect()
}
