//! What must be so: looks at the instance a scenario is played on, and says what is there instead.

use custody::Verdict;
use custody::id::PersonId;
use custody::life::State;
use custody::parting::Says;
use jiff::civil::Date;
use policy::{KindSet, Policy};
use store::dispose::holdings;
use store::request::Kind;

use super::play::Story;
use crate::acts::proof;
use crate::fault::Fault;
use crate::world::happen::unknown;

/// What came of an act, for whoever wrote the story.
pub(super) fn told(fault: &Fault) -> String {
    match fault {
        Fault::Refused(refusal) => {
            let clause = if refusal.clause_words.is_empty() { "no clause" } else { &refusal.clause_words };
            format!("it is refused because of {clause}: {}", refusal.because)
        }
        other => other.to_string(),
    }
}

/// Whether something is so; if not, what is.
pub(super) fn then(story: &mut Story<'_>, words: &str) -> Result<(), String> {
    if let Some(rest) = words.strip_prefix("it is ") {
        return verdict(story, rest);
    }
    if let Some(text) = words.strip_prefix("a certificate says ") {
        return certificate(story, text.trim_matches('"'));
    }
    if let Some((kind, who)) =
        words.strip_prefix("the register of ").and_then(|rest| rest.split_once(" lists "))
    {
        return listed(story, kind, who);
    }
    if let Some(id) = words.strip_suffix(" is kept") {
        return promise(story, id);
    }
    if let Some(who) = words.strip_prefix("it reaches ") {
        return mailed(story, who, None);
    }
    if let Some(left) = words.strip_prefix("it leaves out ") {
        let (who, clause) = left.split_once(" because of ").unwrap_or((left, ""));
        return mailed(story, who, Some(clause));
    }
    if let Some(what) = words.strip_prefix("there is no task ") {
        return match task(story, what.trim_matches('"')) {
            Ok(()) => Err("there is one".to_owned()),
            Err(_) => Ok(()),
        };
    }
    if let Some(what) = words.strip_prefix("there is a task ") {
        return task(story, what.trim_matches('"'));
    }
    for (verb, says) in [
        (" was told", Says::Told),
        (" were told", Says::Told),
        (" was asked", Says::Asked),
        (" were asked", Says::Asked),
    ] {
        if let Some((who, when)) = words.split_once(verb) {
            return said(story, who, says, when);
        }
    }
    for (ending, held) in [(" are held", true), (" is held", true), (" are gone", false), (" is gone", false)]
    {
        if let Some(what) = words.strip_suffix(ending) {
            return match story.theirs(what) {
                Some((who, kind)) => kind_held(story, &who, &kind, held),
                None => person_held(story, what, held),
            };
        }
    }
    for verb in [" is due ", " awaits ", " is reviewed ", " has stopped", " stands"] {
        if let Some((what, value)) = words.split_once(verb)
            && let Some((who, name)) = story.theirs(what)
        {
            return match name.strip_suffix(" request") {
                Some(kind) => request(story, &who, kind, value),
                None => ground(story, &who, &name, (verb.trim(), value)),
            };
        }
    }
    Err(format!("`{words}` is nothing a story can look at; see the page about scenarios"))
}

/// `allowed`, `refused`, `refused because of coaching: basis`.
fn verdict(story: &mut Story<'_>, expected: &str) -> Result<(), String> {
    let tried = story.tried.as_ref().ok_or("nothing was tried yet; say when ...")?;
    match (expected, tried) {
        ("allowed", Ok(())) | ("refused", Err(_)) => Ok(()),
        ("allowed", Err(fault)) => Err(told(fault)),
        (refused, Ok(())) if refused.starts_with("refused") => Err("it is allowed".to_owned()),
        (refused, Err(fault)) => {
            let clause = refused.strip_prefix("refused because of ").unwrap_or(refused);
            match fault {
                Fault::Refused(refusal) if refusal.clause_words == clause => Ok(()),
                other => Err(told(other)),
            }
        }
        (other, Ok(())) => {
            Err(format!("`it is {other}` is none of: it is allowed, it is refused because of CLAUSE"))
        }
    }
}

fn known(story: &mut Story<'_>, who: &str) -> Result<PersonId, String> {
    story.named(who).map_err(|fault| told(&fault))
}

pub(super) fn kinds(policy: &Policy, names: &str) -> Result<KindSet, Fault> {
    names
        .split(',')
        .flat_map(|some| some.split(" and "))
        .map(|name| name.trim())
        .map(|name| policy.kind_named(name).map(|kind| kind.id).ok_or_else(|| unknown("kind of data", name)))
        .collect()
}

fn kind_held(story: &mut Story<'_>, who: &str, name: &str, expected: bool) -> Result<(), String> {
    let person = known(story, who)?;
    let policy = story.instance.policy();
    let wanted = kinds(&policy, name).map_err(|fault| told(&fault))?;
    let held =
        story.instance.store.read(|tx| holdings(tx, &policy, person)).map_err(|error| error.to_string())?;
    let held: KindSet = held.data.iter().map(|datum| datum.kind).collect();
    for kind in wanted.iter() {
        if held.contains(kind) != expected {
            let name = policy.kind(kind).map_or("", |kind| kind.name.as_str());
            let is = if expected { went(story, person) } else { "held".to_owned() };
            return Err(format!("{who}'s {name}: {is}. {}", grounds(story, person)));
        }
    }
    Ok(())
}

