//! STARTTLS, what is forgotten with it, and client certificates.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::harness::{Client, Gate, OAK_CLIENT, settings_with};
use crate::config::settings::ListenerTls;
use crate::smtp::{TlsError, server_config};

const BY_CERTIFICATE: &str = "[[client]]\nname = \"oak mail\"\n\
    certificate_names = [\"Mail.oak.example\"]\nschools = [\"oak\"]\n";

/// An authority, and the files of a gateway certified by it.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub fn new() -> Self {
        // Another test may have installed it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "Test authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Self {
            issuer,
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::write(authority.path("ca.pem"), authority.issuer.pem()).unwrap();
        let (certificate, key) = authority.certify(
            &["gate.oak.example"],
            None,
            ExtendedKeyUsagePurpose::ServerAuth,
        );
        std::fs::write(authority.path("gate.pem"), certificate).unwrap();
        std::fs::write(authority.path("gate.key"), key).unwrap();
        authority
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Certificate and key, PEM.
    fn certify(
        &self,
        names: &[&str],
        common_name: Option<&str>,
        usage: ExtendedKeyUsagePurpose,
    ) -> (String, String) {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        // rustls refuses an end entity with CA:TRUE.
        params.is_ca = IsCa::ExplicitNoCa;
        params.extended_key_usages = vec![usage];
        params.distinguished_name = rcgen::DistinguishedName::new();
        if let Some(name) = common_name {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    pub fn listener(&self) -> ListenerTls {
        ListenerTls {
            certificate: self.path("gate.pem"),
            key: self.path("gate.key"),
            client_ca: Some(self.path("ca.pem")),
        }
    }

    /// A client that trusts this authority, with a certificate perhaps.
    fn client(&self, identity: Option<(String, String)>) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let builder = ClientConfig::builder().with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                    PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
                )
                .unwrap(),
        };
        TlsConnector::from(Arc::new(config))
    }

    /// A gate that offers TLS.
    pub async fn gate(&self, clients: &str) -> Gate {
        let gate = Gate::open(settings_with(clients, "")).await;
        let config = server_config(&self.listener()).unwrap();
        gate.tls.send(Some(Arc::new(config))).unwrap();
        gate
    }

    /// A session up to the handshake.
    pub async fn session(
        &self,
        gate: &Gate,
        identity: Option<(String, String)>,
    ) -> std::io::Result<Client<TlsStream<TcpStream>>> {
        let mut client = gate.client().await;
        let offered = client.ask("EHLO mail.oak.example", "250").await;
        assert!(offered.contains("STARTTLS"), "{offered}");
        client.ask("STARTTLS", "220 2.0.0").await;
        let name = ServerName::try_from("gate.oak.example").unwrap();
        let stream = self.client(identity).connect(name, client.stream).await?;
        Ok(Client::new(stream))
    }
}

#[tokio::test]
async fn a_message_comes_encrypted() {
    let authority = Authority::new();
    let gate = authority.gate(OAK_CLIENT).await;
    let mut client = authority.session(&gate, None).await.unwrap();
    client.ask("MAIL FROM:<a@oak.example>", "503").await;
    let offered = client.ask("EHLO mail.oak.example", "250").await;
    assert!(
        !offered.contains("STARTTLS") && !offered.contains("AUTH"),
        "{offered}"
    );
    client.ask("STARTTLS", "503 5.5.1").await;
    let reply = client.deliver("a@oak.example", "Subject: x\r\n\r\n").await;
    assert!(reply.starts_with("250"), "{reply}");
    let (arrival, content) = gate.only();
    assert_eq!(arrival.client.tls.as_deref(), Some("TLSv1.3"));
    let text = String::from_utf8(content).unwrap();
    assert!(text.contains("(using TLSv1.3)"), "{text}");
    assert!(text.contains(" with ESMTPS id "), "{text}");
}

#[tokio::test]
async fn what_was_said_in_clear_is_forgotten() {
    let authority = Authority::new();
    let gate = authority.gate(OAK_CLIENT).await;
    let mut clear = gate.client().await;
    clear.envelope("a@oak.example").await;
    clear.ask("STARTTLS now", "501 5.5.4").await;
    clear.ask("STARTTLS", "220").await;
    let name = ServerName::try_from("gate.oak.example").unwrap();
    let stream = authority
        .client(None)
        .connect(name, clear.stream)
        .await
        .unwrap();
    let mut client = Client::new(stream);
    client.ask("RCPT TO:<b@home.example>", "503").await;
    client.ask("EHLO mail.oak.example", "250").await;
    client.ask("DATA", "503").await;
}

