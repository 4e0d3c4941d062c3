//! An instance with people who are written to, and what they see of it.

use std::path::PathBuf;
use std::sync::Arc;

use app::acts::confirmation::Telling;
use app::acts::erasure::{Because, Masking};
use app::acts::person::NewPerson;
use app::acts::{self, Acting, consent, erasure, mailing, restore};
use app::fault::Fault;
use app::instance::Instance;
use app::jobs::outbox;
use app::world::Pack;
use axum::body::Body;
use axum::http::{Request, header};
use custody::id::{MailingId, OrganisationId, PersonId};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Policy;
use store::backup::{self, Keeping};
use store::keys::Secret;
use store::restoring::Restoring;
use store::staff::Account;
use store::{Tx, params};
use tokio::runtime::Runtime;

use crate::common::copied::copy_of;
use crate::common::{Answer, Data, House, newcomer, played};

const WORLD: &str = r#"
begins = "2026-11-03"
today = "2026-11-03"
person = []
[[staff]]
key = "helen"
name = "Helen Marsh"
email = "helen.marsh@cti.example"
role = "business manager"
[[organisation]]
key = "brightwell"
name = "Brightwell Ltd"
email = "office@example"
"#;

/// The same under Chorus's policy, which writes to customers of what they use and to others of what they might.
pub const CHORUS: &str = r#"
begins = "2026-11-03"
today = "2026-11-03"
organisation = []
person = []
[[staff]]
key = "imran"
name = "Imran Sutton"
email = "imran.sutton@chorus.example"
role = "security officer"
"#;

/// The activity that everybody here agreed to.
pub const NEWS: &str = "supporters";

/// News that rests on an interest and needs no yes.
pub const OFFERS: &str = "news for organisations";

pub struct Town {
    house: Option<House>,
    runtime: Runtime,
    manager: Account,
    url: Option<String>,
}

impl Town {
    pub fn new(url: Option<String>) -> Self {
        Self::of("cti", WORLD, url)
    }

    /// One under the policy of a pack, whose staff is one manager.
    pub fn of(pack: &str, world: &str, url: Option<String>) -> Self {
        let data = copy_of(&format!("{pack}\n{world}"), url.as_deref(), |data| {
            drop(played(data, &secret(), Pack::named(pack).unwrap().policy().unwrap(), world));
        });
        let instance = Instance::open(data.path(), data.url().as_deref(), &secret()).unwrap();
        Self::around(instance, data, url)
    }

    /// The same under any policy.
    pub fn under(policy: Policy, world: &str, url: Option<String>) -> Self {
        let data = Data::on(url.clone());
        Self::around(played(&data, &secret(), policy, world), data, url)
    }

    fn around(instance: Instance, data: Data, url: Option<String>) -> Self {
        let manager = instance.store.read(store::staff::all).unwrap().remove(0);
        Self { house: Some(House::around(instance, data)), runtime: Runtime::new().unwrap(), manager, url }
    }

    fn house(&self) -> &House {
        self.house.as_ref().unwrap()
    }

    /// Closed and opened again, with these settings.
    pub fn reopen(&mut self, settings: &str) {
        let House { instance, app, data } = self.house.take().unwrap();
        drop(app);
        drop(Arc::into_inner(instance).expect("nobody else has it"));
        std::fs::write(data.path().join("probity.toml"), settings).unwrap();
        let instance = Instance::open(data.path(), data.url().as_deref(), &secret()).unwrap();
        self.house = Some(House::around(instance, data));
    }

    pub fn instance(&self) -> &Instance {
        &self.house().instance
    }

    pub fn url(&self) -> Option<String> {
        self.url.clone()
    }

    pub fn manager(&self) -> Account {
        self.manager.clone()
    }

    pub fn act<T>(&self, mut f: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let instance = self.instance();
        instance.store.write(|tx| f(&Acting::staff(instance, self.manager.clone()).unwrap(), tx))
    }

    pub fn count(&self, sql: &str) -> i64 {
        self.instance().store.read(|tx| tx.count(sql, &[])).unwrap()
    }

    pub fn later(&self, days: i64) {
        self.go_to(self.instance().clock.today().checked_add(days.days()).unwrap());
    }

    pub fn go_to(&self, day: Date) {
        self.instance().set_practice_clock(self.instance().clock.at(day, 9)).unwrap();
    }

    /// A supporter with an address, who agreed to hear from us.
    pub fn supporter(&self, name: &str, email: &str) -> PersonId {
        self.supporters([(name.to_owned(), email.to_owned())])[0]
    }

