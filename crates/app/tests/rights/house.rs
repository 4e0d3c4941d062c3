//! An instance with two people of the staff, on either database.

use app::acts::entry::NewNote;
use app::acts::person::NewPerson;
use app::acts::request::{Arrived, Who};
use app::acts::{self, Acting, identity, request as desk};
use app::fault::Fault;
use app::instance::Instance;
use app::print::Pack;
use custody::id::{PersonId, RequestId};
use jiff::civil::{Date, date};
use store::entry::Direction;
use store::keys::Secret;
use store::request::{self, SubjectRequest};
use store::staff::Account;
use store::{Tx, disclosure, message, organisation};

use crate::common::copied::copy_of;
use crate::common::{Data, account, edited, hired, newcomer, postgres};

/// CTI's policy as it is.
pub(crate) fn as_it_is(text: String) -> String {
    text
}

/// A Tuesday.
pub(crate) const TODAY: Date = date(2026, 11, 3);

pub(crate) struct House {
    pub(crate) instance: Instance,
    pub(crate) manager: Account,
    pub(crate) assistant: Account,
    _data: Data,
}

impl House {
    /// Under CTI's policy.
    pub(crate) fn new(server: Option<&str>) -> Self {
        let data = copy_of("house", server, |data| drop(made(data, &as_it_is)));
        let instance = Instance::open(data.path(), data.url().as_deref(), &secret()).unwrap();
        Self::around(instance, data)
    }

    /// Under CTI's policy, edited.
    pub(crate) fn keeping(server: Option<&str>, edit: &impl Fn(String) -> String) -> Self {
        let data = Data::on(server.map(str::to_owned));
        Self::around(made(&data, edit), data)
    }

    fn around(instance: Instance, data: Data) -> Self {
        let (manager, assistant) = (account(&instance, "helen"), account(&instance, "ivo"));
        Self { instance, manager, assistant, _data: data }
    }

