//! The desk through its pages: whoever takes a call, whoever says whose a request is, and two people on one request, of whom the second
//! never overwrites the first, by any form of its page.

use std::collections::BTreeSet;

use app::acts::person::{self, NewPerson};
use app::acts::{Acting, onward, request as desk};
use custody::id::RequestId;
use jiff::civil::date;
use store::request::{Kind, Move};
use store::task::{self, NewTask};
use tokio::runtime::Runtime;

use super::common::{Answer, House, account, newcomer, postgres};

const WORLD: &str = concat!(
    include_str!("../common/office.toml"),
    r#"
[[person]]
key = "ada"
as = "organisation contact"
on = "2026-11-03"
at = "northbank"
name = "Ada Marlowe"
email = "ada@northbank.example"
phone = "01632 960111"
story = ["2026-11-04 they ring: Ada Marlowe asks about coaching"]
"#
);

/// A house whose doors are knocked at from outside any runtime: on PostgreSQL the store may be asked nowhere else.
pub(super) struct Doors {
    house: House,
    runtime: Runtime,
}

impl Doors {
    pub(super) fn get(&self, path: &str, who: &str) -> Answer {
        self.runtime.block_on(self.house.get(path, who))
    }

    pub(super) fn post(&self, path: &str, who: &str, form: &str) -> Answer {
        self.runtime.block_on(self.house.post(path, who, form))
    }

    pub(super) fn sign_in(&self, who: &str) -> String {
        self.runtime.block_on(self.house.sign_in(who))
    }

    pub(super) fn act<T>(
        &self,
        who: &str,
        mut f: impl FnMut(&Acting<'_>, &store::Tx<'_>) -> Result<T, app::fault::Fault>,
    ) -> T {
        let instance = &self.house.instance;
        let account = account(instance, who);
        instance.store.write(|tx| f(&Acting::staff(instance, account.clone())?, tx)).unwrap()
    }

