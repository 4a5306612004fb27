//! TLS towards next hops: certificates checked, or merely encrypted.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature,
    verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, ProtocolVersion, RootCertStore, SignatureScheme,
};

use super::error::NextHopError;
use crate::config::{NextHop, TlsLevel};

/// What a next hop's connections use.
#[derive(Debug)]
pub(super) struct ClientTls {
    pub(super) name: ServerName<'static>,
    /// Chain and name are checked. `None` when no authority is known.
    pub(super) checked: Option<Arc<ClientConfig>>,
    /// Any certificate will do: better than plain text (RFC 7435).
    pub(super) unchecked: Arc<ClientConfig>,
}

impl ClientTls {
    /// `None` for a next hop that is never encrypted.
    pub(super) fn load(hop: &NextHop) -> Result<Option<ClientTls>, NextHopError> {
        if hop.tls == TlsLevel::None {
            return Ok(None);
        }
        let name = ServerName::try_from(hop.host.clone()).map_err(|_| NextHopError::Name {
            hop: hop.name.clone(),
            host: hop.host.clone(),
        })?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let checked = match authorities(hop) {
            Ok(roots) => Some(config(hop, &provider, checking(hop, &provider, roots)?)?),
            // An opportunistic hop works without; only a message that asks for a checked
            // certificate will wait.
            Err(NextHopError::NoAuthorities { .. }) if hop.tls == TlsLevel::Opportunistic => None,
            Err(error) => return Err(error),
        };
        let anybody = Arc::new(Anybody(provider.signature_verification_algorithms));
        Ok(Some(ClientTls {
            name,
            checked,
            unchecked: config(hop, &provider, anybody)?,
        }))
    }
}

/// How the protocol version is told.
pub(super) fn version_name(version: Option<ProtocolVersion>) -> String {
    match version {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

fn config(
    hop: &NextHop,
    provider: &Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<Arc<ClientConfig>, NextHopError> {
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| NextHopError::Tls {
            hop: hop.name.clone(),
            reason: e.to_string(),
        })?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match &hop.client_certificate {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(hop, certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|e| NextHopError::Key {
                hop: hop.name.clone(),
                path: key.clone(),
                reason: e.to_string(),
            })?;
            builder.with_client_auth_cert(chain, key).map_err(|e| {
                NextHopError::ClientCertificate {
                    hop: hop.name.clone(),
                    certificate: certificate.clone(),
                    reason: e.to_string(),
                }
            })?
        }
    };
    Ok(Arc::new(config))
}

fn checking(
    hop: &NextHop,
    provider: &Arc<CryptoProvider>,
    roots: RootCertStore,
) -> Result<Arc<WebPkiServerVerifier>, NextHopError> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|e| NextHopError::NoAuthorities {
            hop: hop.name.clone(),
            reason: e.to_string(),
        })
}

fn authorities(hop: &NextHop) -> Result<RootCertStore, NextHopError> {
    let mut roots = RootCertStore::empty();
    match &hop.ca {
        Some(path) => {
            for certificate in certificates(hop, path)? {
                roots
                    .add(certificate)
                    .map_err(|e| NextHopError::Certificates {
                        hop: hop.name.clone(),
                        path: path.clone(),
                        reason: e.to_string(),
                    })?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                let reason = match found.errors.first() {
                    Some(error) => error.to_string(),
                    None => "the system has none".to_owned(),
                };
                return Err(NextHopError::NoAuthorities {
                    hop: hop.name.clone(),
                    reason,
                });
            }
        }
    }
    Ok(roots)
}

fn certificates(hop: &NextHop, path: &Path) -> Result<Vec<CertificateDer<'static>>, NextHopError> {
    let wrong = |reason: String| NextHopError::Certificates {
        hop: hop.name.clone(),
        path: path.to_owned(),
        reason,
    };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|e| wrong(e.to_string()))?;
    if found.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    Ok(found)
}

/// Takes any certificate, but still wants the peer to hold its key.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
