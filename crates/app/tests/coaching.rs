//! A coaching programme from the enquiry to the certificate, through the acts: nothing is written down before
//! the signed form is on file, and everything goes on the night after its day.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod common;

use app::acts::document::{self, NewPiece, Place, Upload};
use app::acts::engagement::{self, AgreedPeriod, NewWork, Payer};
use app::acts::entry::{self, NewNote};
use app::acts::person;
use app::acts::{Acting, consent, question};
use app::fault::Fault;
use app::instance::Instance;
use app::jobs::night;
use app::world::Pack;
use common::{Data, begun, hired, newcomer};
use custody::id::{EngagementId, EntryId, PersonId, StaffId};
use jiff::civil::{Date, date};
use store::Tx;
use store::entry::Direction;
use store::staff;

const BEGINS: Date = date(2026, 12, 1);

struct House {
    instance: Instance,
    manager: StaffId,
    coach: StaffId,
    other: StaffId,
    client: PersonId,
    associate: PersonId,
    _data: Data,
}

impl House {
    fn new(url: Option<String>) -> Self {
        let data = Data::on(url);
        let instance = begun(&data, Pack::named("cti").unwrap().policy().unwrap(), BEGINS);
        let account = |name: &str, role: &str| hired(&instance, name, role).id;
        let (manager, coach, other) =
            (account("Helen", "business manager"), account("Callum", "coach"), account("Odette", "coach"));
        let mut house = Self {
            instance,
            manager,
            coach,
            other,
            client: PersonId(0),
            associate: PersonId(0),
            _data: data,
        };
        house.client = house.person("coaching client", "Priya Example", "priya@person.example");
        house.associate = house.person("associate", "Callum Example", "callum@coach.example");
        house
    }

    /// Runs an act of somebody on the staff, as a page would.
    fn act<T>(
        &self,
        who: StaffId,
        mut act: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.instance.store.write(|tx| {
            let acting = Acting::staff(&self.instance, staff::get(tx, who)?)?;
            act(&acting, tx)
        })
    }

    fn person(&self, category: &str, name: &str, email: &str) -> PersonId {
        let new = newcomer(category, "the person", &[("name", name), ("email", email)]);
        self.act(self.manager, |acting, tx| person::add(acting, tx, &new)).unwrap()
    }

    fn start(&self, payer: Payer) -> EngagementId {
        let new = NewWork {
            work: "programme".into(),
            parts: vec![("client".into(), self.client), ("coach".into(), self.associate)],
            staff: Some(self.coach),
            payer,
            opened_on: self.instance.clock.today(),
        };
        self.act(self.manager, |acting, tx| engagement::start(acting, tx, &new)).unwrap()
    }

    fn note(&self, who: StaffId, programme: EngagementId, text: &str) -> Result<EntryId, Fault> {
        let note = NewNote {
            kind: "coaching notes".into(),
            body: text.into(),
            on: self.instance.clock.today(),
            direction: Some(Direction::Both),
            engagement: Some(programme),
        };
        self.act(who, |acting, tx| entry::add(acting, tx, self.client, &note))
    }

    fn sign(&self, programme: EngagementId) -> Result<(), Fault> {
        let mut place = Some(Place::File(Upload::take("form", b"%PDF-1.7 signed, 1 Dec".to_vec()).unwrap()));
        self.act(self.manager, |acting, tx| {
            consent::sign(acting, tx, programme, acting.today, &mut place).map(drop)
        })
    }

    fn record(&self, programme: EngagementId, milestone: &str, on: Date) -> Result<(), Fault> {
        self.act(self.manager, |acting, tx| engagement::record(acting, tx, programme, milestone, on))
    }

    fn agree(&self, programme: EngagementId, months: i32, reason: &str, by: &[&str]) -> Result<(), Fault> {
        let by = by.iter().map(|part| (*part).to_owned()).collect();
        let new = AgreedPeriod { months, reason: reason.into(), by };
        self.act(self.manager, |acting, tx| engagement::agree(acting, tx, programme, &new))
    }

    /// Lives through every night until a day.
    fn until(&self, day: Date) {
        night::practise_until(&self.instance, day).unwrap();
    }

    /// What the link of the last such question is known by.
    fn token(&self, asks: &str) -> Vec<u8> {
        let sql = "SELECT token FROM message WHERE asks = ?1 ORDER BY id DESC LIMIT 1";
        let found = self.instance.store.read(|tx| tx.one(sql, &[asks.into()], |row| row.opt_bytes(0)));
        found.unwrap().unwrap()
    }

