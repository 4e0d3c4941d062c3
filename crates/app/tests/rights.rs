//! What people can ask of us: when it is due, everything in the pack, nothing left after an erasure, the registers
//! as the policy promises them. On SQLite always, on PostgreSQL where `PROBITY_TEST_POSTGRES` names one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use app::acts::entry::NewNote;
use app::acts::person::NewPerson;
use app::acts::request::{Arrived, Outcome, Who};
use app::acts::{self, Acting, erasure, objection, request as desk};
use app::fault::Fault;
use app::instance::Instance;
use app::print::{self, Pack};
use custody::id::{PersonId, RequestId};
use jiff::civil::{Date, date};
use policy::Policy;
use policy::source::File;
use store::access::{self, Cell};
use store::entry::Direction;
use store::keys::Secret;
use store::paper::{self, NewPaper};
use store::request::{self, Move, SubjectRequest};
use store::staff::{self, Account, NewAccount};
use store::suppression::{self, Forbids};
use store::{Tx, certificate, disclosure, message, organisation, person, search, task};

/// A Tuesday.
const TODAY: Date = date(2026, 11, 3);

struct House {
    instance: Instance,
    manager: Account,
    assistant: Account,
    _data: tempfile::TempDir,
}

impl House {
    fn new(url: Option<&str>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
        let file = File { name: "cti.policy".into(), text: std::fs::read_to_string(path).unwrap() };
        let policy = Policy::read(vec![file]).0.unwrap();
        let instance =
            Instance::create(data.path(), url, &Secret::random().unwrap(), policy, Some(TODAY)).unwrap();
        let account = |name: &str, email: &str, role: &str| {
            instance
                .store
                .write(|tx| {
                    let new = NewAccount { name, email, role, person: None, since: TODAY };
                    let id = staff::add(tx, &new, instance.clock.now())?;
                    staff::get(tx, id)
                })
                .unwrap()
        };
        let manager = account("Helen Marsh", "helen@cti.example", "business manager");
        let assistant = account("Ivo Lane", "ivo@cti.example", "assistant");
        Self { instance, manager, assistant, _data: data }
    }

    fn acting(&self) -> Acting<'_> {
        Acting::staff(&self.instance, self.manager.clone()).unwrap()
    }

    fn act<T>(&self, mut f: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.instance.store.write(|tx| f(&self.acting(), tx))
    }

    fn read<T>(&self, f: impl FnOnce(&Tx<'_>) -> store::Result<T>) -> T {
        self.instance.store.read(f).unwrap()
    }

    fn go_to(&self, day: Date) {
        self.instance.set_practice_clock(self.instance.clock.at(day, 9)).unwrap();
    }

    /// Tara Quill of Brightwell Ltd, in all the ways she can be held as somebody in an organisation.
    fn tara(&self) -> PersonId {
        self.act(|acting, tx| {
            let firm = organisation::named(tx, "Brightwell Ltd", acting.now)?;
            let values = [
                ("name", "Tara Quill"),
                ("email", "tara.quill@brightwell.example"),
                ("phone", "01632 960123"),
                ("job title", "Head of Learning"),
            ];
            let new = NewPerson {
                category: "organisation contact".into(),
                values: values.iter().map(|(kind, value)| ((*kind).into(), (*value).into())).collect(),
                source: "their organisation".into(),
                collected_on: Some(date(2026, 10, 1)),
                organisation: Some(firm),
                agreed: Vec::new(),
                offers: true,
            };
            let tara = acts::person::add(acting, tx, &new)?;
            let note = NewNote {
                kind: "contact record".into(),
                body: "Tara Quill rang about coaching for her team of nine.".into(),
                on: acting.today,
                direction: Some(Direction::In),
                engagement: None,
            };
            acts::entry::add(acting, tx, tara, &note)?;
            let told = disclosure::NewDisclosure {
                person: tara,
                recipient: "Morgan Pike",
                recipient_person: None,
                kinds: acting.policy.kind_named("name").map(|kind| kind.id).into_iter().collect(),
                activity: "enquiries",
                reason: "to arrange a first call",
                engagement: None,
                safeguard: None,
                place: None,
                on: acting.today,
                by: acting.staff_id(),
            };
            disclosure::record(tx, &acting.policy, &told, acting.now)?;
            let queued = message::NewMessage {
                person: Some(tara),
                mailing: None,
                sort: message::Sort::Personal,
                activity: Some("enquiries"),
                channel: "email",
                address: "tara.quill@brightwell.example",
                subject: "Our call, Tara",
                body: "Dear Tara Quill, shall we say Thursday?",
                html: None,
                token: None,
                not_before: None,
                request: None,
                by: acting.staff_id(),
            };
            message::queue(tx, &queued, acting.today, acting.now)?;
            acting.settle(tx, tara)?;
            Ok(tara)
        })
        .unwrap()
    }

    fn opened(&self, ask: &str, who: Who) -> RequestId {
        let new = Arrived {
            ask: ask.into(),
            who,
            received_on: self.instance.clock.today(),
            channel: "letter".into(),
            words: "Please, says Tara Quill.".into(),
        };
        self.act(|acting, tx| desk::open(acting, tx, &new)).unwrap()
    }

    fn request(&self, id: RequestId) -> SubjectRequest {
        self.read(|tx| request::one(tx, &self.instance.policy(), id))
    }

    fn pack(&self, id: RequestId) -> Pack {
        self.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, id)).unwrap()
    }

    /// Every text in every table, decrypted.
    fn everything(&self) -> String {
        self.read(|tx| {
            let mut all = String::new();
            for table in store::schema::tables() {
                for column in table.columns {
                    let sql = match column.form {
                        store::schema::Form::Text => format!("SELECT {} FROM {}", column.name, table.name),
                        _ => continue,
                    };
                    let what = format!("{}.{}", table.name, column.name);
                    tx.each(&sql, &[], |row| {
                        if let Some(text) = row.opt_text(0)? {
                            all.push_str(&format!("{what}: {text}\n"));
                        }
                        Ok::<_, store::Error>(())
                    })?;
                }
            }
            Ok(all)
        })
    }
}