    pub(super) fn read<T>(&self, f: impl FnOnce(&store::Tx<'_>) -> store::Result<T>) -> T {
        self.house.instance.store.read(f).unwrap()
    }

    pub(super) fn number(&self, sql: &str) -> i64 {
        self.read(|tx| tx.count(sql, &[]))
    }

    pub(super) fn ada(&self) -> i64 {
        self.number("SELECT person_id FROM item WHERE value = 'Ada Marlowe'")
    }

    /// Ada has agreed to hear from us, and has not taken it back.
    pub(super) fn agrees(&self) {
        let sql = "INSERT INTO consent (id, person_id, activity, form, given_on, wording, how, recorded_at)
            VALUES (7, ?1, 'supporters', 'opt-in', '2026-11-05', 'What we do', 'told us', 0)";
        let ada = self.ada();
        self.act("helen", |_, tx| Ok(tx.exec(sql, &[ada.into()])?));
    }

    /// Everything that a form could change, as one text.
    fn state(&self) -> String {
        let mut all = String::new();
        for table in
            ["request", "request_step", "letter", "invitation", "task", "held_then", "objection", "redaction"]
        {
            let columns = store::schema::tables().find(|known| known.name == table).unwrap().columns;
            let texts = columns.iter().map(|column| format!("COALESCE(CAST({} AS TEXT), '')", column.name));
            let row = texts.filter(|text| !text.contains("hash")).collect::<Vec<_>>().join(" || '|' || ");
            let rows = self
                .read(|tx| tx.all(&format!("SELECT {row} FROM {table} ORDER BY 1"), &[], |row| row.text(0)));
            all.push_str(&format!("{table}: {rows:?}\n"));
        }
        all
    }
}

pub(super) fn on_both(test: impl Fn(&Doors)) {
    let doors =
        |server: Option<&str>| Doors { house: House::on(WORLD, server), runtime: Runtime::new().unwrap() };
    test(&doors(None));
    match postgres() {
        Some(server) => test(&doors(Some(&server))),
        None => eprintln!("skipped: PROBITY_TEST_POSTGRES names no database"),
    }
}

/// The forms of a page, each with where it is sent and the version it has.
fn forms(page: &str) -> Vec<(String, Option<String>)> {
    let value = |text: &str, before: &str| {
        let rest = text.split_once(before)?.1;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let all = page.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap());
    all.filter(|form| form.contains("method=\"post\""))
        .map(|form| (value(form, "action=\"").unwrap(), value(form, "name=\"version\" value=\"")))
        .collect()
}

pub(super) fn version(page: &str) -> String {
    forms(page).into_iter().find_map(|(_, version)| version).expect("the page has a form")
}

#[test]
fn whoever_takes_a_call_is_told_the_same_whoever_rings() {
    on_both(|doors| {
        let ruth = doors.sign_in("ruth");
        assert_eq!(doors.get("/requests", &ruth).status, 403, "a coach answers nothing");
        let page = doors.get("/requests/new", &ruth);
        assert!(page.status == 200 && page.text.contains("Write it down"), "{}", page.text);
        let take = |kind: &str, who: &str| {
            let form = format!("who={who}&kind={kind}&how=telephone&received=2026-11-20&words=&known=");
            let went = doors.post("/requests", &ruth, &form);
            assert_eq!(went.status, 303, "{}", went.text);
            let place = went.place().to_owned();
            let reference = place.split("taken=").nth(1).unwrap().split('&').next().unwrap().to_owned();
            let page = doors.get(&place, &ruth);
            assert_eq!(page.status, 200);
            assert!(page.text.contains(&reference), "{}", page.text);
            page.text.replace(&reference, "REFERENCE")
        };
        for kind in ["access", "erasure", "no contact", "advertising", "objection", "complaint"] {
            let kind = kind.replace(' ', "+");
            let held = take(&kind, "ada%40northbank.example");
            assert_eq!(held, take(&kind, "nobody%40elsewhere.example"), "{kind}");
            assert_eq!(held, take(&kind, "Whoever+Rang"), "{kind}");
            assert!(held.contains("Helen Marsh, business manager, sees to it."), "{held}");
        }
        assert!(take("access", "x%40y.example").contains("They have an answer by Mon 21 Dec 2026."));
        assert_eq!(doors.number("SELECT COUNT(*) FROM request WHERE kind = 'access'"), 4);
        let ada = doors.ada();
        assert_eq!(
            doors
                .number(&format!("SELECT COUNT(*) FROM request WHERE person_id = {ada} AND kind = 'access'")),
            1
        );
        let last = doors.number("SELECT MAX(id) FROM request");
        assert_eq!(doors.get(&format!("/requests/{last}"), &ruth).status, 403);
        // A coach sees nobody but their own clients: not even that somebody is held.
        let form = format!("person={ada}&kind=access&how=telephone&received=2026-11-20&words=");
        assert_eq!(doors.post("/requests", &ruth, &form).status, 404);
        // What is wrong is said beside what was typed.
        let wrong =
            doors.post("/requests", &ruth, "who=&kind=access&how=telephone&received=2026-11-20&words=Kept");
        assert!(
            wrong.status == 422 && wrong.text.contains("Kept") && wrong.text.contains("Write who is asking.")
        );
    });
}

#[test]
fn whose_a_request_is_is_said_and_taken_back_on_its_page() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let page = doors.post(
            "/requests",
            &helen,
            "who=A.+Marlowe+of+Ely&kind=access&how=letter&received=2026-11-20&words=",
        );
        let to = page.place().split('?').next().unwrap().to_owned();
        let page = doors.get(&to, &helen);
        assert!(page.text.contains("Nobody knows whose it is"), "{}", page.text);
        let ada = doors.ada();
        let found = doors.post(
            &format!("{to}/whose"),
            &helen,
            &format!("version={}&find=whose&whose-find=Marlowe", version(&page.text)),
        );
        assert!(found.status == 200 && found.text.contains("Ada Marlowe"), "{}", found.text);
        let nobody = doors.post(&format!("{to}/whose"), &helen, &format!("version={}", version(&page.text)));
        assert!(nobody.status == 422 && nobody.text.contains("Choose whose it is."));
        let how = doors.post(
            &format!("{to}/whose"),
            &helen,
            &format!("version={}&whose={ada}", version(&page.text)),
        );
        assert!(how.status == 422 && how.text.contains("Choose how we know who asks."), "{}", how.text);
        let said = format!("version={}&whose={ada}&identity=known", version(&page.text));
        assert_eq!(doors.post(&format!("{to}/whose"), &helen, &said).status, 303);
        assert_eq!(doors.post(&format!("{to}/whose"), &helen, &said).status, 409, "once, and not unseen");
        let page = doors.get(&to, &helen);
        assert!(page.text.contains("It is not theirs after all") && page.text.contains("Ada Marlowe"));
        let undone =
            doors.post(&format!("{to}/whose/undo"), &helen, &format!("version={}", version(&page.text)));
        assert_eq!(undone.status, 303);
        assert!(doors.get(&to, &helen).text.contains("Nobody knows whose it is"));
    });
}