    /// Opens a question's link, and gives what they would agree to.
    fn put(&self, token: &[u8]) -> String {
        let acting = Acting::subject(&self.instance);
        self.instance.store.read(|tx| question::put(&acting, tx, token)).unwrap().unwrap().wording
    }

    fn say(&self, token: &[u8], yes: Option<bool>, words: &str) -> Result<(), Fault> {
        let acting = Acting::subject(&self.instance);
        self.instance.store.write(|tx| question::answer(&acting, tx, token, yes, words))
    }

    fn count(&self, sql: &str) -> i64 {
        self.instance.store.read(|tx| tx.one(sql, &[], |row| row.int(0))).unwrap()
    }

    fn notes(&self) -> i64 {
        self.count("SELECT COUNT(*) FROM entry WHERE kind = 'coaching notes'")
    }

    /// The last day of the coaching ground of a programme, as it is stored.
    fn due(&self, programme: EngagementId) -> Option<Date> {
        let sql = "SELECT due_on FROM ground WHERE activity = 'coaching' AND state = 'active' AND engagement_id = ?1";
        self.instance.store.read(|tx| tx.one(sql, &[programme.into()], |row| row.opt_date(0))).unwrap()
    }
}

fn refused(fault: Fault) -> custody::Refusal {
    match fault {
        Fault::Refused(refusal) => *refusal,
        other => panic!("not a refusal: {other}"),
    }
}

fn field(fault: Fault) -> String {
    match fault {
        Fault::Invalid(fields) => fields.into_iter().map(|field| field.field).collect::<Vec<_>>().join(","),
        other => panic!("not about a field: {other}"),
    }
}