fn invalid(fault: &Fault, field: &str) -> bool {
    matches!(fault, Fault::Invalid(fields) if fields.iter().any(|wrong| wrong.field == field))
}

/// Runs a test on SQLite, and on PostgreSQL where there is one.
fn on_both(test: impl Fn(&House)) {
    test(&House::new(None));
    let Ok(url) = std::env::var("PROBITY_TEST_POSTGRES") else {
        return eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
    };
    static SCHEMA: AtomicU32 = AtomicU32::new(0);
    let schema = format!("rights_{}_{}", std::process::id(), SCHEMA.fetch_add(1, Relaxed));
    let mut client = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
    client.batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    let house = House::new(Some(&format!("{url}{joint}options=-c%20search_path%3D{schema},public")));
    test(&house);
    drop(house);
    client.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).unwrap();
}

#[test]
fn a_request_is_due_by_the_law_and_pauses_move_it() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        assert_eq!(house.request(asked).due_on, Some(date(2026, 12, 3)));
        house.act(|acting, tx| desk::moved(acting, tx, asked, Move::Paused, acting.today)).unwrap();
        assert_eq!(house.request(asked).due_on, None, "nothing is due while it waits for them");
        house.go_to(date(2026, 11, 7));
        house.act(|acting, tx| desk::moved(acting, tx, asked, Move::Resumed, acting.today)).unwrap();
        // Asked on the day it was received, which counts as no day of the pause: four days, to Monday.
        assert_eq!(house.request(asked).due_on, Some(date(2026, 12, 7)));
        let erasure = house.opened("erasure", Who::Held(tara));
        let wrong = house.act(|acting, tx| desk::moved(acting, tx, erasure, Move::Paused, acting.today));
        assert!(invalid(&wrong.unwrap_err(), "why"), "only access pauses");
        let late = house.act(|acting, tx| desk::moved(acting, tx, asked, Move::Extended(" "), acting.today));
        assert!(late.is_err(), "an extension has a reason");
    });
}

