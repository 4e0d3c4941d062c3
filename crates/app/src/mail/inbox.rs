//! The mailbox that mail arrives in, over IMAP: what is new in a folder, one message, and what becomes of it there. Calls
//! block, so they belong on the blocking pool; each has its time, and no message is taken beyond its size.
//!
//! A folder is opened for reading only unless something is to become of its messages, and reading marks nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_imap::Session;
use async_imap::error::Error as ImapError;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use crate::config::{Imap, SmtpSecurity};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most that is fetched of one message, in bytes.
pub const MESSAGE_BYTES_MAX: u32 = 25 * 1024 * 1024;

/// A connection, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send {}
impl Wire for TcpStream {}
impl Wire for tokio_rustls::client::TlsStream<TcpStream> {}

/// A mailbox that is open.
pub struct Inbox {
    runtime: Runtime,
    session: Session<Box<dyn Wire>>,
    host: String,
}

/// How a folder is numbered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Numbered {
    /// What its numbers hold by.
    pub validity: u32,
    /// The number that its next message gets.
    pub next: u32,
}

/// A message as it lies there.
pub struct Found {
    /// When it arrived.
    pub arrived: Option<Timestamp>,
    /// Its bytes, or their beginning.
    pub bytes: Vec<u8>,
    /// Whether that is all of it.
    pub whole: bool,
}

/// Why the mailbox could not be read, in words for the operator. Never a word of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InboxError(pub String);

impl fmt::Display for InboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InboxError {}

impl Inbox {
    /// Opens the mailbox that `probity.toml` names.
    ///
    /// # Errors
    /// [`InboxError`] when the server does not answer, is not who it should be, or does not let us in.
    pub fn open(imap: &Imap) -> Result<Self, InboxError> {
        let password = std::fs::read_to_string(&imap.password_file).map_err(|error| {
            InboxError(format!("the password in {} cannot be read: {error}", imap.password_file.display()))
        })?;
        let password = password.trim_end_matches(['\r', '\n']);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| InboxError(error.to_string()))?;
        let host = format!("{}:{}", imap.host, imap.port);
        let session = runtime.block_on(within(&host, connect(imap, &host, password)))?;
        Ok(Self { runtime, session, host })
    }

    /// Opens a folder; for writing only where something is to become of its messages.
    ///
    /// # Errors
    /// [`InboxError`] if there is none, or the server does not number its messages.
    pub fn enter(&mut self, folder: &str, write: bool) -> Result<Numbered, InboxError> {
        let Self { runtime, session, host } = self;
        let there = runtime.block_on(within(host, async {
            let opened = if write { session.select(folder).await } else { session.examine(folder).await };
            opened.map_err(|error| match error {
                ImapError::No(_) | ImapError::Bad(_) => {
                    InboxError(format!("the mail server {host} has no folder `{folder}` that we may open"))
                }
                error => explain(host, &error),
            })
        }))?;
        match (there.uid_validity, there.uid_next) {
            (Some(validity), Some(next)) => Ok(Numbered { validity, next }),
            _ => Err(InboxError(format!("the mail server {host} does not number its messages"))),
        }
    }

    /// The numbers after one, in order, of messages that arrived on a day or later.
    ///
    /// # Errors
    /// [`InboxError`] when the server does not answer.
    pub fn after(&mut self, last: i64, since: Date) -> Result<Vec<u32>, InboxError> {
        let Self { runtime, session, host } = self;
        let query = format!("UID {}:* SINCE {}", last + 1, since.strftime("%-d-%b-%Y"));
        let found = runtime.block_on(within(host, async {
            session.uid_search(&query).await.map_err(|error| explain(host, &error))
        }))?;
        // `n:*` always names the last message, also where it is before `n`.
        let mut found: Vec<u32> = found.into_iter().filter(|uid| i64::from(*uid) > last).collect();
        found.sort_unstable();
        Ok(found)
    }

    /// One message; nothing if it is not there any more. Fetching it marks nothing.
    ///
    /// # Errors
    /// [`InboxError`] when the server does not answer.
    pub fn message(&mut self, uid: u32) -> Result<Option<Found>, InboxError> {
        let Self { runtime, session, host } = self;
        let query = format!("(UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{MESSAGE_BYTES_MAX}>)");
        let answers = runtime.block_on(within(host, async {
            let answers =
                session.uid_fetch(uid.to_string(), &query).await.map_err(|error| explain(host, &error))?;
            answers.try_collect::<Vec<_>>().await.map_err(|error| explain(host, &error))
        }))?;
        let ours = answers.iter().filter(|answer| answer.uid == Some(uid));
        Ok(ours.filter_map(|answer| answer.body().map(|body| (answer, body))).next().map(|(answer, body)| {
            Found {
                arrived: answer
                    .internal_date()
                    .and_then(|date| Timestamp::from_second(date.timestamp()).ok()),
                whole: answer.size.is_none_or(|size| size <= MESSAGE_BYTES_MAX),
                bytes: body.to_vec(),
            }
        }))
    }

    /// Marks a message as read.
    ///
    /// # Errors
    /// [`InboxError`] when the server does not let us.
    pub fn seen(&mut self, uid: u32) -> Result<(), InboxError> {
        let Self { runtime, session, host } = self;
        runtime.block_on(within(host, async {
            let answers = session
                .uid_store(uid.to_string(), "+FLAGS.SILENT (\\Seen)")
                .await
                .map_err(|error| explain(host, &error))?;
            answers.try_collect::<Vec<_>>().await.map(drop).map_err(|error| explain(host, &error))
        }))
    }

    /// Moves a message to another folder, which is made if there is none. One that is not there any more has moved.
    ///
    /// # Errors
    /// [`InboxError`] when the server does not let us.
    pub fn move_to(&mut self, uid: u32, folder: &str) -> Result<(), InboxError> {
        let Self { runtime, session, host } = self;
        runtime.block_on(within(host, async {
            if session.uid_mv(uid.to_string(), folder).await.is_ok() {
                return Ok(());
            }
            // There may be no such folder yet; if there is, making it fails and moving says why.
            drop(session.create(folder).await);
            session.uid_mv(uid.to_string(), folder).await.map_err(|error| explain(host, &error))
        }))
    }

    /// Says good-bye; a server that has gone already does not mind.
    pub fn close(mut self) {
        let Self { runtime, session, host } = &mut self;
        let said = within(host, async { session.logout().await.map_err(|error| explain(host, &error)) });
        drop(runtime.block_on(said));
    }
}

