//! A real mail server with a mailbox of its own, which goes with it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use app::config::{Imap, SmtpSecurity, Then};

/// A server that `bin/imap-for-tests` started.
pub struct Dovecot {
    child: Option<Child>,
    dir: PathBuf,
    port: u16,
    tls: u16,
    password: tempfile::NamedTempFile,
}

fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Dovecot {
    pub fn start() -> Self {
        let password = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(password.path(), "secret\n").unwrap();
        let mut made = Self { child: None, dir: PathBuf::new(), port: free(), tls: free(), password };
        made.begin();
        made
    }

    /// Starts it again where it was.
    pub fn begin(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bin/imap-for-tests");
        let mut command = Command::new(script);
        command.args([self.port.to_string(), self.tls.to_string()]);
        if !self.dir.as_os_str().is_empty() {
            command.arg(&self.dir);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let dir = line.strip_prefix("listening ").expect("bin/imap-for-tests needs dovecot-imapd");
        self.dir = dir.trim().into();
        self.child = Some(child);
    }

    /// Ends it, and leaves the mail.
    pub fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            drop(child.wait());
        }
    }

    /// Numbers the mailbox anew, as moving or restoring one does.
    pub fn number_anew(&mut self, user: &str) {
        self.end();
        let mailbox = self.mailbox(user);
        for entry in std::fs::read_dir(&mailbox).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.file_name().unwrap().to_string_lossy().starts_with("dovecot") {
                std::fs::remove_file(entry).unwrap();
            }
        }
        // What a number holds by is the second in which it was made.
        std::thread::sleep(Duration::from_millis(1100));
        self.begin();
    }

    fn mailbox(&self, user: &str) -> PathBuf {
        let mailbox = self.dir.join("mail").join(user);
        for part in ["", "cur", "new", "tmp"] {
            let folder = mailbox.join(part);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).unwrap();
        }
        mailbox
    }

    /// Puts a message into a mailbox, byte for byte.
    pub fn deliver(&self, user: &str, message: &[u8]) {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mailbox = self.mailbox(user);
        let name = format!("{:010}.{}.here", 1_700_000_000 + NEXT.fetch_add(1, Relaxed), std::process::id());
        std::fs::write(mailbox.join("tmp").join(&name), message).unwrap();
        std::fs::set_permissions(mailbox.join("tmp").join(&name), PermissionsExt::from_mode(0o666)).unwrap();
        std::fs::rename(mailbox.join("tmp").join(&name), mailbox.join("new").join(&name)).unwrap();
    }

    /// The names of the messages in a mailbox or a folder of it, with their flags.
    pub fn names(&self, user: &str, folder: &str) -> Vec<String> {
        let mut names = Vec::new();
        for part in ["new", "cur"] {
            let folder = self.dir.join("mail").join(user).join(folder).join(part);
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                names.push(entry.unwrap().file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        names
    }

    /// The mailbox of a user as `probity.toml` would name it.
    pub fn of(&self, user: &str) -> Imap {
        Imap {
            host: "localhost".into(),
            port: self.port,
            security: SmtpSecurity::None,
            user: user.into(),
            password_file: self.password.path().into(),
            certificate: Some(self.dir.join("authority.pem")),
            folders: vec!["INBOX".into()],
            every: Duration::from_secs(300),
            then: Then::Leave,
        }
    }

    /// The same over TLS.
    pub fn encrypted(&self, user: &str) -> Imap {
        Imap { port: self.tls, security: SmtpSecurity::Tls, ..self.of(user) }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.end();
        if !self.dir.as_os_str().is_empty() {
            drop(std::fs::remove_dir_all(&self.dir));
        }
    }
}