#[test]
fn the_pack_has_everything_and_the_answer_stands_in_the_register() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        let refused =
            house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today)));
        assert!(invalid(&refused.unwrap_err(), "answer"), "no answer without its pack");
        let pack = house.pack(asked);
        let json = pack.to_json().unwrap();
        let policy = house.instance.policy();
        let kinds = policy.kinds.iter().map(|kind| kind.id).collect();
        house
            .act(|acting, tx| {
                let life = acting.life(tx, tara)?;
                let all = acts::person::act(custody::Verb::Answer, None, custody::act::Asked::Exactly(kinds));
                let grant = acting.decide(&all, &[&life], &custody::Gate::default())?;
                let mut values = 0;
                for section in access::of(tx, &policy, tara)? {
                    // What a person is found by says their details again.
                    if section.table.name == "search_text" {
                        continue;
                    }
                    let cells = section.rows.iter().flat_map(|row| section.table.columns.iter().zip(row));
                    // The form a detail is compared in says it again, too.
                    for (_, cell) in cells.filter(|(column, _)| column.name != "normal") {
                        if let Cell::Sealed(sealed) = cell {
                            let text = serde_json::to_string(&print::copy::text(sealed, &grant)?).unwrap();
                            assert!(json.contains(text.trim_matches('"')), "{}: {text}", section.table.name);
                            values += 1;
                        }
                    }
                }
                assert!(values >= 12, "{values} values");
                Ok(())
            })
            .unwrap();
        assert!(pack.activities.iter().any(|held| held.activity == "enquiries" && held.until.is_some()));
        assert_eq!(pack.disclosures.len(), 1);
        let rendered = tokio::runtime::Runtime::new().unwrap().block_on(print::run_with(
            Path::new(env!("CARGO_BIN_EXE_probity")),
            ::print::Template::Pack,
            &pack,
            0,
        ));
        let pdf = rendered.unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        if let Some(text) = pdf_text(&pdf) {
            for words in
                ["Tara Quill", "Head of Learning", "Morgan Pike", "her team of nine", "shall we say Thursday"]
            {
                assert!(text.contains(words), "the PDF lacks {words}: {text}");
            }
        }
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        house
            .act(|acting, tx| {
                desk::answer(acting, tx, asked, Outcome::Done, ("The pack went by post.", acting.today))
            })
            .unwrap();
        let listed = house.read(|tx| request::register(tx, &policy, request::Kind::Access, None, 10));
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].answered_on, listed[0].closed_on), (Some(TODAY), Some(TODAY)));
        assert!(listed[0].name.is_some() && listed[0].answer.is_some());
        let assistant = Acting::staff(&house.instance, house.assistant.clone()).unwrap();
        let theirs = house.instance.store.write(|tx| desk::on_desk(&assistant, tx, asked));
        assert!(matches!(theirs, Err(Fault::Refused(_))), "an assistant answers no requests");
    });
}

/// The text of a PDF, where the machine can read it.
fn pdf_text(pdf: &[u8]) -> Option<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let said =
        std::process::Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").output().ok()?;
    let words: Vec<_> = String::from_utf8_lossy(&said.stdout).split_whitespace().map(str::to_owned).collect();
    Some(words.join(" "))
}

