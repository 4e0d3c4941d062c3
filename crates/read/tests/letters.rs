//! Messages of a mailbox: what they say, who wrote them, a person or a machine, and everything that can be wrong with one.

use read::{Came, letter};

fn came(headings: &str, text: &str) -> Came {
    let mail = format!(
        "From: Ada Marlowe <ada@post.example>\r\nMessage-ID: <1@post.example>\r\n{headings}\r\n{text}\r\n"
    );
    letter(mail.as_bytes()).0.came
}

#[test]
fn what_somebody_wrote_is_read_with_what_hangs_on_it() {
    let mail = "From: =?utf-8?q?Zo=C3=AB?= <Zoe@Post.example>\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n\tat nine\r\nMessage-ID: <7@x>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCaf=E9?\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>Caf&eacute;?</p>\r\n--c--\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=\"a\tb.pdf\"\r\n\r\n%PDF-1\r\n--b--\r\n";
    let (read, files) = letter(mail.as_bytes());
    assert_eq!(read.came, Came::Letter);
    assert_eq!(read.from.as_deref(), Some("Zoe@Post.example"));
    assert_eq!((read.name.as_str(), read.subject.as_str()), ("Zoë", "Café at nine"));
    assert_eq!(read.text, "Café?");
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].0, "a b.pdf");
    assert!(files[0].1.starts_with(b"%PDF-1"));
    // The same message by another way is the same; another with its number is not.
    let again = format!("Received: by a.example\r\n{mail}");
    assert_eq!(letter(again.as_bytes()).0.identity, read.identity);
    let other = mail.replace("at nine", "at ten");
    assert_ne!(letter(other.as_bytes()).0.identity, read.identity);
}

#[test]
fn a_page_is_read_as_text() {
    let mail = "From: a@x.example\r\nContent-Type: text/html\r\n\r\n<html><body><p>Please <b>erase</b> me</p></body></html>";
    let (read, _) = letter(mail.as_bytes());
    assert!(read.text.contains("Please erase me"), "{}", read.text);
    assert_eq!(read.identity, None, "only its bytes tell it from others");
}

#[test]
fn machines_are_told_from_people() {
    for headings in [
        "Auto-Submitted: auto-replied\r\nSubject: Away\r\n",
        "Auto-Submitted: auto-generated (vacation)\r\n",
        "Precedence: auto_reply\r\n",
        "X-Autoreply: yes\r\n",
        "Subject: Automatic reply: Your letter\r\n",
        "Subject: Automatische Antwort: Ihr Brief\r\n",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_votre_lettre?=\r\n",
        "Subject: =?utf-8?q?RESPUESTA_AUTOM=C3=81TICA:_su_carta?=\r\n",
        "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\r\n",
        "Return-Path: <>\r\nSubject: Thanks\r\n",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n",
    ] {
        assert_eq!(came(headings, "I am away."), Came::Automatic, "{headings}");
    }
    for headings in
        ["List-Id: <news.x.example>\r\n", "Precedence: bulk\r\n", "List-Unsubscribe: <https://x.example>\r\n"]
    {
        assert_eq!(came(headings, "News"), Came::List, "{headings}");
    }
    let asks = "Auto-Submitted: auto-replied\r\nSubject: Please confirm your message\r\n";
    assert_eq!(came(asks, "Click here."), Came::Challenge);
    for headings in [
        "Auto-Submitted: no\r\n",
        "Subject: Please confirm your message\r\n",
        "Subject: I was out of office\r\n",
        "Subject: Re: Automatische Antwort: Ihr Brief\r\n",
        "X-Auto-Response-Suppress: All\r\n",
    ] {
        assert_eq!(came(headings, "Hello"), Came::Letter, "{headings}");
    }
}

fn report(status: &str) -> Came {
    came(
        "Return-Path: <>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n",
        &format!(
            "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.x.example\r\n\r\n{status}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: us@cti.example\r\nTo: ada@post.example\r\n\r\nHello\r\n--b--"
        ),
    )
}

