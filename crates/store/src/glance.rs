//! Very many people at a glance: who of them has the same of what a decision to write to them reads ([`custody::decide::reads`]), as
//! far as narrow indexes say it, and who has more to them than that. It decides nothing and opens nothing. Whoever it cannot
//! place stands apart, to be decided for alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use custody::basis::{self, Standing};
use custody::decide::Reads;
use custody::id::{ConsentId, DocumentId, PersonId};
use custody::life::{Consent, Life};
use jiff::civil::Date;
use policy::{Activity, KindSet, Policy, Rule, RuleId};

use crate::normal::{self, Shape};
use crate::{Keys, Result, Row, Tx, Value, consent, line, params, suppression};

/// What is looked for.
pub struct Looking<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// Under which activity they are to be written to by e-mail.
    pub activity: &'a Activity,
    /// What a decision about it reads.
    pub reads: &'a Reads,
    /// The kinds that they are reached at.
    pub addresses: KindSet,
    /// Whether it promotes us.
    pub marketing: bool,
    /// Whether it matters whose an address is.
    pub whose: bool,
    /// Whether it matters how we got it.
    pub soft: bool,
    /// The day.
    pub today: Date,
}

/// What was seen.
pub struct Glance {
    /// People of whom the same is read, those of one sort together, each in the order of their numbers.
    pub alike: Vec<Vec<PersonId>>,
    /// Whoever has more to them.
    pub apart: Vec<PersonId>,
}

/// Sorts people, whose numbers must ascend, by what a decision reads of them.
///
/// # Errors
/// Whatever the database says.
pub fn of(tx: &Tx<'_>, keys: &Keys, looking: &Looking<'_>, people: &[PersonId]) -> Result<Glance> {
    let mut marks = Marks::of(people);
    grounds(tx, looking, &mut marks)?;
    objections(tx, &mut marks)?;
    consents(tx, looking, &mut marks)?;
    more(tx, looking, &mut marks)?;
    addresses(tx, keys, looking, &mut marks)?;
    Ok(marks.glance())
}

/// What is noted of somebody.
type Sign = u16;
/// More is read of them.
const APART: Sign = 1;
/// A consent of theirs to the activity is on record.
const AGREED: Sign = 1 << 1;
/// And it stands.
const STANDS: Sign = 1 << 2;
/// Something they are reached at is held.
const HELD: Sign = 1 << 3;
/// An address of theirs is at a company they belong to.
const AT_COMPANY: Sign = 1 << 4;
/// One is not.
const ELSEWHERE: Sign = 1 << 5;
/// It is on record how we got an address of theirs.
const GOT: Sign = 1 << 6;
/// Of one it is not.
const NOT_GOT: Sign = 1 << 7;
/// Somebody said no at an address of theirs.
const BARRED: Sign = 1 << 8;
/// They were not entered in the activity.
const NOT_ENTERED: Sign = 1 << 9;
/// They objected to something.
const OBJECTED: Sign = 1 << 10;
/// A ground of theirs under the activity has stopped.
const STOPPED: Sign = 1 << 11;

/// Of whom two of these are noted more is read: which of them counts hangs on more than that they are so.
const NEVER_BOTH: &[Sign] = &[OBJECTED | AGREED, AT_COMPANY | ELSEWHERE, GOT | NOT_GOT];

/// Nobody's company.
const NONE: u32 = u32::MAX;

/// What is noted of each of some people, in their order.
struct Marks<'a> {
    people: &'a [PersonId],
    /// Where the one before was found: most come in order.
    at: usize,
    /// Which clauses have a ground that stands, as bits.
    grounds: Vec<u16>,
    signs: Vec<Sign>,
    /// What differs from person to person, word for word: few have any.
    words: BTreeMap<usize, String>,
}

impl<'a> Marks<'a> {
    fn of(people: &'a [PersonId]) -> Self {
        let (grounds, signs) = (vec![0; people.len()], vec![0; people.len()]);
        Self { people, at: 0, grounds, signs, words: BTreeMap::new() }
    }