#[test]
fn an_erasure_leaves_no_name_waits_for_paper_and_is_not_undone_by_a_list() {
    on_both(|house| {
        let tara = house.tara();
        house
            .act(|acting, tx| {
                let file = NewPaper {
                    person: tara,
                    engagement: None,
                    what: "notes of calls",
                    place: "cabinet 2, second drawer",
                    since: acting.today,
                    by: acting.staff_id(),
                };
                paper::add(tx, &file, acting.now)?;
                objection::record(
                    acting,
                    tx,
                    tara,
                    &objection::scope(&acting.policy, "marketing").unwrap(),
                    (acting.today, "telephone"),
                )
            })
            .unwrap();
        let asked = house.opened("erasure", Who::Held(tara));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        assert!(preview.go.values().sum::<u32>() >= 5, "{preview:?}");
        assert!(preview.suppress && preview.tasks.len() == 1 && preview.told.len() == 1, "{preview:?}");
        assert!(
            preview.stay.iter().any(|stays| stays.because.contains("Art 17(3)(b)") && stays.count > 0),
            "{preview:?}"
        );
        assert_eq!(preview.initials, "T.Q.");
        assert!(house.everything().contains("tara.quill@brightwell.example"), "a preview changes nothing");
        let stale = house
            .act(|acting, tx| erasure::carry_out(acting, tx, tara, Some(asked), ("they asked", Some("0"))));
        assert!(matches!(stale, Err(Fault::Changed)));
        let carried = house
            .act(|acting, tx| {
                erasure::carry_out(acting, tx, tara, Some(asked), ("they asked", Some(&preview.version)))
            })
            .unwrap();
        assert_eq!(carried.rows, preview.go.values().sum::<u32>(), "what was shown is what went");
        assert!(carried.waits, "paper comes first");
        let early =
            house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today)));
        assert!(invalid(&early.unwrap_err(), "answer"));
        assert!(house.request(asked).closed_on.is_none());
        let paper =
            house.read(|tx| task::of_request(tx, asked)).into_iter().find(|task| task.blocks).unwrap();
        let done = house
            .act(|acting, tx| acts::task::confirm(acting, tx, paper.id, (acting.today, "shredded")))
            .unwrap();
        assert!(done.closed, "the last thing done by hand closes it");

        let left = house.everything();
        for word in ["Tara", "Quill", "tara.quill", "960123", "team of nine", "second drawer"] {
            let found: Vec<_> = left.lines().filter(|line| line.contains(word)).collect();
            assert!(found.is_empty(), "{word} is still there: {found:?}");
        }
        let reach = store::reach::Reach::Everyone;
        assert!(house.read(|tx| search::find(tx, "Quill", &reach, 5)).is_empty());
        let policy = house.instance.policy();
        let listed = house.read(|tx| request::register(tx, &policy, request::Kind::Erasure, None, 5));
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].initials.as_deref(), Some("T.Q."));
        assert_eq!(listed[0].organisation.as_deref(), Some("Brightwell Ltd"));
        assert!(listed[0].name.is_none() && listed[0].person.is_none() && listed[0].words.is_none());
        let steps: Vec<_> = house
            .read(|tx| request::steps(tx, &policy, &listed[0]))
            .into_iter()
            .map(|step| step.step)
            .collect();
        assert_eq!(steps, ["received", "erased", "paper destroyed", "answered", "closed"]);
        let keys = house.instance.store.keys();
        let (known, stands) = house.read(|tx| {
            let email = "Tara.Quill@Brightwell.example";
            Ok((
                certificate::known(tx, keys, "email", email)?,
                suppression::standing(tx, keys, "email", email)?,
            ))
        });
        assert!(known.is_some_and(|let_go| let_go.erased), "a list that brings her back is held back");
        assert!(stands.contains(&Forbids::Marketing));
    });
}

#[test]
fn a_list_that_brings_somebody_erased_back_holds_the_line() {
    use app::acts::import::{self, Importing, Naming};
    let house = House::new(None);
    let tara = house.tara();
    house.act(|acting, tx| erasure::carry_out(acting, tx, tara, None, ("no longer needed", None))).unwrap();
    house.go_to(date(2026, 11, 20));
    let file = b"Name,E-mail\nTara Quill,TARA.QUILL@brightwell.example\nUma Reed,uma@brightwell.example\n";
    let (received, sheet) = import::receive(&house.instance, &house.acting(), "list.csv", file).unwrap();
    let naming = Naming {
        activity: "enquiries".into(),
        source: "their organisation".into(),
        collected_on: Some(date(2026, 11, 19)),
        told: "nobody".into(),
        ..Naming::default()
    };
    let id = house
        .act(|acting, tx| {
            let id = import::keep(acting, tx, &received)?;
            import::name_it(acting, tx, id, &naming)?;
            let importing = Importing::load(&acting.policy, tx, id)?;
            let guesses = app::intake::column::guess(&sheet, "enquiries", &importing.kinds);
            let words: Vec<String> =
                guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
            import::plan(acting, tx, id, &sheet, &words)?;
            import::start(acting, tx, id)?;
            Ok(id)
        })
        .unwrap();
    import::run(&house.instance, id, |_| {}).unwrap();
    let counts = house.read(|tx| store::import::counts(tx, id));
    assert_eq!(counts.get(&store::import::Outcome::LeftOut), Some(&1), "she was held back: {counts:?}");
    assert!(house.read(|tx| store::item::having(tx, "email", "tara.quill@brightwell.example")).is_empty());
    assert_eq!(house.read(|tx| store::item::having(tx, "email", "uma@brightwell.example")).len(), 1);
}