fn person_held(story: &mut Story<'_>, who: &str, expected: bool) -> Result<(), String> {
    let who = if ["she", "he", "they"].contains(&who) { "them" } else { who };
    let person = known(story, who)?;
    let there = story
        .instance
        .store
        .read(|tx| store::person::exists(tx, person))
        .map_err(|error| error.to_string())?;
    match (there, expected) {
        (true, false) => Err(format!("held. {}", grounds(story, person))),
        (false, true) => Err(went(story, person)),
        _ => Ok(()),
    }
}

/// `was told on 2028-11-01`: what was said before something ended.
fn said(story: &mut Story<'_>, who: &str, says: Says, when: &str) -> Result<(), String> {
    let who = if ["she", "he", "they"].contains(&who) { "them" } else { who };
    let person = known(story, who)?;
    let rows = story.instance.store.read(|tx| store::parting::of_person(tx, person));
    let rows = rows.map_err(|error| error.to_string())?;
    let days: Vec<String> = rows
        .iter()
        .filter(|row| row.says == says)
        .map(|row| row.said_on.map_or_else(|| "not yet".to_owned(), |on| on.to_string()))
        .collect();
    let wanted = when.trim().strip_prefix("on ").unwrap_or_default();
    let so = days.iter().any(|day| day != "not yet" && (wanted.is_empty() || day == wanted));
    match (so, days.is_empty()) {
        (true, _) => Ok(()),
        (false, true) => Err(format!("nothing was said. {}", grounds(story, person))),
        (false, false) => Err(format!("{}: {}", says.name(), days.join(", "))),
    }
}

