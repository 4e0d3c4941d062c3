//! Messages leave by real SMTP; what arrives is looked at byte for byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use app::config::{Dkim, Smtp, SmtpSecurity};
use app::mail::dkim::{Signer, key};
use app::mail::{ComposeError, Kind, Outgoing, Sender, compose};

/// A mail server that writes what it gets into a folder; it ends with its standard input.
struct Server {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bin/smtp-for-tests");
        let python = std::env::var("PROBITY_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut child = Command::new(python)
            .arg(script)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line
            .strip_prefix("listening ")
            .expect("bin/smtp-for-tests needs python3 with aiosmtpd")
            .trim()
            .parse()
            .unwrap();
        Self { child, port, folder }
    }

    fn sender(&self) -> Sender {
        Sender::new(&smtp(self.port)).unwrap()
    }

    /// The messages that arrived, oldest first: envelope and content.
    fn arrived(&self) -> Vec<(String, String)> {
        let mut names: Vec<_> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
            .iter()
            .filter(|name| name.extension().is_some_and(|extension| extension == "eml"))
            .map(|name| {
                (
                    std::fs::read_to_string(name.with_extension("env")).unwrap(),
                    String::from_utf8(std::fs::read(name).unwrap()).unwrap(),
                )
            })
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

fn smtp(port: u16) -> Smtp {
    Smtp {
        host: "127.0.0.1".into(),
        port,
        security: SmtpSecurity::None,
        user: None,
        password_file: None,
        from: "CTI <hello@cti.example>".into(),
        dkim: None,
        resolver: None,
        pause_at_percent: 5,
    }
}

const FOOTER: &str = "We keep your name & e-mail address safely <always>; you may leave when you like.\nOur notice: {notice}. Stop these\ne-mails: {unsubscribe}";
const SHOWN: &str = "We keep your name & e-mail address safely <always>; you may leave when you like.\nOur notice: https://cti.example/privacy. Stop these\ne-mails: https://cti.example/u/1f-ab";

fn news() -> Outgoing {
    Outgoing {
        kind: Kind::Bulk,
        from: "CTI <hello@cti.example>".into(),
        reply_to: Some("office@cti.example".into()),
        to: "zoe@muller.example".into(),
        to_name: Some("Zoë Müller".into()),
        subject: "Spring news – für alle".into(),
        body: "Dear Zoë\n\nWe have **three** new courses:\n\n- one\n- two\n\nSee https://cti.example/courses"
            .into(),
        pictures: std::sync::Arc::default(),
        footer: Some(FOOTER.into()),
        notice_url: "https://cti.example/privacy".into(),
        unsubscribe_url: Some("https://cti.example/u/1f-ab".into()),
        one_click_url: Some("https://cti.example/u/1f-ab/now".into()),
        list_id: Some("mailing.cti.example".into()),
        message_token: "1f-9c2e".into(),
        at: "2026-03-31T09:30:00Z".parse().unwrap(),
    }
}

#[test]
fn mail_to_a_domain_with_letters_needs_no_mail_server_that_takes_them() {
    let message = compose(&Outgoing { to: "Zoe@M\u{fc}ller.example".into(), ..news() }).unwrap();
    assert_eq!(message.envelope().to()[0].to_string(), "Zoe@xn--mller-kva.example");
    let head = String::from_utf8(message.formatted()).unwrap();
    let head = head.split("\r\n\r\n").next().unwrap();
    assert!(head.is_ascii() && head.contains("Zoe@xn--mller-kva.example"), "{head}");
}

/// One part of a message of two, with its transfer encoding undone.
fn part(message: &str, content_type: &str) -> String {
    let boundary = message.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let part = message
        .split(&format!("--{boundary}"))
        .find(|part| part.contains(&format!("Content-Type: {content_type}")))
        .unwrap();
    let (head, body) = part.trim_start().split_once("\r\n\r\n").unwrap();
    let body = body.strip_suffix("\r\n").unwrap_or(body);
    if !head.contains("quoted-printable") {
        return body.replace("\r\n", "\n");
    }
    let unfolded = body.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), unfolded.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'=' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message
        .split("\r\n\r\n")
        .next()
        .unwrap()
        .split("\r\n")
        .find_map(|line| line.strip_prefix(&format!("{name}: ")))
}

#[test]
fn a_message_to_many_arrives_with_footer_and_one_click_headers() {
    let server = Server::start();
    let sender = server.sender();
    sender.check().unwrap();
    sender.send(&compose(&news()).unwrap()).unwrap();
    let (envelope, message) = server.arrived().remove(0);
    assert_eq!(envelope, "hello@cti.example\nzoe@muller.example\n");
    assert_eq!(header(&message, "List-Unsubscribe"), Some("<https://cti.example/u/1f-ab/now>"));
    assert_eq!(header(&message, "List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    assert_eq!(header(&message, "List-ID"), Some("<mailing.cti.example>"));
    assert_eq!(header(&message, "Message-ID"), Some("<1f-9c2e@cti.example>"));
    assert_eq!(header(&message, "Date"), Some("Tue, 31 Mar 2026 09:30:00 +0000"));
    assert_eq!(header(&message, "Reply-To"), Some("office@cti.example"));
    assert_eq!(
        part(&message, "text/plain"),
        format!("{}\n\n{SHOWN}\n", news().body.replace("**", "")),
        "the same words without the marks"
    );
    let html = part(&message, "text/html");
    assert!(html.contains("<strong>three</strong>") && html.contains("<li>one</li>"), "{html}");
    // The footer's own characters, tags taken off again.
    let footer = html.split("<hr>").nth(1).unwrap().replace("<br>", "");
    let (mut bare, mut inside) = (String::new(), false);
    for c in footer.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => bare.push(c),
            _ => {}
        }
    }
    assert_eq!(bare.trim().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), SHOWN);
}

