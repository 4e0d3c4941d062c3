//! What can happen in a story, each verb through its act. The words are those of the policy played: its kinds of
//! data and work, its milestones, parts, categories and activities.

use std::collections::BTreeMap;

use custody::id::{EngagementId, OrganisationId, PersonId};
use custody::life::Scope;
use jiff::ToSpan;
use policy::{Basis, KindSet, Policy, Sort, WorkId};
use store::Tx;
use store::entry::Direction;
use store::staff::Account;

use crate::acts::confirmation::{self, Telling};
use crate::acts::disclosure::{self, Passing};
use crate::acts::document::{self, NewPiece, Place, Upload};
use crate::acts::ending::{self, Ending};
use crate::acts::engagement::{self, AgreedPeriod, NewWork, Payer};
use crate::acts::entry::{self, NewNote};
use crate::acts::request::{self, Arrived, Outcome, Who};
use crate::acts::{self, Acting, call, consent, erasure, identity, objection, review};
use crate::fault::Fault;
use crate::instance::Instance;

/// Where the signed paper of a story lies unless it says so.
const CABINET: &str = "filing cabinet 1";

/// The cast of a story, as far as it has come on.
pub struct Cast {
    /// The staff, by what the story calls them.
    pub staff: BTreeMap<String, Account>,
    /// Who does whatever the story does not say.
    pub first: Account,
    /// The organisations, by what the story calls them.
    pub organisations: BTreeMap<String, OrganisationId>,
    /// The people, by what the story calls them.
    pub people: BTreeMap<String, PersonId>,
    works: Vec<OnStage>,
}

/// A piece of work that has begun.
#[derive(Clone)]
struct OnStage {
    id: EngagementId,
    work: WorkId,
    /// Who is on it, the one it is for first.
    people: Vec<PersonId>,
    /// The member of staff it is assigned to.
    staff: Option<Account>,
    person_pays: bool,
}

impl Cast {
    /// The staff are there, nobody else yet.
    #[must_use]
    pub fn new(staff: BTreeMap<String, Account>, first: Account) -> Self {
        Self { staff, first, organisations: BTreeMap::new(), people: BTreeMap::new(), works: Vec::new() }
    }

    /// A member of staff.
    ///
    /// # Errors
    /// [`Fault::Other`] if the story knows none of this name.
    pub fn member(&self, key: &str) -> Result<&Account, Fault> {
        self.staff.get(key).ok_or_else(|| unknown("member of staff", key))
    }

    /// A person.
    ///
    /// # Errors
    /// [`Fault::Other`] if the story knows nobody of this name.
    pub fn person(&self, key: &str) -> Result<PersonId, Fault> {
        self.people.get(key).copied().ok_or_else(|| unknown("person", key))
    }

    /// An organisation.
    ///
    /// # Errors
    /// [`Fault::Other`] if the story knows none of this name.
    pub fn organisation(&self, key: &str) -> Result<OrganisationId, Fault> {
        self.organisations.get(key).copied().ok_or_else(|| unknown("organisation", key))
    }

    /// The work a person is on, the latest.
    #[must_use]
    pub fn work(&self, person: PersonId) -> Option<EngagementId> {
        self.works.iter().rev().find(|on| on.people.contains(&person)).map(|on| on.id)
    }
}

/// That a story names what it never brought on.
#[must_use]
pub fn unknown(what: &str, key: &str) -> Fault {
    Fault::Other(format!("the story knows no {what} called `{key}`"))
}

/// Lets something happen to somebody: one line of a story. One that begins with `refused: ` must be. Unsaid, it is
/// done by whoever works with the person where it is about their work, and by the first of the staff where it is not.
///
/// # Errors
/// [`Fault`] if the act refuses, or the words are none a story knows.
pub fn happen(
    instance: &Instance,
    cast: &mut Cast,
    (who, by): (&str, Option<&str>),
    what: &str,
) -> Result<(), Fault> {
    let by = by.map(|key| cast.member(key).cloned()).transpose()?;
    let who = cast.person(who)?;
    match what.strip_prefix("refused: ") {
        None => told(instance, cast, (who, by), what),
        Some(what) => match told(instance, cast, (who, by), what) {
            Err(Fault::Refused(_) | Fault::Invalid(_)) => Ok(()),
            Err(other) => Err(other),
            Ok(()) => Err(Fault::Other("this should have been refused".to_owned())),
        },
    }
}

