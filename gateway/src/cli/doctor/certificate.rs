//! The listener's certificate: names, chain and dates.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::prelude::{GeneralName, X509Certificate};

use super::Examination;
use crate::clock::{Clock, DAY, Micros, show};
use crate::config::Settings;

const WHAT: &str = "certificate";

pub(super) fn examine(settings: &Settings, examination: &mut Examination) {
    let Some(tls) = &settings.tls else {
        return examination.note(
            WHAT,
            "there is none: mail comes in without encryption",
            "Give [tls] a certificate and a key, unless the mail server is on this machine.",
        );
    };
    if let Err(error) = crate::smtp::server_config(tls) {
        return examination.bad(WHAT, error.to_string(), "Check the files that [tls] names.");
    }
    let Some(chain) = read(&tls.certificate) else {
        return examination.bad(
            WHAT,
            "it cannot be read",
            "Check that the file holds PEM certificates.",
        );
    };
    let certificates: Vec<X509Certificate<'_>> = chain
        .iter()
        .filter_map(|der| Some(x509_parser::parse_x509_certificate(der).ok()?.1))
        .collect();
    let Some(own) = certificates
        .first()
        .filter(|_| certificates.len() == chain.len())
    else {
        return examination.bad(
            WHAT,
            "it is not a certificate that can be understood",
            "Ask its issuer for a new one.",
        );
    };
    names(own, settings, examination);
    dates(&certificates, examination);
    links(&certificates, examination);
}

fn read(path: &Path) -> Option<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_file_iter(path)
        .ok()?
        .collect::<Result<_, _>>()
        .ok()
}

/// A mail server that checks certificates asks for the gateway's name in it.
fn names(own: &X509Certificate<'_>, settings: &Settings, examination: &mut Examination) {
    let alternative = own.subject_alternative_name().ok().flatten();
    let names: Vec<&str> = alternative
        .iter()
        .flat_map(|extension| &extension.value.general_names)
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(*name),
            _ => None,
        })
        .collect();
    let fits = |name: &&str| {
        let rest = settings.hostname.split_once('.').map(|(_, rest)| rest);
        name.eq_ignore_ascii_case(&settings.hostname)
            || name
                .strip_prefix("*.")
                .is_some_and(|domain| rest.is_some_and(|rest| rest.eq_ignore_ascii_case(domain)))
    };
    if names.iter().any(fits) {
        examination.good(
            "certificate name",
            format!("it is for {}", settings.hostname),
        );
    } else {
        examination.bad(
            "certificate name",
            format!(
                "it is for {}, not for {}",
                names.join(", "),
                settings.hostname
            ),
            "Ask for a certificate with the gateway's host name in it.",
        );
    }
}

fn dates(chain: &[X509Certificate<'_>], examination: &mut Examination) {
    let ends = chain
        .iter()
        .map(|c| c.validity().not_after.timestamp())
        .min();
    let Some(ends) = ends.and_then(|seconds| Micros::checked_mul(seconds, 1_000_000)) else {
        return;
    };
    let found = format!("the chain ends {}", show(ends));
    match (ends - Clock::default().now()) / DAY {
        ..0 => examination.bad(WHAT, found, "It has expired: renew it, then reload."),
        0..14 => examination.bad(
            WHAT,
            found,
            "It ends within two weeks: renew it, then reload.",
        ),
        _ => examination.good(WHAT, found),
    }
}

/// Each certificate is to be followed by its issuer's; a root need not be there.
fn links(chain: &[X509Certificate<'_>], examination: &mut Examination) {
    let broken = chain
        .windows(2)
        .any(|pair| matches!(pair, [one, next] if one.issuer() != next.subject()));
    let alone = matches!(chain, [own] if own.issuer() != own.subject());
    if broken {
        examination.bad(
            "certificate chain",
            "a certificate is not followed by its issuer's",
            "Put the file in order: the gateway's own certificate first, then each issuer's.",
        );
    } else if alone {
        examination.note(
            "certificate chain",
            "it holds the gateway's own certificate only",
            "Add the issuer's intermediate certificate, or mail servers may not trust it.",
        );
    } else {
        examination.good(
            "certificate chain",
            format!("{} certificate(s) in order", chain.len()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

    /// What is found about a chain for a name: issued by its own authority, which comes
    /// with it or not.
    fn signs(name: &str, with_issuer: bool) -> Vec<(String, bool)> {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Test Authority");
        let authority_certificate = authority.self_signed(&authority_key).unwrap();
        let issuer = Issuer::from_params(&authority, &authority_key);
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let own = own.signed_by(&key, &issuer).unwrap();
        let mut chain = vec![own.der().clone()];
        if with_issuer {
            chain.push(authority_certificate.der().clone());
        }
        let certificates: Vec<_> = chain
            .iter()
            .map(|der| x509_parser::parse_x509_certificate(der).unwrap().1)
            .collect();
        let settings = crate::config::parse(
            include_str!("../../../../deploy/schoolgate.smallest.toml"),
            Path::new("."),
        )
        .unwrap();
        let mut examination = Examination { signs: Vec::new() };
        names(&certificates[0], &settings, &mut examination);
        links(&certificates, &mut examination);
        examination
            .signs
            .into_iter()
            .map(|sign| (sign.what, sign.state == super::super::State::Good))
            .collect()
    }

    #[test]
    fn name_and_chain_are_looked_at() {
        let hostname = "gate.oak.example";
        let expected = |name, chain| {
            vec![
                ("certificate name".to_owned(), name),
                ("certificate chain".to_owned(), chain),
            ]
        };
        assert_eq!(signs(hostname, true), expected(true, true));
        assert_eq!(signs("*.oak.example", false), expected(true, false));
        assert_eq!(signs("other.example", true), expected(false, true));
    }
}
