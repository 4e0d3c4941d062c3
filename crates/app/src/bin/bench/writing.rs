//! Writing: people added by the API, durable and logged; a file of people imported as the wizard does it.

use std::fmt::Write as _;

use app::acts::Acting;
use app::acts::import::{self, Importing, Naming};
use app::cli::Failure;
use app::fault::Fault;
use app::intake::column;
use jiff::ToSpan;
use serde_json::json;
use store::import::Outcome;
use store::{Tx, id, normal, params};

use super::http::{Asked, drive};
use super::measure::{Row, Target, per_second, quantile, timed};
use super::names;
use super::reading::{CLIENTS, plainly};
use super::seed::{Seeded, TODAY};

/// People each client adds.
const EACH: usize = 100;
/// Where the numbers of people begin that these works add, far from the seeded ones.
const CREATED: usize = 20_000_000;
const IMPORTED: usize = 30_000_000;

/// Adds people who agreed to the news, from several clients; each is durable when it is answered.
pub fn create(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let ask = |client: usize, n: usize| {
        let person = names::person(CREATED + client * EACH + n);
        let body = json!({
            "category": "supporter", "source": "the person", "agreed": ["supporters"], "agreed_by": "in person", "agreed_note": "Yes please",
            "items": { "name": person.name, "email": person.email },
        });
        Asked { method: "POST", path: "/api/v1/people".to_owned(), body: Some(body.to_string()) }
    };
    let each = seeded.times(EACH);
    let done = drive(seeded.address, &seeded.key, CLIENTS, each, ask)?;
    let now = seeded.now();
    let (_, whole) = plainly(CLIENTS, each, |client, n| {
        let person = names::person(CREATED + 500_000 + client * EACH + n);
        Ok(seeded.store().write(|tx| created(tx, &person, now.as_millisecond()))?)
    })?;
    let all = CLIENTS * each;
    let plain = per_second(all, whole);
    Ok(vec![
        Row::held(
            "create with consent, 8 clients",
            per_second(all, done.whole),
            "/s",
            Some(plain),
            Target::Least(1000.0),
        ),
        Row::plain("create with consent, 8 clients, p99", quantile(&done.took, 0.99), "ms"),
    ])
}

/// The same rows without a question asked.
fn created(tx: &Tx<'_>, person: &names::Invented, now: i64) -> store::Result<usize> {
    let (who, day) = (id::next(), TODAY);
    plain_person(tx, who, "supporter", now)?;
    plain_items(tx, who, &[("name", &person.name), ("email", &person.email)], now)?;
    tx.exec(
        "INSERT INTO consent (id, person_id, activity, form, given_on, wording, how, recorded_at)
            VALUES (?1, ?2, 'supporters', 'opt-in', ?3, 'Yes', 'bench', ?4)",
        params![id::next(), who, day, now],
    )?;
    let event = id::next();
    tx.exec(
        "INSERT INTO log_event (id, at, actor, act, body, nonce) VALUES (?1, ?2, 'bench', 'person.added', '{}', ?3)",
        params![event, now, [0_u8; 16]],
    )?;
    tx.exec("INSERT INTO log_subject (person_id, event_id) VALUES (?1, ?2)", params![who, event])?;
    tx.exec(
        "INSERT INTO search_text (id, normal) VALUES (?1, ?2)",
        params![who, normal::name(&person.name)],
    )?;
    Ok(1)
}

fn plain_person(tx: &Tx<'_>, who: i64, category: &str, now: i64) -> store::Result<()> {
    tx.exec("INSERT INTO person (id, created_at, version) VALUES (?1, ?2, 1)", params![who, now])?;
    tx.exec(
        "INSERT INTO person_category (id, person_id, category, since) VALUES (?1, ?2, ?3, ?4)",
        params![id::next(), who, category, TODAY],
    )?;
    Ok(())
}