/// Stamps a test on SQLite, and on PostgreSQL where one is given.
macro_rules! both {
    ($($(#[$meta:meta])* fn $name:ident($house:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            fn on($house: &House) $body

            $(#[$meta])*
            #[test]
            fn sqlite() {
                on(&House::new(None));
            }

            #[test]
            fn postgres() {
                if let Some(url) = super::common::postgres() {
                    on(&House::new(Some(url)));
                }
            }
        }
    )*};
}

both! {
    fn nothing_is_written_down_before_the_signed_form_is_on_file(house) {
        let programme = house.start(Payer::Person);
        house.record(programme, "agreed", BEGINS).unwrap();

        let note = refused(house.note(house.coach, programme, "She wants to lead.").unwrap_err());
        assert_eq!(note.clause_words, "coaching: basis");
        assert_eq!(note.promises, ["CTI-14", "CTI-25"].map(str::to_owned));
        assert_eq!(note.next_step, "Record the signed consent form on the programme first.");
        let session = refused(house.record(programme, "first session", BEGINS).unwrap_err());
        assert_eq!(session.clause_words, "coaching: basis");
        assert!(session.next_step.contains("signed consent form"));
        let mut form = NewPiece {
            kind: "evaluation form".into(),
            on: BEGINS,
            place: Place::Paper("filing cabinet 1".into()),
        };
        let evaluation = house.act(house.manager, |acting, tx| document::add(acting, tx, programme, &mut form));
        assert_eq!(refused(evaluation.unwrap_err()).clause_words, "coaching: basis");
        assert_eq!(house.notes(), 0);

        house.sign(programme).unwrap();
        house.note(house.coach, programme, "She wants to lead.").unwrap();
        house.record(programme, "first session", BEGINS).unwrap();
        assert_eq!(house.notes(), 1);
    }

    fn a_form_signed_after_the_first_session_opens_nothing(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        house.record(programme, "first session", BEGINS).unwrap();
        house.act(house.manager, |acting, tx| {
            consent::withdraw(acting, tx, house.client, "coaching", Some(programme))
        }).unwrap();
        house.until(date(2026, 12, 3));
        assert_eq!(field(house.sign(programme).unwrap_err()), "signed");
    }

    fn notes_are_held_on_their_last_day_and_gone_the_night_after(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        for n in 0..3 {
            house.note(house.coach, programme, &format!("Session {n}.")).unwrap();
        }
        house.record(programme, "first session", BEGINS).unwrap();
        assert_eq!(house.due(programme), None, "the clock starts when it is completed");
        house.until(date(2027, 3, 31));

        // What will happen is said before it happens, in numbers.
        let lines = house.act(house.manager, |acting, tx| {
            let hand = engagement::on_hand(acting, tx, programme)?;
            engagement::ahead(acting, tx, &hand, Some(("completed", acting.today)))
        }).unwrap();
        let notes = lines.stays.iter().find(|line| line.what == "coaching notes").unwrap();
        assert_eq!((notes.count, &notes.fate), (3, &engagement::Fate::Stays(Some(date(2027, 9, 30)))));
        assert_eq!(house.due(programme), None, "looking ahead changes nothing");

        house.record(programme, "completed", date(2027, 3, 31)).unwrap();
        assert_eq!(house.due(programme), Some(date(2027, 9, 30)));
        let asked = "SELECT COUNT(*) FROM message WHERE asks LIKE '%greetings'";
        assert_eq!(house.count(asked), 1, "the opt-in is asked for at the end");

        house.until(date(2027, 9, 30));
        assert_eq!(house.notes(), 3, "held on the last day itself");
        house.until(date(2027, 10, 1));
        assert_eq!(house.notes(), 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM document"), 0);
        let client = house.client;
        let details = house.instance.store.read(|tx| {
            tx.one("SELECT COUNT(*) FROM item WHERE person_id = ?1", &[client.into()], |row| row.int(0))
        }).unwrap();
        assert_eq!(details, 0, "contact details keep the same clock");
        let written = house.instance.store.read(|tx| store::certificate::of_person(tx, client)).unwrap();
        let of_it = written.iter().find(|one| one.counts.contains_key("coaching notes")).unwrap();
        assert_eq!(of_it.counts.get("coaching notes"), Some(&3));
        assert!(of_it.reasons.iter().any(|why| why.contains("6 months after completed")), "{:?}", of_it.reasons);
        assert_eq!(of_it.on, date(2027, 10, 1));
    }

    fn the_agreed_period_moves_the_date(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        house.record(programme, "first session", BEGINS).unwrap();
        house.record(programme, "completed", BEGINS).unwrap();
        assert_eq!(house.due(programme), Some(date(2027, 6, 1)));

        house.agree(programme, 12, "", &["client", "coach"]).unwrap();
        assert_eq!(house.due(programme), Some(date(2027, 12, 1)));
        house.agree(programme, 60, "", &["coach", "client"]).unwrap();
        assert_eq!(house.due(programme), Some(date(2031, 12, 1)), "five years is within the cap");

        assert_eq!(field(house.agree(programme, 61, " ", &["client", "coach"]).unwrap_err()), "reason");
        assert_eq!(house.due(programme), Some(date(2031, 12, 1)), "nothing moved");
        house.agree(programme, 72, "A second programme is planned.", &["client", "coach"]).unwrap();
        assert_eq!(house.due(programme), Some(date(2032, 12, 1)));
        let decided = "SELECT COUNT(*) FROM agreement WHERE decided_by IS NOT NULL AND reason IS NOT NULL";
        assert_eq!(house.count(decided), 1, "only what is over the cap has a decider");

        for others in [&["organisation"][..], &["client"], &[]] {
            let refusal = refused(house.agree(programme, 3, "", others).unwrap_err());
            assert_eq!(refusal.clause_words, "coaching: keep");
            assert_eq!(refusal.promises, ["CTI-13".to_owned()]);
        }
        assert_eq!(house.due(programme), Some(date(2032, 12, 1)), "who pays has no say in it");
    }

    fn a_milestone_taken_back_stops_the_clock(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        house.record(programme, "agreed", BEGINS).unwrap();
        house.record(programme, "first session", BEGINS).unwrap();
        house.note(house.coach, programme, "First.").unwrap();
        house.record(programme, "completed", BEGINS).unwrap();
        assert!(house.due(programme).is_some());
        house.until(date(2026, 12, 5));
        let gone = house.note(house.coach, programme, "After the end.").unwrap_err();
        assert!(matches!(gone, Fault::Refused(_)), "the coach's access ended with the programme: {gone}");

        let early = house.act(house.manager, |acting, tx| {
            engagement::take_back(acting, tx, programme, "first session")
        });
        assert_eq!(field(early.unwrap_err()), "milestone", "the last one comes first");
        house.act(house.manager, |acting, tx| engagement::take_back(acting, tx, programme, "completed")).unwrap();
        assert_eq!(house.due(programme), None);
        house.note(house.coach, programme, "They went on.").unwrap();
        assert_eq!(house.notes(), 2);
    }

    fn consent_taken_back_ends_the_coaching_at_once(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        house.note(house.coach, programme, "She wants to lead.").unwrap();
        // The coach, whom the client tells, writes it down: no deed but sight is asked of them.
        house.act(house.coach, |acting, tx| {
            consent::withdraw(acting, tx, house.client, "coaching", None)
        }).unwrap();
        let refusal = refused(house.note(house.coach, programme, "More.").unwrap_err());
        assert_eq!(refusal.clause_words, "coaching: basis");
        assert!(refusal.because.contains("withdrawn"), "{}", refusal.because);
        assert_eq!(house.notes(), 1, "until the night");
        house.until(date(2026, 12, 2));
        assert_eq!(house.notes(), 0);
        let name = house.count("SELECT COUNT(*) FROM item WHERE kind = 'name'");
        assert_eq!(name, 2, "what we need to find them a coach rests on something else");
    }

    fn what_is_out_of_reach_is_not_found(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        let seen = |who| house.act(who, |acting, tx| {
            let reach = acting.reach();
            let listed = store::engagement::page(tx, &acting.policy, &reach, None, None, None, 10)?.len();
            Ok((listed, engagement::on_hand(acting, tx, programme).is_ok()))
        }).unwrap();
        assert_eq!(seen(house.coach), (1, true));
        assert_eq!(seen(house.other), (0, false));
        assert_eq!(seen(house.manager), (1, true));
    }

    fn the_agreement_is_sent_only_where_the_client_pays(house) {
        let owed = "SELECT COUNT(*) FROM task WHERE done_on IS NULL AND what LIKE 'Send the service agreement%'";
        let sent = "SELECT COUNT(*) FROM message WHERE asks = 'agreement'";
        let filed = "SELECT COUNT(*) FROM document WHERE kind = 'service agreement'";
        let company = house.instance.store.write(|tx| {
            store::organisation::named(tx, "Larch & Daughters Ltd", house.instance.clock.now())
        }).unwrap();
        house.start(Payer::Organisation(company));
        assert_eq!((house.count(owed), house.count(sent), house.count(filed)), (0, 0, 0));
        let own = house.start(Payer::Person);
        assert_eq!((house.count(owed), house.count(sent), house.count(filed)), (0, 1, 1));

        // It names them, and is taken as a PDF.
        let held = house.count("SELECT MAX(id) FROM document WHERE kind = 'service agreement'");
        let opened = house.act(house.manager, |acting, tx| {
            document::open(acting, tx, own, custody::id::DocumentId(held))
        }).unwrap();
        let letter = opened.letter.unwrap();
        assert_eq!(opened.name, "service-agreement-2026-12-01.pdf");
        assert!(letter.paragraphs[0].contains("between Priya Example and CTI, of Tue 1 Dec 2026"), "{letter:?}");
        assert!(!letter.paragraphs.iter().any(|paragraph| paragraph.contains(['{', '}'])), "{letter:?}");

        // They agree by their link; opening it alone agrees to nothing.
        let token = house.token("agreement");
        let told = || house.act(house.manager, |acting, tx| {
            let hand = engagement::on_hand(acting, tx, own)?;
            question::told(acting, tx, &hand)
        }).unwrap().join(" ");
        house.put(&token);
        assert_eq!(told(), "Service agreement: waiting to leave; no answer, which is no yes.");
        house.say(&token, Some(true), "").unwrap();
        assert!(told().contains("signed by link Tue 1 Dec 2026"), "{}", told());
    }

    fn an_agreement_that_cannot_be_sent_is_owed(house) {
        let owed = "SELECT COUNT(*) FROM task WHERE done_on IS NULL AND what LIKE 'Send the service agreement%'";
        house.instance.store.write(|tx| {
            tx.exec("DELETE FROM item WHERE kind = 'email'", &[])
        }).unwrap();
        let own = house.start(Payer::Person);
        assert_eq!(house.count(owed), 1);
        let mut piece = NewPiece {
            kind: "service agreement".into(),
            on: BEGINS,
            place: Place::File(Upload::take("file", b"%PDF-1.7 agreement".to_vec()).unwrap()),
        };
        house.act(house.manager, |acting, tx| document::add(acting, tx, own, &mut piece)).unwrap();
        assert_eq!(house.count(owed), 0, "on file, so nothing is owed");
    }

    fn the_question_at_the_end_is_answered_by_its_link(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        house.record(programme, "first session", BEGINS).unwrap();
        house.record(programme, "completed", BEGINS).unwrap();
        let greetings = "SELECT COUNT(*) FROM ground WHERE activity = 'greetings' AND state = 'active'";
        let token = house.token("opt-in greetings");
        let put = house.put(&token);
        assert!(put.contains("Keeping in touch with former clients"), "{put}");
        assert_eq!(house.count(greetings), 0, "silence is no consent");

        house.say(&token, None, "It helped me to say no.").unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM document WHERE kind = 'evaluation form'"), 1);
        assert_eq!(house.count(greetings), 0, "what they thought is no consent either");
        house.say(&token, Some(true), "").unwrap();
        assert_eq!(house.count(greetings), 1);
        let shown = "SELECT COUNT(*) FROM consent WHERE activity = 'greetings' AND notice_version = 3
            AND how = 'by the link in our question' AND wording LIKE 'Keeping in touch with former clients: we may keep%'";
        assert_eq!(house.count(shown), 1, "with the wording shown");
        house.say(&token, Some(false), "").unwrap();
        assert_eq!(house.count(greetings), 0, "taken back as easily");

        // The next day the policy lets nobody write to them any more, so somebody would have to ask.
        assert!(matches!(house.say(b"no such link", Some(true), ""), Err(Fault::NotFound)));
    }

    fn a_question_that_may_no_longer_leave_is_asked_by_hand(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        house.record(programme, "first session", BEGINS).unwrap();
        house.record(programme, "completed", BEGINS).unwrap();
        house.until(date(2026, 12, 3));
        app::jobs::outbox::play(&house.instance).unwrap();
        let stopped = "SELECT COUNT(*) FROM message WHERE asks = 'opt-in greetings' AND state = 'refused'";
        assert_eq!(house.count(stopped), 1, "nothing is sent to a former client who has not agreed");
        let task = "SELECT COUNT(*) FROM task WHERE done_on IS NULL AND what LIKE 'Ask with the evaluation form%'";
        assert_eq!(house.count(task), 1);
    }

    fn a_document_comes_back_as_it_was_and_nothing_of_it_stands_on_the_disk(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        let held = house.count("SELECT MAX(id) FROM document");
        let open = |who| house.act(who, |acting, tx| {
            document::open(acting, tx, programme, custody::id::DocumentId(held))
        });
        let opened = open(house.coach).unwrap();
        assert_eq!(opened.content.as_slice(), b"%PDF-1.7 signed, 1 Dec");
        assert_eq!(opened.name, "consent-form-2026-12-01.pdf");
        assert!(matches!(open(house.other), Err(Fault::NotFound)));
        let mut files = vec![house.instance.store.data().join("files")];
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                let bytes = std::fs::read(&path).unwrap();
                assert!(!bytes.windows(6).any(|window| window == b"signed"));
            }
        }
    }

    fn only_a_yes_is_an_opt_in(house) {
        let programme = house.start(Payer::Person);
        house.sign(programme).unwrap();
        house.record(programme, "first session", BEGINS).unwrap();
        house.record(programme, "completed", BEGINS).unwrap();
        let greetings = "SELECT COUNT(*) FROM ground WHERE activity = 'greetings' AND state = 'active'";
        assert_eq!(house.count(greetings), 0, "silence is no consent");
        let answer = |yes, said: &str| house.act(house.manager, |acting, tx| {
            consent::answered(acting, tx, programme, "greetings", (yes, acting.today), said)
        });
        answer(false, "").unwrap();
        assert_eq!(house.count(greetings), 0);
        assert!(matches!(answer(true, " "), Err(Fault::Invalid(_))), "a yes is shown by what they said");
        assert_eq!(house.count(greetings), 0);
        answer(true, "Yes please, to Kim on the phone").unwrap();
        assert_eq!(house.count(greetings), 1);

        // The opt-in outlives the programme: its notes go, their name and address stay for the greetings.
        house.note(house.coach, programme, "The last one.").unwrap();
        house.until(date(2027, 6, 2));
        assert_eq!(house.notes(), 0);
        assert_eq!(house.count(greetings), 1);
        assert_eq!(house.count("SELECT COUNT(*) FROM item WHERE kind = 'email'"), 2);
    }
}

#[test]
fn only_documents_are_taken() {
    assert!(Upload::take("file", b"\x7fELF\x02\x01\x01\0".to_vec()).is_err());
    assert!(Upload::take("file", Vec::new()).is_err());
    assert!(Upload::take("file", b"Agreed on the phone.\n".to_vec()).is_ok());
}
