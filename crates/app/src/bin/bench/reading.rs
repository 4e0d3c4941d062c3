//! Reading: one person, the pages staff open, lists, search. By HTTP on the loopback; each answer is decided,
//! opened with a grant and logged.

use std::time::Instant;

use app::cli::Failure;
use custody::id::PersonId;
use store::reach::Reach;
use store::{Tx, params, search};

use super::http::{Asked, drive};
use super::measure::{Row, Target, median, per_second, quantile, since};
use super::names;
use super::seed::Seeded;

/// Clients at once.
pub const CLIENTS: usize = 8;
/// Requests of each.
const EACH: usize = 250;

/// Reads people by the API with several clients.
pub fn read(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let who = |client: usize, n: usize| seeded.person((client * 7919 + n * 104_729) % seeded.people.len());
    let ask = |client, n| Asked::get(format!("/api/v1/people/{}", who(client, n).0));
    let each = seeded.times(EACH);
    drive(seeded.address, &seeded.key, CLIENTS, each / 10, ask)?;
    let one = drive(seeded.address, &seeded.key, 1, each, ask)?;
    let many = drive(seeded.address, &seeded.key, CLIENTS, each, ask)?;
    let (took, whole) =
        plainly(CLIENTS, each, |client, n| Ok(seeded.store().read(|tx| plain(tx, who(client, n)))?))?;
    let (alone, _) =
        plainly(1, each, |client, n| Ok(seeded.store().read(|tx| plain(tx, who(client, n)))?))?;
    let all = CLIENTS * each;
    Ok(vec![
        Row::held(
            "read a person, 1 client, p50",
            median(&one.took),
            "ms",
            Some(median(&alone)),
            Target::Most(1.0),
        ),
        Row::held(
            "read a person, 8 clients, p99",
            quantile(&many.took, 0.99),
            "ms",
            Some(quantile(&took, 0.99)),
            Target::Most(5.0),
        ),
        Row::held(
            "read people, 8 clients",
            per_second(all, many.whole),
            "/s",
            Some(per_second(all, whole)),
            Target::Least(5000.0),
        ),
    ])
}

/// The rows of a person, without a question asked.
pub fn plain(tx: &Tx<'_>, who: PersonId) -> store::Result<usize> {
    let mut rows = 0;
    for sql in [
        "SELECT id, kind, value, source, collected_on, version FROM item WHERE person_id = ?1",
        "SELECT e.id, e.kind, e.on_date, e.direction, e.body, e.version FROM entry_person p JOIN entry e ON e.id = p.entry_id
            WHERE p.person_id = ?1",
        "SELECT id, category, since, until, since, id FROM person_category WHERE person_id = ?1",
        "SELECT id, activity, rule, opened_on, due_on, state FROM ground WHERE person_id = ?1",
    ] {
        rows += tx.all(sql, params![who], |row| row.int(0))?.len();
    }
    Ok(rows)
}

/// Plain work from several threads at once: each piece's milliseconds, and the whole's.
pub fn plainly(
    clients: usize,
    each: usize,
    work: impl Fn(usize, usize) -> Result<usize, Failure> + Sync,
) -> Result<(Vec<f64>, f64), Failure> {
    let began = Instant::now();
    let one = |client: usize| {
        let mut took = Vec::with_capacity(each);
        for n in 0..each {
            let began = Instant::now();
            if work(client, n)? == 0 {
                return Err(Failure("the plain work found nothing to do".to_owned()));
            }
            took.push(since(began));
        }
        Ok(took)
    };
    let one = &one;
    let done: Vec<Result<Vec<f64>, Failure>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients).map(|client| scope.spawn(move || one(client))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(Failure("a thread ended early".to_owned()))))
            .collect()
    });
    let whole = since(began);
    let mut took = Vec::new();
    for one in done {
        took.extend(one?);
    }
    Ok((took, whole))
}

/// Opens the pages staff open most, with several clients.
pub fn pages(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let (mut rows, each) = (Vec::new(), seeded.times(EACH / 5));
    let paths: &[(&str, &dyn Fn(usize) -> String)] = &[
        ("page Today", &|_| "/".to_owned()),
        ("page People", &|_| "/people".to_owned()),
        ("page of a person", &|n| format!("/people/{}", seeded.person(n * 7919).0)),
    ];
    for (name, path) in paths {
        let mut took = Vec::new();
        // One path a time; the closure is not Sync, so the paths are made before.
        let asked: Vec<Vec<String>> =
            (0..CLIENTS).map(|client| (0..each).map(|n| path(client * 31 + n)).collect()).collect();
        let ask = |client: usize, n: usize| {
            Asked::get(asked.get(client).and_then(|all| all.get(n)).cloned().unwrap_or_default())
        };
        took.extend(drive(seeded.address, &seeded.key, CLIENTS, each, ask)?.took);
        rows.push(Row::held(
            format!("{name}, 8 clients, p99"),
            quantile(&took, 0.99),
            "ms",
            None,
            Target::Most(20.0),
        ));
    }
    Ok(rows)
}