/// A request of Ada's for a copy, with its address and number.
fn opened(doors: &Doors, helen: &str) -> (String, RequestId) {
    let form = format!("person={}&kind=access&how=letter&received=2026-11-20&words=", doors.ada());
    let to = doors.post("/requests", helen, &form).place().split('?').next().unwrap().to_owned();
    let id = RequestId(to.rsplit('/').next().unwrap().parse().unwrap());
    (to, id)
}

#[test]
fn no_form_of_a_request_overwrites_what_somebody_else_did_since_its_page_was_opened() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        // Every form of the page in the states in which it has them.
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut tried = 0;
        let mut look = |to: &str, id: RequestId| {
            let page = doors.get(to, &helen);
            assert_eq!(page.status, 200, "{}", page.text);
            let old = version(&page.text);
            doors.act("helen", |acting, tx| desk::noted(acting, tx, id, "searched", "the shared drive"));
            for (action, has) in forms(&page.text).into_iter().filter(|(action, _)| action.starts_with(to)) {
                assert_eq!(has.as_ref(), Some(&old), "{action} does not say which page it is from");
                let rest = "identity=known&why=x&on=2026-11-20&where=x&answer=refused&told=x&fee-why=x&kept-until=2026-12-20\
                            &kept-why=x&staff=&organisation=x&onward-address=x%40y.example&onward-how=x&code=123456&sort=acknowledgement&letter-why=x";
                let whose = doors.ada();
                for sent in [format!("version={old}&whose={whose}&{rest}"), format!("whose={whose}&{rest}")] {
                    let before = doors.state();
                    let late = doors.post(&action, &helen, &sent);
                    assert_eq!(late.status, 409, "{action}: {}", late.text);
                    assert!(
                        late.text.contains("Somebody else has changed this request since you opened it"),
                        "{action}"
                    );
                    assert_eq!(doors.state(), before, "{action} did something all the same");
                    tried += 1;
                }
                seen.insert(action.strip_prefix(to).unwrap().to_owned());
            }
        };
        let (to, id) = opened(doors, &helen);
        look(&to, id);
        doors.act("helen", |acting, tx| {
            let from = store::request::From {
                behalf: Some("Jo"),
                authority: Some("a letter"),
                ..Default::default()
            };
            desk::asked_from(acting, tx, id, &from)
        });
        look(&to, id);
        doors.act("helen", |acting, tx| desk::noted(acting, tx, id, "pack made", ""));
        doors.act("helen", |acting, tx| desk::moved(acting, tx, id, Move::Paused, date(2026, 11, 20)));
        look(&to, id);
        let page = doors.post(
            "/requests",
            &helen,
            "who=Whoever+Wrote&kind=access&how=letter&received=2026-11-20&words=",
        );
        let nobodys = page.place().split('?').next().unwrap().to_owned();
        let other = RequestId(nobodys.rsplit('/').next().unwrap().parse().unwrap());
        look(&nobodys, other);
        let ada = custody::id::PersonId(doors.ada());
        doors.act("helen", |acting, tx| desk::tie(acting, tx, other, (ada, "known")).map(drop));
        look(&nobodys, other);
        // To another organisation: named, confirmed, and sent there.
        let form = format!(
            "person={}&kind=portability&how=letter&received=2026-11-20&words=&known=known",
            doors.ada()
        );
        let moves = doors.post("/requests", &helen, &form).place().split('?').next().unwrap().to_owned();
        let third = RequestId(moves.rsplit('/').next().unwrap().parse().unwrap());
        look(&moves, third);
        doors.act("helen", |acting, tx| {
            onward::name(acting, tx, third, ("The Mill", "desk@mill.example")).map(drop)
        });
        look(&moves, third);
        doors.act("helen", |acting, tx| onward::confirmed_to_us(acting, tx, third, "on the telephone"));
        doors.act("helen", |acting, tx| desk::noted(acting, tx, third, "pack made", ""));
        look(&moves, third);
        let form = format!(
            "person={}&kind=objection&how=letter&received=2026-11-20&words=&known=known",
            doors.ada()
        );
        doors.agrees();
        let objects = doors.post("/requests", &helen, &form).place().split('?').next().unwrap().to_owned();
        look(&objects, RequestId(objects.rsplit('/').next().unwrap().parse().unwrap()));
        let form = form.replace("objection", "rectification");
        let wrong = doors.post("/requests", &helen, &form).place().split('?').next().unwrap().to_owned();
        look(&wrong, RequestId(wrong.rsplit('/').next().unwrap().parse().unwrap()));
        // Searching and reading it over have pages of their own, with the same care.
        let old = version(&doors.get(&format!("{to}/words"), &helen).text);
        doors.act("helen", |acting, tx| desk::noted(acting, tx, id, "searched", "the cellar"));
        for (address, sent) in
            [("/words", "act=record&also=x"), ("/files", "also=x"), ("/review", "answer=check&seen=1")]
        {
            let before = doors.state();
            let late = doors.post(&format!("{to}{address}"), &helen, &format!("version={old}&{sent}"));
            assert_eq!(late.status, 409, "{address}: {}", late.text);
            assert!(late.text.contains("Somebody else has changed this request since you opened it"));
            assert_eq!(doors.state(), before, "{address} did something all the same");
            seen.insert(address.to_owned());
        }
        // What waits for months has a form of its own; its address takes nothing from an old page either.
        let late = doors.post(&format!("{to}/keep"), &helen, "version=1&kept-until=2026-12-20&kept-why=x");
        assert_eq!(late.status, 409);
        seen.insert("/keep".to_owned());
        assert!(tried >= 30, "{tried}");
        // Every address under a request that changes it was tried.
        let routes = include_str!("../../src/routes.rs");
        let posts = routes.lines().filter(|line| line.contains("\"/requests/{id}/") && line.contains("form"));
        let posts = posts.chain(
            routes.lines().filter(|line| line.contains("\"/requests/{id}/") && line.contains("post(")),
        );
        let all: BTreeSet<String> = posts
            .map(|line| line.split("\"/requests/{id}").nth(1).unwrap().split('"').next().unwrap().to_owned())
            .collect();
        assert_eq!(seen, all);
        assert_eq!(
            doors.read(|tx| store::request::one(tx, &doors.house.instance.policy(), id)).kind,
            Kind::Access
        );
    });
}

