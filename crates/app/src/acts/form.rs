//! What somebody sends by a public form: what the policy's form asks, and nothing else, filed as it says and answered by one of us.
//!
//! Whoever writes may be anybody. What is held of somebody is never changed by it: an address that somebody has already brings a line
//! to their timeline that says what was written, and no more. A tick that the notice was read agrees to nothing.

use std::sync::Arc;

use custody::act::Asked;
use custody::id::{EntryId, PersonId, StaffId, TaskId};
use custody::{Act, Gate, Life, Verb};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::basis::Basis;
use policy::notice::slug;
use policy::policy::Form;
use policy::role::{Deed, Role};
use policy::{Activity, Category, Kind, KindSet, Policy, Sort};
use serde_json::json;
use store::Tx;
use store::consent::Shows;
use store::entry::{BY_FORM, Direction};
use store::normal::Shape;
use store::submission::{self, NewSubmission};
use store::task::{self, NewTask};
use store::told;

use super::entry::{self, NewNote};
use super::mailbox::{self, asks};
use super::person::{self, NewPerson};
use super::{Acting, request as desk, staff};
use crate::fault::Fault;
use crate::web::page::FieldError;

mod lately;

pub use lately::Lately;

/// The name under which the program takes what is sent.
pub const BY: &str = "form";

/// The longest answer in one line, in bytes.
const LINE_BYTES_MAX: usize = 500;

/// For how many days whoever is asked may take to answer.
const ANSWER_DAYS: i64 = 3;

/// As what, and under which activity, a form files what it brings.
#[derive(Clone, Copy, Debug)]
pub struct Way<'p> {
    /// As what.
    pub category: &'p Category,
    /// Under which activity.
    pub activity: &'p Activity,
}

impl Way<'_> {
    /// As the policy writes it: `coaching client under coach search`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} under {}", self.category.name, self.activity.name)
    }

    /// Whether nothing may be held this way unless whoever writes agrees to it.
    #[must_use]
    pub fn by_consent(&self) -> bool {
        matches!(self.activity.basis, Basis::Consent { .. })
    }
}

/// What somebody sends.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sent {
    /// The form: its name, or how its address says it.
    pub form: String,
    /// What is answered, each by the name of its kind.
    pub values: Vec<(String, String)>,
    /// What it is about, as [`Way::key`] says it; nothing where the form knows only one way.
    pub about: String,
    /// They say that they read the notice.
    pub ticked: bool,
    /// They agree to what is held only by their consent.
    pub agreed: bool,
    /// The version of the notice that they were shown.
    pub version: u32,
}

/// What whoever wrote is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// What was written down of it.
    pub submission: i64,
    /// Whose it is filed as. Whoever wrote is never told.
    pub person: PersonId,
    /// Our reference.
    pub reference: String,
}

/// One answer, with what kind of thing it is.
struct Given<'p> {
    kind: &'p Kind,
    value: String,
}

/// What was written, line by line.
fn lines<'g, 'p>(given: &'g [Given<'p>]) -> impl Iterator<Item = &'g Given<'p>> {
    given.iter().filter(|one| one.kind.sort == Sort::Entry)
}

/// The details that were given.
fn details<'g, 'p>(given: &'g [Given<'p>]) -> impl Iterator<Item = &'g Given<'p>> {
    given.iter().filter(|one| one.kind.sort == Sort::Item)
}

/// The forms that can be filled in today: what each brings can be filed in some way.
pub fn served(policy: &Policy) -> impl Iterator<Item = &Form> {
    policy.forms.iter().filter(move |form| !ways(policy, form).is_empty())
}

/// The one of these of a name, or of an address.
#[must_use]
pub fn named<'p>(policy: &'p Policy, name: &str) -> Option<&'p Form> {
    served(policy).find(|form| form.name == name || slug(&form.name) == name)
}

/// Where a form is.
#[must_use]
pub fn address(form: &Form) -> String {
    format!("/forms/{}", slug(&form.name))
}

/// What a form asks, in its order: details, and lines of what is written.
pub fn fields<'p>(policy: &'p Policy, form: &'p Form) -> impl Iterator<Item = &'p Kind> {
    let kinds = form.asks.iter().filter_map(move |kind| policy.kind(*kind));
    kinds.filter(|kind| matches!(kind.sort, Sort::Item | Sort::Entry))
}

/// Whether an answer to this says where whoever writes can be answered.
#[must_use]
pub fn reaches(kind: &Kind) -> bool {
    kind.sort == Sort::Item && Shape::of(&kind.name) != Shape::Words
}