#[test]
fn no_more_contact_ends_marketing_at_once_and_is_remembered_of_anybody() {
    on_both(|house| {
        let tara = house.tara();
        let policy = house.instance.policy();
        let marketing = |life: &custody::Life| {
            let active = life.grounds.iter().filter(|ground| ground.active(TODAY));
            active
                .filter_map(|ground| {
                    policy.rules.get(ground.rule.index()).and_then(|rule| policy.activity(rule.activity))
                })
                .filter(|activity| activity.purpose == policy::activity::Purpose::DirectMarketing)
                .count()
        };
        let before = house.act(|acting, tx| acting.life(tx, tara)).unwrap();
        assert!(marketing(&before) >= 2);
        let asked = house.opened("no contact", Who::Held(tara));
        assert_eq!(marketing(&house.act(|acting, tx| acting.life(tx, tara)).unwrap()), 0);
        let found = house.request(asked);
        assert_eq!(found.closed_on, Some(TODAY), "there is nothing to weigh and nothing to wait for");
        assert!(found.name.is_some(), "this register has names");
        let stranger = house.opened("no contact", Who::Said("stranger@elsewhere.example".into()));
        assert!(house.request(stranger).closed_on.is_some());
        let keys = house.instance.store.keys();
        for email in ["tara.quill@brightwell.example", "Stranger@elsewhere.example"] {
            let stands = house.read(|tx| suppression::standing(tx, keys, "email", email));
            assert!(stands.contains(&Forbids::AllContact), "{email}");
        }
    });
}

#[test]
fn what_somebody_erased_had_asked_before_stays_by_initials() {
    on_both(|house| {
        let tara = house.tara();
        let policy = house.instance.policy();
        house.opened("no contact", Who::Held(tara));
        let asked = house.opened("erasure", Who::Held(tara));
        house
            .act(|acting, tx| erasure::carry_out(acting, tx, tara, Some(asked), ("they asked", None)))
            .unwrap();
        let left = house.everything();
        for word in ["Tara", "Quill", "tara.quill", "960123"] {
            let found: Vec<_> = left.lines().filter(|line| line.contains(word)).collect();
            assert!(found.is_empty(), "{word} is still there: {found:?}");
        }
        let listed = house.read(|tx| request::register(tx, &policy, request::Kind::NoContact, None, 5));
        assert_eq!(listed.len(), 1, "that they asked still stands");
        assert!(listed[0].name.is_none() && listed[0].words.is_none());
        assert_eq!(listed[0].initials.as_deref(), Some("T.Q."));
        let now = house.instance.clock.now();
        let proof =
            store::prove::promise(&house.instance.store, &policy, "CTI-21", now, TODAY).unwrap().unwrap();
        assert_eq!(proof.verdict, custody::proof::Verdict::Kept, "{proof:?}");

        // Did you delete me? The hash of what they say answers, and nothing they said is kept.
        let ask = |said: &str| house.act(|acting, tx| acts::gone::asked(acting, tx, said)).unwrap();
        for said in ["TARA.QUILL@brightwell.example", "+44 1632 960123", "tara  quill"] {
            assert_eq!(acts::gone::answer(&ask(said)), "Yes: erased on request on Tue 3 Nov 2026.", "{said}");
        }
        assert!(acts::gone::answer(&ask("somebody@else.example")).starts_with("No"));
        assert!(!house.everything().contains("somebody@else"));
        let assistant = Acting::staff(&house.instance, house.assistant.clone()).unwrap();
        let theirs = house.instance.store.write(|tx| acts::gone::asked(&assistant, tx, "Tara Quill"));
        assert!(matches!(theirs, Err(Fault::Refused(_))), "told to nobody else");
    });
}