    /// Several of them at once, by their names and addresses.
    pub fn supporters(&self, them: impl IntoIterator<Item = (String, String)>) -> Vec<PersonId> {
        let new = |(name, email): (String, String)| NewPerson {
            category: "supporter".into(),
            values: vec![("name".into(), name), ("email".into(), email)],
            source: "the person".into(),
            agreed: vec![NEWS.into()],
            shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
            offers: true,
            ..NewPerson::default()
        };
        let them: Vec<NewPerson> = them.into_iter().map(new).collect();
        self.act(|acting, tx| them.iter().map(|new| acts::person::add(acting, tx, new)).collect()).unwrap()
    }

    /// So many of them: `Person 7` has `p7@post.example`.
    pub fn many(&self, how_many: usize) -> Vec<PersonId> {
        self.supporters((0..how_many).map(|n| (format!("Person {n}"), format!("p{n}@post.example"))))
    }

    /// They ask for our news, and say so to us.
    pub fn agrees(&self, who: PersonId) {
        self.act(|acting, tx| {
            let given = consent::Given::said(acting.today, "asked us");
            consent::give(acting, tx, who, NEWS, given)
        })
        .unwrap();
    }

    /// Somebody in a category, with where we have them from, who may be told what we offer.
    pub fn somebody(
        &self,
        (category, source): (&str, &str),
        name: &str,
        email: &str,
        organisation: Option<OrganisationId>,
    ) -> PersonId {
        let values = [("name", name), ("email", email)];
        let new = NewPerson { organisation, ..newcomer(category, source, &values) };
        self.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap()
    }

    /// They sell to us as well, for which we keep their details whatever they say of our news.
    pub fn also_supplies(&self, who: PersonId) {
        self.act(|acting, tx| {
            let supplier = acting.policy.category_named("supplier").ok_or(Fault::NotFound)?.id;
            store::person::give_category(tx, &acting.policy, who, supplier, acting.today, None)?;
            acting.settle(tx, who)
        })
        .unwrap();
    }

    /// Somebody at a company, who may be told what we offer.
    pub fn contact(&self, name: &str, email: &str) -> PersonId {
        self.act(|acting, tx| {
            let firm = store::organisation::named(tx, "Brightwell Ltd", acting.now)?;
            let values = [("name", name), ("email", email)];
            let new = NewPerson {
                organisation: Some(firm),
                ..newcomer("organisation contact", "their organisation", &values)
            };
            acts::person::add(acting, tx, &new)
        })
        .unwrap()
    }

    /// A mailing, queued to leave now.
    pub fn queue(&self) -> Result<MailingId, Fault> {
        self.queue_of(NEWS)
    }

    pub fn queue_of(&self, activity: &str) -> Result<MailingId, Fault> {
        self.act(|acting, tx| {
            let mailing = mailing::begin(acting, tx, activity)?;
            mailing::write(acting, tx, mailing, 1, "Spring news", "Dear {name}, there is news.")?;
            mailing::send(acting, tx, mailing, 2)?;
            mailing::hurry(acting, tx, mailing)?;
            Ok(mailing)
        })
    }

    /// A mailing to whoever may have it, which leaves. The addresses it went to; nobody where nobody may have it.
    pub fn mailing(&self) -> Vec<String> {
        self.mailing_of(NEWS)
    }

    pub fn mailing_of(&self, activity: &str) -> Vec<String> {
        match self.queue_of(activity) {
            Ok(mailing) => {
                outbox::play(self.instance()).unwrap();
                self.addresses(mailing, "sent")
            }
            Err(Fault::Invalid(wrong)) if wrong[0].words.starts_with("Nobody may have this") => Vec::new(),
            Err(fault) => panic!("{fault}"),
        }
    }

    /// The addresses whose messages of a mailing stand so.
    pub fn addresses(&self, mailing: MailingId, state: &str) -> Vec<String> {
        let sql = "SELECT address FROM message WHERE mailing_id = ?1 AND state = ?2 ORDER BY address";
        self.instance().store.read(|tx| tx.all(sql, params![mailing, state], |row| row.text(0))).unwrap()
    }

    /// The path of the link in the last message to an address.
    pub fn link(&self, address: &str) -> String {
        let sql = "SELECT body FROM message WHERE address = ?1 ORDER BY id DESC LIMIT 1";
        let body = self.instance().store.read(|tx| tx.one(sql, params![address], |row| row.text(0))).unwrap();
        let link = body.split("/unsubscribe/").nth(1).expect("the footer has the link");
        format!("/unsubscribe/{}", link.split_whitespace().next().unwrap())
    }

