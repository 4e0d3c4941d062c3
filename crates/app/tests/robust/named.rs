//! What the DNS says of the domain that mail comes from, from a server of names in this process: found over UDP and, where it is
//! too long for that, over TCP; each way it can be wrong has its words, and nobody is asked before somebody asks for it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use app::acts::health::State;
use app::acts::health::records::looked_up;
use app::config::{Dkim, Smtp, SmtpSecurity};
use app::mail::dkim::{Signer, key};
use axum::http::StatusCode;

use super::binary::{made, run};
use super::common::{Data, House};

/// What stands under which name, and which names were asked for, with what.
#[derive(Clone, Default)]
struct Names {
    there: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    asked: Arc<Mutex<Vec<(String, &'static str)>>>,
}

impl Names {
    fn open() -> (Self, SocketAddr) {
        // Both doors have one number: a port that is free for one may be taken for the other.
        let (udp, tcp) = (0..50)
            .find_map(|_| {
                let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
                TcpListener::bind(udp.local_addr().unwrap()).ok().map(|tcp| (udp, tcp))
            })
            .unwrap();
        let (names, at) = (Self::default(), udp.local_addr().unwrap());
        let ours = names.clone();
        std::thread::spawn(move || {
            let mut room = [0; 512];
            while let Ok((length, from)) = udp.recv_from(&mut room) {
                // Something that answers nothing comes first, and has to be left alone.
                let _ = udp.send_to(b"stray", from);
                let _ = udp.send_to(&ours.answer(&room[..length], "udp"), from);
            }
        });
        let ours = names.clone();
        std::thread::spawn(move || {
            for mut stream in tcp.incoming().map_while(Result::ok) {
                let mut length = [0; 2];
                stream.read_exact(&mut length).unwrap();
                let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
                stream.read_exact(&mut question).unwrap();
                let answer = ours.answer(&question, "tcp");
                stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
                stream.write_all(&answer).unwrap();
            }
        });
        (names, at)
    }

    fn put(&self, name: &str, texts: &[&str]) {
        self.there
            .lock()
            .unwrap()
            .insert(name.to_owned(), texts.iter().map(|text| (*text).to_owned()).collect());
    }