#[tokio::test]
async fn commands_injected_behind_starttls_do_not_survive() {
    let authority = Authority::new();
    let gate = authority.gate(OAK_CLIENT).await;
    for injected in ["NOOP\r\n", "MAIL FROM:<head@oak.example>\r\n", "x", "\r\n"] {
        let mut client = gate.client().await;
        client.ask("EHLO mail.oak.example", "250").await;
        client.send(format!("STARTTLS\r\n{injected}")).await;
        client.expect("501 5.5.1").await;
        client.expect_end().await;
    }
}

#[tokio::test]
async fn a_handshake_that_is_none_ends_the_session() {
    let authority = Authority::new();
    let gate = authority.gate(OAK_CLIENT).await;
    let mut client = gate.client().await;
    client.ask("STARTTLS", "220").await;
    client.send("EHLO mail.oak.example\r\n").await;
    let replies = client.finish().await;
    assert!(replies.iter().all(|r| !r.starts_with("250")), "{replies:?}");
}

async fn by_certificate(names: &[&str], common_name: Option<&str>) -> String {
    let authority = Authority::new();
    let gate = authority.gate(BY_CERTIFICATE).await;
    let identity = authority.certify(names, common_name, ExtendedKeyUsagePurpose::ClientAuth);
    let mut client = authority.session(&gate, Some(identity)).await.unwrap();
    client.ask("EHLO mail.oak.example", "250").await;
    client.send("MAIL FROM:<a@oak.example>\r\n").await;
    client.reply().await
}

#[tokio::test]
async fn a_client_is_known_by_its_certificate() {
    let admitted = [
        by_certificate(&["mail.oak.example"], None).await,
        by_certificate(&["other.example", "MAIL.oak.example"], None).await,
        by_certificate(&[], Some("mail.oak.example")).await,
    ];
    assert!(
        admitted.iter().all(|r| r.starts_with("250")),
        "{admitted:?}"
    );
}

#[tokio::test]
async fn another_certificate_admits_nobody() {
    let refused = [
        by_certificate(&["other.example"], None).await,
        by_certificate(&["sub.mail.oak.example"], None).await,
        // The common name counts only where there is no other name.
        by_certificate(&["other.example"], Some("mail.oak.example")).await,
    ];
    assert!(
        refused.iter().all(|r| r.starts_with("550 5.7.1")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn without_a_certificate_or_without_tls_such_a_client_is_a_stranger() {
    let authority = Authority::new();
    let gate = authority.gate(BY_CERTIFICATE).await;
    let mut client = authority.session(&gate, None).await.unwrap();
    client.ask("EHLO mail.oak.example", "250").await;
    client.ask("MAIL FROM:<a@oak.example>", "550 5.7.1").await;
    let mut clear = gate.client().await;
    clear.ask("EHLO mail.oak.example", "250").await;
    clear.ask("MAIL FROM:<a@oak.example>", "550 5.7.1").await;
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let gate = authority.gate(BY_CERTIFICATE).await;
    let identity = stranger.certify(
        &["mail.oak.example"],
        None,
        ExtendedKeyUsagePurpose::ClientAuth,
    );
    // In TLS 1.3 the client learns of it when it reads.
    let replies = match authority.session(&gate, Some(identity)).await {
        Ok(mut client) => {
            use tokio::io::AsyncWriteExt as _;
            let _ = client.stream.write_all(b"EHLO mail.oak.example\r\n").await;
            client.finish().await
        }
        Err(_) => Vec::new(),
    };
    assert!(replies.is_empty(), "{replies:?}");
}

#[tokio::test]
async fn a_new_certificate_holds_from_the_next_session_on() {
    let old = Authority::new();
    let new = Authority::new();
    let gate = old.gate(OAK_CLIENT).await;
    let mut before = old.session(&gate, None).await.unwrap();
    let config = server_config(&new.listener()).unwrap();
    gate.tls.send(Some(Arc::new(config))).unwrap();
    before.ask("EHLO mail.oak.example", "250").await;
    assert!(new.session(&gate, None).await.is_ok());
    assert!(old.session(&gate, None).await.is_err());
}

#[test]
fn unusable_files_are_named() {
    let authority = Authority::new();
    let mut tls = authority.listener();
    tls.key = authority.path("absent.key");
    let error = server_config(&tls).unwrap_err();
    assert!(matches!(error, TlsError::Read { .. }));
    assert!(error.to_string().contains("absent.key"), "{error}");
    std::fs::write(authority.path("ca.pem"), "nothing").unwrap();
    let error = server_config(&authority.listener()).unwrap_err();
    assert!(error.to_string().contains("ca.pem"), "{error}");
}