#[test]
fn whoever_removes_something_somebody_waits_for_is_told_and_says_why() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let (to, _) = opened(doors, &helen);
        let ada = doors.ada();
        let page = doors.get(&format!("/people/{ada}"), &helen);
        assert!(page.text.contains("They asked on Fri 20 Nov 2026 to see what we hold"), "{}", page.text);
        let item = doors.number("SELECT id FROM item WHERE kind = 'phone'");
        let path = format!("/people/{ada}/items/{item}");
        let without = doors.post(&path, &helen, "version=1&remove=yes&value=");
        assert!(without.status == 422 && without.text.contains("say in a few words why this changes now"));
        assert_eq!(doors.post(&path, &helen, "version=1&remove=yes&value=&why=a+wrong+number").status, 303);
        let line = doors.number("SELECT id FROM entry WHERE body LIKE 'Ada Marlowe asks%'");
        let page = doors.get(&format!("/entries/{line}"), &helen);
        assert!(page.text.contains("They asked on Fri 20 Nov 2026"));
        let removal = format!("/entries/{line}/removal");
        let without = doors.post(&removal, &helen, "version=1&back=");
        assert!(without.status == 422 && without.text.contains("say in a few words why"), "{}", without.text);
        assert_eq!(doors.post(&removal, &helen, "version=1&back=&why=twice").status, 303);
        let request = doors.get(&to, &helen);
        assert!(
            request.text.contains("phone: a wrong number") && request.text.contains("contact record: twice")
        );
        let key = doors.house.key("helen");
        let other = doors.number("SELECT id FROM item WHERE kind = 'email'");
        let api = |json: serde_json::Value| {
            doors.runtime.block_on(doors.house.api(
                "PUT",
                &format!("/api/v1/people/{ada}/items/{other}"),
                &key,
                &json,
            ))
        };
        let changed = serde_json::json!({ "value": "a@northbank.example", "version": 1 });
        assert_eq!(api(changed).status, 422);
        let changed = serde_json::json!({ "value": "a@northbank.example", "version": 1, "why": "she wrote" });
        assert_eq!(api(changed).status, 200);
    });
}

