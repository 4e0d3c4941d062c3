//! The parts of a person's page: what the policy lets each show and offer. Opens nothing and changes nothing.

use store::entry::BY_FORM;

use super::*;

pub(super) fn categories(acting: &Acting<'_>, life: &Life) -> Vec<String> {
    let held = life.categories.iter().filter(|held| held.until.is_none_or(|until| acting.today < until));
    held.filter_map(|held| {
        let category = acting.policy.categories.get(held.category.index())?;
        Some(format!("{} since {}", category.name, frame::words(held.since)))
    })
    .collect()
}

pub(super) fn striped(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Striped>, Fault> {
    let today = acting.today;
    let base = format!("/people/{}", life.person);
    let mut striped = Vec::new();
    if let Some(restriction) = life.restriction.as_ref().filter(|restriction| restriction.since <= today) {
        striped.push(Striped {
            title: "Restricted".to_owned(),
            words: format!(
                "What we hold may be stored and nothing else, until somebody decides by {}.",
                frame::words(restriction.review_on)
            ),
            href: format!("{base}/restriction"),
            action: "Lift it".to_owned(),
        });
    }
    striped.extend(objected(acting, tx, life)?);
    for ground in life.grounds.iter().filter(|ground| ground.active(today)) {
        let Some(passed) = ground.review_on.filter(|review| *review < today) else { continue };
        let rule = acting.policy.rules.get(ground.rule.index());
        let Some(activity) = rule.and_then(|rule| acting.policy.activity(rule.activity)) else { continue };
        let may = acting.may(Deed::ManagePolicy);
        striped.push(Striped {
            title: format!("The review of \u{201c}{}\u{201d} has passed", activity.title),
            words: format!(
                "What we hold for it was to be looked at by {}: it is stored and not used until somebody decides.",
                frame::words(passed)
            ),
            href: if may { format!("{base}/reviews/{}", ground.id) } else { String::new() },
            action: if may { "Review it".to_owned() } else { String::new() },
        });
    }
    Ok(striped)
}

/// What they object to and nobody has told them the outcome of: what waits, and who decides by when. A band for each request.
fn objected(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Striped>, Fault> {
    if life.objections.iter().all(|made| made.upheld_on.is_some() || made.lifted_on.is_some()) {
        return Ok(Vec::new());
    }
    let mut waiting = store::objection::waiting(tx, &acting.policy, life.person)?;
    waiting.retain(|one| one.made_on <= acting.today);
    let staff = store::staff::all(tx)?;
    let mut striped = Vec::new();
    while let Some(first) = waiting.first() {
        let (request, on) = (first.request, first.made_on);
        let (these, others): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|one| (one.request, one.made_on) == (request, on));
        waiting = others;
        let names: Vec<String> = these.iter().map(|one| named_use(acting, &one.scope)).collect();
        // The request may have gone before what came with it is decided.
        let asked = match request.map(|id| store::request::one(tx, &acting.policy, id)) {
            None | Some(Err(store::Error::Missing)) => None,
            Some(found) => Some(found?),
        };
        let owner = asked.as_ref().and_then(|asked| asked.owner);
        let owner = staff.iter().find(|account| Some(account.id) == owner);
        let who = owner.map_or("somebody who answers requests", |account| account.name.as_str());
        let due = asked.as_ref().and_then(|asked| asked.due_on);
        let by = due.map_or_else(String::new, |due| format!(" by {}", frame::words(due)));
        let may = acting.may(Deed::AnswerRequests);
        let href = request.filter(|_| may).map_or_else(String::new, |id| format!("/requests/{id}#uses"));
        striped.push(Striped {
            title: "They object".to_owned(),
            words: format!(
                "On {} they objected to \u{201c}{}\u{201d}. What we hold for that is stored and not used until {who} decides{by}. \
                 Everything else goes on.",
                frame::words(on),
                names.join("\u{201d}, \u{201c}")
            ),
            action: if href.is_empty() { String::new() } else { "Weigh it".to_owned() },
            href,
        });
    }
    Ok(striped)
}

/// What is objected to, as the notice calls it.
fn named_use(acting: &Acting<'_>, scope: &custody::life::Scope) -> String {
    match scope {
        custody::life::Scope::Activity(id) => {
            acting.policy.activity(*id).map_or_else(String::new, |activity| activity.title.clone())
        }
        other => store::objection::scope_name(&acting.policy, other).1.unwrap_or("this").to_owned(),
    }
}

pub(super) fn shown_item(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    held: store::item::Item,
    back: &Back,
) -> Result<Item, Fault> {
    let again = back.item.as_ref().is_some_and(|(item, _)| *item == held.id);
    let may_change = acts::may_change(acting, life, held.kind);
    let (sources, collected) = match may_change {
        true => from(acting, tx, (life, held.kind), again.then_some(&back.from))?,
        false => (Vec::new(), String::new()),
    };
    let kind = acting.policy.kind(held.kind);
    let name = kind.map_or("", |kind| kind.name.as_str());
    let changed = match held.version {
        ..=1 => String::new(),
        _ => format!("; changed {}", frame::words(acting.instance.clock.on(held.updated_at))),
    };
    let long = kind.is_some_and(|kind| kind.sensitivity != policy::Sensitivity::Ordinary);
    Ok(Item {
        id: held.id.to_string(),
        label: capital(name),
        source: format!("from {}, {}{changed}", held.source, frame::words(held.collected_on)),
        version: held.version,
        may_change,
        may_remove: acts::may_remove(acting, life, held.kind),
        hint: if may_change { changing(acting, life, name).to_owned() } else { String::new() },
        kind: if long { "long".to_owned() } else { input(name).to_owned() },
        error: back
            .item
            .as_ref()
            .filter(|(item, _)| *item == held.id)
            .map_or_else(String::new, |(_, words)| words.clone()),
        typed: back.item.as_ref().filter(|(item, _)| *item == held.id).and_then(|_| back.typed.clone()),
        theirs: back
            .conflict
            .as_ref()
            .filter(|theirs| theirs.id == held.id)
            .map(|theirs| theirs.value.clone()),
        sources,
        collected,
        value: held.value,
    })
}

/// What to think of when a detail is changed: that a number is somebody else's now may end something by itself.
fn changing(acting: &Acting<'_>, life: &Life, kind: &str) -> &'static str {
    let asked = || custody::known::events(&acting.policy, life, acting.today).contains(&"phone changes");
    if input(kind) == "tel" && asked() && crate::acts::event::may_record(acting, life).is_ok() {
        "Is the number that stood here somebody else\u{2019}s now? Record below that it changed: what is kept until then ends."
    } else {
        ""
    }
}

/// From whom a detail can be once it is changed, and since when: as it was typed, else as it is taken where nobody says.
fn from(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    of: (&Life, policy::KindId),
    typed: Option<&(String, String)>,
) -> Result<(Vec<Choice>, String), Fault> {
    let (known, unsaid) = acts::offered(acting, tx, of)?;
    let (source, on) = match typed {
        Some((source, on)) if !source.is_empty() => (source.as_str(), on.clone()),
        _ => (unsaid, acting.today.to_string()),
    };
    let words = "From where it was: it was only written down wrongly".to_owned();
    let as_it_was = Choice {
        value: acts::AS_IT_WAS.to_owned(),
        words,
        chosen: source == acts::AS_IT_WAS,
        ..Choice::default()
    };
    Ok((std::iter::once(as_it_was).chain(choices(&known, source)).collect(), on))
}

pub(super) fn kind_choices(acting: &Acting<'_>, kinds: &[policy::KindId], chosen: &str) -> Vec<Choice> {
    let kinds = kinds.iter().filter_map(|kind| acting.policy.kind(*kind));
    kinds
        .map(|kind| Choice {
            value: kind.name.clone(),
            words: capital(&kind.name),
            hint: String::new(),
            chosen: kind.name == chosen,
        })
        .collect()
}

pub(super) fn sources(acting: &Acting<'_>, life: &Life) -> Vec<String> {
    let mut sources = Vec::new();
    for category in acting.policy.categories.iter().filter(|category| life.has(category.id, acting.today)) {
        for source in acts::sources_for(&acting.policy, category) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
    }
    if sources.is_empty() { vec!["the person".to_owned()] } else { sources }
}

pub(super) fn belongings(tx: &Tx<'_>, id: PersonId) -> Result<Vec<Belongs>, Fault> {
    let belongings = organisation::of_people(tx, &[id])?.into_iter().map(|belonging| Belongs {
        href: format!("/organisations/{}", belonging.organisation),
        words: belonging.name,
        since: match (belonging.since, belonging.until) {
            (_, Some(until)) => format!("until {}", frame::words(until)),
            (Some(since), None) => format!("since {}", frame::words(since)),
            (None, None) => String::new(),
        },
    });
    Ok(belongings.collect())
}

pub(super) fn works(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<Vec<OnWork>, Fault> {
    let works = engagement::of_person(tx, &acting.policy, id)?.into_iter().map(|work| {
        let title = work
            .work
            .and_then(|id| acting.policy.works.get(id.index()))
            .map_or("work", |work| work.title.as_str());
        let (state, tone) = match work.closed_on {
            Some(on) => (format!("completed {}", frame::words(on)), ""),
            None => ("running".to_owned(), "good"),
        };
        OnWork {
            href: format!("/work/{}", work.id),
            words: format!("{} from {}", capital(title), frame::words(work.opened_on)),
            state,
            tone: tone.to_owned(),
        }
    });
    Ok(works.collect())
}

pub(super) fn start_work(acting: &Acting<'_>, life: &Life, base: &str) -> Vec<Link> {
    if !acting.may(Deed::RunWork) {
        return Vec::new();
    }
    let person = base.trim_start_matches("/people/");
    let works = acting
        .policy
        .works
        .iter()
        .filter(|work| work.parts.first().is_some_and(|part| life.has(part.category, acting.today)));
    works
        .map(|work| Link {
            href: format!("/work/new?work={}&person={person}", crate::web::people::escape(&work.name)),
            words: format!("Start {}", policy::count::with_article(&work.title)),
        })
        .collect()
}

/// Who reached whom, as the form sends it and as it is read; the first where nobody chose yet.
const DIRECTIONS: [(&str, &str); 4] = [
    ("both", "We talked"),
    ("in", "They reached us"),
    ("out", "We reached them"),
    ("", "A note, no contact"),
];

pub(super) fn composer(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life, form: Form) -> Result<Composer, Fault> {
    let mut kinds = entries::writable(acting, life, None);
    let mut works = vec![Choice { words: "About the person".to_owned(), ..Choice::default() }];
    for work in engagement::of_person(tx, &acting.policy, life.person)? {
        let on_work = entries::writable(acting, life, Some(work.id));
        if on_work.is_empty() {
            continue;
        }
        let title = work
            .work
            .and_then(|id| acting.policy.works.get(id.index()))
            .map_or("work", |work| work.title.as_str());
        let value = work.id.to_string();
        let chosen = form.value("work") == value;
        let words = format!("{} from {}", capital(title), frame::words(work.opened_on));
        works.push(Choice { value, words, hint: String::new(), chosen });
        kinds.extend(on_work);
    }
    kinds.sort_unstable();
    kinds.dedup();
    let mut kinds = kind_choices(acting, &kinds, form.value("kind"));
    if !kinds.iter().any(|kind| kind.chosen)
        && let Some(first) = kinds.first_mut()
    {
        first.chosen = true;
    }
    let directions = DIRECTIONS.into_iter().map(|(value, words)| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        hint: String::new(),
        chosen: form.values.get("direction").is_some_and(|said| said == value),
    });
    let directions = directions.collect();
    Ok(Composer { may_write: !kinds.is_empty(), form, kinds, works, directions })
}

pub(super) fn shown_kinds(acting: &Acting<'_>, chosen: &str) -> Vec<Choice> {
    let all = Choice { words: "everything".to_owned(), chosen: chosen.is_empty(), ..Choice::default() };
    let entries: Vec<_> =
        acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Entry).map(|kind| kind.id).collect();
    std::iter::once(all).chain(kind_choices(acting, &entries, chosen)).collect()
}

pub(super) fn timeline(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    grant: &Grant,
    lines: Vec<store::entry::Entry>,
) -> Result<Vec<Entry>, Fault> {
    let staff = store::staff::all(tx)?;
    Ok(entries::shown(acting, grant, life, lines)
        .into_iter()
        .map(|line| Entry {
            id: line.id.to_string(),
            kind: acting.policy.kind(line.kind).map_or_else(String::new, |kind| capital(&kind.name)),
            inward: line.direction == Some(Direction::In),
            on: frame::day(line.on, acting.today),
            by: match staff.iter().find(|staff| Some(staff.id) == line.author) {
                Some(staff) => staff.name.clone(),
                None if line.source == BY_FORM => "by the form on our website".to_owned(),
                None => String::new(),
            },
            work: line
                .engagements
                .first()
                .map(|work| Link { href: format!("/work/{work}"), words: "on the work".to_owned() }),
            class: String::new(),
            until: String::new(),
            href: if entries::may_change(acting, life, &line) {
                crate::web::line::href(line.id, &format!("/people/{}", life.person))
            } else {
                String::new()
            },
            body: line.body,
        })
        .collect())
}

/// The rights in ordinary words; each opens a preview.
pub(super) fn verbs(base: &str) -> Vec<Link> {
    [
        ("access", "show what we hold"),
        ("erasure", "erase what we hold"),
        ("objection", "stop using it"),
        ("rectification", "correct it"),
        ("restriction", "keep it but not use it"),
    ]
    .iter()
    .map(|(kind, words)| Link {
        href: format!("/requests/new?kind={kind}&person={}", base.trim_start_matches("/people/")),
        words: (*words).to_owned(),
    })
    .collect()
}
