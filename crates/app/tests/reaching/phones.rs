//! The address book on a phone of the staff has whom its owner may see and nobody else, as a client of others reads it; it lets go of
//! whoever they may no longer see, and of everybody once it is over.

use std::path::Path;
use std::process::Command;

use app::acts::{phone as acts, restriction, staff};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use custody::id::{PersonId, StaffId};
use store::{log, params};

use crate::common::{Answer, hired};
use crate::town::Town;

const BOOK: &str = "/dav/books/people/";

/// A phone with its owner's address and its password.
struct Phone {
    id: i64,
    staff: StaffId,
    email: &'static str,
    password: String,
}

impl Phone {
    fn of(town: &Town, staff: StaffId, email: &'static str, categories: &[&str]) -> Self {
        let categories: Vec<String> = categories.iter().map(|name| (*name).to_owned()).collect();
        let (id, password) = town.act(|acting, tx| acts::add(acting, tx, staff, &categories)).unwrap();
        Self { id, staff, email, password }
    }

    fn ask(&self, town: &Town, method: &str, path: &str, depth: &str, body: &str) -> Answer {
        let who = STANDARD.encode(format!("{}:{}", self.email, self.password));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Basic {who}"))
            .header("depth", depth);
        town.send(request.body(Body::from(body.to_owned())).unwrap())
    }

    /// The addresses of the cards that the book lists.
    fn listed(&self, town: &Town) -> Vec<String> {
        let asked = "<propfind xmlns='DAV:'><prop><getetag/><getcontenttype/></prop></propfind>";
        let answer = self.ask(town, "PROPFIND", BOOK, "1", asked);
        assert_eq!(answer.status, StatusCode::MULTI_STATUS, "{}", answer.text);
        let hrefs =
            answer.text.split("<D:href>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
        hrefs.filter(|href| href.ends_with(".vcf")).collect()
    }
}

/// An assistant, who may see supporters, organisation contacts and a few others, and of them what an address book needs.
fn assistant(town: &Town) -> StaffId {
    hired(town.instance(), "Ivo Lane", "assistant").id
}

fn card(who: PersonId) -> String {
    format!("{BOOK}{who}.vcf")
}

/// How often cards were handed over, and of how many people.
fn handed(town: &Town) -> (usize, usize) {
    let store = &town.instance().store;
    store.gather().unwrap();
    let events = store.read(|tx| log::of_act(tx, "phone.read", 1_000)).unwrap();
    let of = |event: &log::Event| store.read(|tx| log::concerns(tx, event.id, 1_000)).unwrap().len();
    (events.len(), events.iter().map(of).sum())
}

fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    text.split(begin).nth(1).unwrap_or_else(|| panic!("{begin} in {text}")).split(end).next().unwrap()
}

