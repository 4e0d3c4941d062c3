//! Mail leaves from one of the addresses that are set up for its channel, and from no other.

use app::acts::mailing::{self, sender};
use app::acts::personal;
use app::fault::Fault;
use app::jobs::outbox;

use crate::post_office::{PostOffice, settings};
use crate::town::{NEWS, Town};

const TWO: &str = "[[sender]]\nfrom = \"CTI News <news@cti.example>\"\n[[sender]]\nfrom = \"Courses <courses@cti.example>\"\n";

/// The line that says where the last letter came from.
fn from(office: &PostOffice) -> String {
    let letters = office.letters.lock().unwrap();
    let last = letters.last().unwrap();
    last.lines().find_map(|line| line.strip_prefix("From: ")).unwrap().to_owned()
}

fn leave(town: &Town, mailing: custody::id::MailingId, seen: i64) {
    town.act(|acting, tx| {
        mailing::send(acting, tx, mailing, seen)?;
        mailing::hurry(acting, tx, mailing)
    })
    .unwrap();
    outbox::run(town.instance()).unwrap();
}

fn draft(town: &Town) -> custody::id::MailingId {
    town.act(|acting, tx| {
        let begun = mailing::begin(acting, tx, NEWS)?;
        mailing::write(acting, tx, begun, 1, "News", "Hello.")?;
        Ok(begun)
    })
    .unwrap()
}

both! {
    /// Whoever writes a mailing chooses among what is set up; what is not is refused, and what is set up no more is not used.
    fn a_mailing_leaves_from_what_was_chosen(town) {
        let office = PostOffice::open();
        town.reopen(&format!("{}{TWO}", settings(office.port)));
        town.supporter("Tara Quill", "tara@post.example");
        let plain = draft(town);
        leave(town, plain, 2);
        assert_eq!(from(&office), "CTI <hello@cti.example>");
        let chosen = draft(town);
        let other = town.act(|acting, tx| sender::choose(acting, tx, chosen, 2, "Boss <boss@cti.example>"));
        assert!(matches!(other, Err(Fault::Invalid(_))));
        town.act(|acting, tx| sender::choose(acting, tx, chosen, 2, "CTI News <news@cti.example>")).unwrap();
        leave(town, chosen, 3);
        assert!(from(&office).contains("<news@cti.example>"), "{}", from(&office));
        let late = town.act(|acting, tx| sender::choose(acting, tx, chosen, 4, "CTI <hello@cti.example>"));
        assert!(matches!(late, Err(Fault::Changed)), "it has left");
        let gone = draft(town);
        town.act(|acting, tx| sender::choose(acting, tx, gone, 2, "Courses <courses@cti.example>")).unwrap();
        town.reopen(&settings(office.port));
        leave(town, gone, 3);
        assert_eq!(from(&office), "CTI <hello@cti.example>");
    }

    /// A channel that has an address of its own leaves from that and no other, to many and to one.
    fn a_channel_has_its_own(town) {
        let office = PostOffice::open();
        let own = TWO.replacen("example>\"\n", "example>\"\nchannels = [\"personal email\", \"mailing\"]\n", 1);
        town.reopen(&format!("{}{own}", settings(office.port)));
        town.supporter("Tara Quill", "tara@post.example");
        let omar = town.contact("Omar Finch", "omar@post.example");
        let begun = draft(town);
        leave(town, begun, 2);
        assert!(from(&office).contains("<news@cti.example>"), "{}", from(&office));
        let words = ("A course", "Shall we talk?");
        town.act(|acting, tx| personal::send(acting, tx, omar, "tailored offers", words)).unwrap();
        outbox::run(town.instance()).unwrap();
        assert!(from(&office).contains("<news@cti.example>"), "{}", from(&office));
        town.act(|acting, tx| personal::send(acting, tx, omar, "enquiries", words)).unwrap();
        outbox::run(town.instance()).unwrap();
        assert_eq!(from(&office), "CTI <hello@cti.example>");
    }

    /// Where there is no choice the page offers none.
    fn the_page_offers_nothing_where_nothing_is_set_up(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.supporter("Tara Quill", "tara@post.example");
        let begun = draft(town);
        let shown = town.page(&town.sign_in(), &format!("/outreach/{begun}")).text;
        assert!(shown.contains("From CTI &#60;hello@cti.example&#62;") && !shown.contains("Leave from this"), "{shown}");
    }

    /// The page says what it leaves from, and offers what is set up.
    fn the_page_offers_what_is_set_up(town) {
        let office = PostOffice::open();
        town.reopen(&format!("{}{TWO}", settings(office.port)));
        town.supporter("Tara Quill", "tara@post.example");
        let begun = draft(town);
        let (cookie, path) = (town.sign_in(), format!("/outreach/{begun}"));
        let shown = town.page(&cookie, &path).text;
        assert!(shown.contains("Leave from this") && shown.contains("From CTI &#60;hello@cti.example&#62;"), "{shown}");
        let send = format!("{path}/sender");
        let wrong = town.press(&cookie, &send, "version=2&from=boss%40cti.example");
        assert!(wrong.status == 422 && wrong.text.contains("set up for this"), "{}", wrong.text);
        let chosen = town.press(&cookie, &send, "version=2&from=CTI+News+%3Cnews%40cti.example%3E");
        assert_eq!(chosen.status, 303, "{}", chosen.text);
        assert!(town.page(&cookie, &path).text.contains("From CTI News &#60;news@cti.example&#62;"));
        let tried = town.press(&cookie, &format!("{path}/test"), "version=3&whose=0");
        assert_eq!(tried.status, 303, "{}", tried.text);
        assert!(from(&office).contains("<news@cti.example>"), "{}", from(&office));
    }
}
