//! Asking whoever answers whether a number is on a preference register: a program or a service, with a number and nothing else. No
//! answer in time, one that cannot be read, one of a day to come: all of it is no answer, and nobody is called on that.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use store::keys::private_text;
use zeroize::Zeroizing;

use crate::config::{Checker, Way};

/// More than this is no answer.
const ANSWER_BYTES_MAX: u64 = 4096;

/// What was answered of a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    /// Of which day the register was that was looked at.
    pub dated: Date,
    /// Whether the number is on it.
    pub listed: bool,
}

/// Asks of a number, E.164. `None` if there is no answer that can be relied on. It blocks.
#[must_use]
pub fn ask(checker: &Checker, number: &str, today: Date) -> Option<Said> {
    let answer = match &checker.way {
        Way::Program(program, arguments) => of_program(program, arguments, number, checker.patience),
        Way::Service { url, key_file } => of_service(url, key_file.as_deref(), number, checker.patience),
    };
    match answer.map(|text| read(&text, today)) {
        Ok(Some(said)) => Some(said),
        Ok(None) => {
            tracing::warn!("whoever answers for a register said what is no answer");
            None
        }
        Err(error) => {
            tracing::warn!(%error, "whoever answers for a register did not");
            None
        }
    }
}

/// `listed` or `not listed`, and the day of the register that was looked at, which is today unless it says so.
fn read(text: &str, today: Date) -> Option<Said> {
    let line = text.lines().next()?.trim();
    let (listed, rest) = match line.strip_prefix("not listed") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("listed")?),
    };
    let dated = match rest.trim() {
        "" => today,
        day if rest.starts_with(' ') => day.parse().ok()?,
        _ => return None,
    };
    (dated <= today).then_some(Said { dated, listed })
}

fn of_program(
    program: &Path,
    arguments: &[String],
    number: &str,
    patience: Duration,
) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    without_ours(&mut command, std::env::vars_os().map(|(name, _)| name));
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    // One that does not read is judged by what it answers.
    drop(stdin.map(|mut stdin| stdin.write_all(format!("{number}\n").as_bytes())));
    let (sender, answers) = std::sync::mpsc::channel();
    // What a program leaves running may hold its end open: nobody waits for that.
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = stdout.map(|stdout| stdout.take(ANSWER_BYTES_MAX).read_to_string(&mut answer));
        drop(sender.send(read.transpose().map(|_| answer)));
    });
    let began = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if began.elapsed() < patience => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                drop(child.kill());
                drop(child.wait());
                break None;
            }
        }
    };
    match status {
        None => Err("it took too long and was stopped".to_owned()),
        Some(status) if !status.success() => Err(format!("it ended with {status}")),
        Some(_) => match answers.recv_timeout(patience.saturating_sub(began.elapsed())) {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err("its answer did not end".to_owned()),
        },
    }
}

/// Keeps from a program what we were told by the environment: the key of the instance, and the way into its database.
fn without_ours(command: &mut Command, told: impl Iterator<Item = OsString>) {
    for name in told.filter(|name| name.to_string_lossy().starts_with("PROBITY_")) {
        command.env_remove(name);
    }
}