#[test]
fn a_sole_traders_details_are_their_persons() {
    on_both(|house| {
        let details = |phone: Option<&str>| organisation::Details {
            name: "Wren and Daughters".into(),
            subscriber: organisation::Subscriber::Individual,
            phone: phone.map(str::to_owned),
            email: None,
            address: None,
            website: None,
            notes: None,
        };
        let own = details(Some("01632 960275"));
        let refused = house.act(|acting, tx| acts::organisation::add(acting, tx, &own));
        assert!(invalid(&refused.unwrap_err(), "subscriber"), "that number is a person's");
        let firm = house.act(|acting, tx| acts::organisation::add(acting, tx, &details(None))).unwrap();
        let new = NewPerson {
            category: "organisation contact".into(),
            values: vec![("name".into(), "Jo Wren".into()), ("phone".into(), "01632 960275".into())],
            source: "the person".into(),
            collected_on: Some(TODAY),
            organisation: Some(firm),
            agreed: Vec::new(),
            offers: true,
        };
        let jo = house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap();
        let asked = house.opened("access", Who::Held(jo));
        let pack = house.pack(asked);
        assert_eq!(pack.organisations.len(), 1);
        assert!(pack.to_json().unwrap().contains("01632 960275"), "their number is in their pack");
        // What is asked for stays until it is answered.
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        house
            .act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("Here it is.", TODAY)))
            .unwrap();
        house.act(|acting, tx| erasure::carry_out(acting, tx, jo, None, ("they asked", None))).unwrap();
        let everything = house.everything();
        // The registers of requests list the organisation, as the policy says they do.
        let elsewhere = |line: &&str| line.contains("Wren") && !line.starts_with("request.organisation: ");
        let left: Vec<_> = everything.lines().filter(elsewhere).collect();
        assert!(left.is_empty(), "the name goes with the last who belongs to it: {left:?}");
    });
}

#[test]
fn an_export_holds_what_a_processor_may_hold_and_goes_nowhere_unprotected() {
    use app::acts::export::{self, Way};
    on_both(|house| {
        let tara = house.tara();
        let export = |to: &str| {
            house.act(|acting, tx| {
                let processor = export::processor(acting, to)?;
                let activity = acting.policy.activity_named("enquiries").unwrap();
                export::run(acting, tx, &Way { processor, activity })
            })
        };
        let sheet = export("address book").unwrap();
        let text = String::from_utf8(sheet.csv).unwrap();
        assert_eq!(
            text.trim_start_matches('\u{feff}'),
            "Name,Email,Phone,Organisation\r\nTara Quill,tara.quill@brightwell.example,01632 960123,Brightwell Ltd\r\n"
        );
        assert_eq!((sheet.people, sheet.name.as_str()), (1, "address-book-2026-11-03.csv"));
        let given = |to: &str| house.read(|tx| disclosure::given(tx, to));
        assert_eq!(given("address book"), (1, Some(TODAY)));

        let Fault::Refused(refusal) = export("mailer").unwrap_err() else { panic!("not refused") };
        assert_eq!(refusal.clause_words, "processor mailer");
        assert_eq!(refusal.promises, ["CTI-04", "CTI-24"]);
        assert!(refusal.because.contains("Privacy Shield ended 2020-07-16"), "{refusal:?}");
        assert!(refusal.next_step.contains("under data bridge"), "{refusal:?}");
        assert_eq!(given("mailer"), (0, None));
        assert!(matches!(export("newspaper"), Err(Fault::NotFound)));

        // Whoever is restricted is left out, and told apart.
        let asked = house.opened("restriction", Who::Held(tara));
        house
            .act(|acting, tx| {
                erasure::restrict(acting, tx, tara, Some(asked), ("she disputes it", acting.today))
            })
            .unwrap();
        let found = house
            .act(|acting, tx| {
                let processor = export::processor(acting, "address book")?;
                let activity = acting.policy.activity_named("enquiries").unwrap();
                export::audience(acting, tx, &Way { processor, activity })
            })
            .unwrap();
        assert_eq!((found.will.len(), found.not()), (0, 1));
        assert!(invalid(&export("address book").unwrap_err(), "activity"));
        let assistant = Acting::staff(&house.instance, house.assistant.clone()).unwrap();
        assert!(matches!(export::processor(&assistant, "address book"), Err(Fault::Refused(_))));
    });
}