/// Lists fifty people, on the first page and far behind it.
pub fn list(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let far = seeded.store().read(|tx| {
        let skip = i64::try_from(seeded.people.len() * 9 / 10).unwrap_or(0);
        tx.one("SELECT id FROM search_text ORDER BY normal, id LIMIT 1 OFFSET ?1", params![skip], |row| {
            row.int(0)
        })
    })?;
    let (mut rows, times) = (Vec::new(), seeded.times(60));
    let category = "organisation%20contact";
    let pages = [
        ("first page", String::new()),
        ("last tenth", format!("&after={far}")),
        ("a rare category", "supplier".to_owned()),
    ];
    for (name, more) in pages {
        let path = match name {
            "a rare category" => format!("/api/v1/people?category={more}"),
            _ => format!("/api/v1/people?category={category}{more}"),
        };
        let ask = |_, _| Asked::get(path.clone());
        drive(seeded.address, &seeded.key, 1, 5, ask)?;
        let took = drive(seeded.address, &seeded.key, 1, times, ask)?.took;
        let (plain, _) = plainly(1, times, |_, _| Ok(seeded.store().read(fifty)?))?;
        let name = format!("list of 50, {name}, p50");
        rows.push(Row::held(name, median(&took), "ms", Some(median(&plain)), Target::Most(2.0)));
    }
    Ok(rows)
}

/// The first fifty of a category, by name, and nothing else of them.
fn fifty(tx: &Tx<'_>) -> store::Result<usize> {
    let sql = "SELECT t.id FROM search_text t WHERE EXISTS (SELECT 1 FROM person_category c WHERE c.person_id = t.id
        AND c.category = ?1 AND c.until IS NULL) ORDER BY t.normal, t.id LIMIT 50";
    let people = tx.all(sql, params!["organisation contact"], |row| row.int(0))?;
    let mut values = 0;
    for who in &people {
        values += tx
            .all("SELECT value FROM item WHERE person_id = ?1 AND kind = 'name'", params![*who], |row| {
                row.text(0)
            })?
            .len();
    }
    Ok(values)
}

/// Searches by a part of a name, an address, a number, an organisation. Beside it: the index alone.
pub fn search(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let people = seeded.people.len();
    let sought = |n: usize| {
        let at = n * 7919 % people;
        let person = names::person(at);
        match n % 4 {
            0 => person.name.to_lowercase(),
            1 => person.email.split('@').next().unwrap_or_default().to_owned(),
            2 => person.phone.split(' ').nth(1).unwrap_or_default().to_owned(),
            _ => names::organisation(at % (people / 20).max(1)),
        }
    };
    let broad = |n: usize| names::person(n * 7919 % people).surname;
    let (mut rows, times) = (Vec::new(), seeded.times(160));
    let kinds: [(&str, &(dyn Fn(usize) -> String + Sync)); 2] =
        [("search, exact", &sought), ("search, a surname", &broad)];
    for (name, words) in kinds {
        let ask = |client: usize, n: usize| {
            Asked::get(format!("/api/v1/people?q={}", words(client * 977 + n).replace(' ', "%20")))
        };
        drive(seeded.address, &seeded.key, 1, 8, ask)?;
        let took = drive(seeded.address, &seeded.key, 1, times, ask)?.took;
        let (plain, _) = plainly(1, times, |client, n| {
            let found =
                seeded.store().read(|tx| search::find(tx, &words(client * 977 + n), &Reach::Everyone, 50))?;
            Ok(found.len() + 1)
        })?;
        rows.push(Row::held(
            format!("{name}, p50"),
            median(&took),
            "ms",
            Some(median(&plain)),
            Target::Most(5.0),
        ));
        let (p99, plain) = (quantile(&took, 0.99), quantile(&plain, 0.99));
        rows.push(Row::held(format!("{name}, p99"), p99, "ms", Some(plain), Target::Most(20.0)));
    }
    Ok(rows)
}