/// Gives up on a server that takes too long.
async fn within<T>(host: &str, work: impl Future<Output = Result<T, InboxError>>) -> Result<T, InboxError> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| {
        Err(InboxError(format!(
            "the mail server {host} did not answer within {} seconds",
            PATIENCE.as_secs()
        )))
    })
}

async fn connect(imap: &Imap, host: &str, password: &str) -> Result<Session<Box<dyn Wire>>, InboxError> {
    let reached = TcpStream::connect((imap.host.as_str(), imap.port)).await;
    let plain =
        reached.map_err(|error| InboxError(format!("the mail server {host} cannot be reached: {error}")))?;
    let client = match imap.security {
        SmtpSecurity::None => greeted(host, Box::new(plain)).await?,
        SmtpSecurity::Tls => greeted(host, Box::new(encrypted(imap, host, plain).await?)).await?,
        SmtpSecurity::Starttls => {
            let mut client = async_imap::Client::new(plain);
            greeting(host, client.read_response().await)?;
            client.run_command_and_check_ok("STARTTLS", None).await.map_err(|_| {
                InboxError(format!("the mail server {host} offers no encryption by STARTTLS"))
            })?;
            // What the server said in the clear is thrown away with the client.
            let wire: Box<dyn Wire> = Box::new(encrypted(imap, host, client.into_inner()).await?);
            async_imap::Client::new(wire)
        }
    };
    client.login(&imap.user, password).await.map_err(|(error, _)| match error {
        ImapError::No(_) | ImapError::Bad(_) => {
            InboxError(format!("the mail server {host} does not accept the account or its password"))
        }
        error => explain(host, &error),
    })
}

async fn greeted(host: &str, wire: Box<dyn Wire>) -> Result<async_imap::Client<Box<dyn Wire>>, InboxError> {
    let mut client = async_imap::Client::new(wire);
    greeting(host, client.read_response().await)?;
    Ok(client)
}

fn greeting<T>(host: &str, said: std::io::Result<Option<T>>) -> Result<(), InboxError> {
    match said {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(InboxError(format!("the mail server {host} hung up"))),
        Err(error) => Err(InboxError(format!("the mail server {host} speaks no IMAP: {error}"))),
    }
}

async fn encrypted(
    imap: &Imap,
    host: &str,
    plain: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, InboxError> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| InboxError(error.to_string()))?
        .with_root_certificates(roots(imap)?)
        .with_no_client_auth();
    let name = ServerName::try_from(imap.host.clone())
        .map_err(|_| InboxError(format!("`{}` cannot be used as a mail server", imap.host)))?;
    let tls = TlsConnector::from(Arc::new(config)).connect(name, plain).await;
    tls.map_err(|error| InboxError(format!("no encrypted connection to the mail server {host}: {error}")))
}

/// Whom we believe about who the server is: the authority that is named, else those that browsers know.
fn roots(imap: &Imap) -> Result<RootCertStore, InboxError> {
    let Some(file) = &imap.certificate else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let no_authority = |why: String| {
        InboxError(format!(
            "{} has no certificate that could vouch for the mail server: {why}",
            file.display()
        ))
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| no_authority(error.to_string()))? {
        let certificate = certificate.map_err(|error| no_authority(error.to_string()))?;
        roots.add(certificate).map_err(|error| no_authority(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(no_authority("nothing in it is a certificate".to_owned()));
    }
    Ok(roots)
}

/// What went wrong, without what the server said, which may be of a message.
fn explain(host: &str, error: &ImapError) -> InboxError {
    InboxError(match error {
        ImapError::Io(error) => format!("the connection to the mail server {host} broke: {error}"),
        ImapError::ConnectionLost => format!("the mail server {host} hung up"),
        ImapError::No(_) | ImapError::Bad(_) => {
            format!("the mail server {host} refused what was asked of it")
        }
        _ => format!("the mail server {host} answered what cannot be understood"),
    })
}