#[test]
fn nothing_in_a_record_can_add_a_header() {
    let server = Server::start();
    let mut sly = news();
    sly.to_name = Some("Zoë\r\nBcc: all@cti.example\r\n\r\nhello".into());
    server.sender().send(&compose(&sly).unwrap()).unwrap();
    let (envelope, message) = server.arrived().remove(0);
    assert_eq!(envelope, "hello@cti.example\nzoe@muller.example\n");
    assert_eq!(header(&message, "Bcc"), None);
    let refused = |change: fn(&mut Outgoing)| {
        let mut outgoing = news();
        change(&mut outgoing);
        compose(&outgoing).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(|it| it.subject = "a\nBcc: x@y.example".into()), ComposeError::Control("subject"));
    assert_eq!(
        refused(|it| it.to = "zoe@muller.example\r\nBcc: x@y.example".into()),
        ComposeError::Control("to")
    );
    assert_eq!(
        refused(|it| it.from = "CTI\r\nX: y <hello@cti.example>".into()),
        ComposeError::Control("from")
    );
    assert_eq!(refused(|it| it.list_id = Some("a>\r\nX: y".into())), ComposeError::Control("list name"));
    assert_eq!(refused(|it| it.message_token = "a@b".into()), ComposeError::Control("message token"));
    assert_eq!(
        refused(|it| it.one_click_url = Some("https://x.example/\r\nX: y".into())),
        ComposeError::NoOneClick
    );
    assert_eq!(refused(|it| it.to = "two@x.example, three@x.example".into()), ComposeError::Address("to"));
}

#[test]
fn mail_to_many_cannot_leave_without_what_it_must_carry() {
    let refused = |change: fn(&mut Outgoing)| {
        let mut outgoing = news();
        change(&mut outgoing);
        compose(&outgoing).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(|it| it.footer = None), ComposeError::NoFooter);
    assert_eq!(refused(|it| it.unsubscribe_url = None), ComposeError::NoLink("{unsubscribe}"));
    assert_eq!(refused(|it| it.notice_url = String::new()), ComposeError::NoLink("{notice}"));
    assert_eq!(refused(|it| it.one_click_url = None), ComposeError::NoOneClick);
    assert_eq!(
        refused(|it| it.one_click_url = Some("http://cti.example/u".into())),
        ComposeError::NoOneClick
    );
}

