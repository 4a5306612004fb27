//! Why the next hops could not be made ready.

use std::path::PathBuf;

/// A mistake in what the configuration names; each text says the file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum NextHopError {
    #[error(
        "next hop {hop}: cannot read certificates from {}: {reason}. Give a PEM file that schoolgate may read",
        path.display()
    )]
    Certificates {
        hop: String,
        path: PathBuf,
        reason: String,
    },
    #[error(
        "next hop {hop}: cannot read a private key from {}: {reason}. Give an unencrypted PEM key that schoolgate may read",
        path.display()
    )]
    Key {
        hop: String,
        path: PathBuf,
        reason: String,
    },
    #[error(
        "next hop {hop}: {} and its key do not belong together: {reason}. Give the key that the certificate was made for",
        certificate.display()
    )]
    ClientCertificate {
        hop: String,
        certificate: PathBuf,
        reason: String,
    },
    #[error(
        "next hop {hop}: no certificate authority is known, so its certificate cannot be checked: {reason}. Install the package ca-certificates, or give the next hop's `ca`"
    )]
    NoAuthorities { hop: String, reason: String },
    #[error(
        "next hop {hop}: {host} is no name that a certificate can hold. Give a DNS name or an address as `host`"
    )]
    Name { hop: String, host: String },
    #[error("next hop {hop}: this TLS library refused the settings: {reason}")]
    Tls { hop: String, reason: String },
}