#[test]
fn what_came_back_for_good_is_told_from_what_may_still_arrive() {
    let ada = || vec!["ada@post.example".to_owned()];
    for (status, hard) in [
        ("Final-Recipient: rfc822; ada@post.example\r\nAction: failed\r\nStatus: 5.1.1\r\n", true),
        (
            "Final-Recipient: RFC822;<ada@post.example>\r\nAction: Failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp;\r\n 550 No such user\r\n",
            true,
        ),
        (
            "Final-Recipient: rfc822; ada@post.example\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 550 5.2.2 full\r\n",
            false,
        ),
        (
            "Final-Recipient: rfc822; ada@post.example\r\nAction: failed\r\nStatus: 5.7.1\r\nDiagnostic-Code: smtp; 550 5.7.1 no\r\n",
            false,
        ),
        ("Final-Recipient: rfc822; ada@post.example\r\nAction: failed\r\nStatus: 4.4.7\r\n", false),
    ] {
        assert_eq!(report(status), Came::Bounce { hard, whom: ada(), of: None }, "{status}");
    }
    let both = "Final-Recipient: rfc822; tom@x.example\r\nAction: delayed\r\nStatus: 4.2.2\r\n\r\nFinal-Recipient: rfc822; ada@post.example\r\nAction: failed\r\nStatus: 5.1.1\r\n";
    assert_eq!(report(both), Came::Bounce { hard: true, whom: ada(), of: None });
    // What is late, or has arrived, did not come back.
    for action in ["delayed", "relayed", "delivered (to mailbox)", "expanded"] {
        let status =
            format!("Final-Recipient: rfc822; ada@post.example\r\nAction: {action}\r\nStatus: 4.4.1\r\n");
        assert_eq!(report(&status), Came::UnderWay { whom: ada() }, "{action}");
    }
    // In words alone: what they do not say is not guessed.
    for (said, hard, whom) in [
        ("<ada@post.example>: no such user", true, ada()),
        ("<ada@post.example>: the server did not answer", false, ada()),
        ("Your message to Ada came back: no such user", true, Vec::new()),
    ] {
        let words = format!("From: MAILER-DAEMON@x.example\r\nSubject: failure notice\r\n\r\n{said}\r\n");
        assert_eq!(letter(words.as_bytes()).0.came, Came::Bounce { hard, whom, of: None }, "{said}");
    }
}

#[test]
fn what_was_called_unwanted_is_known() {
    let arf = |fields: &str| {
        came(
            "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\r\n",
            &format!(
                "--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: X/1\r\n{fields}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <m17@cti.example>\r\nFrom: us@cti.example\r\nTo: Ada <ada@post.example>\r\nSubject: News\r\n\r\nHello\r\n--b--"
            ),
        )
    };
    let whom = vec!["ada@post.example".to_owned()];
    let of = Some("m17@cti.example".to_owned());
    let said = Came::Unwanted { whom: whom.clone(), of: of.clone() };
    assert_eq!(arf("Original-Rcpt-To: <ada@post.example>\r\n"), said);
    assert_eq!(arf(""), Came::Unwanted { whom, of });
}

/// Messages nobody would write, by the dozen: each is read or said to be unread, and what is taken is bounded.
#[test]
fn hostile_mail_is_bounded() {
    let deep = (0..2000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect::<String>();
    let nested =
        (0..300).map(|n| format!("Content-Type: message/rfc822\r\n\r\nSubject: {n}\r\n")).collect::<String>();
    let many = (0..20_000).map(|n| format!("X-Heading-{n}: {n}\r\n")).collect::<String>();
    let files = (0..500)
        .map(|n| format!("--b\r\nContent-Disposition: attachment; filename={n}\r\n\r\nx\r\n"))
        .collect::<String>();
    let whom = (0..5000)
        .map(|n| {
            format!("Final-Recipient: rfc822; a{n}@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n")
        })
        .collect::<String>();
    let all: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"\0".repeat(1000),
        b"\r\n\r\n".to_vec(),
        b"From:".to_vec(),
        b"From: \xff\xfe\xfd\r\nSubject: \xc3\x28\r\n\r\n\xff\xff".to_vec(),
        b"From: =?utf-8?q?=FF=FE?= <a@b>\r\nSubject: =?nosuch?x?zzz?=\r\nContent-Type: text/plain; charset=nosuch\r\n\r\n\xe4\xf6".to_vec(),
        format!("From: a@x.example\r\nMIME-Version: 1.0\r\n{deep}").into_bytes(),
        format!("From: a@x.example\r\n{nested}").into_bytes(),
        format!("{many}From: a@x.example\r\n\r\nhello").into_bytes(),
        format!("From: a@x.example\r\nSubject: {}\r\n\r\n{}", "s".repeat(1_000_000), "é".repeat(1_000_000)).into_bytes(),
        format!("From: {}@x.example\r\n\r\nhello", "a".repeat(100_000)).into_bytes(),
        format!("From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{files}--b--").into_bytes(),
        format!("From: a@x.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n{whom}--b--").into_bytes(),
        b"From: a@x.example\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!====".to_vec(),
        format!("From: a@x.example\r\nContent-Type: text/html\r\n\r\n{}", "<div>".repeat(200_000)).into_bytes(),
        b"From: <a@x.example>, <b@x.example>\r\nFrom: <c@x.example>\r\n\r\ntwo".to_vec(),
        b"From: \"a@x.example\" <real@y.example>\r\n\r\nname is an address".to_vec(),
    ];
    for mail in &all {
        let (read, files) = letter(mail);
        assert!(read.text.len() <= 90_000 && read.subject.len() <= 500 && read.name.len() <= 200, "{read:?}");
        assert!(read.from.as_ref().is_none_or(|from| from.len() <= 320) && files.len() <= 50);
        assert!(!read.text.contains('\0') && !read.subject.contains(['\0', '\r', '\n']));
        if let Came::Bounce { whom, .. } | Came::Unwanted { whom, .. } = &read.came {
            assert!(whom.len() <= 20, "{}", whom.len());
        }
    }
    assert_eq!(letter(&all[16]).0.from.as_deref(), Some("real@y.example"));
}
