//! Asks the DNS what texts stand under a name: one question over UDP, again over TCP where the answer does not fit. It
//! asks the machine's own servers and believes what they say; nothing here is asked unless somebody asks for it.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The most servers that are asked, one after the other.
const SERVERS_MAX: usize = 3;
/// What may arrive at our door before the answer does, and is left alone.
const STRAY_MAX: usize = 8;
/// Where the machine's servers are named.
const RESOLV_CONF: &str = "/etc/resolv.conf";
/// The port of the DNS.
pub const PORT: u16 = 53;

/// The kind of record that holds texts, and the class of the internet.
const TXT: u16 = 16;
const INTERNET: u16 = 1;
/// How many bytes stand before the question.
const HEAD: usize = 12;

/// The servers that are asked.
pub struct Resolver {
    servers: Vec<SocketAddr>,
}

/// What a server answered.
#[derive(PartialEq, Eq, Debug)]
enum Answer {
    /// The texts under the name; none where nothing stands there.
    Texts(Vec<String>),
    /// They did not fit.
    Cut,
}

impl Resolver {
    /// The server that is set, or those of the machine.
    #[must_use]
    pub fn of(set: Option<SocketAddr>) -> Self {
        let of_machine = || named(&std::fs::read_to_string(RESOLV_CONF).unwrap_or_default());
        Self { servers: set.map_or_else(of_machine, |server| vec![server]) }
    }

    /// The texts that stand under a name; none where there is no such name.
    ///
    /// # Errors
    /// In words, if no server answers.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|error| format!("the system gives no randomness: {error}"))?;
        let question = question(id, name).ok_or_else(|| format!("`{name}` is no name of the DNS"))?;
        let mut why = "the machine names no server to ask".to_owned();
        for server in &self.servers {
            match asked(*server, &question) {
                Ok(texts) => return Ok(texts),
                Err(said) => why = format!("the DNS server {server} {said}"),
            }
        }
        Err(why)
    }
}

/// The servers that a `resolv.conf` names; one on this machine where it names none.
fn named(text: &str) -> Vec<SocketAddr> {
    let addresses = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let server = words.next().filter(|word| *word == "nameserver").and_then(|_| words.next())?;
        server.split('%').next()?.parse::<IpAddr>().ok()
    });
    let mut servers: Vec<_> =
        addresses.take(SERVERS_MAX).map(|address| SocketAddr::new(address, PORT)).collect();
    if servers.is_empty() {
        servers.push((Ipv4Addr::LOCALHOST, PORT).into());
    }
    servers
}

/// The question for the texts under a name (RFC 1035, 4.1); nothing for what is no name.
fn question([first, second]: [u8; 2], name: &str) -> Option<Vec<u8>> {
    // Asked so that the server finds out by itself, and with one question.
    let mut question = vec![first, second, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        if !label.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        question.push(length);
        question.extend_from_slice(label.as_bytes());
    }
    question.push(0);
    question.extend_from_slice(&TXT.to_be_bytes());
    question.extend_from_slice(&INTERNET.to_be_bytes());
    (question.len() <= HEAD + 255 + 4).then_some(question)
}

fn asked(server: SocketAddr, question: &[u8]) -> Result<Vec<String>, String> {
    let words = |error: Error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("does not answer within {} seconds", PATIENCE.as_secs())
        }
        ErrorKind::ConnectionRefused => "is none: nothing listens there".to_owned(),
        ErrorKind::UnexpectedEof => "breaks off".to_owned(),
        _ => "cannot be reached".to_owned(),
    };
    let answer = over_udp(server, question).map_err(words)?;
    match read(&answer, question)? {
        Answer::Texts(texts) => Ok(texts),
        Answer::Cut => match read(&over_tcp(server, question).map_err(words)?, question)? {
            Answer::Texts(texts) => Ok(texts),
            Answer::Cut => Err("cuts its answer short".to_owned()),
        },
    }
}

fn over_udp(server: SocketAddr, question: &[u8]) -> Result<Vec<u8>, Error> {
    let here: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((here, 0))?;
    // From now on nothing arrives from anybody else.
    socket.connect(server)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.send(question)?;
    let mut room = [0; 4096];
    for _ in 0..STRAY_MAX {
        let length = socket.recv(&mut room)?;
        let answer = room.get(..length).unwrap_or_default();
        if answers(answer, question) {
            return Ok(answer.to_vec());
        }
    }
    Err(ErrorKind::TimedOut.into())
}

