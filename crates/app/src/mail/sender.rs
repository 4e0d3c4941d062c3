//! Handing messages to the mail server. The connection is kept and used again; calls block, so they belong
//! on the blocking pool. The conversation goes step by step, so that it is known of each message whether the server can have
//! taken it when something broke.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};

use super::dkim::Signer;
use crate::clock::machine;
use crate::config::{Smtp, SmtpSecurity};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that has been idle for longer is asked whether it is still there before it is used again.
const IDLE: Duration = Duration::from_secs(5);

/// A mail server to hand messages to.
pub struct Sender {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    /// What signs for the domain mail comes from.
    signer: Option<Signer>,
    /// The connection used last, and when.
    open: Mutex<Option<(SmtpConnection, Instant)>>,
}

/// How far the conversation with the mail server had come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// Nothing was said of any message yet: the server, our account or a setting stands in the way.
    Connection,
    /// From whom it comes.
    From,
    /// To whom it goes.
    To,
    /// What it says.
    Text,
}

/// Why a message did not leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendError {
    /// Whether trying again is of no use: the server refused this message for good.
    pub permanent: bool,
    /// Whether the whole message may have gone over and only the answer to it is missing: then the server may have taken it.
    pub lost: bool,
    /// Where it was stopped.
    pub at: Stage,
    /// The server's answer code, where it gave one: `550`.
    pub code: Option<u16>,
    /// A sentence for the administrator. Holds what the server said, which may name the address: show
    /// it, never log it.
    pub message: String,
}

/// What a server says that is about to close the connection (RFC 5321, 3.8).
const CLOSING: u16 = 421;

/// Answers that mean that nobody has the address there (RFC 5321, 4.2.3).
const NO_SUCH_ADDRESS: &[u16] = &[550, 551, 553];

/// Answers that mean this message even where they come before its recipient is named: it is too large, or asks for what the server
/// cannot do (RFC 5321, 4.2.3).
const OF_THE_MESSAGE: &[u16] = &[552, 555];

impl SendError {
    /// Whether nobody has the address there: said of whom it goes to, and not that the server dislikes whoever asks (RFC 3463, 5.7).
    #[must_use]
    pub fn knows_nobody(&self) -> bool {
        let said = self.code.is_some_and(|code| NO_SUCH_ADDRESS.contains(&code));
        self.at == Stage::To && said && !self.message.contains("5.7.")
    }