#[test]
fn a_restriction_stops_use_until_they_were_told() {
    let house = House::new(None);
    let tara = house.tara();
    let asked = house.opened("restriction", Who::Held(tara));
    let early = house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today)));
    assert!(invalid(&early.unwrap_err(), "answer"));
    house
        .act(|acting, tx| erasure::restrict(acting, tx, tara, Some(asked), ("she disputes it", acting.today)))
        .unwrap();
    let note = NewNote {
        kind: "contact record".into(),
        body: "rang".into(),
        on: TODAY,
        direction: Some(Direction::In),
        engagement: None,
    };
    let refused = house.act(|acting, tx| acts::entry::add(acting, tx, tara, &note));
    assert!(matches!(refused, Err(Fault::Refused(_))));
    house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today))).unwrap();
    assert!(invalid(&house.act(|acting, tx| erasure::lift(acting, tx, tara, " ")).unwrap_err(), "why"));
    house.act(|acting, tx| erasure::lift(acting, tx, tara, "by telephone")).unwrap();
    house.act(|acting, tx| acts::entry::add(acting, tx, tara, &note)).unwrap();
    assert!(house.read(|tx| person::exists(tx, tara)));
}

/// The names of the files in an archive, from its directory.
fn names_in(zip: &[u8]) -> Vec<String> {
    let half = |at: usize| usize::from(u16::from_le_bytes([zip[at], zip[at + 1]]));
    let whole = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
    let end = zip.len() - 22;
    assert_eq!(&zip[end..end + 4], b"PK\x05\x06");
    let (count, mut at) = (half(end + 10), whole(end + 16));
    let mut names = Vec::new();
    for _ in 0..count {
        assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
        let (length, local) = (half(at + 28), whole(at + 42));
        assert_eq!(&zip[local..local + 4], b"PK\x03\x04");
        names.push(String::from_utf8(zip[at + 46..at + 46 + length].to_vec()).unwrap());
        at += 46 + length;
    }
    names
}

#[test]
fn each_file_the_pack_says_is_enclosed_is_in_it() {
    on_both(|house| {
        let tara = house.tara();
        let policy = house.instance.policy();
        for words in ["signed by Tara", "signed again"] {
            let file = store::files::write(&house.instance.store, words.as_bytes()).unwrap();
            house
                .act(|acting, tx| {
                    let new = store::document::NewDocument {
                        kind: policy.kind_named("consent form").unwrap().id,
                        title: "Consent: coaching/2026",
                        place: store::document::Where::File(&file, "text/plain"),
                        on: TODAY,
                        source: "the person",
                        people: &[(tara, custody::coverage::Role::Subject)],
                        engagements: &[],
                        by: None,
                    };
                    Ok(store::document::add(tx, &acting.policy, &new, acting.now)?)
                })
                .unwrap();
        }
        let asked = house.opened("access", Who::Held(tara));
        let pack = house.pack(asked);
        let enclosed =
            house.act(|acting, tx| app::web::requests::one::pack::enclosures(acting, tx, asked)).unwrap();
        let mut files = vec![("pack.json".to_owned(), pack.to_json().unwrap().into_bytes())];
        files.extend(enclosed);
        let names = names_in(&print::archive::zip(&files).unwrap());
        assert_eq!(pack.documents.len(), 2);
        for document in &pack.documents {
            let name = document.copy.as_deref().and_then(|copy| copy.strip_prefix("enclosed as ")).unwrap();
            assert!(names.contains(&name.to_owned()), "{name} is not among {names:?}");
            let (_, bytes) = files.iter().find(|(known, _)| known == name).unwrap();
            assert!(bytes.starts_with(b"signed"));
        }
        assert!(pack.letter.iter().any(|words| words.contains("2 files are enclosed")), "{:?}", pack.letter);
    });
}