#[test]
fn a_task_that_came_from_a_message_opens_it_first_and_one_of_unwanted_mail_says_what_it_is() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = custody::id::PersonId(doors.ada());
        let line =
            custody::id::EntryId(doors.number("SELECT id FROM entry WHERE body LIKE 'Ada Marlowe asks%'"));
        let asks = |entry| {
            doors.act("helen", move |acting, tx| {
                let what = "Decide";
                let new = NewTask {
                    person: Some(ada),
                    entry,
                    about: Some("advertising"),
                    owner: acting.staff_id(),
                    due_on: Some(acting.today),
                    ..NewTask::new(task::Kind::Asks, what)
                };
                Ok(task::add(tx, &new, acting.now)?)
            })
        };
        let message = doors.get(&format!("/tasks/{}", asks(Some(line))), &helen);
        assert!(
            message.text.contains("class=\"button main\" href=\"/requests/new?task="),
            "{}",
            message.text
        );
        assert!(
            message.text.contains("<button class=\"button\">It is no request</button>"),
            "{}",
            message.text
        );
        let unwanted = doors.get(&format!("/tasks/{}", asks(None)), &helen);
        assert!(
            unwanted.text.contains("They ask for nothing more")
                && unwanted.text.contains("called a message of ours unwanted")
        );
        for wrong in [
            "counts from now on as the contact it was",
            "The law counts from the day it arrived",
            "It is no request",
        ] {
            assert!(!unwanted.text.contains(wrong), "{wrong}");
        }
    });
}

#[test]
fn whoever_objects_keeps_a_page_and_each_use_is_seen_before_it_is_decided() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = doors.ada();
        let form = format!(
            "person={ada}&kind=objection&how=telephone&received=2026-11-20&words=Stop+it&known=known"
        );
        let went = doors.post("/requests", &helen, &form);
        let to = went.place().split('?').next().unwrap().to_owned();
        let page = doors.get(&format!("/people/{ada}"), &helen);
        assert_eq!(page.status, 200, "{}", page.text);
        for said in ["They object.", "until Helen Marsh decides by Mon 21 Dec 2026", "ada@northbank.example"]
        {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        assert!(page.text.contains(&format!("{to}#uses")), "{}", page.text);
        assert!(doors.get("/people?q=Marlowe", &helen).text.contains("Ada Marlowe"));
        let page = doors.get(&to, &helen);
        let named = |name: &str| {
            let field = format!("name=\"{name}-");
            let all = page.text.split(&field).skip(1);
            let mut all: Vec<&str> = all.map(|rest| rest.split('"').next().unwrap()).collect();
            all.dedup();
            all.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(!page.text.contains("We must ask who they are"), "it is known: {}", page.text);
        let (uses, whys) = (named("use"), named("why"));
        assert_eq!((uses.len(), whys.len()), (2, 2), "{}", page.text);
        let before = doors.state();
        let seen = version(&page.text);
        let send = |act: &str, rest: &str| {
            doors.post(&format!("{to}/uses"), &helen, &format!("version={seen}&act={act}{rest}"))
        };
        let wrong = send("look", &format!("&use-{}=goes+on&why-{}=", uses[0], uses[0]));
        assert_eq!(wrong.status, 422);
        assert!(
            wrong.text.contains("Say whether it stops or goes on.")
                && wrong.text.contains("Write why this outweighs")
        );
        let all = format!("&use-{}=stops&use-{}=goes+on&why-{}=We+must+show+it", uses[0], uses[1], uses[1]);
        let looked = send("look", &all);
        assert_eq!(looked.status, 200, "{}", looked.text);
        for said in ["Nothing is decided yet.", "Will go tonight", "We must show it", "Decide so"] {
            assert!(looked.text.contains(said), "{said}: {}", looked.text);
        }
        let not = send("look", &format!("&use-{}=stops&use-{}=not+meant", uses[0], uses[1]));
        assert!(not.status == 200 && not.text.contains("They do not object to this."), "{}", not.text);
        let back = send("change", &all);
        assert!(back.status == 200 && back.text.contains(">We must show it</textarea>"), "{}", back.text);
        assert_eq!(doors.state(), before, "looking changes nothing");
        assert!(send("decide", &all).place().ends_with("?said=saved#uses"));
        let decided = doors.get(&to, &helen);
        assert!(decided.text.contains("This is decided, and happens when they are told"), "{}", decided.text);
        // Whoever decides on the page of before overwrites nothing, and loses nothing typed.
        let late = send("decide", &all);
        assert_eq!(late.status, 409);
        assert!(
            late.text.contains("Somebody else has changed this request")
                && late.text.contains("We must show it")
        );
        let answer = format!("version={}&answer=partly&told=&on=2026-11-20", version(&decided.text));
        assert_eq!(doors.post(&format!("{to}/answer"), &helen, &answer).status, 303);
        assert!(!doors.get(&format!("/people/{ada}"), &helen).text.contains("They object."));
    });
}