    /// Whether the next message would fare no better now: the server does not answer, is about to close, or takes nothing from us.
    #[must_use]
    pub fn of_the_server(&self) -> bool {
        let silent = !self.permanent && matches!(self.code, None | Some(CLOSING));
        silent || (!self.permanent && matches!(self.at, Stage::Connection | Stage::From))
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SendError {}

impl Sender {
    /// A sender as `probity.toml` says.
    ///
    /// # Errors
    /// [`SendError`] when the password file or the key that signs cannot be read or the host name is none.
    pub fn new(smtp: &Smtp) -> Result<Self, SendError> {
        let setting = |message: String| SendError {
            permanent: true,
            lost: false,
            at: Stage::Connection,
            code: None,
            message,
        };
        let tls = || {
            TlsParameters::new(smtp.host.clone())
                .map_err(|error| setting(format!("`{}` cannot be used as a mail server: {error}", smtp.host)))
        };
        let security = match smtp.security {
            SmtpSecurity::Starttls => Tls::Required(tls()?),
            SmtpSecurity::Tls => Tls::Wrapper(tls()?),
            SmtpSecurity::None => Tls::None,
        };
        let credentials = match (&smtp.user, &smtp.password_file) {
            (None, _) => None,
            (Some(user), file) => {
                let password = match file {
                    Some(path) => std::fs::read_to_string(path).map_err(|error| {
                        setting(format!("the mail password in {} cannot be read: {error}", path.display()))
                    })?,
                    None => String::new(),
                };
                let password = password.trim_end_matches(['\r', '\n']).to_owned();
                Some(Credentials::new(user.clone(), password))
            }
        };
        Ok(Self {
            host: smtp.host.clone(),
            port: smtp.port,
            tls: security,
            credentials,
            signer: Signer::of(smtp).map_err(setting)?,
            open: Mutex::default(),
        })
    }

    fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn connect(&self) -> Result<SmtpConnection, Error> {
        let hello = ClientId::default();
        let wrapped = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters),
            _ => None,
        };
        let at = (self.host.as_str(), self.port);
        let mut connection = SmtpConnection::connect(at, Some(PATIENCE), &hello, wrapped, None)?;
        if let Tls::Required(parameters) = &self.tls {
            connection.starttls(parameters, &hello)?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials)?;
        }
        Ok(connection)
    }

    /// Hands one message over. `Ok` means that the server has taken it.
    ///
    /// # Errors
    /// [`SendError`], which says whether trying again makes sense, and whether the server may have taken it all the same.
    pub fn send(&self, message: &Message) -> Result<(), SendError> {
        self.send_noting(message, || Ok(()))
    }

    /// The same; right before the text itself goes over, which the server can take from then on, something is noted first. Where that
    /// cannot be, nothing goes over.
    ///
    /// # Errors
    /// As [`Sender::send`].
    pub fn send_noting(
        &self,
        message: &Message,
        note: impl FnOnce() -> std::io::Result<()>,
    ) -> Result<(), SendError> {
        let content = self.signed(message)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let still = still(&mut open);
        let used_before = still.is_some();
        let mut connection = match still {
            Some(connection) => connection,
            None => self.opened()?,
        };
        let options = self.options(&connection, message, &content)?;
        if let Err((at, error)) = announced(&mut connection, message, options) {
            connection.abort();
            // A server that has closed a connection between two messages says nothing of this one.
            if !used_before || !matches!(error.status().map(u16::from), None | Some(CLOSING)) {
                return Err(self.explain(&error, at));
            }
            connection = self.opened()?;
            let options = self.options(&connection, message, &content)?;
            if let Err((at, error)) = announced(&mut connection, message, options) {
                connection.abort();
                return Err(self.explain(&error, at));
            }
        }
        if let Err(error) = note() {
            // The server waits for the text, and would take a word of farewell for it: it sees the connection end instead.
            drop(connection);
            return Err(SendError {
                permanent: false,
                lost: false,
                at: Stage::Connection,
                code: None,
                message: format!("it cannot be noted that a message is about to go over: {error}"),
            });
        }
        match connection.message(&content) {
            Ok(_) => {
                *open = Some((connection, Instant::now()));
                Ok(())
            }
            Err(error) => {
                connection.abort();
                // Only a server that answers says what it did with the message.
                Err(SendError { lost: error.status().is_none(), ..self.explain(&error, Stage::Text) })
            }
        }
    }

    /// Sees to it that a connection is open, before any message is taken in hand.
    ///
    /// # Errors
    /// [`SendError`] if the server cannot be reached or does not let us in: that is no message's fault.
    pub fn ready(&self) -> Result<(), SendError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match still(&mut open) {
            Some(connection) => connection,
            None => self.opened()?,
        };
        *open = Some((connection, Instant::now()));
        Ok(())
    }

    fn opened(&self) -> Result<SmtpConnection, SendError> {
        self.connect().map_err(|error| self.explain(&error, Stage::Connection))
    }

    /// The message as it goes over, signed where a key is set.
    fn signed(&self, message: &Message) -> Result<Vec<u8>, SendError> {
        let content = message.formatted();
        let Some(signer) = &self.signer else { return Ok(content) };
        signer.signed(&content, machine()).map_err(|message| SendError {
            permanent: false,
            lost: false,
            at: Stage::Connection,
            code: None,
            message,
        })
    }

    /// What the server must be able to take for this message.
    fn options(
        &self,
        connection: &SmtpConnection,
        message: &Message,
        content: &[u8],
    ) -> Result<Vec<MailParameter>, SendError> {
        let offers = connection.server_info();
        let cannot = |what: &str| {
            let message = format!("the mail server {} cannot take {what}", self.place());
            SendError { permanent: true, lost: false, at: Stage::To, code: None, message }
        };
        let mut options = Vec::new();
        let envelope = message.envelope();
        if !envelope
            .to()
            .iter()
            .chain(envelope.from())
            .all(|address| AsRef::<str>::as_ref(address).is_ascii())
        {
            if !offers.supports_feature(Extension::SmtpUtfEight) {
                return Err(cannot("an address with other than plain letters"));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !content.is_ascii() {
            if !offers.supports_feature(Extension::EightBitMime) {
                return Err(cannot("other than plain letters"));
            }
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(options)
    }

    /// Whether the server answers and lets us in.
    ///
    /// # Errors
    /// [`SendError`] when it does not.
    pub fn check(&self) -> Result<(), SendError> {
        let mut connection = self.opened()?;
        let answers = connection.test_connected();
        connection.abort();
        match answers {
            true => Ok(()),
            false => Err(SendError {
                permanent: false,
                lost: false,
                at: Stage::Connection,
                code: None,
                message: format!("the mail server {} does not answer", self.place()),
            }),
        }
    }

    fn explain(&self, error: &Error, at: Stage) -> SendError {
        let host = self.place();
        let code = error.status().map(u16::from);
        let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        let message = if error.is_timeout() {
            format!("the mail server {host} did not answer within {} seconds", PATIENCE.as_secs())
        } else if matches!(code, Some(530 | 534 | 535)) {
            format!("the mail server {host} does not accept the account or its password: {cause}")
        } else if error.is_permanent() && at == Stage::Connection {
            format!("the mail server {host} does not let us in: {cause}")
        } else if error.is_permanent() && at == Stage::From {
            format!("the mail server {host} takes no message from the address that it is from: {cause}")
        } else if error.is_permanent() {
            format!("the mail server {host} refused the message: {cause}")
        } else if error.is_transient() {
            format!("the mail server {host} asks to try again later: {cause}")
        } else if error.is_tls() {
            format!("no encrypted connection to the mail server {host}: {cause}")
        } else if error.is_client() {
            format!("the mail server {host} offers no encryption or no sign-in that we can use: {cause}")
        } else {
            format!("the mail server {host} cannot be reached: {cause}")
        };
        // A wrong password, an address that we may not write from: a setting to be put right, not the end of the message.
        let permanent = error.is_permanent()
            && match at {
                Stage::Connection => false,
                Stage::From => code.is_some_and(|code| OF_THE_MESSAGE.contains(&code)),
                Stage::To | Stage::Text => !matches!(code, Some(530 | 534 | 535)),
            };
        SendError { permanent, lost: false, at, code, message }
    }
}

/// The connection used last, if it is still there.
fn still(open: &mut Option<(SmtpConnection, Instant)>) -> Option<SmtpConnection> {
    open.take().and_then(|(mut connection, used)| {
        let there = !connection.has_broken() && (used.elapsed() < IDLE || connection.test_connected());
        there.then_some(connection)
    })
}

/// The conversation up to the message itself: nothing of it has gone over before the server said that it may.
fn announced(
    connection: &mut SmtpConnection,
    message: &Message,
    options: Vec<MailParameter>,
) -> Result<(), (Stage, Error)> {
    let from = message.envelope().from().cloned();
    connection.command(Mail::new(from, options)).map_err(|error| (Stage::From, error))?;
    for to in message.envelope().to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).map_err(|error| (Stage::To, error))?;
    }
    connection.command(Data).map(drop).map_err(|error| (Stage::Text, error))
}

impl Drop for Sender {
    fn drop(&mut self) {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((mut connection, _)) = open {
            connection.abort();
        }
    }
}
