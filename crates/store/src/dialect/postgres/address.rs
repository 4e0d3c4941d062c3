//! Where a PostgreSQL is and how it is spoken to. Over TLS, where its address asks for it: then the server must show a
//! certificate for the name it is called by, signed by an authority whose certificate the address names. There is no TLS
//! without that, and nothing in the clear to another machine unless the address says so.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// Where the database is, and what speaks TLS to it, if that is to be spoken.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: Option<MakeRustlsConnect>,
}

/// Reads a `postgres://` address.
pub(super) fn read(url: &str) -> Result<Address> {
    let (url, authority) = split(url);
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        Error::Place(format!("the database address cannot be read: {why}"))
    })?;
    let far = config.get_hosts().iter().any(|host| match host {
        Host::Tcp(name) => !matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        Host::Unix(_) => false,
    });
    let tls = match (config.get_ssl_mode(), authority) {
        (SslMode::Disable, _) => None,
        (_, Some(authority)) => {
            config.ssl_mode(SslMode::Require);
            Some(connector(&authority)?)
        }
        (SslMode::Require, None) => {
            return Err(Error::Place(
                "over TLS the database must show who it is: add sslrootcert=FILE to its address, the certificate of the \
                 authority that signed the database's"
                    .into(),
            ));
        }
        _ if far => {
            return Err(Error::Place(
                "the connection to this PostgreSQL would not be encrypted: add sslmode=verify-full and sslrootcert=FILE to \
                 its address, use a socket or a tunnel on 127.0.0.1, or say sslmode=disable if the network between is yours"
                    .into(),
            ));
        }
        _ => None,
    };
    Ok(Address { config, tls })
}

/// An address as the client's own reader takes it, and the authority's file, which that reader does not know.
fn split(url: &str) -> (String, Option<PathBuf>) {
    let Some((front, asks)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut authority = None;
    let mut rest = Vec::new();
    for ask in asks.split('&') {
        match ask.split_once('=') {
            Some(("sslrootcert", path)) => authority = Some(PathBuf::from(path.replace("%2F", "/"))),
            // With TLS the whole certificate is always looked at.
            Some(("sslmode", "verify-full" | "verify-ca")) => rest.push("sslmode=require"),
            _ => rest.push(ask),
        }
    }
    let joint = if rest.is_empty() { "" } else { "?" };
    (format!("{front}{joint}{}", rest.join("&")), authority)
}

/// What speaks TLS to a server that the authority of a file vouches for.
fn connector(authority: &Path) -> Result<MakeRustlsConnect> {
    let no_authority = |why: String| {
        Error::Place(format!(
            "{} has no certificate of an authority that could vouch for the database ({why})",
            authority.display()
        ))
    };
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(authority).map_err(|error| no_authority(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| no_authority(error.to_string()))?;
        roots.add(certificate).map_err(|error| no_authority(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(no_authority("nothing in it is a certificate".into()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Place(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_reader_of_addresses_does_not_know_is_taken_out() {
        let split = |url: &str| {
            let (url, authority) = split(url);
            (url, authority.map(|path| path.to_string_lossy().into_owned()))
        };
        assert_eq!(split("postgres://u@h/d"), ("postgres://u@h/d".into(), None));
        assert_eq!(
            split("postgres://u@h/d?sslmode=verify-full&sslrootcert=%2Fetc/ca.pem"),
            ("postgres://u@h/d?sslmode=require".into(), Some("/etc/ca.pem".into()))
        );
        assert_eq!(
            split("postgres://u@h/d?sslrootcert=/a&options=-c%20x%3Dy"),
            ("postgres://u@h/d?options=-c%20x%3Dy".into(), Some("/a".into()))
        );
    }
}