/// Whether what is sent is not taken without an answer to this, of what a form asks: the name, and the first of what is written.
#[must_use]
pub fn needed(asked: &[&Kind], kind: &Kind) -> bool {
    let written = asked.iter().find(|kind| kind.sort == Sort::Entry);
    kind.name == "name" || written.is_some_and(|first| first.id == kind.id)
}

/// The ways in which a form may file what it brings today.
#[must_use]
pub fn ways<'p>(policy: &'p Policy, form: &Form) -> Vec<Way<'p>> {
    let way = |(category, activity): &(policy::CategoryId, policy::ActivityId)| {
        let category = policy.categories.get(category.index())?;
        Some(Way { category, activity: policy.activity(*activity)? })
    };
    form.files.iter().filter_map(way).filter(|way| way.activity.rests_on_a_form()).collect()
}

/// What is to put right before it can be taken, field by field; else how it is filed.
///
/// # Errors
/// [`Fault::Invalid`] with all of it.
pub fn checked<'p>(policy: &'p Policy, form: &Form, sent: &Sent) -> Result<Way<'p>, Fault> {
    let mut wrong = Vec::new();
    let asked: Vec<&Kind> = fields(policy, form).collect();
    for (name, _) in sent.values.iter().filter(|(_, value)| !value.trim().is_empty()) {
        if !asked.iter().any(|kind| kind.name == *name) {
            wrong.push(blame(name, "This form does not ask for this."));
        }
    }
    for kind in &asked {
        let value = answer(sent, kind);
        let words = match (value.is_empty(), kind.sort) {
            (true, _) if !needed(&asked, kind) => None,
            (true, Sort::Entry) => Some("Write what you want to tell us.".to_owned()),
            (true, _) => Some("Write your name.".to_owned()),
            (false, Sort::Entry) => unreadable(&value).map(str::to_owned),
            (false, _) => {
                in_one_line(&value).map(str::to_owned).or_else(|| person::shaped(kind, &value).err())
            }
        };
        wrong.extend(words.map(|words| blame(&kind.name, &words)));
    }
    let reached = asked.iter().filter(|kind| reaches(kind));
    if let Some(first) = reached.clone().next()
        && reached.clone().all(|kind| answer(sent, kind).is_empty())
    {
        let words = match reached.count() {
            1 => "Write where we can answer you.",
            _ => "Write an e-mail address or a telephone number where we can answer you.",
        };
        wrong.push(blame(&first.name, words));
    }
    let ways = ways(policy, form);
    let way = match ways.as_slice() {
        [only] if sent.about.is_empty() => Some(*only),
        all => all.iter().copied().find(|way| way.key() == sent.about),
    };
    if way.is_none() {
        wrong.push(blame("about", "Choose what it is about."));
    }
    if form.tick.is_some() && !sent.ticked {
        wrong.push(blame("tick", "Read the notice, and tick the box once you have."));
    }
    if way.is_some_and(|way| way.by_consent()) && !sent.agreed {
        let words = "We may keep what you write only if you agree. Tick the box if you do; if not, ring us or write by e-mail.";
        wrong.push(blame("agreed", words));
    }
    if sent.version != policy.version {
        let words =
            "Our privacy notice has changed while you were writing. Look at it below, and send this again.";
        wrong.push(blame("notice", words));
    }
    match way.filter(|_| wrong.is_empty()) {
        Some(way) => Ok(way),
        None => Err(Fault::Invalid(wrong)),
    }
}

/// What is wrong with an answer; the field is the kind's name as an address would say it.
fn blame(field: &str, words: &str) -> FieldError {
    FieldError { field: slug(field), words: words.to_owned() }
}

fn answer(sent: &Sent, kind: &Kind) -> String {
    let given = sent.values.iter().find(|(name, _)| *name == kind.name);
    given.map_or_else(String::new, |(_, value)| value.trim().replace("\r\n", "\n"))
}

fn unreadable(value: &str) -> Option<&'static str> {
    if value.len() > desk::TEXT_BYTES_MAX {
        return Some("This is too long. Say it shorter, or send the rest by e-mail.");
    }
    value.contains('\0').then_some("There is a character in it that no text has.")
}

fn in_one_line(value: &str) -> Option<&'static str> {
    if value.len() > LINE_BYTES_MAX {
        return Some("This is too long: a line is enough.");
    }
    value.contains(char::is_control).then_some("Write this in one line.")
}