#[test]
fn of_each_text_that_speaks_of_somebody_else_somebody_decides_before_the_pack_is_made() {
    use app::acts::reading;
    on_both(|house| {
        let tara = house.tara();
        let note = |body: &str| NewNote {
            kind: "contact record".into(),
            body: body.into(),
            on: TODAY,
            direction: Some(Direction::In),
            engagement: None,
        };
        house
            .act(|acting, tx| {
                let new = NewPerson {
                    category: "organisation contact".into(),
                    values: vec![("name".into(), "Bob Jones".into())],
                    source: "their organisation".into(),
                    ..NewPerson::default()
                };
                acts::person::add(acting, tx, &new)?;
                acts::entry::add(acting, tx, tara, &note("Her colleague Bob Jones wants the same."))?;
                acts::entry::add(acting, tx, tara, &note("Write to amy@vale.example instead."))?;
                Ok(())
            })
            .unwrap();
        let asked = house.opened("access", Who::Held(tara));
        let early = house.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, asked));
        assert!(
            early.as_ref().is_err_and(|fault| invalid(fault, "reading")),
            "neither answer is the default"
        );
        let (texts, _) = house.act(|acting, tx| reading::texts(acting, tx, asked, tara)).unwrap();
        assert_eq!(texts.len(), 2, "{texts:?}");
        let choose = |at: usize, answer: &'static str, why: &'static str| {
            let which = (texts[at].entry, texts[at].version);
            house.act(|acting, tx| reading::decide(acting, tx, asked, which, (answer, why)))
        };
        assert!(invalid(&choose(0, "", "x").unwrap_err(), "reading"));
        assert!(invalid(&choose(0, "withhold", " ").unwrap_err(), "reading"), "a reason is part of it");
        let of_bob = texts.iter().position(|text| text.of.contains("name")).unwrap();
        choose(of_bob, "withhold", "it is about a colleague who did not agree").unwrap();
        choose(1 - of_bob, "include", "an office address anybody can find").unwrap();
        let pack = house.pack(asked);
        let json = pack.to_json().unwrap();
        assert!(!json.contains("wants the same") && json.contains("amy@vale.example"), "{json}");
        assert!(pack.withheld.iter().any(|held| held.reason.contains("did not agree")));
        // A text that says something else by now has to be read again.
        house
            .act(|acting, tx| {
                let (entry, version) = (texts[1 - of_bob].entry, texts[1 - of_bob].version);
                acts::entry::change(acting, tx, entry, version, "Write to amy@vale.example, or Bob Jones.")
                    .map(drop)
            })
            .unwrap();
        assert!(house.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, asked)).is_err());
    });
}

#[test]
fn what_an_access_request_keeps_is_said_before_and_what_went_after() {
    use app::acts::waiting;
    on_both(|house| {
        let tara = house.tara();
        // Two years after the last contact, all but what other purposes need is due while the request is open.
        house.go_to(date(2028, 10, 20));
        let asked = house.opened("access", Who::Held(tara));
        let due = house.request(asked).due_on.unwrap();
        let (by, going) = house
            .act(|acting, tx| {
                let asked = request::one(tx, &acting.policy, asked)?;
                waiting::would_go(acting, tx, &asked)
            })
            .unwrap()
            .expect("something is due before the answer is");
        assert_eq!(by, due);
        let sweep = |day: Date| {
            let at = house.instance.clock.at(day, 2);
            store::sweep::run(&house.instance.store, &house.instance.policy(), day, &|| at, false).unwrap()
        };
        let kept = sweep(due);
        assert_eq!(kept.rows(), 0, "nothing goes before they were to be answered: {kept:?}");
        let late = due.tomorrow().unwrap();
        house.go_to(late);
        assert_eq!(sweep(late).rows(), going.values().sum::<u32>(), "what goes is what was said");
        let went = house
            .act(|acting, tx| {
                let asked = request::one(tx, &acting.policy, asked)?;
                waiting::went(acting, tx, &asked)
            })
            .unwrap();
        assert_eq!(went.len(), 1);
        assert_eq!(went[0].counts, going);
        let pack = house.pack(asked);
        assert!(pack.withheld.iter().any(|gone| gone.reason.contains("while your request was open")));
    });
}

#[test]
fn the_preview_of_an_erasure_names_every_record_that_stays() {
    on_both(|house| {
        let tara = house.tara();
        house.opened("access", Who::Held(tara));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, None)).unwrap();
        let records = preview.stay.iter().find(|stays| stays.kinds.contains("request record"));
        let records =
            records.unwrap_or_else(|| panic!("the requests stay and are not named: {:?}", preview.stay));
        assert_eq!(records.count, 2, "the access request and this one");
        assert!(records.because.contains("rights and complaints: keep"), "{records:?}");
    });
}