fn told(
    instance: &Instance,
    cast: &mut Cast,
    (who, by): (PersonId, Option<Account>),
    what: &str,
) -> Result<(), Fault> {
    let acting = Acting::staff(instance, by.clone().unwrap_or_else(|| cast.first.clone()))?;
    if let Some(how) = what.strip_prefix("starts ") {
        let (new, staged) = work(&acting.policy, cast, (who, how), acting.today)?;
        let id = instance.store.write(|tx| engagement::start(&acting, tx, &new))?;
        cast.works.push(OnStage { id, ..staged });
        return Ok(());
    }
    if let Some((kinds, to)) = what.strip_prefix("we pass ").and_then(|rest| rest.split_once(" to ")) {
        let passing = passing(&acting.policy, cast, kinds, to)?;
        return instance.store.write(|tx| disclosure::pass(&acting, tx, who, &passing).map(drop));
    }
    if let Some(why) = what.strip_prefix("is erased, ") {
        // A story says it in words of its own.
        let why = erasure::Reason::named(why).unwrap_or(erasure::Reason::Asked).known();
        let carried = instance.store.write(|tx| {
            let asked = asked(&acting, tx, who, Some(store::request::Kind::Erasure))?;
            // In a story somebody hears of it by e-mail where the policy promises that, or else by letter.
            let by_email = acting.policy.requests.confirm_erasure
                && confirmation::by_email(&acting, tx, &acting.life(tx, who)?)?;
            let telling = if by_email { Telling::ByEmail } else { Telling::Already("by letter") };
            erasure::carry_out(&acting, tx, who, asked, (why, None), telling)
        })?;
        request::remove_files(instance, &carried.done.bytes);
        return Ok(());
    }
    let on: Vec<OnStage> = cast.works.iter().rev().filter(|on| on.people.contains(&who)).cloned().collect();
    for on in &on {
        // What happens on work is written down by whoever it is assigned to, who alone may see it.
        // What somebody agreed to may be told to anybody, long after.
        let assigned = on.staff.clone().filter(|_| opting(what).is_none());
        let whoever: Account = by.clone().or(assigned).unwrap_or_else(|| cast.first.clone());
        let assigned = Acting::staff(instance, whoever)?;
        if instance.store.write(|tx| on_work(&assigned, tx, (who, on), what))? {
            return Ok(());
        }
    }
    instance.store.write(|tx| one(&acting, tx, cast, who, what))
}

/// `name, email` and `associate dana under coaching`: what goes, to whom, under which activity.
fn passing(policy: &Policy, cast: &Cast, kinds: &str, to: &str) -> Result<Passing, Fault> {
    let (to, activity) = to.split_once(" under ").map_or((to, None), |(to, activity)| (to, Some(activity)));
    let activity = match activity {
        Some(name) => Some(policy.activity_named(name).ok_or_else(|| unknown("activity", name))?.id),
        None => None,
    };
    let named = cast.people.iter().find_map(|(name, person)| {
        let to = to.strip_suffix(name.as_str())?.strip_suffix(' ')?;
        Some((to, *person))
    });
    let (to, to_person) = named.map_or((to, None), |(to, person)| (to, Some(person)));
    let kinds = kinds.split(", ").flat_map(|some| some.split(" and ")).map(str::trim);
    let kinds: Result<KindSet, Fault> = kinds
        .map(|name| policy.kind_named(name).map(|kind| kind.id).ok_or_else(|| unknown("kind of data", name)))
        .collect();
    Ok(Passing { to: to.to_owned(), to_person, kinds: kinds?, activity })
}