/// Takes what was sent: it is filed, somebody is to answer it, and which version of the notice was shown is on record. What is
/// answered is the same whether we hold anything of whoever wrote or not.
///
/// # Errors
/// [`Fault::NotFound`] if the policy has no such form; [`Fault::Invalid`] for what is to put right; [`Fault::Refused`] naming the
/// clause, if it has no place, or if a member of staff sends it whose role may not add people.
pub fn take(acting: &Acting<'_>, tx: &Tx<'_>, sent: &Sent) -> Result<Taken, Fault> {
    acting.must(Deed::AddPeople)?;
    let policy = Arc::clone(&acting.policy);
    let form = named(&policy, &sent.form).ok_or(Fault::NotFound)?;
    let way = checked(&policy, form, sent)?;
    if way.by_consent() && acting.staff_id().is_some() {
        let words =
            "What is held only by consent is asked on our own page, where whoever agrees ticks the box.";
        return Err(Fault::field("agreed", words));
    }
    let answered = fields(&policy, form).map(|kind| Given { kind, value: answer(sent, kind) });
    let given: Vec<Given<'_>> = answered.filter(|one| !one.value.is_empty()).collect();
    // What may be a request counts as no contact until somebody has decided what it is.
    let asks = lines(&given).find_map(|one| asks::suggested("", &one.value));
    let direction = asks.is_none().then_some(Direction::In);
    let filed = match theirs(acting, tx, &given)? {
        None => None,
        Some(person) => match tx.attempt(|tx| to_somebody(acting, tx, (person, way), &given, direction)) {
            Ok(entry) => Some((person, entry)),
            Err(Fault::Store(error)) => return Err(Fault::Store(error)),
            // It has no place with them: then whoever wrote is somebody new, and somebody here finds out.
            Err(_) => None,
        },
    };
    let known = filed.is_some();
    let (person, entry) = match filed {
        Some(filed) => filed,
        None => as_somebody(acting, tx, (form, way), &given, (direction, sent.agreed))?,
    };
    let kept = given.iter().filter(|one| !known || one.kind.sort == Sort::Entry);
    let kinds: Vec<&str> = kept.map(|one| one.kind.name.as_str()).collect();
    let new = NewSubmission {
        person,
        form: &form.name,
        on: acting.today,
        version: sent.version,
        category: &way.category.name,
        activity: &way.activity.name,
        kinds: &kinds,
        known,
        ticked: sent.ticked && form.tick.is_some(),
        entry,
        by: acting.staff_id(),
    };
    let submission = submission::add(tx, &new, acting.now)?;
    let reference = store::id::reference(submission);
    let written = lines(&given).map(|one| one.kind.id).collect();
    let told = Told { person, entry, form, reference: &reference };
    let task = alert(acting, tx, &told, answerer(acting, tx, way, written)?)?;
    submission::answered_by(tx, submission, task)?;
    if let Some(asks) = asks {
        ask(acting, tx, &told, asks)?;
    }
    let body = json!({ "submission": submission, "form": form.name, "known": known, "kinds": kinds });
    acting.log(tx, "form.taken", &[person], &body)?;
    Ok(Taken { submission, person, reference })
}