fn over_tcp(server: SocketAddr, question: &[u8]) -> Result<Vec<u8>, Error> {
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let length = u16::try_from(question.len()).unwrap_or_default();
    stream.write_all(&[&length.to_be_bytes(), question].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

/// Whether it is an answer, and to this question: its number, and the question itself, however its letters are written.
fn answers(answer: &[u8], question: &[u8]) -> bool {
    let same = |from: usize, to: usize| match (answer.get(from..to), question.get(from..to)) {
        (Some(theirs), Some(ours)) => theirs.eq_ignore_ascii_case(ours),
        _ => false,
    };
    let is_answer = answer.get(2).is_some_and(|flags| flags & 0x80 != 0);
    // A server that cannot read the question repeats none of it.
    is_answer && same(0, 2) && (answer.len() == HEAD || same(HEAD, question.len()))
}

/// Reads an answer.
fn read(answer: &[u8], question: &[u8]) -> Result<Answer, String> {
    let odd = || "answers something that cannot be read".to_owned();
    if !answers(answer, question) {
        return Err(odd());
    }
    let mut reader = Reader { bytes: answer, at: 2 };
    let flags = reader.number().ok_or_else(odd)?;
    match flags & 0x0f {
        0 => {}
        3 => return Ok(Answer::Texts(Vec::new())),
        2 => return Err("could not find out".to_owned()),
        5 => return Err("does not answer us".to_owned()),
        code => return Err(format!("answers with the code {code}")),
    }
    if flags & 0x0200 != 0 {
        return Ok(Answer::Cut);
    }
    texts(&mut reader).map(Answer::Texts).ok_or_else(odd)
}

/// The texts in an answer, whatever other name they are said to stand under in the end.
fn texts(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let (questions, records) = (reader.number()?, reader.number()?);
    reader.take(4)?;
    for _ in 0..questions {
        reader.name()?;
        reader.take(4)?;
    }
    let mut texts = Vec::new();
    for _ in 0..records {
        reader.name()?;
        let kind = reader.number()?;
        reader.take(6)?;
        let length = reader.number()?;
        let data = reader.take(usize::from(length))?;
        if kind == TXT {
            texts.push(text(data)?);
        }
    }
    Some(texts)
}

/// A text, put together from its pieces.
fn text(data: &[u8]) -> Option<String> {
    let mut reader = Reader { bytes: data, at: 0 };
    let mut bytes = Vec::new();
    while reader.at < data.len() {
        let length = reader.byte()?;
        bytes.extend_from_slice(reader.take(usize::from(length))?);
    }
    // It is shown to somebody: nothing in it may move their cursor.
    Some(String::from_utf8_lossy(&bytes).chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// Reads from front to back, and never past the end.
struct Reader<'m> {
    bytes: &'m [u8],
    at: usize,
}

impl<'m> Reader<'m> {
    fn take(&mut self, many: usize) -> Option<&'m [u8]> {
        let end = self.at.checked_add(many)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    /// Past a name, which ends with nothing or by pointing to where the rest of it stands.
    fn name(&mut self) -> Option<()> {
        loop {
            match self.byte()? {
                0 => return Some(()),
                length @ 1..=63 => {
                    self.take(usize::from(length))?;
                }
                0xc0.. => {
                    self.byte()?;
                    return Some(());
                }
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer to a question: its flags, and records as their kind and data.
    fn answer(question: &[u8], flags: [u8; 2], records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut answer = question.to_vec();
        answer[2..4].copy_from_slice(&flags);
        answer[7] = u8::try_from(records.len()).unwrap();
        for (kind, data) in records {
            answer.extend([0xc0, 12]);
            answer.extend(kind.to_be_bytes());
            answer.extend([0, 1, 0, 0, 0, 60]);
            answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            answer.extend_from_slice(data);
        }
        answer
    }

    #[test]
    fn an_answer_is_read_to_its_end_and_never_past_it() {
        let asked = question([7, 9], "_dmarc.cti.example").unwrap();
        let whole = answer(
            &asked,
            [0x81, 0x80],
            &[(5, b"\xc0\x0c"), (TXT, b"\x05v=DMA\x04RC1;"), (TXT, b"\x03a\x1bb")],
        );
        let texts = vec!["v=DMARC1;".to_owned(), "a b".to_owned()];
        assert_eq!(read(&whole, &asked), Ok(Answer::Texts(texts)));
        for end in 0..whole.len() {
            assert!(read(&whole[..end], &asked).is_err(), "{end} bytes of it");
        }
        let mut changed = whole.clone();
        for place in 0..changed.len() {
            for byte in [0, 1, 0x3f, 0x80, 0xc0, 0xff] {
                changed[place] = byte;
                let _ = read(&changed, &asked);
            }
            changed[place] = whole[place];
        }
    }

    #[test]
    fn what_is_not_there_is_told_from_what_could_not_be_found_out() {
        let asked = question([7, 9], "cti.example").unwrap();
        let said = |flags| read(&answer(&asked, flags, &[]), &asked);
        assert_eq!(said([0x81, 0x80]), Ok(Answer::Texts(Vec::new())));
        assert_eq!(said([0x81, 0x83]), Ok(Answer::Texts(Vec::new())));
        assert_eq!(said([0x83, 0x80]), Ok(Answer::Cut));
        assert!(said([0x81, 0x82]).is_err_and(|why| why.contains("could not find out")));
        assert!(said([0x01, 0x80]).is_err(), "a question is no answer");
        let other = question([7, 10], "cti.example").unwrap();
        assert!(read(&answer(&other, [0x81, 0x80], &[]), &asked).is_err(), "another question's");
        let another = question([7, 9], "cmp.example").unwrap();
        assert!(read(&answer(&another, [0x81, 0x80], &[]), &asked).is_err(), "another name's");
    }

    #[test]
    fn names_and_servers_are_taken_as_they_are_written() {
        for name in ["", "a..b", "two words.example", &"a".repeat(64), &["a"; 140].join(".")] {
            assert_eq!(question([0, 0], name), None, "{name}");
        }
        let conf =
            "# ours\nsearch cti.example\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\nnameserver x\n";
        assert_eq!(named(conf), ["192.0.2.1:53".parse().unwrap(), "[fe80::1]:53".parse().unwrap()]);
        assert_eq!(named(""), ["127.0.0.1:53".parse().unwrap()]);
    }
}