    /// Where somebody stands, if they are asked about.
    fn find(&mut self, person: PersonId) -> Option<usize> {
        for _ in 0..4 {
            match self.people.get(self.at) {
                Some(here) if *here == person => return Some(self.at),
                Some(here) if *here < person => self.at += 1,
                _ => break,
            }
        }
        let before = self.at.checked_sub(1).and_then(|at| self.people.get(at));
        let here = self.people.get(self.at);
        if here.is_some_and(|here| person < *here) && before.is_some_and(|before| *before < person) {
            return None;
        }
        match self.people.binary_search(&person) {
            Ok(at) => {
                self.at = at;
                Some(at)
            }
            Err(at) => {
                self.at = at;
                None
            }
        }
    }

    fn sign(&mut self, at: usize, sign: Sign) {
        if let Some(signs) = self.signs.get_mut(at) {
            *signs |= sign;
        }
    }

    fn signs(&self, at: usize) -> Sign {
        self.signs.get(at).copied().unwrap_or(APART)
    }

    /// Notes something of everybody whom a query names in its first column.
    fn note(&mut self, tx: &Tx<'_>, sql: &str, values: &[Value<'_>], sign: Sign) -> Result<()> {
        self.each(tx, sql, values, |marks, at, _| {
            marks.sign(at, sign);
            Ok(())
        })
    }

    /// Calls a function with each row of a query that is about one of these people, named in its first column. Of whom a row cannot
    /// be read is looked at alone.
    fn each(
        &mut self,
        tx: &Tx<'_>,
        sql: &str,
        values: &[Value<'_>],
        mut f: impl FnMut(&mut Self, usize, &Row<'_>) -> Result<()>,
    ) -> Result<()> {
        self.at = 0;
        tx.each(sql, values, |row| match row.opt_int(0)?.and_then(|person| self.find(PersonId(person))) {
            Some(at) => match f(self, at, row) {
                Err(error) if error.is_unreadable() => {
                    self.sign(at, APART);
                    Ok(())
                }
                done => done,
            },
            None => Ok(()),
        })
    }

    /// Those of whom the same was noted together.
    fn glance(self) -> Glance {
        let mut known: HashMap<(u16, Sign, Option<&str>), usize> = HashMap::new();
        let mut glance = Glance { alike: Vec::new(), apart: Vec::new() };
        for (at, (person, (grounds, signs))) in
            self.people.iter().zip(self.grounds.iter().zip(&self.signs)).enumerate()
        {
            let both = NEVER_BOTH.iter().any(|both| signs & both == *both);
            if signs & APART != 0 || both || (*grounds != 0 && signs & STOPPED != 0) {
                glance.apart.push(*person);
                continue;
            }
            let words = if self.words.is_empty() { None } else { self.words.get(&at).map(String::as_str) };
            let place = *known.entry((*grounds, *signs, words)).or_insert_with(|| {
                glance.alike.push(Vec::new());
                glance.alike.len() - 1
            });
            if let Some(alike) = glance.alike.get_mut(place) {
                alike.push(*person);
            }
        }
        glance
    }
}

/// The names a clause goes by in the database.
fn keys_of<'p>(policy: &'p Policy, rule: &'p Rule) -> impl Iterator<Item = &'p str> {
    let old =
        rule.was.iter().filter(move |was| policy.rule_keyed(was).is_some_and(|known| known.id == rule.id));
    std::iter::once(&rule.key).chain(old).map(String::as_str)
}

fn rules<'p>(policy: &'p Policy, ids: &'p [RuleId]) -> impl Iterator<Item = &'p Rule> {
    ids.iter().filter_map(move |id| policy.rules.get(id.index()))
}

/// Of each clause whether a ground stands, or how it stopped.
fn grounds(tx: &Tx<'_>, looking: &Looking<'_>, marks: &mut Marks<'_>) -> Result<()> {
    let policy = looking.policy;
    let mut of_activity = HashSet::new();
    for (place, rule) in rules(policy, &looking.reads.rules).enumerate() {
        let bit = u32::try_from(place).ok().and_then(|place| 1_u16.checked_shl(place)).unwrap_or(0);
        for key in keys_of(policy, rule) {
            of_activity.insert(key);
            let active = "SELECT person_id FROM ground WHERE rule = ?1 AND state = 'active'";
            marks.each(tx, active, params![key], |marks, at, _| {
                if let Some(grounds) = marks.grounds.get_mut(at) {
                    *grounds |= bit;
                }
                Ok(())
            })?;
            let stopped = "SELECT person_id, due_on, stopped_on, cause, swept_at FROM ground WHERE rule = ?1 AND state = 'stopped'";
            marks.each(tx, stopped, params![key], |marks, at, row| {
                // Which of two counts hangs on more.
                let more = if marks.signs(at) & STOPPED == 0 { STOPPED } else { APART };
                marks.sign(at, more);
                let swept = if row.opt_int(4)?.is_some() { "swept" } else { "" };
                let said = ["stopped", key, or_none(row, 1)?, or_none(row, 2)?, or_none(row, 3)?, swept];
                marks.words.entry(at).or_default().push_str(&format!("{}\n", said.join("|")));
                Ok(())
            })?;
        }
    }
    // What is past its day, or its review, is asked for by that day: there is little of it.
    for day in ["due_on", "review_on"] {
        let past = format!(
            "SELECT person_id, rule FROM ground WHERE state = 'active' AND {day} IS NOT NULL AND {day} < ?1"
        );
        marks.each(tx, &past, params![looking.today], |marks, at, row| {
            if of_activity.contains(row.str(1)?) {
                marks.sign(at, APART);
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn or_none<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str> {
    Ok(row.opt_str(column)?.unwrap_or("-"))
}

/// What they asked us to stop.
fn objections(tx: &Tx<'_>, marks: &mut Marks<'_>) -> Result<()> {
    let sql = "SELECT person_id, scope, named, made_on, upheld_on, lifted_on FROM objection
        ORDER BY person_id, made_on, id";
    marks.each(tx, sql, &[], |marks, at, row| {
        marks.sign(at, OBJECTED);
        let mut said = vec!["objected"];
        for column in 1..6 {
            said.push(or_none(row, column)?);
        }
        marks.words.entry(at).or_default().push_str(&format!("{}\n", said.join("|")));
        Ok(())
    })
}

/// What they agreed to, of the activity.
fn consents(tx: &Tx<'_>, looking: &Looking<'_>, marks: &mut Marks<'_>) -> Result<()> {
    let (policy, activity) = (looking.policy, looking.activity);
    let sql =
        "SELECT person_id, given_on, lapses_on, withdrawn_on, form, document_id, confirm_by, confirmed_on
        FROM consent WHERE activity = ?1";
    marks.each(tx, sql, params![&activity.name], |marks, at, row| {
        let first = marks.signs(at) & AGREED == 0;
        marks.sign(at, AGREED);
        if !looking.reads.consent {
            return Ok(());
        }
        let form = consent::form_named(policy, row.str(4)?);
        let (Some(form), true) = (form, first) else {
            marks.sign(at, APART);
            return Ok(());
        };
        let mut life = Life::new(PersonId(0));
        life.consents.push(Consent {
            id: ConsentId(0),
            activity: activity.id,
            engagement: None,
            form,
            document: row.opt_int(5)?.map(DocumentId),
            given_on: row.date(1)?,
            lapses_on: row.opt_date(2)?,
            withdrawn_on: row.opt_date(3)?,
            confirm_by: row.opt_date(6)?,
            confirmed_on: row.opt_date(7)?,
        });
        let stands = basis::standing(policy, activity, &life, None, looking.today) == Standing::Stands;
        marks.sign(at, if stands { STANDS } else { APART });
        Ok(())
    })
}

/// Who has more to them, and who was not entered.
fn more(tx: &Tx<'_>, looking: &Looking<'_>, marks: &mut Marks<'_>) -> Result<()> {
    let (policy, reads) = (looking.policy, looking.reads);
    // An entry put together with another holds nobody.
    marks.note(tx, "SELECT id FROM person WHERE into_person_id IS NOT NULL", &[], APART)?;
    marks.note(tx, "SELECT person_id FROM restriction WHERE lifted_on IS NULL", &[], APART)?;
    if looking.marketing {
        // Mail comes back at an address of theirs: which of them mail goes to hangs on more.
        marks.note(tx, "SELECT person_id FROM item WHERE bounced_on IS NOT NULL", &[], APART)?;
    }
    let not_entered = "SELECT person_id FROM not_entered WHERE activity = ?1 AND entered_on IS NULL";
    marks.note(tx, not_entered, params![&looking.activity.name], NOT_ENTERED)?;
    if reads.lives {
        marks.note(tx, "SELECT person_id FROM engagement_person", &[], APART)?;
        marks.note(tx, "SELECT person_id FROM life_event WHERE undone_at IS NULL", &[], APART)?;
    }
    let categories = reads.categories.iter().filter_map(|id| policy.categories.get(id.index()));
    for category in categories {
        let of_it = "SELECT person_id FROM person_category WHERE category = ?1 AND annulled_at IS NULL";
        marks.note(tx, of_it, params![&category.name], APART)?;
    }
    for rule in rules(policy, &reads.besides) {
        for key in keys_of(policy, rule) {
            marks.note(tx, "SELECT person_id FROM ground WHERE rule = ?1", params![key], APART)?;
        }
    }
    Ok(())
}

/// What they are reached at: whether it is held, whose it is, how we got it, and whether somebody said no there.
fn addresses(tx: &Tx<'_>, keys: &Keys, looking: &Looking<'_>, marks: &mut Marks<'_>) -> Result<()> {
    let mut at_company = vec![NONE; if looking.whose { marks.people.len() } else { 0 }];
    let companies = if looking.whose {
        marks.at = 0;
        let found = line::Companies::each(tx, looking.today, |person, company| {
            let Some(at) = marks.find(person) else { return };
            match at_company.get_mut(at) {
                Some(known) if *known == NONE || *known == company => *known = company,
                _ => marks.sign(at, APART),
            }
        })?;
        Some(found)
    } else {
        None
    };
    let mut got: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    if looking.soft {
        let sql = "SELECT person_id, address FROM soft_opt_in WHERE activity = ?1 AND on_date <= ?2";
        marks.each(tx, sql, params![&looking.activity.name, looking.today], |_, at, row| {
            got.entry(at).or_default().push(row.text(1)?);
            Ok(())
        })?;
    }
    let barring = suppression::barring(tx, EMAIL, looking.marketing, false)?;
    for kind in kinds_held(tx)?.iter().filter(|kind| Shape::of(kind) == Shape::Email) {
        let known = looking.policy.kind_named(kind);
        let reached = known.is_some_and(|kind| looking.addresses.contains(kind.id));
        marks.each(
            tx,
            "SELECT person_id, normal FROM item WHERE kind = ?1",
            params![kind],
            |marks, at, row| {
                let address = row.str(1)?;
                // What is kept in no form to look it up by is compared as it was written; what has two forms, in both.
                let alone = address.is_empty() || normal::before(EMAIL, address).is_some();
                let mut signs = if alone { APART } else { 0 };
                if reached {
                    signs |= HELD;
                }
                if let Some(companies) = &companies {
                    let company = at_company.get(at).copied().unwrap_or(NONE);
                    let theirs = company != NONE && companies.has(company, address);
                    signs |= if theirs { AT_COMPANY } else { ELSEWHERE };
                }
                if looking.soft {
                    let known = got.get(&at).is_some_and(|got| got.iter().any(|known| known == address));
                    signs |= if known { GOT } else { NOT_GOT };
                }
                if !barring.is_empty()
                    && let Some(normal) = normal::email_again(address)
                    && barring.contains(&keys.hash(EMAIL, &normal))
                {
                    signs |= BARRED;
                }
                marks.sign(at, signs);
                Ok(())
            },
        )?;
    }
    Ok(())
}

/// What addresses are hashed as.
const EMAIL: &str = "email";

/// Every kind of which a detail is held, found without reading them all.
fn kinds_held(tx: &Tx<'_>) -> Result<Vec<String>> {
    let mut kinds: Vec<String> = Vec::new();
    loop {
        let last = kinds.last().map_or("", String::as_str);
        let next =
            tx.one("SELECT MIN(kind) FROM item WHERE kind > ?1", params![last], |row| row.opt_text(0))?;
        match next {
            Some(next) => kinds.push(next),
            None => return Ok(kinds),
        }
    }
}