/// Whoever alone has the address that was given; the number only where no address was.
fn theirs(acting: &Acting<'_>, tx: &Tx<'_>, given: &[Given<'_>]) -> Result<Option<PersonId>, Fault> {
    let reach = |shape: Shape| {
        details(given).find(|one| Shape::of(&one.kind.name) == shape).map(|one| (shape, &one.value))
    };
    let Some((shape, said)) = reach(Shape::Email).or_else(|| reach(Shape::Phone)) else { return Ok(None) };
    match desk::having(acting, tx, shape, said)?.as_slice() {
        [one] => Ok(Some(*one)),
        _ => Ok(None),
    }
}

/// Files what was written to somebody who is here as what the form files it: a line that says what whoever wrote said, also of how to
/// reach them, and nothing else.
fn to_somebody(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, way): (PersonId, Way<'_>),
    given: &[Given<'_>],
    direction: Option<Direction>,
) -> Result<Option<EntryId>, Fault> {
    let life = acting.life(tx, person)?;
    let written: KindSet = lines(given).map(|one| one.kind.id).collect();
    if !life.has(way.category.id, acting.today) || written.is_empty() {
        return Err(Fault::NotFound);
    }
    may_store(acting, &life, way, written)?;
    let said: Vec<String> = details(given).map(|one| format!("{}: {}", one.kind.name, one.value)).collect();
    let said = format!("As whoever wrote this said on the form: {}.", said.join("; "));
    write(acting, tx, person, given, (direction, &said))
}

/// Files what was written as somebody new, with the details that were given.
fn as_somebody(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (form, way): (&Form, Way<'_>),
    given: &[Given<'_>],
    (direction, agreed): (Option<Direction>, bool),
) -> Result<(PersonId, Option<EntryId>), Fault> {
    let agreed = agreed && way.by_consent();
    let new = NewPerson {
        category: way.category.name.clone(),
        values: details(given).map(|one| (one.kind.name.clone(), one.value.clone())).collect(),
        source: "the person".to_owned(),
        collected_on: None,
        organisation: None,
        agreed: if agreed { vec![way.activity.name.clone()] } else { Vec::new() },
        shown: agreed.then(|| (Shows::Page, format!("ticked on the form \u{201c}{}\u{201d}", form.title))),
        offers: false,
        told: Some(told::Way::Page),
    };
    let person = person::add(acting, tx, &new)?;
    let all = given.iter().map(|one| one.kind.id).collect();
    may_store(acting, &acting.life(tx, person)?, way, all)?;
    Ok((person, write(acting, tx, person, given, (direction, ""))?))
}

/// Asks whether these kinds may be stored about somebody under the very activity that the form names.
fn may_store(acting: &Acting<'_>, life: &Life, way: Way<'_>, kinds: KindSet) -> Result<(), Fault> {
    let act = person::act(Verb::Store, None, Asked::Exactly(kinds));
    let act = Act { activity: Some(way.activity.id), ..act };
    acting.decide(&act, &[life], &Gate::default()).map(drop)
}

/// Writes the lines; the first ends with what stands `beside` it. Which that is.
fn write(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    given: &[Given<'_>],
    (direction, beside): (Option<Direction>, &str),
) -> Result<Option<EntryId>, Fault> {
    let mut first = None;
    for one in lines(given) {
        let body = match first {
            None if !beside.is_empty() => format!("{}\n\n{beside}", one.value),
            _ => one.value.clone(),
        };
        let kind = one.kind.name.clone();
        let note = NewNote { kind, body, on: acting.today, direction, engagement: None };
        let entry = entry::add_from(acting, tx, person, &note, BY_FORM)?;
        first = first.or(Some(entry));
    }
    Ok(first)
}

/// What a task tells of what was sent.
struct Told<'a> {
    person: PersonId,
    entry: Option<EntryId>,
    form: &'a Form,
    reference: &'a str,
}

/// Somebody is to answer it.
fn alert(acting: &Acting<'_>, tx: &Tx<'_>, told: &Told<'_>, owner: Option<StaffId>) -> Result<TaskId, Fault> {
    let what = format!(
        "Answer what they wrote by \u{201c}{}\u{201d} (reference {})",
        told.form.title, told.reference
    );
    let new = NewTask {
        person: Some(told.person),
        entry: told.entry,
        owner,
        due_on: Some(acting.today.checked_add(ANSWER_DAYS.days())?),
        ..NewTask::new(task::Kind::Answer, &what)
    };
    Ok(task::add(tx, &new, acting.now)?)
}

/// Somebody is to decide whether it is a request, and which.
fn ask(acting: &Acting<'_>, tx: &Tx<'_>, told: &Told<'_>, asks: &str) -> Result<(), Fault> {
    let what = format!(
        "Decide whether what they wrote by \u{201c}{}\u{201d} is a request or a complaint",
        told.form.title
    );
    mailbox::to_decide(acting, tx, (told.person, told.entry), (&what, asks), acting.today).map(drop)
}

/// Somebody whose role writes to people and reads what such people wrote; else whoever answers what people ask.
fn answerer(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: Way<'_>,
    lines: KindSet,
) -> Result<Option<StaffId>, Fault> {
    let sees = |role: &Role| custody::decide::sees_all_of(&acting.policy, role.id, lines, &[way.category.id]);
    let may = staff::whose_role(acting, tx, |role| role.deeds.contains(&Deed::Send) && sees(role))?;
    match may.first() {
        Some(account) => Ok(Some(account.id)),
        None => super::task::whoever(acting, tx, Deed::AnswerRequests, &[]),
    }
}

/// Somebody was reached on a day: what they wrote by a form until then is answered.
///
/// # Errors
/// Whatever the store says.
pub(super) fn answered(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, on: Date) -> Result<(), Fault> {
    let mut open = task::open_of_person(tx, person)?;
    open.retain(|open| open.kind == task::Kind::Answer);
    if open.is_empty() {
        return Ok(());
    }
    let sent = submission::of_person(tx, person)?;
    let before = |task: TaskId| sent.iter().any(|sent| sent.task == Some(task) && sent.on <= on);
    for open in open.iter().filter(|open| before(open.id)) {
        task::done(tx, open.id, acting.today, acting.staff_id(), Some("answered"))?;
        let body = json!({ "task": open.id.0, "kind": open.kind.name() });
        acting.log(tx, "task.confirmed", &[person], &body)?;
    }
    Ok(())
}
