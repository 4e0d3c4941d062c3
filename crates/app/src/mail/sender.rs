//! Handing messages to the mail server. Connections are kept and used again; calls block, so they belong
//! on the blocking pool.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};

use crate::config::{Smtp, SmtpSecurity};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail server to hand messages to.
pub struct Sender {
    transport: SmtpTransport,
    host: String,
}

/// Why a message did not leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendError {
    /// Whether trying again is of no use: the server refused this message for good.
    pub permanent: bool,
    /// The server's answer code, where it gave one: `550`.
    pub code: Option<u16>,
    /// A sentence for the administrator. Holds what the server said, which may name the address: show
    /// it, never log it.
    pub message: String,
}

/// Answers that mean that nobody has the address there (RFC 5321, 4.2.3).
const NO_SUCH_ADDRESS: &[u16] = &[550, 551, 553];

impl SendError {
    /// Whether nobody has the address there, and not that the server dislikes what it was sent (RFC 3463, 5.7).
    #[must_use]
    pub fn knows_nobody(&self) -> bool {
        self.code.is_some_and(|code| NO_SUCH_ADDRESS.contains(&code)) && !self.message.contains("5.7.")
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
    /// [`SendError`] when the password file cannot be read or the host name is none.
    pub fn new(smtp: &Smtp) -> Result<Self, SendError> {
        let setting = |message: String| SendError { permanent: true, code: None, message };
        let tls = || {
            TlsParameters::new(smtp.host.clone())
                .map_err(|error| setting(format!("`{}` cannot be used as a mail server: {error}", smtp.host)))
        };
        let security = match smtp.security {
            SmtpSecurity::Starttls => Tls::Required(tls()?),
            SmtpSecurity::Tls => Tls::Wrapper(tls()?),
            SmtpSecurity::None => Tls::None,
        };
        let mut builder = SmtpTransport::builder_dangerous(&smtp.host)
            .port(smtp.port)
            .tls(security)
            .timeout(Some(PATIENCE));
        if let Some(user) = &smtp.user {
            let password = match &smtp.password_file {
                Some(path) => std::fs::read_to_string(path).map_err(|error| {
                    setting(format!("the mail password in {} cannot be read: {error}", path.display()))
                })?,
                None => String::new(),
            };
            builder = builder.credentials(Credentials::new(
                user.clone(),
                password.trim_end_matches(['\r', '\n']).to_owned(),
            ));
        }
        Ok(Self { transport: builder.build(), host: format!("{}:{}", smtp.host, smtp.port) })
    }

    /// Hands one message over. `Ok` means that the server has taken it.
    ///
    /// # Errors
    /// [`SendError`], which says whether trying again makes sense.
    pub fn send(&self, message: &Message) -> Result<(), SendError> {
        self.transport.send(message).map(|_| ()).map_err(|error| self.explain(&error))
    }

    /// Whether the server answers and lets us in.
    ///
    /// # Errors
    /// [`SendError`] when it does not.
    pub fn check(&self) -> Result<(), SendError> {
        match self.transport.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err(SendError {
                permanent: false,
                code: None,
                message: format!("the mail server {} does not answer", self.host),
            }),
            Err(error) => Err(self.explain(&error)),
        }
    }

    fn explain(&self, error: &lettre::transport::smtp::Error) -> SendError {
        let host = &self.host;
        let code = error.status().map(u16::from);
        let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        let message = if error.is_timeout() {
            format!("the mail server {host} did not answer within {} seconds", PATIENCE.as_secs())
        } else if matches!(code, Some(530 | 534 | 535)) {
            format!("the mail server {host} does not accept the account or its password: {cause}")
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
        // A wrong password is a setting to be put right, not the end of the message.
        let permanent = error.is_permanent() && !matches!(code, Some(530 | 534 | 535));
        SendError { permanent, code, message }
    }
}