    fn answer(&self, question: &[u8], by: &'static str) -> Vec<u8> {
        let (mut labels, mut at) = (Vec::new(), 12);
        while question[at] != 0 {
            let end = at + 1 + usize::from(question[at]);
            labels.push(String::from_utf8(question[at + 1..end].to_vec()).unwrap());
            at = end;
        }
        let name = labels.join(".");
        self.asked.lock().unwrap().push((name.clone(), by));
        let texts = self.there.lock().unwrap().get(&name).cloned();
        let mut answer = question.to_vec();
        answer[2..4].copy_from_slice(&if texts.is_some() { [0x81, 0x80] } else { [0x81, 0x83] });
        for text in texts.unwrap_or_default() {
            let data: Vec<u8> = text
                .as_bytes()
                .chunks(255)
                .flat_map(|piece| [&[u8::try_from(piece.len()).unwrap()], piece].concat())
                .collect();
            answer[7] += 1;
            answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
            answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            answer.extend(data);
        }
        if by == "udp" && answer.len() > 512 {
            answer.truncate(question.len());
            answer[2] |= 2;
            answer[7] = 0;
        }
        answer
    }
}

fn smtp(at: SocketAddr, dkim: Option<Dkim>) -> Smtp {
    Smtp {
        host: "mail.cti.example".into(),
        port: 587,
        security: SmtpSecurity::Starttls,
        user: None,
        password_file: None,
        from: "CTI <hello@cti.example>".into(),
        dkim,
        resolver: Some(at),
        pause_at_percent: 5,
    }
}

/// A key in a file that only its owner reads.
fn drawn(place: &std::path::Path) -> Dkim {
    let file = place.join("dkim.pem");
    std::fs::write(&file, key::drawn().unwrap().as_bytes()).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    Dkim { selector: "probity".into(), key_file: Some(file), domain: None }
}

#[test]
fn each_record_is_found_and_each_way_it_can_be_wrong_has_its_words() {
    let place = tempfile::tempdir().unwrap();
    let (names, at) = Names::open();
    let smtp = smtp(at, Some(drawn(place.path())));
    let ours = Signer::of(&smtp).unwrap().unwrap().record();
    let (spf, dkim, dmarc) = ("cti.example", "probity._domainkey.cti.example", "_dmarc.cti.example");
    let line = |of: &str| looked_up(&smtp).into_iter().find(|line| line.words.starts_with(of)).unwrap();

    // Nothing is there: each line has what is to be put where, as it is to be put.
    for (of, name, value) in [
        ("SPF", spf, "v=spf1 a:mail.cti.example ~all"),
        ("DKIM", dkim, ours.as_str()),
        ("DMARC", dmarc, "v=DMARC1; p=none"),
    ] {
        let found = line(of);
        assert_eq!(found.state, State::NeedsYou, "{found:?}");
        let put = format!("under {name}: \u{201c}{value}\u{201d}");
        assert!(found.words.contains(&put), "{found:?}");
        names.put(name, &["google-site-verification=abc", value]);
    }
    // And once it is there, all is well.
    let lines = looked_up(&smtp);
    assert!(lines.len() == 3 && lines.iter().all(|line| line.state == State::Well), "{lines:?}");

    let tried = ours.replace("k=rsa;", "k=rsa; t=y;");
    let long = format!("v=spf1 {} ~all", "include:a.example ".repeat(11));
    let cases: &[(&str, &str, &[&str], State, &str)] = &[
        ("SPF", spf, &["v=spf1 a -all", "v=spf1 mx -all"], State::Failed, "2 records stand at cti.example"),
        ("SPF", spf, &["v=spf1 mx all"], State::Failed, "it lets anybody send"),
        ("SPF", spf, &["v=spf1 mx ?all"], State::NeedsYou, "it says nothing of whoever it does not name"),
        ("SPF", spf, &["v=spf1 mx"], State::NeedsYou, "it says nothing of whoever it does not name"),
        ("SPF", spf, &["v=spf1 -all"], State::Failed, "neither may we"),
        ("SPF", spf, &[long.as_str()], State::Failed, "sends its reader on 11 times"),
        ("SPF", spf, &["v=spf10 mx -all"], State::NeedsYou, "nothing at cti.example says"),
        ("SPF", spf, &["V=SPF1 redirect=_spf.post.example"], State::Well, "redirect=_spf.post.example"),
        ("DKIM", dkim, &["v=DKIM1; k=rsa; p=AAAA"], State::Failed, "another key than ours"),
        ("DKIM", dkim, &["v=DKIM1; p="], State::Failed, "is withdrawn"),
        ("DKIM", dkim, &[ours.as_str(), "v=DKIM1; p=AAAA"], State::Failed, "2 keys stand at"),
        ("DKIM", dkim, &[tried.as_str()], State::NeedsYou, "only tried"),
        (
            "DMARC",
            dmarc,
            &["v=DMARC1; rua=mailto:a@cti.example"],
            State::Failed,
            "does not say what is asked for",
        ),
        ("DMARC", dmarc, &["v=DMARC1; p=none", "v=DMARC1; p=reject"], State::Failed, "2 records stand at"),
        ("DMARC", dmarc, &["v=DMARC1; p=reject"], State::Well, "p=reject"),
    ];
    for (of, name, texts, state, words) in cases {
        names.put(name, texts);
        let found = line(of);
        assert!(found.state == *state && found.words.contains(words), "{texts:?}: {found:?}");
    }
    // A key of 2048 bits with its neighbours does not fit into one answer, and is asked for again.
    names.put(dkim, &[ours.as_str(), "x".repeat(200).as_str()]);
    assert_eq!(line("DKIM").state, State::Well);
    assert!(names.asked.lock().unwrap().contains(&(dkim.to_owned(), "tcp")));
}

#[test]
fn what_holds_for_the_domain_above_holds_and_a_signature_of_another_domain_vouches_for_nothing() {
    let place = tempfile::tempdir().unwrap();
    let (names, at) = Names::open();
    let dkim = Dkim { domain: Some("post.example".into()), ..drawn(place.path()) };
    let smtp = Smtp { from: "hello@news.cti.example".into(), ..smtp(at, Some(dkim)) };
    let record = Signer::of(&smtp).unwrap().unwrap().record();
    names.put("news.cti.example", &["v=spf1 mx ~all"]);
    names.put("probity._domainkey.post.example", &[record.as_str()]);
    names.put("_dmarc.cti.example", &["v=DMARC1; p=reject; sp=maybe"]);
    let lines = looked_up(&smtp);
    assert!(
        lines[1].state == State::NeedsYou && lines[1].words.contains("mail comes from news.cti.example"),
        "{lines:?}"
    );
    assert!(
        lines[2].state == State::Failed && lines[2].words.contains("at _dmarc.cti.example stands"),
        "{lines:?}"
    );
    // Where the mail server signs, only that a key is there can be seen; where nobody says who signs, that is what is missing.
    let theirs = Dkim { selector: "s1".into(), key_file: None, domain: None };
    names.put("s1._domainkey.news.cti.example", &["k=rsa; p=AAAA"]);
    let lines = looked_up(&Smtp { dkim: Some(theirs), ..smtp.clone() });
    assert!(lines[1].state == State::Well && lines[1].words.contains("we do not see"), "{lines:?}");
    let lines = looked_up(&Smtp { dkim: None, ..smtp.clone() });
    assert!(lines[1].state == State::NeedsYou && lines[1].words.contains("probity mail key"), "{lines:?}");
    // A server that is not there is one sentence, and not three times the wait.
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let lines = looked_up(&Smtp { resolver: Some(nobody), ..smtp.clone() });
    assert!(lines.len() == 1 && lines[0].state == State::Failed, "{lines:?}");
    assert!(lines[0].words.contains(&format!("the DNS server {nobody} is none")), "{lines:?}");
    let lines = looked_up(&Smtp { from: "root@localhost".into(), ..smtp });
    assert!(lines.len() == 1 && lines[0].words.contains("no domain"), "{lines:?}");
}

#[tokio::test]
async fn nobody_is_asked_before_somebody_asks() {
    let (names, at) = Names::open();
    let data = Data::new();
    let _ = made(super::WORLD, data.path(), None);
    let mut opened = super::binary::opened(data.path(), None);
    opened.config.smtp = Some(smtp(at, None));
    let house = House::around(opened, data);
    let cookie = house.sign_in("helen.marsh").await;
    let page = house.get("/admin", &cookie).await.text;
    assert!(page.contains("action=\"/admin/dns\"") && !page.contains("SPF"), "{page}");
    assert!(names.asked.lock().unwrap().is_empty(), "the page asked by itself");
    names.put("cti.example", &["v=spf1 a:mail.cti.example -all"]);
    let page = house.post("/admin/dns", &cookie, "").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in ["SPF: at cti.example stands", "DKIM: nothing says who signs", "under _dmarc.cti.example"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let ruth = house.sign_in("ruth.adler").await;
    assert_eq!(house.post("/admin/dns", &ruth, "").await.status, StatusCode::FORBIDDEN);
}

#[test]
fn the_doctor_says_the_same() {
    let (names, at) = Names::open();
    let data = tempfile::tempdir().unwrap();
    let _ = made(super::WORLD, data.path(), None);
    let settings = format!(
        "{}resolver = \"{at}\"\n[[sender]]\nfrom = \"News <news@post.cti.example>\"\n[[sender]]\nfrom = \"ask@cti.example\"\n",
        super::post_office::settings(25)
    );
    std::fs::write(data.path().join("probity.toml"), settings).unwrap();
    names.put("cti.example", &["v=spf1 ip4:192.0.2.7 +all"]);
    let doctor = run(&["doctor", "--data", data.path().to_str().unwrap()]);
    assert_eq!(doctor.code, Some(1), "{doctor:?}");
    for words in [
        "failed     SPF: at cti.example",
        "it lets anybody send for you",
        "needs you  DMARC: nothing at _dmarc.cti.example",
        // Who may send is said of each domain alone.
        "needs you  SPF: nothing at post.cti.example",
    ] {
        assert!(doctor.out.contains(words), "{words}: {doctor:?}");
    }
    assert_eq!(doctor.out.matches("SPF:").count(), 2, "{doctor:?}");
}