fn plain_items(tx: &Tx<'_>, who: i64, items: &[(&str, &String)], now: i64) -> store::Result<()> {
    for (kind, value) in items {
        tx.exec(
            "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, 'bench', ?6, 1, ?7)",
            params![id::next(), who, *kind, *value, normal::value(kind, value), TODAY, now],
        )?;
    }
    Ok(())
}

/// Imports a file of people as the wizard and the command line do: looked at row by row, then taken.
pub fn import(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let rows = (seeded.people.len() / 10).clamp(500, 10_000);
    let mut csv = String::from("Name,Email,Phone,Job title,Organisation\n");
    for n in 0..rows {
        let person = names::person(IMPORTED + n);
        let organisation = names::organisation(n % 400);
        let _ =
            writeln!(csv, "{},{},{},{},{organisation}", person.name, person.email, person.phone, person.job);
    }
    let (ms, created) = timed(|| imported(seeded, csv.as_bytes()))?;
    if created != rows as u64 {
        return Err(Failure(format!("{created} of {rows} rows were taken")));
    }
    let now = seeded.now().as_millisecond();
    let all: Vec<usize> = (0..rows).collect();
    let (plain, _) = timed(|| {
        for some in all.chunks(100) {
            seeded.store().write(|tx| some.iter().try_for_each(|n| plain_row(tx, *n, now)))?;
        }
        Ok(())
    })?;
    let name = format!("import of {rows} CSV rows");
    let target = Target::LeastAndShare(10_000.0, 0.5);
    Ok(vec![Row::held(name, per_second(rows, ms), "/s", Some(per_second(rows, plain)), target)])
}

fn imported(seeded: &Seeded, bytes: &[u8]) -> Result<u64, Failure> {
    let instance = &seeded.instance;
    let acting = Acting::system(instance, "intake");
    let (received, sheet) = import::receive(instance, &acting, "bench.csv", bytes)?;
    let naming = Naming {
        offers: true,
        activity: "enquiries".to_owned(),
        category: "organisation contact".to_owned(),
        source: "their organisation".to_owned(),
        collected_on: Some(TODAY.saturating_sub(10.days())),
        told: "we".to_owned(),
    };
    let id = instance.store.write(|tx| {
        let id = import::keep(&acting, tx, &received)?;
        import::name_it(&acting, tx, id, &naming)?;
        Ok::<_, Fault>(id)
    })?;
    let words = instance.store.read(|tx| {
        let importing = Importing::load(&acting.policy, tx, id)?;
        let guesses = column::guess(&sheet, &naming.activity, &importing.kinds);
        Ok::<_, Fault>(
            guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect::<Vec<String>>(),
        )
    })?;
    import::plan_whole(instance, None, id, &sheet, &words)?;
    instance.store.write(|tx| import::start(&acting, tx, id))?;
    import::run(instance, id, |_| {})?;
    let counts = instance.store.read(|tx| store::import::counts(tx, id))?;
    Ok(counts.get(&Outcome::Created).copied().unwrap_or(0))
}

/// The same rows without a question asked: the person, what they are found by, where they belong.
fn plain_row(tx: &Tx<'_>, n: usize, now: i64) -> store::Result<()> {
    let (person, who) = (names::person(IMPORTED + 500_000 + n), id::next());
    plain_person(tx, who, "organisation contact", now)?;
    let job = person.job.to_owned();
    plain_items(
        tx,
        who,
        &[("name", &person.name), ("email", &person.email), ("phone", &person.phone), ("job title", &job)],
        now,
    )?;
    let organisation = names::organisation(n % 400);
    let joined = tx.exec(
        "INSERT INTO belonging (id, person_id, organisation_id) SELECT ?1, ?2, id FROM organisation WHERE normal = ?3",
        params![id::next(), who, normal::name(&organisation)],
    )?;
    let text = format!("{}\n{}\n{}", normal::name(&person.name), person.email, normal::name(&organisation));
    tx.exec("INSERT INTO search_text (id, normal) VALUES (?1, ?2)", params![who, text])?;
    if joined == 0 { Err(store::Error::Missing) } else { Ok(()) }
}