/// `programme with ruth, northbank pays, referee is olive`.
fn work(
    policy: &Policy,
    cast: &Cast,
    (who, how): (PersonId, &str),
    today: jiff::civil::Date,
) -> Result<(NewWork, OnStage), Fault> {
    let mut parts = how.split(", ");
    let head = parts.next().unwrap_or(how);
    let (name, staff) = head.split_once(" with ").map_or((head, None), |(name, with)| (name, Some(with)));
    let kind = policy.work_named(name).ok_or_else(|| unknown("kind of work", name))?;
    let staff = match staff {
        Some(key) => Some(cast.member(key)?.clone()),
        None => None,
    };
    let first = kind.parts.first().map_or_else(String::new, |part| part.name.clone());
    let mut playing = vec![(first, who)];
    let by_person = kind.paid_by.iter().any(|payer| engagement::is_person(kind, payer));
    let mut payer = if by_person { Payer::Person } else { Payer::Nobody };
    for said in parts {
        if let Some(key) = said.strip_suffix(" pays") {
            payer = Payer::Organisation(cast.organisation(key)?);
        } else if let Some((part, key)) = said.split_once(" is ") {
            playing.push((part.to_owned(), cast.person(key)?));
        } else {
            return Err(unknown("way of starting work", said));
        }
    }
    let staged = OnStage {
        id: EngagementId(0),
        work: kind.id,
        people: playing.iter().map(|(_, person)| *person).collect(),
        staff: staff.clone(),
        person_pays: payer == Payer::Person,
    };
    let staff = staff.map(|account| account.id);
    Ok((NewWork { work: kind.name.clone(), parts: playing, staff, payer, opened_on: today }, staged))
}

/// The person's oldest open request, of one kind or any.
fn asked(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    who: PersonId,
    kind: Option<store::request::Kind>,
) -> Result<Option<custody::id::RequestId>, Fault> {
    let all = store::request::of_person(tx, &acting.policy, who)?;
    let open =
        all.iter().find(|asked| kind.is_none_or(|kind| asked.kind == kind) && asked.closed_on.is_none());
    Ok(open.map(|asked| asked.id))
}