#[test]
fn a_complaint_of_nobody_known_is_given_to_whoever_it_is_of_and_one_at_a_shared_address_is_moved() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = doors.ada();
        let form = "who=A.+Marlowe+of+Ely&kind=complaint&how=letter&received=2026-11-20&words=Too+slow";
        let to = doors.post("/requests", &helen, form).place().split('?').next().unwrap().to_owned();
        let page = doors.get(&to, &helen);
        assert!(page.text.contains("Nobody knows whose it is"), "{}", page.text);
        let tie = |sent: &str| doors.post(&format!("{to}/whose"), &helen, sent);
        let found = tie(&format!("version={}&find=whose&whose-find=Marlowe", version(&page.text)));
        assert!(found.status == 200 && found.text.contains("Ada Marlowe"), "{}", found.text);
        assert_eq!(tie(&format!("version={}", version(&page.text))).status, 422);
        let said = format!("version={}&whose={ada}&identity=known", version(&page.text));
        assert_eq!(tie(&said).status, 303);
        assert_eq!(tie(&said).status, 409, "once, and not unseen");
        let page = doors.get(&to, &helen);
        assert!(page.text.contains("Somebody here said on Fri 20 Nov 2026 whose it is."), "{}", page.text);
        let back = |why: &str| {
            let seen = version(&doors.get(&to, &helen).text);
            doors.post(&to, &helen, &format!("version={seen}&step=misfiled&misfiled-why={why}"))
        };
        let wrong = back("");
        assert!(wrong.status == 422 && wrong.text.contains("Write how you know that it is not theirs."));
        assert_eq!(back("Her+brother+wrote").status, 303);
        let page = doors.get(&to, &helen);
        assert!(page.text.contains("Nobody knows whose it is") && page.text.contains("Her brother wrote"));

        // A request that was filed by the address alone.
        let (to, _) = opened(doors, &helen);
        let page = doors.get(&to, &helen);
        assert!(page.text.contains("It is somebody else's who has the same address"), "{}", page.text);
        let due = |text: &str| {
            text.split("Answer by</span>").nth(1).unwrap().split("</time>").next().unwrap().to_owned()
        };
        let take = |why: &str| {
            let seen = version(&doors.get(&to, &helen).text);
            doors.post(&format!("{to}/whose/undo"), &helen, &format!("version={seen}&misfiled-why={why}"))
        };
        assert_eq!(take("").status, 422);
        assert_eq!(take("Her+brother+wrote").status, 303);
        let moved = doors.get(&to, &helen);
        assert!(moved.text.contains("Nobody knows whose it is"), "{}", moved.text);
        assert_eq!(due(&moved.text), due(&page.text), "its day stays as it is");
    });
}

#[test]
fn a_search_names_no_kind_that_whoever_looks_may_not_see() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let (to, _) = opened(doors, &helen);
        let new = NewPerson {
            offers: false,
            ..newcomer(
                "organisation contact",
                "their organisation",
                &[("name", "Wren Novak"), ("email", "wren@mill.example")],
            )
        };
        let wren = doors.act("helen", |acting, tx| person::add(acting, tx, &new));
        doors.act("helen", |acting, tx| {
            let new = store::entry::NewEntry {
                kind: acting.policy.kind_named("coaching notes").unwrap().id,
                on: date(2026, 11, 20),
                direction: None,
                body: "She speaks of Ada Marlowe.",
                source: "staff",
                import: None,
                people: &[(wren, custody::coverage::Role::Subject)],
                engagements: &[],
                author: None,
            };
            Ok(store::entry::add(tx, &acting.policy, &new, acting.now).map(drop)?)
        });
        let page = doors.get(&format!("{to}/words"), &helen).text;
        assert!(page.contains("A line, Fri 20 Nov 2026"), "{page}");
        assert!(!page.contains("Coaching notes, Fri"), "what sort of thing it is says enough");
    });
}