both! {
    /// Whoever its owner may see, of the categories that were chosen; what is handed over is logged, and a list opens nothing.
    fn a_phone_has_whom_its_owner_may_see(town) {
        let ivo = assistant(town);
        let phone = Phone::of(town, ivo, "ivo@cti.example", &["supporter", "coaching client"]);
        let sam = town.supporter("Samuel Hillforth", "samuel@post.example");
        town.contact("Una Early", "una@brightwell.example");
        assert_eq!(phone.listed(town), [card(sam)]);
        assert_eq!(handed(town), (0, 0), "a list names nobody");
        let multiget = format!(
            "<C:addressbook-multiget xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><prop><getetag/>\
             <C:address-data version='4.0'/></prop><href>{0}</href><href>{0}</href><href>{BOOK}1.vcf</href></C:addressbook-multiget>",
            card(sam)
        );
        let answer = phone.ask(town, "REPORT", BOOK, "1", &multiget);
        assert!(answer.text.contains("FN:Samuel Hillforth") && answer.text.contains("VERSION:4.0"), "{}", answer.text);
        assert_eq!(answer.text.matches("FN:").count(), 1, "{}", answer.text);
        assert!(answer.text.contains("HTTP/1.1 404 Not Found") && !answer.text.contains("Early"), "{}", answer.text);
        assert_eq!(handed(town), (1, 1));
        let file = phone.ask(town, "GET", &card(sam), "0", "");
        assert_eq!(file.headers[header::CONTENT_TYPE], "text/vcard; charset=utf-8");
        assert!(file.text.contains("EMAIL;TYPE=INTERNET:samuel@post.example\r\n"), "{}", file.text);
        assert!(!file.text.contains("supporter"), "who they are to us is on no phone");
        assert_eq!(handed(town), (2, 2));
        let unseen = town.count("SELECT MAX(person_id) FROM belonging");
        assert_eq!(phone.ask(town, "GET", &card(PersonId(unseen)), "0", "").status, StatusCode::NOT_FOUND);
        // Every opening had a reason that the role has.
        let broken = app::acts::proof::look(town.instance(), None).unwrap().found;
        assert!(!broken.iter().any(|found| found.verdict == "broken" && found.figure.contains("opened by")), "{broken:?}");
    }

    /// A change is seen by the token and by the card's tag; whoever is restricted is gone, and so is whoever is erased.
    fn changes_are_seen_and_whoever_may_not_be_used_is_gone(town) {
        let phone = Phone::of(town, assistant(town), "ivo@cti.example", &["supporter"]);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let una = town.supporter("Una Hill", "una@post.example");
        let changes = |token: &str| {
            let body = format!(
                "<sync-collection xmlns='DAV:'><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
            );
            phone.ask(town, "REPORT", BOOK, "0", &body)
        };
        let first = changes("");
        assert_eq!(first.text.matches(".vcf").count(), 2, "{}", first.text);
        let token = between(&first.text, "<D:sync-token>", "<").to_owned();
        let same = changes(&token);
        assert_eq!(same.text.matches(".vcf").count(), 0, "{}", same.text);
        assert_eq!(between(&same.text, "<D:sync-token>", "<"), token);
        let asking = restriction::Asking { why: "they dispute it".into(), ..Default::default() };
        town.act(|acting, tx| restriction::place(acting, tx, sam, &asking)).unwrap();
        let other = changes(&token);
        assert_eq!(other.status, StatusCode::FORBIDDEN);
        assert!(other.text.contains("valid-sync-token"), "{}", other.text);
        assert_eq!(phone.listed(town), [card(una)]);
        assert_eq!(phone.ask(town, "GET", &card(sam), "0", "").status, StatusCode::NOT_FOUND);
        town.erase(una);
        assert_eq!(phone.listed(town), [] as [String; 0]);
    }

    /// A search by name or by address finds whom it should; whoever it does not find is not noted as handed over.
    fn a_search_finds_by_what_stands_on_a_card(town) {
        let phone = Phone::of(town, assistant(town), "ivo@cti.example", &["supporter"]);
        for (name, email) in [("Sam Hill", "sam@post.example"), ("Una Hill", "una@mail.example"), ("Tom Vale", "tom@post.example")] {
            town.supporter(name, email);
        }
        let found = |filter: &str, limit: &str| {
            let body = format!(
                "<C:addressbook-query xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><prop><C:address-data/></prop>\
                 <C:filter test='allof'>{filter}</C:filter>{limit}</C:addressbook-query>"
            );
            let text = phone.ask(town, "REPORT", BOOK, "1", &body).text;
            let mut names: Vec<String> =
                text.split("FN:").skip(1).map(|rest| rest.split("&#13;").next().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        let hill = "<C:prop-filter name='FN'><C:text-match match-type='ends-with'>HILL</C:text-match></C:prop-filter>";
        assert_eq!(found(hill, ""), ["Sam Hill", "Una Hill"]);
        assert_eq!(handed(town), (1, 2));
        let post = "<C:prop-filter name='email'><C:text-match>@post.</C:text-match></C:prop-filter>";
        assert_eq!(found(&format!("{hill}{post}"), ""), ["Sam Hill"]);
        let no_phone = "<C:prop-filter name='TEL'><C:is-not-defined/></C:prop-filter>";
        assert_eq!(found(no_phone, "").len(), 3);
        assert_eq!(found(no_phone, "<C:limit><C:nresults>1</C:nresults></C:limit>").len(), 1);
        // Whoever is found says by that what stands on their card: it is noted of them, though nothing of it is asked for.
        let before = handed(town);
        let body = format!(
            "<C:addressbook-query xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><prop><getetag/></prop>\
             <C:filter test='allof'>{hill}{post}</C:filter></C:addressbook-query>"
        );
        let text = phone.ask(town, "REPORT", BOOK, "1", &body).text;
        assert!(text.contains("getetag") && !text.contains("Hill"), "{text}");
        assert_eq!(handed(town), (before.0 + 1, before.1 + 1));
    }

    /// Its password opens nothing else, and nothing but its password opens it; nothing can be written.
    fn nothing_else_opens_it_and_nothing_is_written(town) {
        let ivo = assistant(town);
        let mut phone = Phone::of(town, ivo, "ivo@cti.example", &["supporter"]);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let bearer = Request::get("/api/v1/people").header(header::AUTHORIZATION, format!("Bearer {}", phone.password));
        assert_eq!(town.send(bearer.body(Body::empty()).unwrap()).status, StatusCode::UNAUTHORIZED);
        for method in ["PUT", "DELETE", "MKCOL", "PROPPATCH", "MOVE", "POST"] {
            let answer = phone.ask(town, method, &card(sam), "0", "BEGIN:VCARD");
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method}");
        }
        let options = phone.ask(town, "OPTIONS", "/dav/", "0", "");
        assert!(options.headers["dav"].to_str().unwrap().contains("addressbook"));
        let known = town.get("/.well-known/carddav");
        assert_eq!((known.status, known.place()), (StatusCode::MOVED_PERMANENTLY, "/dav/"));
        assert_eq!(phone.ask(town, "PROPFIND", BOOK, "infinity", "").status, StatusCode::FORBIDDEN);
        assert_eq!(phone.ask(town, "PROPFIND", BOOK, "1", "<nonsense").status, StatusCode::BAD_REQUEST);
        assert_eq!(phone.ask(town, "PROPFIND", "/dav/elsewhere/", "0", "").status, StatusCode::NOT_FOUND);
        // As it is typed off the page, in capitals and without dashes.
        phone.password = phone.password.to_uppercase().replace('-', " ");
        assert_eq!(phone.listed(town), [card(sam)]);
        let right = std::mem::replace(&mut phone.password, "wrong".into());
        let answer = phone.ask(town, "PROPFIND", BOOK, "1", "");
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Basic"));
        phone.password = right;
        phone.email = "helen.marsh@cti.example";
        assert_eq!(phone.ask(town, "PROPFIND", BOOK, "1", "").status, StatusCode::UNAUTHORIZED, "not hers");
        // Only its hash is kept.
        let sql = "SELECT hash FROM phone WHERE id = ?1";
        let hash = town.instance().store.read(|tx| tx.one(sql, params![phone.id], |row| row.bytes(0))).unwrap();
        assert_eq!(hash.len(), 32);
    }

    /// Once it is over the phone is told that nobody is in it, and so lets go; until it has looked, a task says that it holds copies.
    fn once_it_is_over_nobody_is_in_it(town) {
        let phone = Phone::of(town, assistant(town), "ivo@cti.example", &["supporter"]);
        town.supporter("Sam Hill", "sam@post.example");
        assert_eq!(phone.listed(town).len(), 1);
        let open = "SELECT COUNT(*) FROM task WHERE done_on IS NULL AND what LIKE '%phone%'";
        assert_eq!(town.count(open), 0);
        let helen = town.manager().id;
        town.act(|acting, tx| staff::leave(acting, tx, phone.staff, helen)).unwrap();
        assert_eq!(town.count(&format!("{open} AND owner_id = {helen}")), 1);
        let page = format!("/admin/staff/{}/phones", phone.staff);
        assert!(town.signed_in("GET", &page, "").text.contains("may hold copies"));
        assert_eq!(phone.listed(town), [] as [String; 0]);
        assert_eq!(town.count(open), 0, "it is done by itself");
        assert!(town.signed_in("GET", &page, "").text.contains("told on"));
        // Nobody who has left gets another.
        let again = town.act(|acting, tx| acts::add(acting, tx, phone.staff, &["supporter".to_owned()]));
        assert!(again.unwrap_err().to_string().contains("They have left"));
    }

    /// One that ends while its owner stays is told the same.
    fn one_that_is_ended_is_empty_at_once(town) {
        let ivo = assistant(town);
        let cookie = town.sign_in();
        let page = format!("/admin/staff/{ivo}/phones");
        assert_eq!(town.press(&cookie, &page, "").status, StatusCode::UNPROCESSABLE_ENTITY, "nobody was chosen");
        let made = town.press(&cookie, &page, "categories=supporter").text;
        let password = between(&made, "<code class=\"secret\">", "<").to_owned();
        let id = town.count("SELECT MAX(id) FROM phone");
        let phone = Phone { id, staff: ivo, email: "ivo@cti.example", password };
        town.supporter("Sam Hill", "sam@post.example");
        assert_eq!(phone.listed(town).len(), 1);
        let ended = town.press(&cookie, &format!("{page}/{id}/end"), "");
        assert_eq!(ended.status, StatusCode::SEE_OTHER);
        assert_eq!(phone.listed(town).len(), 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM phone WHERE emptied_on IS NULL"), 0);
    }
}

fn run(program: &Path, args: &[&str]) -> (bool, String) {
    let said = Command::new(program).args(args).output().unwrap();
    let words = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    (said.status.success(), words)
}

/// PyPI's `vdirsyncer`, a client that is not ours, keeps a folder the same as the address book, and `vobject` reads every card in it.
/// Where they are not installed (`bin/need test` does it) this looks at nothing.
#[test]
fn a_client_of_others_keeps_its_copy_the_same() {
    let Ok(python) = std::env::var("PROBITY_TEST_PYTHON") else { return };
    let town = Town::new(None);
    let phone = Phone::of(&town, assistant(&town), "ivo@cti.example", &["supporter"]);
    for (name, email) in [
        ("Zoë Müller-Hill", "zoe@post.example"),
        ("Hill, Sam; \\ MBE", "sam@post.example"),
        ("Una", "una@post.example"),
    ] {
        town.supporter(name, email);
    }
    let port = town.serve();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    let cards = folder.path().join("cards/people");
    std::fs::create_dir_all(&cards).unwrap();
    let config = folder.path().join("config");
    let text = format!(
        "[general]\nstatus_path = \"{at}/status/\"\n[pair book]\na = \"far\"\nb = \"near\"\ncollections = [\"people\"]\n\
         conflict_resolution = \"a wins\"\n[storage far]\ntype = \"carddav\"\nurl = \"http://127.0.0.1:{port}/dav/\"\n\
         username = \"ivo@cti.example\"\npassword = \"{}\"\nread_only = true\n[storage near]\ntype = \"filesystem\"\n\
         path = \"{at}/cards/\"\nfileext = \".vcf\"\n",
        phone.password
    );
    std::fs::write(&config, text).unwrap();
    let client = Path::new(&python).with_file_name("vdirsyncer");
    let config = config.display().to_string();
    let sync = || {
        for what in ["discover", "sync"] {
            let (well, said) = run(&client, &["-c", &config, what]);
            assert!(well, "{what}: {said}");
        }
        let mut all: Vec<String> = std::fs::read_dir(&cards)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        all.sort();
        all
    };
    let all = sync();
    assert_eq!(all.len(), 3, "{all:?}");
    let script = "import sys, vobject, glob, json\n\
                  read = [vobject.readOne(open(path, newline='').read()) for path in glob.glob(sys.argv[1] + '/*.vcf')]\n\
                  print(json.dumps(sorted([card.fn.value, card.email.value, card.n.value.family] for card in read)))";
    let (well, said) = run(Path::new(&python), &["-c", script, &cards.display().to_string()]);
    assert!(well, "{said}");
    let read: serde_json::Value = serde_json::from_str(&said).unwrap();
    let expected = serde_json::json!([
        ["Hill, Sam; \\ MBE", "sam@post.example", "Hill"],
        ["Una", "una@post.example", "Una"],
        ["Zoë Müller-Hill", "zoe@post.example", "Müller-Hill"],
    ]);
    assert_eq!(read, expected);
    // What is no longer there for them is no longer there at all.
    let una = PersonId(town.count("SELECT person_id FROM item WHERE value = 'Una'"));
    town.erase(una);
    let all = sync();
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(!all.iter().any(|card| card.contains("una@post.example")));
}