    /// A request of any sort.
    pub fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(self.house().send(request))
    }

    /// The doors, opened on a port of this machine until the test ends.
    pub fn serve(&self) -> u16 {
        let app = self.house().app.clone();
        self.runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            drop(tokio::spawn(app::server::serve(listener, app, std::future::pending())));
            port
        })
    }

    pub fn get(&self, path: &str) -> Answer {
        self.runtime.block_on(self.house().get(path, ""))
    }

    pub fn post(&self, path: &str, form: &str) -> Answer {
        self.runtime.block_on(self.house().post(path, "", form))
    }

    /// The manager signs in.
    pub fn sign_in(&self) -> String {
        let cookie = self.runtime.block_on(self.house().sign_in("helen.marsh"));
        // As if the code had been typed that some roles are asked for.
        let proved = |tx: &Tx<'_>| tx.exec("UPDATE session SET second_factor = 1", &[]);
        self.instance().store.write(proved).unwrap();
        cookie
    }

    /// A page as whoever is signed in sees it.
    pub fn page(&self, cookie: &str, path: &str) -> Answer {
        self.runtime.block_on(self.house().get(path, cookie))
    }

    /// What whoever is signed in presses.
    pub fn press(&self, cookie: &str, path: &str, form: &str) -> Answer {
        self.runtime.block_on(self.house().post(path, cookie, form))
    }

    /// What whoever is signed in uploads, with a line of words.
    pub fn upload(
        &self,
        cookie: &str,
        path: &str,
        (name, words): (&str, &str),
        file: (&str, &[u8]),
    ) -> Answer {
        let (field, bytes) = file;
        let said = format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{words}\r\n");
        let head =
            format!("--part\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"it\"\r\n\r\n");
        let body = [said.as_bytes(), head.as_bytes(), bytes, b"\r\n--part--\r\n"].concat();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=part")
            .header(header::COOKIE, cookie)
            .body(Body::from(body))
            .unwrap();
        self.runtime.block_on(self.house().send(request))
    }

    /// What the manager sees and does.
    pub fn signed_in(&self, method: &str, path: &str, form: &str) -> Answer {
        let cookie = self.sign_in();
        match method {
            "GET" => self.page(&cookie, path),
            _ => self.press(&cookie, path, form),
        }
    }

    /// What a program of the manager's calls.
    pub fn api(&self, method: &str, path: &str, json: &serde_json::Value) -> Answer {
        let key = self.house().key("helen.marsh");
        self.runtime.block_on(self.house().api(method, path, &key, json))
    }

    /// What a mail program does with the header of a message: no cookie, and from wherever it runs.
    pub fn one_click(&self, path: &str) -> Answer {
        let request = Request::post(path)
            .header(header::HOST, "cti.example")
            .header(header::ORIGIN, "https://mail.elsewhere.example")
            .header("sec-fetch-site", "cross-site")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("List-Unsubscribe=One-Click"))
            .unwrap();
        self.runtime.block_on(self.house().send(request))
    }

    pub fn erase(&self, person: PersonId) {
        self.erase_masking(person, Masking::default());
    }

    /// The same, with them taken out of texts of others.
    pub fn erase_masking(&self, person: PersonId, masking: Masking<'_>) {
        self.erased(person, masking).unwrap();
    }

    /// The same, where it may be refused.
    pub fn try_erase(&self, person: PersonId) -> Result<(), Fault> {
        self.erased(person, Masking::default())
    }

    fn erased(&self, person: PersonId, masking: Masking<'_>) -> Result<(), Fault> {
        let why = (Because { masking, ..erasure::Reason::Asked.known() }, None);
        self.act(|acting, tx| {
            erasure::carry_out(acting, tx, person, None, why, Telling::Already("by letter"))
        })
        .map(drop)
    }

    /// Makes a backup.
    pub fn back_up(&self) -> Backup {
        let place = tempfile::tempdir().unwrap();
        let backup = Backup { place };
        std::fs::create_dir_all(backup.second()).unwrap();
        let keeping = Keeping { to: backup.to().into(), safes: vec![backup.second().into()], days: 90 };
        backup::make(&self.instance().store, &keeping, app::clock::machine()).unwrap();
        backup
    }

    /// Goes on in what is restored of a backup.
    pub fn restore(&mut self, backup: &Backup) {
        let store = &self.instance().store;
        store::ring_duty::carry_out(store, &[backup.second().into()], false, app::clock::machine()).unwrap();
        let safe = std::fs::read(backup.second().join(store::safe::NAME)).unwrap();
        let data = Data::on(self.url.clone());
        let into = Restoring::begin(data.path(), data.url().as_deref(), &safe).unwrap();
        restore::run(into, &secret(), &backup.to().into(), &safe, None, false).unwrap();
        let instance = Instance::open(data.path(), data.url().as_deref(), &secret()).unwrap();
        self.house = Some(House::around(instance, data));
    }
}

/// A backup, with the second place of its safe.
pub struct Backup {
    place: tempfile::TempDir,
}

impl Backup {
    fn to(&self) -> PathBuf {
        self.place.path().join("backups")
    }

    fn second(&self) -> PathBuf {
        self.place.path().join("second")
    }
}

fn secret() -> Secret {
    Secret::of([9; 32])
}