/// A line that belongs to a piece of work; false if it does not belong to this one.
fn on_work(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (who, on): (PersonId, &OnStage),
    what: &str,
) -> Result<bool, Fault> {
    let policy = &acting.policy;
    let work = policy.works.get(on.work.index()).ok_or(Fault::NotFound)?;
    let clocked = |kind| policy.rules.iter().any(|rule| rule.work.is_some() && rule.kinds.contains(kind));
    let here = |kind: &policy::Kind| of_work(policy, on.work).contains(kind.id);
    // A document lies on some piece of work, even where its period counts from the person.
    let lies = |kind: &policy::Kind| here(kind) || !clocked(kind.id);
    if let Some(name) = what.strip_prefix("milestone: ") {
        if !work.milestones.iter().any(|milestone| milestone == name) {
            return Ok(false);
        }
        engagement::record(acting, tx, on.id, name, acting.today)?;
    } else if let Some(form) = what.strip_prefix("signs ") {
        let (form, place) = paper(form);
        let place = Place::Paper(place.unwrap_or(CABINET).to_owned());
        if consent::asked_for(policy, work).is_none() {
            return Ok(false);
        }
        consent::sign(acting, tx, on.id, acting.today, &mut Some(place))?;
        if let Some(agreement) = work.agreement.as_ref().filter(|_| on.person_pays) {
            let kind = policy.kind(agreement.document).map_or(form, |kind| kind.name.as_str()).to_owned();
            let place = Place::Paper(paper(what).1.unwrap_or(CABINET).to_owned());
            document::add(acting, tx, on.id, &mut NewPiece { kind, on: acting.today, place })?;
        }
    } else if let Some(piece) = what.strip_prefix("files ") {
        let (kind, place) = paper(piece);
        if !policy.kind_named(kind).is_some_and(lies) {
            return Ok(false);
        }
        let place = place_of(kind, place)?;
        document::add(acting, tx, on.id, &mut NewPiece { kind: kind.to_owned(), on: acting.today, place })?;
    } else if let Some(period) = what.strip_prefix("agrees ") {
        let (months, reason) = period.split_once(" months").ok_or_else(|| unknown("period", period))?;
        let rule = engagement::agreeable(policy, on.work).ok_or_else(|| unknown("period", period))?;
        let agreed = AgreedPeriod {
            months: months.parse().map_err(|_| unknown("period", period))?,
            reason: reason.strip_prefix(" because ").unwrap_or("").to_owned(),
            by: engagement::agreed_by(rule),
        };
        engagement::agree(acting, tx, on.id, &agreed)?;
    } else if let Some((name, value)) = recorded(what) {
        let here = policy.facts.iter().any(|fact| fact.name == name && fact.work == Some(on.work));
        if !here {
            return Ok(false);
        }
        tell(acting, tx, (Some(on.id), who), (name, value))?;
    } else if let Some((activity, yes)) = opting(what) {
        let asked = policy.activity_named(activity).ok_or_else(|| unknown("activity", activity))?;
        let gated = matches!(asked.basis, Basis::Consent { before: Some(_), .. });
        if !gated && asked.for_whom.iter().all(|whom| whom.once.is_none()) {
            return Ok(false);
        }
        consent::answered(acting, tx, on.id, activity, (yes, acting.today), "told us when asked")?;
    } else if let Some((kind, body, direction)) = noted(policy, what) {
        if !policy.kind_named(kind).is_some_and(here) {
            return Ok(false);
        }
        let (kind, body, on_day) = (kind.to_owned(), body.to_owned(), acting.today);
        let note = NewNote { kind, body, on: on_day, direction, engagement: Some(on.id) };
        entry::add(acting, tx, who, &note)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// The kinds that a kind of work has a clock for.
fn of_work(policy: &Policy, work: policy::WorkId) -> KindSet {
    let rules = policy.rules.iter().filter(|rule| rule.work == Some(work));
    rules.fold(KindSet::none(), |kinds, rule| kinds.or(rule.kinds))
}

/// `consent form on paper in filing cabinet 2`: what, and where.
fn paper(words: &str) -> (&str, Option<&str>) {
    words.split_once(" on paper in ").map_or((words, None), |(what, place)| (what, Some(place)))
}

/// Where a document of a story is: on paper there, or in a file made up for it.
fn place_of(kind: &str, place: Option<&str>) -> Result<Place, Fault> {
    Ok(match place {
        Some(place) => Place::Paper(place.to_owned()),
        None => Place::File(Upload::take("file", format!("{kind}, for practice\n").into_bytes())?),
    })
}

/// `is recorded: employed by the client is yes`: a fact and what it is.
fn recorded(what: &str) -> Option<(&str, &str)> {
    what.strip_prefix("is recorded: ")?.rsplit_once(" is ")
}

fn tell(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (engagement, who): (Option<EngagementId>, PersonId),
    (name, value): (&str, &str),
) -> Result<(), Fault> {
    let telling = acts::fact::Telling {
        engagement,
        person: Some(who),
        name: name.to_owned(),
        value: value.to_owned(),
        on: acting.today,
    };
    acts::fact::tell(acting, tx, &telling).map(drop)
}

/// What somebody answers by the link of the last question whether something of theirs shall go on.
fn answer(acting: &Acting<'_>, tx: &Tx<'_>, who: PersonId, yes: bool) -> Result<(), Fault> {
    let subject = Acting::subject(acting.instance);
    let link = store::question::last_link(tx, who, &store::question::Asks::Stay)?;
    let link = link.ok_or_else(|| unknown("question", "that was put to them"))?;
    acts::question::answer(&subject, tx, &link, Some(yes), "")
}

fn opting(what: &str) -> Option<(&str, bool)> {
    let yes = what.strip_prefix("opts in to ").map(|activity| (activity, true));
    yes.or_else(|| what.strip_prefix("declines ").map(|activity| (activity, false)))
}

/// A line of the timeline: a kind the policy declares, or one of the verbs everybody knows.
fn noted<'a>(policy: &'a Policy, what: &'a str) -> Option<(&'a str, &'a str, Option<Direction>)> {
    let (how, body) = what.strip_prefix("has ").unwrap_or(what).split_once(": ")?;
    let entry = |name: &str| policy.kind_named(name).filter(|kind| kind.sort == Sort::Entry);
    let declared = |names: &[&'static str]| names.iter().copied().find(|name| entry(name).is_some());
    Some(match how {
        "they write" | "they ring" => ("contact record", body, Some(Direction::In)),
        "we write" => ("contact record", body, Some(Direction::Out)),
        "we talk" | "we meet" => ("contact record", body, Some(Direction::Both)),
        "they enquire" => (declared(&["enquiry", "comments"])?, body, Some(Direction::In)),
        // A session is a two-way talk.
        "session notes" => (declared(&["coaching notes"])?, body, Some(Direction::Both)),
        kind => (entry(kind).map(|kind| kind.name.as_str())?, body, None),
    })
}

/// The latest line of a kind says what it should from now on.
fn puts_line_right(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    who: PersonId,
    (kind, text): (&str, &str),
) -> Result<(), Fault> {
    let lines = store::entry::of_person(tx, &acting.policy, who, (Some(kind), None), 1)?;
    let line = lines.first().ok_or_else(|| unknown("line", kind))?;
    match entry::change(acting, tx, line.id, line.version, (text, "they told us"))? {
        store::entry::Changed::Stored(_) => Ok(()),
        store::entry::Changed::Conflict(_) => Err(Fault::Changed),
    }
}

/// A line that belongs to the person alone.
fn one(acting: &Acting<'_>, tx: &Tx<'_>, cast: &Cast, who: PersonId, what: &str) -> Result<(), Fault> {
    let (policy, today) = (&acting.policy, acting.today);
    if let Some((kind, body, direction)) = noted(policy, what) {
        let (kind, body) = (kind.to_owned(), body.to_owned());
        let note = NewNote { kind, body, on: today, direction, engagement: None };
        return entry::add(acting, tx, who, &note).map(drop);
    }
    if let Some(piece) = what.strip_prefix("files ") {
        let (kind, place) = paper(piece);
        let mut piece = NewPiece { kind: kind.to_owned(), on: today, place: place_of(kind, place)? };
        return document::add_to(acting, tx, who, &mut piece).map(drop);
    }
    if let Some((kind, value)) = what.strip_prefix("gives ").and_then(|given| given.split_once(": ")) {
        return acts::person::add_item(acting, tx, who, (kind, value), ("the person", today)).map(drop);
    }
    if let Some((kind, value)) = what.strip_prefix("puts right ").and_then(|given| given.split_once(": ")) {
        if policy.kind_named(kind).is_some_and(|kind| kind.sort == Sort::Entry) {
            return puts_line_right(acting, tx, who, (kind, value));
        }
        let known = acts::person::item_kind(policy, kind, None)?;
        let items = store::item::of_person(tx, policy, who)?;
        let item = items.iter().find(|item| item.kind == known.id).ok_or(Fault::NotFound)?;
        return match acts::person::change_item(
            acting,
            tx,
            (who, item.id),
            item.version,
            (value, "they told us"),
        )? {
            store::item::Changed::Stored(_) => Ok(()),
            _ => Err(Fault::Changed),
        };
    }
    if let Some(category) = what.strip_prefix("is also ") {
        let category =
            category.strip_prefix("a ").or_else(|| category.strip_prefix("an ")).unwrap_or(category);
        let known = policy.category_named(category).ok_or_else(|| unknown("category", category))?;
        acts::category::begin(acting, tx, &acting.life(tx, who)?, known, today)?;
        return acting.settle(tx, who).map(drop);
    }
    if let Some(category) = what.strip_prefix("is no longer ") {
        return ending::record(acting, tx, who, (&Ending::NoLonger(category.to_owned()), today));
    }
    if let Some(key) = what.strip_prefix("leaves ") {
        return acts::organisation::left(acting, tx, who, cast.organisation(key)?, today);
    }
    if let Some((activity, true)) = opting(what) {
        let given = consent::Given::said(today, "told us when asked");
        return consent::give(acting, tx, who, activity, given).map(drop);
    }
    if let Some((name, value)) = recorded(what) {
        return tell(acting, tx, (None, who), (name, value));
    }
    if let Some(event) = what.strip_prefix("had ") {
        return acts::event::record(acting, tx, who, (event, today)).map(drop);
    }
    if what == "confirms" {
        return acts::event::record(acting, tx, who, ("confirmed", today)).map(drop);
    }
    if let Some(said @ ("yes" | "no")) = what.strip_prefix("answers ") {
        return answer(acting, tx, who, said == "yes");
    }
    if let Some(activity) = what.strip_prefix("takes back consent to ") {
        return consent::withdraw(acting, tx, who, activity, None);
    }
    if what == "asks not to be called" {
        return objection::record(acting, tx, who, &Scope::Calls, (today, "telephone")).map(drop);
    }
    if what == "does not object to calls" {
        return call::does_not_object(acting, tx, who, today);
    }
    if let Some(word) = what.strip_prefix("objects to ") {
        let scope = objection::scope(policy, word).ok_or_else(|| unknown("scope", word))?;
        return objection::record(acting, tx, who, &scope, (today, "e-mail")).map(drop);
    }
    if let Some(call) = what.strip_prefix("is called, ") {
        let (result, note) = call.split_once(", ").unwrap_or((call, ""));
        return call::record(acting, tx, who, result, note);
    }
    if let Some(said) = what.strip_prefix("asks for ") {
        let (ask, rest) = said.split_once(" by ").ok_or_else(|| unknown("request", said))?;
        let (channel, words) = rest.split_once(", ").unwrap_or((rest, ""));
        let (ask, channel, words) = (ask.to_owned(), channel.to_owned(), words.to_owned());
        let arrived = Arrived { ask, who: Who::Held(who), received_on: today, channel, words };
        return request::open(acting, tx, &arrived).map(drop);
    }
    if let Some(told) = what.strip_prefix("is answered: ") {
        let request = asked(acting, tx, who, None)?.ok_or(Fault::NotFound)?;
        // In a story whoever answers knows who asks.
        let steps = store::request::one(tx, &acting.policy, request)
            .and_then(|one| store::request::steps(tx, &acting.policy, &one))?;
        if !identity::on_record(&steps) {
            identity::known(acting, tx, request, ("known", today))?;
        }
        return request::answer(acting, tx, request, Outcome::Done, (told, today)).map(drop);
    }
    if let Some(told) = what.strip_prefix("is told no: ") {
        let request = asked(acting, tx, who, None)?.ok_or(Fault::NotFound)?;
        return request::answer(acting, tx, request, Outcome::Refused, (told, today)).map(drop);
    }
    if let Some(why) = what.strip_prefix("is restricted, ") {
        let request = asked(acting, tx, who, Some(store::request::Kind::Restriction))?;
        let asking = acts::restriction::Asking { why: why.to_owned(), request, ..Default::default() };
        return acts::restriction::place(acting, tx, who, &asking);
    }
    if let Some(why) = what.strip_prefix("is on hold, ") {
        let review_on = Some(today.checked_add(90_i32.days())?);
        let asking = acts::hold::Asking { why: why.to_owned(), review_on, ..acts::hold::Asking::default() };
        return acts::hold::place(acting, tx, who, &asking).map(drop);
    }
    if let Some(why) = what.strip_prefix("is on hold no longer, ") {
        let standing = store::hold::of_person(tx, who, acts::hold::kind(acting)?, today)?;
        return standing.iter().try_for_each(|hold| acts::hold::end(acting, tx, hold.id, why));
    }
    if let Some(said) = what.strip_prefix("still needed: ") {
        let (activity, why) =
            said.split_once(", ").ok_or_else(|| unknown("reason after the activity", said))?;
        let held = policy.activity_named(activity).ok_or_else(|| unknown("activity", activity))?;
        let life = acting.life(tx, who)?;
        let of = |rule| policy.rules.iter().any(|known| known.id == rule && known.activity == held.id);
        let mut grounds = life.grounds.iter().filter(|ground| of(ground.rule) && ground.active(today));
        // The one to be looked at first.
        let ground = grounds.clone().find(|ground| ground.review_on.is_some()).or_else(|| grounds.next());
        return review::still_needed(acting, tx, who, ground.ok_or(Fault::NotFound)?.id, why);
    }
    Err(unknown("happening", what))
}