#[test]
fn what_nobody_can_stop_offers_no_way_to_stop_it() {
    let mut notice = news();
    (notice.kind, notice.footer) = (Kind::Notice, Some("You use our product. Our notice: {notice}".into()));
    assert_eq!(compose(&notice).map(|_| ()).unwrap_err(), ComposeError::OneClickInVain);
    (notice.one_click_url, notice.list_id) = (None, None);
    let message = String::from_utf8(compose(&notice).unwrap().formatted()).unwrap();
    for name in ["List-Unsubscribe", "List-Unsubscribe-Post", "List-ID"] {
        assert_eq!(header(&message, name), None);
    }
    assert!(part(&message, "text/html").contains("<strong>three</strong>"), "it is written like a mailing");
    notice.footer = None;
    assert_eq!(compose(&notice).map(|_| ()).unwrap_err(), ComposeError::NoFooter);
}

#[test]
fn what_a_writer_types_is_text_and_never_runs_or_tracks() {
    let mut letter = news();
    letter.body =
        "<script>alert(1)</script>\n\n![x](https://spy.example/p.gif) [go](javascript:alert(1)) <b>bold</b>"
            .into();
    let message = String::from_utf8(compose(&letter).unwrap().formatted()).unwrap();
    let html = part(&message, "text/html");
    assert!(
        !html.contains("<script")
            && !html.contains("<img")
            && !html.contains("href=\"javascript")
            && !html.contains("<b>"),
        "{html}"
    );
    let plain = part(&message, "text/plain");
    assert!(plain.starts_with("<script>alert(1)</script>\n\nx go <b>bold</b>\n\nWe keep"), "{plain}");
}

#[test]
fn what_is_written_to_one_is_the_words_as_they_were_typed() {
    let mut letter = news();
    (letter.footer, letter.one_click_url, letter.list_id) = (None, None, None);
    letter.body = "Dear [Win](https://evil.example) <b>,\n\n1) your *form* is at\n   https://cti.example/f?a=1&b=2.\n# Yours".into();
    for kind in [Kind::Personal, Kind::Service] {
        letter.kind = kind;
        let message = String::from_utf8(compose(&letter).unwrap().formatted()).unwrap();
        assert_eq!(part(&message, "text/plain"), format!("{}\n", letter.body));
        let html = part(&message, "text/html");
        let body = html.split("<body>").nth(1).unwrap().split("</body>").next().unwrap();
        assert_eq!(
            body,
            "<p>Dear [Win](https://evil.example) &lt;b&gt;,</p>\n<p>1) your *form* is at<br>\n   \
             <a href=\"https://cti.example/f?a=1&amp;b=2\">https://cti.example/f?a=1&amp;b=2</a>.<br>\n# Yours</p>\n"
        );
        assert_eq!(header(&message, "Precedence"), None);
    }
}

#[test]
fn the_plain_part_reads_as_well_as_the_html() {
    let markdown = "# Spring\n\nDear Zoë,\nsee [our courses](https://cti.example/courses) or <https://cti.example>, \
        and [write](mailto:office@cti.example).\n\n## Dates\n\n- *May*:\n  1. Leeds\n  2. York\n- June\n\n\
        3. three\n4. four\n\n> They said\n> yes\n\n***\n\n![A map](https://spy.example/p.gif)\n\n    a = b\n      c\n\nTom & **Co** \\[x\\]";
    assert_eq!(
        compose::text(markdown),
        "Spring\n======\n\nDear Zoë,\nsee our courses <https://cti.example/courses> or https://cti.example, \
         and write <office@cti.example>.\n\nDates\n-----\n\n- May:\n  1. Leeds\n  2. York\n- June\n\n\
         3. three\n4. four\n\n> They said\n> yes\n\n----------\n\nA map\n\n    a = b\n      c\n\nTom & Co [x]"
    );
    // What would break out of its line or its brackets does not.
    assert_eq!(
        compose::text("[a](<https://cti.example/x y&#10;Bcc:>) [https://cti.example](https://evil.example)"),
        "a <https://cti.example/x%20y%0ABcc:> https://cti.example <https://evil.example>"
    );
}

