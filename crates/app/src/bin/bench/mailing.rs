//! A mailing to everybody who may have it, handed to a mail server in this process that takes whatever it is given, beside a bare client
//! of the same mail library that hands as many to the same server.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use app::acts::{Acting, mailing};
use app::cli::Failure;
use app::config::Config;
use app::fault::Fault;
use app::jobs::outbox;
use app::mail::{Kind, Outgoing, compose};
use lettre::{SmtpTransport, Transport};

use super::measure::{Row, Target, memory, per_second, timed};
use super::seed::Seeded;

/// How many the bare client hands over at most: its speed does not change with more.
const PLAINLY: usize = 20_000;

/// How much more memory a mailing may take while it leaves, in MiB, however many it goes to.
const GROWS: f64 = 16.0;

/// Sends a mailing to everybody whom the policy lets have it today.
pub fn mailing(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let sink = Sink::open()?;
    let settings = format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"CTI <hello@cti.example>\"\n",
        sink.port
    );
    let config = Config::parse("bench", &settings).map_err(|error| Failure(error.to_string()))?;
    let smtp = config.smtp.ok_or_else(|| Failure("no mail server".to_owned()))?;
    let (queued, reached) = timed(|| {
        let id = seeded.store().write(|tx| {
            let acting = Acting::staff(&seeded.instance, seeded.account.clone())?;
            let id = mailing::begin(&acting, tx, "news for organisations")?;
            mailing::write(&acting, tx, id, 1, "Spring news", "Dear {name},\n\nthere is **news**.")?;
            mailing::send(&acting, tx, id, 2)?;
            mailing::hurry(&acting, tx, id)?;
            Ok::<_, Fault>(id)
        })?;
        while seeded.store().read(|tx| Ok::<_, Fault>(store::mailing::filling(tx, id)?.is_some()))? {
            mailing::filling::go_on(&seeded.instance)?;
        }
        let all = "SELECT COUNT(*) FROM message WHERE mailing_id = ?1";
        let all = seeded.store().read(|tx| Ok::<_, Fault>(tx.count(all, store::params![id])?))?;
        Ok(usize::try_from(all).unwrap_or(0))
    })?;
    let (before, mut most) = (memory("VmRSS"), 0.0_f64);
    let (took, ()) = timed(|| {
        while sink.taken() < reached {
            let taken = sink.taken();
            outbox::run_by(&seeded.instance, &smtp)?;
            most = most.max(memory("VmRSS"));
            if sink.taken() == taken {
                return Err(Failure(format!("{taken} of {reached} left, and then none")));
            }
        }
        Ok(())
    })?;
    let twice = sink.taken() - reached;
    if twice > 0 {
        return Err(Failure(format!("{twice} messages left twice")));
    }
    let plainly = reached.min(PLAINLY);
    let (plain, ()) = timed(|| bare(sink.port, plainly))?;
    let speed = per_second(reached, took);
    let name = format!("mailing to {reached}, handed over");
    Ok(vec![
        Row::plain("mailing, decided for each and queued", per_second(reached, queued), "/s"),
        Row::held(name, speed, "/s", Some(per_second(plainly, plain)), Target::Share(0.8)),
        Row::held("mailing, memory it adds as it leaves", most - before, "MiB", None, Target::Most(GROWS)),
    ])
}

/// Hands over as many of the same sort by the library alone, each put together anew.
fn bare(port: u16, how_many: usize) -> Result<(), Failure> {
    let client = SmtpTransport::builder_dangerous("127.0.0.1").port(port).build();
    for n in 0..how_many {
        let outgoing = Outgoing {
            kind: Kind::Bulk,
            from: "CTI <hello@cti.example>".to_owned(),
            reply_to: None,
            to: format!("p{n}@post.example"),
            to_name: None,
            subject: "Spring news".to_owned(),
            body: "Dear Sam Hill,\n\nthere is **news**.".to_owned(),
            pictures: Arc::default(),
            footer: Some("Our notice: {notice}. Stop these e-mails: {unsubscribe}".to_owned()),
            notice_url: "https://cti.example/privacy".to_owned(),
            unsubscribe_url: Some("https://cti.example/unsubscribe/0".to_owned()),
            one_click_url: Some("https://cti.example/unsubscribe/0".to_owned()),
            list_id: Some("mailing.cti.example".to_owned()),
            message_token: format!("b{n}"),
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        let message = compose(&outgoing).map_err(|error| Failure(error.to_string()))?;
        client.send(&message).map_err(|error| Failure(error.to_string()))?;
    }
    Ok(())
}

/// A mail server that takes everything and keeps nothing but how many there were.
struct Sink {
    port: u16,
    taken: Arc<AtomicUsize>,
}

impl Sink {
    fn open() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let sink = Self { port: listener.local_addr()?.port(), taken: Arc::default() };
        let taken = Arc::clone(&sink.taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let taken = Arc::clone(&taken);
                std::thread::spawn(move || drop(talk(&stream, &taken)));
            }
        });
        Ok(sink)
    }

    fn taken(&self) -> usize {
        self.taken.load(SeqCst)
    }
}

fn talk(stream: &TcpStream, taken: &AtomicUsize) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut lines, mut out) = (BufReader::new(stream), stream);
    out.write_all(b"220 post.example\r\n")?;
    let (mut line, mut within) = (Vec::new(), false);
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let said: &[u8] = match (within, line.as_slice()) {
            (true, b".\r\n") => {
                within = false;
                taken.fetch_add(1, SeqCst);
                b"250 taken\r\n"
            }
            (true, _) => continue,
            (false, b"DATA\r\n") => {
                within = true;
                b"354 go on\r\n"
            }
            (false, b"QUIT\r\n") => return out.write_all(b"221 bye\r\n"),
            (false, hello) if hello.starts_with(b"EHLO") => {
                b"250-post.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
            }
            (false, _) => b"250 ok\r\n",
        };
        out.write_all(said)?;
    }
}