    pub(crate) fn acting(&self) -> Acting<'_> {
        Acting::staff(&self.instance, self.manager.clone()).unwrap()
    }

    pub(crate) fn act<T>(
        &self,
        mut f: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.instance.store.write(|tx| f(&self.acting(), tx))
    }

    /// The same, by another of the staff.
    pub(crate) fn by<T>(
        &self,
        account: &Account,
        mut f: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.instance.store.write(|tx| f(&Acting::staff(&self.instance, account.clone()).unwrap(), tx))
    }

    pub(crate) fn spoil(&self, sql: &str) {
        assert_eq!(self.instance.store.write(|tx| tx.exec(sql, &[])).unwrap(), 1, "{sql}");
    }

    pub(crate) fn read<T>(&self, f: impl FnOnce(&Tx<'_>) -> store::Result<T>) -> T {
        self.instance.store.read(f).unwrap()
    }

    pub(crate) fn go_to(&self, day: Date) {
        self.instance.set_practice_clock(self.instance.clock.at(day, 9)).unwrap();
    }

    /// Tara Quill of Brightwell Ltd, in all the ways she can be held as somebody in an organisation.
    pub(crate) fn tara(&self) -> PersonId {
        self.act(|acting, tx| {
            let firm = organisation::named(tx, "Brightwell Ltd", acting.now)?;
            let values = [
                ("name", "Tara Quill"),
                ("email", "tara.quill@brightwell.example"),
                ("phone", "01632 960123"),
                ("job title", "Head of Learning"),
            ];
            let new = NewPerson {
                collected_on: Some(date(2026, 10, 1)),
                organisation: Some(firm),
                ..newcomer("organisation contact", "their organisation", &values)
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
            went(acting, tx, tara, ("name", "Morgan Pike", "enquiries"))?;
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

    pub(crate) fn opened(&self, ask: &str, who: Who) -> RequestId {
        let new = Arrived {
            ask: ask.into(),
            who,
            received_on: self.instance.clock.today(),
            channel: "letter".into(),
            words: "Please, says Tara Quill.".into(),
        };
        self.act(|acting, tx| desk::open(acting, tx, &new)).unwrap()
    }

    /// Somebody of the staff knows who asks, and says so.
    pub(crate) fn known(&self, id: RequestId) {
        self.act(|acting, tx| identity::known(acting, tx, id, ("known", acting.today))).unwrap();
    }

    pub(crate) fn request(&self, id: RequestId) -> SubjectRequest {
        self.read(|tx| request::one(tx, &self.instance.policy(), id))
    }

    pub(crate) fn pack(&self, id: RequestId) -> Pack {
        self.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, id)).unwrap()
    }

    /// All of a copy, before anything of others is decided about.
    pub(crate) fn gathered(&self, id: RequestId) -> Pack {
        self.act(|acting, tx| Ok(acts::redaction::gather(acting, tx, id, false)?.pack)).unwrap()
    }

    /// What the proof finds for whatever the policy promises by an obligation of this name.
    pub(crate) fn look(&self, name: &str) -> store::prove::Seen {
        let policy = self.instance.policy();
        let obligations = custody::proof::obligations(&policy);
        let found = obligations.values().flatten().find(|one| one.name() == name);
        let found = found.unwrap_or_else(|| panic!("nothing in the policy promises {name}"));
        let (now, today) = (self.instance.clock.now(), self.instance.clock.today());
        store::prove::obligation(&self.instance.store, &policy, found, now, today).unwrap()
    }

    /// The same without whom recipients are still to be told of.
    pub(crate) fn left(&self) -> String {
        let all = self.everything();
        let left = all.lines().filter(|line| !line.starts_with("task.about: "));
        left.map(|line| format!("{line}\n")).collect()
    }

    /// Every text in every table, decrypted.
    pub(crate) fn everything(&self) -> String {
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

/// A kind of somebody's details goes to a recipient, under an activity.
pub(crate) fn went(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whose: PersonId,
    (kind, recipient, activity): (&str, &str, &str),
) -> Result<i64, Fault> {
    let new = disclosure::NewDisclosure {
        person: whose,
        recipient,
        recipient_person: None,
        kinds: acting.policy.kind_named(kind).map(|kind| kind.id).into_iter().collect(),
        activity,
        reason: "to arrange a first call",
        engagement: None,
        safeguard: None,
        place: None,
        on: acting.today,
        by: acting.staff_id(),
    };
    Ok(disclosure::record(tx, &acting.policy, &new, acting.now)?)
}

pub(crate) fn invalid(fault: &Fault, field: &str) -> bool {
    matches!(fault, Fault::Invalid(fields) if fields.iter().any(|wrong| wrong.field == field))
}

fn made(data: &Data, edit: &impl Fn(String) -> String) -> Instance {
    let (url, policy) = (data.url(), edited("cti", |text| edit(text.to_owned())));
    let instance = Instance::create(data.path(), url.as_deref(), &secret(), policy, Some(TODAY)).unwrap();
    hired(&instance, "Helen Marsh", "business manager");
    hired(&instance, "Ivo Lane", "assistant");
    instance
}

fn secret() -> Secret {
    Secret::of([7; 32])
}

/// Runs a test on SQLite, and on PostgreSQL where there is one.
pub(crate) fn on_both(test: impl Fn(&House)) {
    on_each(House::new, test);
}

/// The same under an edited policy.
pub(crate) fn on_both_keeping(edit: impl Fn(String) -> String, test: impl Fn(&House)) {
    on_each(|server| House::keeping(server, &edit), test);
}

fn on_each(house: impl Fn(Option<&str>) -> House, test: impl Fn(&House)) {
    test(&house(None));
    match postgres() {
        Some(server) => test(&house(Some(&server))),
        None => eprintln!("skipped: PROBITY_TEST_POSTGRES names no database"),
    }
}