#[test]
fn a_refusal_for_good_is_told_from_one_for_now_and_from_silence() {
    let server = Server::start();
    let sender = server.sender();
    let fails = |to: &str| {
        let mut outgoing = news();
        outgoing.to = to.into();
        sender.send(&compose(&outgoing).unwrap()).unwrap_err()
    };
    let gone = fails("someone@refused.example");
    assert!(
        gone.permanent && gone.code == Some(550) && gone.message.contains("refused the message"),
        "{gone:?}"
    );
    let busy = fails("someone@busy.example");
    assert!(
        !busy.permanent && busy.code == Some(451) && busy.message.contains("try again later"),
        "{busy:?}"
    );
    let port = server.port;
    drop(server);
    let dead = Sender::new(&smtp(port)).unwrap().check().unwrap_err();
    assert!(
        !dead.permanent && dead.message.contains(&format!("127.0.0.1:{port} cannot be reached")),
        "{dead:?}"
    );
}

#[test]
fn many_messages_leave_over_one_sender() {
    let server = Server::start();
    let sender = server.sender();
    for at in 0..50 {
        let mut outgoing = news();
        outgoing.to = format!("person{at}@many.example");
        sender.send(&compose(&outgoing).unwrap()).unwrap();
    }
    assert_eq!(server.arrived().len(), 50);
}

/// What a receiver's program says of a message's signature, with the DNS as the signer wants it, and which headings it covers.
fn verified(message: &Path, signer: &Signer) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/verify_dkim.py");
    let python = std::env::var("PROBITY_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(python);
    command.arg(script).arg(message).args([signer.record_name(), signer.record()]);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn mail_is_signed_with_what_lets_people_leave_and_no_receiver_takes_it_changed() {
    let (server, place) = (Server::start(), tempfile::tempdir().unwrap());
    let key_file = place.path().join("dkim.pem");
    std::fs::write(&key_file, key::drawn().unwrap().as_bytes()).unwrap();
    let mut smtp = smtp(server.port);
    smtp.dkim = Some(Dkim { selector: "probity".into(), key_file: Some(key_file.clone()), domain: None });
    // A key that others on the machine can read signs nothing, and then nothing leaves.
    let mode = |mode| std::fs::set_permissions(&key_file, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o644);
    let open = Sender::new(&smtp).err().unwrap();
    assert!(open.message.contains("chmod 600"), "{open}");
    mode(0o600);
    let sender = Sender::new(&smtp).unwrap();
    sender.send(&compose(&news()).unwrap()).unwrap();
    let mut letter = news();
    (letter.kind, letter.footer, letter.one_click_url, letter.list_id) = (Kind::Personal, None, None, None);
    letter.body = "Dear Zoë  \n\n.\n..two   blanks\n\n\n".into();
    sender.send(&compose(&letter).unwrap()).unwrap();

    let signer = Signer::of(&smtp).unwrap().unwrap();
    assert_eq!(signer.record_name(), "probity._domainkey.cti.example");
    let file = |number: usize| server.folder.path().join(format!("{number:03}.eml"));
    let many = verified(&file(1), &signer);
    let covered: Vec<&str> = many.split_whitespace().collect();
    assert_eq!(covered[0], "good", "{many}");
    for name in [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "reply-to",
        "list-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
    ] {
        assert!(covered.contains(&name), "{name}: {many}");
    }
    assert!(
        verified(&file(2), &signer).starts_with("good "),
        "also of one, with lines that begin with a full stop"
    );
    let arrived = std::fs::read_to_string(file(1)).unwrap();
    assert!(arrived.split("\r\n\r\n").next().unwrap().lines().all(|line| line.len() < 200));
    for (from, to) in [
        ("three", "four"),
        ("/u/1f-ab/now", "/u/1f-ab/not"),
        ("List-Unsubscribe=One-Click", "List-Unsubscribe=Never"),
        ("\r\nTo: ", "\r\nFrom: Other <other@evil.example>\r\nTo: "),
        ("\r\nTo: ", "\r\nSubject: Another\r\nTo: "),
        ("\r\nTo: ", "\r\nList-Unsubscribe: <https://evil.example/u>\r\nTo: "),
    ] {
        let changed = place.path().join("changed.eml");
        assert!(arrived.contains(from), "{from}: {arrived}");
        std::fs::write(&changed, arrived.replacen(from, to, 1)).unwrap();
        assert!(verified(&changed, &signer).starts_with("bad"), "{from} became {to}");
    }
    // Without a key nothing pretends to be signed.
    server.sender().send(&compose(&news()).unwrap()).unwrap();
    assert!(!std::fs::read_to_string(file(3)).unwrap().contains("DKIM-Signature"));
}