fn of_service(
    url: &str,
    key_file: Option<&Path>,
    number: &str,
    patience: Duration,
) -> Result<String, String> {
    let key = key_file.map(private_text).transpose().map_err(|error| error.to_string())?;
    // It goes to the address that was set and to no other, whatever is answered.
    let agent = ureq::Agent::config_builder()
        .https_only(url.starts_with("https://"))
        .max_redirects(0)
        .proxy(None)
        .user_agent("Probity")
        .timeout_global(Some(patience))
        .build()
        .new_agent();
    let mut request = agent.post(url).header("content-type", "text/plain; charset=utf-8");
    if let Some(key) = key {
        let bearer = Zeroizing::new(format!("Bearer {}", key.trim()));
        request = request.header("authorization", bearer.as_str());
    }
    let mut answer = request.send(number).map_err(|error| error.to_string())?;
    if answer.status().as_u16() != 200 {
        return Err(format!("it answered {}", answer.status().as_u16()));
    }
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
    body.read_to_string().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 3);

    fn program(script: &str) -> Checker {
        Checker {
            way: Way::Program("/bin/sh".into(), vec!["-c".into(), script.into()]),
            patience: Duration::from_millis(700),
            processor: None,
        }
    }

    fn said(day: i8, listed: bool) -> Option<Said> {
        Some(Said { dated: date(2026, 11, day), listed })
    }

    #[test]
    fn an_answer_is_read_and_everything_else_is_none() {
        for (text, answer) in [
            ("listed\n", said(3, true)),
            ("not listed", said(3, false)),
            ("not listed 2026-11-01\nmore\n", said(1, false)),
            ("listed 2026-11-02", said(2, true)),
            ("listed 2026-11-04", None),
            ("listedness", None),
            ("not listed2026-11-01", None),
            ("unknown", None),
            ("", None),
            ("not", None),
        ] {
            assert_eq!(read(text, TODAY), answer, "{text}");
        }
    }

    #[test]
    fn a_program_gets_the_number_and_answers_in_time() {
        let look =
            "read n; if [ \"$n\" = +441632960001 ]; then echo listed; else echo not listed 2026-11-02; fi";
        assert_eq!(ask(&program(look), "+441632960001", TODAY), said(3, true));
        assert_eq!(ask(&program(look), "+441632960002", TODAY), said(2, false));
        for silent in
            ["sleep 60", "echo listed; exit 1", "echo what", "exit 0", "echo not listed; exec sleep 60"]
        {
            assert_eq!(ask(&program(silent), "+441632960001", TODAY), None, "{silent}");
        }
        let mut missing = program("");
        missing.way = Way::Program("/nowhere/numbers".into(), Vec::new());
        assert_eq!(ask(&missing, "+441632960001", TODAY), None);
    }

    #[test]
    fn a_program_learns_nothing_of_how_we_are_opened() {
        let told = ["PROBITY_KEY", "PATH", "PROBITY_PASSPHRASE", "PROBITY_DATABASE", "HOME"];
        let mut command = Command::new("/bin/true");
        without_ours(&mut command, told.into_iter().map(OsString::from));
        let kept_from_it: Vec<_> = command.get_envs().map(|(name, value)| (name.to_owned(), value)).collect();
        let ours = ["PROBITY_DATABASE", "PROBITY_KEY", "PROBITY_PASSPHRASE"];
        assert_eq!(kept_from_it, ours.map(|name| (OsString::from(name), None)));
    }

    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;

        let key_file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(key_file.path(), "a key\n").unwrap();
        let mode = |mode| {
            std::fs::set_permissions(key_file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let with_key = |checker: Checker| {
            let Way::Service { url, .. } = checker.way else { panic!("a service") };
            Checker { way: Way::Service { url, key_file: Some(key_file.path().to_owned()) }, ..checker }
        };
        let (checker, asked) = service("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nlisted");
        let checker = with_key(checker);
        mode(0o644);
        assert_eq!(ask(&checker, "+441632960001", TODAY), None);
        mode(0o600);
        assert_eq!(ask(&checker, "+441632960001", TODAY), said(3, true));
        assert!(asked.join().unwrap().to_lowercase().contains("authorization: bearer a key\r\n"));
    }

    /// A service that answers one request so, and what it was asked.
    fn service(answer: &'static str) -> (Checker, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tps", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut piece = [0; 1024];
            while !String::from_utf8_lossy(&heard).contains("+4416") {
                let read = stream.read(&mut piece).unwrap();
                assert!(read > 0, "the number never came");
                heard.extend_from_slice(&piece[..read]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(heard).unwrap()
        });
        let way = Way::Service { url, key_file: None };
        (Checker { way, patience: Duration::from_secs(5), processor: None }, asked)
    }

    #[test]
    fn a_service_is_posted_the_number_and_followed_nowhere() {
        let (checker, asked) = service("HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\nnot listed 2026-11-02");
        assert_eq!(ask(&checker, "+441632960001", TODAY), said(2, false));
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("POST /tps HTTP/1.1\r\n") && asked.ends_with("+441632960001"), "{asked}");
        for refuses in [
            "HTTP/1.1 500 Broken\r\ncontent-length: 6\r\n\r\nlisted",
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nmaybe",
        ] {
            let (checker, asked) = service(refuses);
            assert_eq!(ask(&checker, "+441632960001", TODAY), None, "{refuses}");
            drop(asked.join());
        }
    }
}