/// Why a person is held, in a line: what a story's author needs to see when a line is not so.
fn grounds(story: &Story<'_>, person: PersonId) -> String {
    let policy = story.instance.policy();
    let today = story.instance.clock.today();
    let Ok(life) = story.instance.store.read(|tx| store::life::load(tx, &policy, person, today)) else {
        return String::new();
    };
    let said = life.grounds.iter().filter_map(|ground| {
        let rule = policy.rules.iter().find(|rule| rule.id == ground.rule)?;
        let state = match (&ground.state, ground.due_on, &ground.awaiting) {
            (State::Stopped { on, cause }, ..) => format!("stopped {on}, {}", cause.words()),
            (State::Active, Some(due), _) => format!("to {due}"),
            (State::Active, None, Some(event)) => format!("awaits {event}"),
            (State::Active, None, None) => "stands".to_owned(),
        };
        Some(format!("{} ({state}: {})", rule.key, rule.words))
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { "No ground.".to_owned() } else { format!("Grounds: {}", said.join("; ")) }
}

/// When somebody's data went and by which clause, as their certificates say.
fn went(story: &Story<'_>, person: PersonId) -> String {
    let policy = story.instance.policy();
    let Ok(written) = story.instance.store.read(|tx| store::certificate::of_person(tx, person)) else {
        return "gone".to_owned();
    };
    let said = written.iter().map(|one| {
        let words = one.rules.iter().map(|key| clause(&policy, key));
        format!("gone on {}: {} ({})", one.on, words.collect::<Vec<_>>().join(", "), one.cause)
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { "not there, and never let go of".to_owned() } else { said.join("; ") }
}

/// A rule as its activity and its words: `coaching (6 months after completed)`.
fn clause(policy: &Policy, key: &str) -> String {
    let rule = policy.rule_keyed(key);
    rule.map_or_else(|| key.to_owned(), |rule| format!("{} ({})", rule.key, rule.words))
}

/// Whether a mailing went to somebody; if they were left out, by which clause.
fn mailed(story: &mut Story<'_>, who: &str, left_out: Option<&str>) -> Result<(), String> {
    let person = known(story, who)?;
    let audience = story.mailed.as_ref().ok_or("no mailing was sent yet; say when we send ...")?;
    if audience.will.contains(&person) {
        return if left_out.is_none() { Ok(()) } else { Err(format!("it reaches {who}")) };
    }
    let why = audience.left_out.iter().find(|out| out.people.iter().any(|(one, _)| *one == person));
    let said = why.map_or_else(
        || format!("{who} is nobody the activity is for"),
        |out| format!("it leaves out {who} because of {}: {}", clause_or_none(&out.clause), out.because),
    );
    match left_out {
        Some(expected) if expected.is_empty() || why.is_some_and(|out| out.clause == expected) => Ok(()),
        _ => Err(said),
    }
}

fn clause_or_none(clause: &str) -> &str {
    if clause.is_empty() { "no clause" } else { clause }
}

/// Whether a promise is kept on what is held now.
fn promise(story: &mut Story<'_>, id: &str) -> Result<(), String> {
    let proof = proof::look(story.instance, Some(id)).map_err(|fault| match fault {
        Fault::NotFound => format!("the policy has no promise {id}"),
        other => told(&other),
    })?;
    let found = proof.of(id).ok_or_else(|| format!("the policy has no promise {id}"))?;
    if found.verdict == Verdict::Kept.word() {
        return Ok(());
    }
    Err(format!("{id} is {}: {} {}", found.verdict, found.figure, found.counterexamples.join("; ")))
}

fn ground(
    story: &mut Story<'_>,
    who: &str,
    activity: &str,
    (verb, value): (&str, &str),
) -> Result<(), String> {
    let person = known(story, who)?;
    let policy = story.instance.policy();
    let today = story.instance.clock.today();
    let life = story
        .instance
        .store
        .read(|tx| store::life::load(tx, &policy, person, today))
        .map_err(|error| error.to_string())?;
    let of = |key: &str| {
        policy.rules.iter().any(|rule| {
            rule.key == key
                && (key == activity
                    || policy.activity(rule.activity).is_some_and(|held| held.name == activity))
        })
    };
    let mut theirs = life
        .grounds
        .iter()
        .filter(|ground| policy.rules.iter().any(|rule| rule.id == ground.rule && of(&rule.key)));
    let day = |value: &str| value.parse::<Date>().ok();
    let so = match verb {
        "is due" => theirs.any(|ground| ground.due_on.is_some() && ground.due_on == day(value)),
        "is reviewed" => theirs.any(|ground| ground.review_on.is_some() && ground.review_on == day(value)),
        "awaits" => theirs.any(|ground| ground.active(today) && ground.awaiting.as_deref() == Some(value)),
        "stands" => theirs.any(|ground| ground.active(today)),
        _ => !theirs.any(|ground| ground.active(today)),
    };
    if so { Ok(()) } else { Err(grounds(story, person)) }
}

fn certificate(story: &mut Story<'_>, text: &str) -> Result<(), String> {
    let policy = story.instance.policy();
    let who = story.last.clone().ok_or("nobody was spoken of yet")?;
    let person = known(story, &who)?;
    let written = story
        .instance
        .store
        .read(|tx| store::certificate::of_person(tx, person))
        .map_err(|error| error.to_string())?;
    let words: Vec<String> = written
        .iter()
        .flat_map(|one| {
            let rules = one
                .rules
                .iter()
                .map(|key| policy.rule_keyed(key).map_or_else(|| key.clone(), |rule| rule.words.clone()));
            rules.chain(one.reasons.iter().cloned()).chain([one.cause.clone()]).collect::<Vec<_>>()
        })
        .collect();
    if words.iter().any(|said| said.contains(text)) {
        return Ok(());
    }
    Err(if words.is_empty() {
        "there is no certificate".to_owned()
    } else {
        format!("certificates say {}", words.join("; "))
    })
}

fn listed(story: &mut Story<'_>, kind: &str, who: &str) -> Result<(), String> {
    let policy = story.instance.policy();
    let kind = Kind::named(kind).ok_or_else(|| format!("there is no register of {kind}"))?;
    let found = story.cast.person(who).ok();
    let rows = story
        .instance
        .store
        .read(|tx| store::request::register(tx, &policy, kind, None, 1000))
        .map_err(|error| error.to_string())?;
    let there = rows
        .iter()
        .any(|row| (row.person.is_some() && row.person == found) || row.initials.as_deref() == Some(who));
    if there { Ok(()) } else { Err(format!("{} rows stand in it, none of {who}", rows.len())) }
}

fn request(story: &mut Story<'_>, who: &str, kind: &str, due: &str) -> Result<(), String> {
    let person = known(story, who)?;
    let policy = story.instance.policy();
    let asked = story
        .instance
        .store
        .read(|tx| store::request::of_person(tx, &policy, person))
        .map_err(|error| error.to_string())?;
    let of_kind = || asked.iter().filter(|asked| asked.kind.name() == kind);
    if of_kind().any(|asked| asked.due_on.is_some() && asked.due_on == due.parse().ok()) {
        return Ok(());
    }
    let days: Vec<String> = of_kind()
        .map(|asked| asked.due_on.map_or_else(|| "no day".to_owned(), |due| due.to_string()))
        .collect();
    Err(if days.is_empty() {
        format!("there is no {kind} request")
    } else {
        format!("due {}", days.join(", "))
    })
}

fn task(story: &mut Story<'_>, what: &str) -> Result<(), String> {
    let open = story
        .instance
        .store
        .read(|tx| store::task::open(tx, None, 200))
        .map_err(|error| error.to_string())?;
    if open.iter().any(|task| task.what.contains(what)) {
        return Ok(());
    }
    let said: Vec<&str> = open.iter().map(|task| task.what.as_str()).collect();
    Err(if said.is_empty() {
        "there is no task".to_owned()
    } else {
        format!("the tasks are: {}", said.join("; "))
    })
}
