//! The forecast says what the nights to come do: of every organisation's world a year is foretold and then lived through.
//! Its page adds up, opens, and shows nobody out of reach.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

use std::collections::{BTreeMap, BTreeSet};

use app::instance::Instance;
use app::jobs::night;
use app::world::{PACKS, Pack};
use axum::http::StatusCode;
use custody::id::{GroundId, PersonId};
use jiff::civil::Date;
use store::forecast::{self, Asked, Line, Which};
use store::keys::Secret;
use store::reach::Reach;

use super::common::{Data, House, account, played};

/// Everything of a sort until a day, by pages of seven.
fn listed(instance: &Instance, which: Which, until: Date) -> Vec<Line> {
    let today = instance.clock.today();
    let asked = Asked { reach: &Reach::Everyone, today, from: today, until, activity: None, awaiting: None };
    let mut all: Vec<Line> = Vec::new();
    loop {
        let after = all.last().map(|line| line.ground);
        let some = instance.store.read(|tx| forecast::page(tx, &asked, which, after, 7)).unwrap();
        if some.is_empty() {
            break;
        }
        all.extend(some);
    }
    let counted = instance.store.read(|tx| forecast::counts(tx, &asked, which)).unwrap();
    assert_eq!(counted.iter().map(|one| one.count).sum::<i64>(), all.len() as i64, "{which:?}");
    let once: BTreeSet<GroundId> = all.iter().map(|line| line.ground).collect();
    assert_eq!(once.len(), all.len(), "{which:?}: pages repeat nothing");
    all
}

fn active(instance: &Instance) -> BTreeMap<i64, String> {
    let sql = "SELECT id, rule FROM ground WHERE state = 'active' AND person_id IS NOT NULL";
    let grounds = instance.store.read(|tx| tx.all(sql, &[], |row| Ok((row.int(0)?, row.text(1)?)))).unwrap();
    grounds.into_iter().collect()
}

fn people(instance: &Instance) -> BTreeSet<i64> {
    let all = instance.store.read(|tx| tx.all("SELECT id FROM person", &[], |row| row.int(0))).unwrap();
    all.into_iter().collect()
}

/// Foretells a year of a world and lives through it. How many last days and people who left it had.
fn year(pack: &Pack) -> (usize, usize) {
    let file = format!("{}/../../worlds/{}.toml", env!("CARGO_MANIFEST_DIR"), pack.name);
    let world = std::fs::read_to_string(file).unwrap();
    let data = Data::on(None);
    let instance = played(&data, &Secret::random().unwrap(), pack.policy().unwrap(), &world);
    let policy = instance.policy();
    let (today, until) = forecast::window(instance.clock.today(), 12);

    let lines = listed(&instance, Which::Dated, until);
    let kept: BTreeSet<i64> =
        listed(&instance, Which::Kept, until).iter().map(|line| line.ground.0).collect();
    let ended: BTreeSet<i64> =
        listed(&instance, Which::Ended, until).iter().map(|line| line.ground.0).collect();
    let whole = listed(&instance, Which::Whole, until);
    listed(&instance, Which::Review, until);
    listed(&instance, Which::Awaiting, until);
    let asked = Asked { reach: &Reach::Everyone, today, from: today, until, activity: None, awaiting: None };
    let months = instance.store.read(|tx| forecast::months(tx, &asked)).unwrap();
    assert_eq!(months.iter().map(|month| month.last_days).sum::<i64>(), lines.len() as i64);
    assert_eq!(months.iter().map(|month| month.altogether).sum::<i64>(), whole.len() as i64);

    let mut by_day: BTreeMap<Date, Vec<&Line>> = BTreeMap::new();
    lines.iter().for_each(|line| by_day.entry(line.on.unwrap()).or_default().push(line));
    let (mut before, at_first) = (active(&instance), active(&instance));
    let there = people(&instance);
    let mut day = today;
    while day <= until {
        let said = by_day.get(&day).map_or(&[][..], Vec::as_slice);
        let mut goes: BTreeSet<String> = BTreeSet::new();
        let mut single = None;
        for line in said {
            let night = instance.store.read(|tx| {
                let life = store::life::load(tx, &policy, line.person, day)?;
                forecast::night(tx, &policy, &life, line, day)
            });
            let night = night.unwrap();
            assert_eq!(night.kept, None, "{}: {line:?}", pack.name);
            goes.extend(night.goes.keys().cloned());
            single = Some(night.goes);
        }
        let night = day.tomorrow().unwrap();
        instance.clock.set(instance.clock.at(night, 2));
        let report = night::run(&instance, night).unwrap();
        for kind in &goes {
            assert!(report.disposed.contains_key(kind), "{} {night}: {kind} stayed: {report:?}", pack.name);
        }
        if let (1, Some(goes)) = (said.len(), &single) {
            for (kind, count) in goes {
                assert!(report.disposed[kind] >= *count, "{} {night}: {kind}: {report:?}", pack.name);
            }
        }
        let after = active(&instance);
        for line in said {
            // Of what goes row by row the next has its own day, and the ground stands on.
            let by_row = policy.rules.iter().any(|rule| rule.key == line.rule && rule.by_row);
            assert!(
                by_row || !after.contains_key(&line.ground.0),
                "{} {night}: {line:?} still stands",
                pack.name
            );
        }
        for (ground, rule) in before.iter().filter(|(ground, _)| !after.contains_key(ground)) {
            let foretold = lines.iter().any(|line| line.ground.0 == *ground)
                || kept.contains(ground)
                || ended.contains(ground)
                || !at_first.contains_key(ground);
            // A ground that rested on a row ends with it, on the day on which that was said to go.
            let with_others = goes.iter().any(|kind| kind.ends_with("record")) || !said.is_empty();
            assert!(foretold || with_others, "{} {night}: {rule} ended and was not foretold", pack.name);
        }
        before = after;
        day = night;
    }
    let left = people(&instance);
    let gone: BTreeSet<i64> = there.difference(&left).copied().collect();
    for line in &whole {
        let waits = "SELECT 1 FROM ground WHERE person_id = ?1 AND state = 'active'";
        let held = instance.store.read(|tx| tx.any(waits, &[line.person.into()])).unwrap();
        assert!(gone.contains(&line.person.0) || !held, "{}: {line:?} was to be the last", pack.name);
    }
    (lines.len(), gone.len())
}

#[test]
fn what_is_foretold_happens() {
    let years: Vec<(usize, usize)> = std::thread::scope(|scope| {
        let years: Vec<_> = PACKS.iter().map(|pack| scope.spawn(move || year(pack))).collect();
        years.into_iter().map(|year| year.join().unwrap()).collect()
    });
    let days: usize = years.iter().map(|(days, _)| days).sum();
    let gone: usize = years.iter().map(|(_, gone)| gone).sum();
    assert!(days > 30 && gone > 3, "{days} last days, {gone} people");
}

const WORLD: &str = include_str!("../../../../worlds/cti.toml");

/// The numbers that open, with where they lead: of every month, in all, and of what does not go by itself.
fn numbers(page: &str) -> Vec<(String, usize)> {
    let links = page.split("<a href=\"/leaving").skip(1).filter_map(|link| {
        let (address, rest) = link.split_once('"')?;
        let (_, rest) = rest.split_once('>')?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        // In the list beside it the number stands after the words that lead there.
        let number = if digits.is_empty() {
            let (_, after) = rest.split_once("<span class=\"number\">")?;
            after.split('<').next()?.parse().ok()?
        } else {
            digits.parse().ok()?
        };
        Some((
            format!(
                "/leaving{}",
                address.trim_end_matches("#list").replace("&amp;", "&").replace("&#38;", "&")
            ),
            number,
        ))
    });
    links.collect()
}

impl House {
    /// How many lines a list has on all its pages, and whom they are about.
    async fn lines(&self, address: &str, cookie: &str) -> (usize, Vec<String>) {
        let (mut address, mut lines, mut people) = (address.to_owned(), 0, Vec::new());
        loop {
            let page = self.get(&address, cookie).await;
            assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.text);
            for line in page.text.split("<tr><th scope=\"row\"><a href=\"").skip(1) {
                lines += 1;
                people.push(line.split('"').next().unwrap().to_owned());
            }
            let Some((before, _)) = page.text.split_once("\" rel=\"next\"") else { return (lines, people) };
            let next = before.rsplit("href=\"").next().unwrap();
            address = next.replace("&amp;", "&").replace("&#38;", "&");
        }
    }
}

#[tokio::test]
async fn every_number_on_the_page_opens_as_many_lines() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    assert!(house.get("/", &helen).await.text.contains("href=\"/leaving\""), "Today leads there");
    let page = house.get("/leaving", &helen).await.text;
    let rows: Vec<&str> = page.split("<svg viewBox=\"0 0 100 10\"").collect();
    assert_eq!(rows.len(), 13, "twelve months are twelve rows: {page}");
    for (row, words) in
        [(0, ">23 Nov to 22 Dec 2026"), (1, ">23 Dec 2026 to 22 Jan 2027"), (11, ">23 Oct to 22 Nov 2027")]
    {
        assert!(rows[row].ends_with(words), "{}", rows[row]);
    }
    let one = house.get("/leaving?month=2027-01-01", &helen).await.text;
    assert!(
        one.contains("<option value=\"2026-12-23\" selected>"),
        "a month is asked for by any day of it: {one}"
    );
    let numbers = numbers(&page);
    assert!(numbers.len() > 8, "{numbers:?}");
    for (address, number) in &numbers {
        let (lines, _) = house.lines(address, &helen).await;
        assert_eq!(lines, *number, "{address}");
    }
    let of = |part: &str| -> usize {
        numbers.iter().filter(|(address, _)| address.starts_with(part)).map(|(_, number)| number).sum()
    };
    let all = numbers.iter().find(|(address, _)| address == "/leaving").unwrap().1;
    assert_eq!(of("/leaving?month="), all, "the months add up");
    assert_eq!(
        of("/leaving?what=awaiting&activity="),
        of("/leaving?what=awaiting") / 2,
        "so does what waits"
    );
    // One activity: its months add up as well, and lead to it alone.
    let narrowed = house.get("/leaving?activity=enquiries", &helen).await.text;
    assert!(narrowed.contains("<option value=\"enquiries\" selected>"), "{narrowed}");
    for odd in [
        "/leaving?month=2026-13",
        "/leaving?month=2026-12",
        "/leaving?month=%27",
        "/leaving?what=x&activity=%3Cb%3E&after=7",
    ] {
        assert_eq!(house.get(odd, &helen).await.status, StatusCode::OK, "{odd}");
    }
    // A list of one activity leads to its forecast.
    let people = house.get("/people?leaving=coaching", &helen).await.text;
    assert!(people.contains("href=\"/leaving?activity=coaching\""), "{people}");
}

#[tokio::test]
async fn nobody_out_of_reach_is_counted_or_named() {
    let house = House::of(WORLD);
    let (helen, ruth) = (house.sign_in("helen.marsh").await, house.sign_in("ruth.adler").await);
    for what in ["", "?what=awaiting", "?what=review", "?what=ended", "?what=kept", "?what=whole"] {
        let address = format!("/leaving{what}");
        let (all, _) = house.lines(&address, &helen).await;
        let (near, people) = house.lines(&address, &ruth).await;
        assert!(near <= all, "{address}");
        for person in people {
            // Of a restricted client she may read nothing; out of her reach there would be nobody of this number.
            let status = house.get(&person, &ruth).await.status;
            assert!(
                matches!(status, StatusCode::OK | StatusCode::FORBIDDEN),
                "{person} of {address}: {status}"
            );
        }
    }
    let (all, _) = house.lines("/leaving?what=awaiting", &helen).await;
    let (near, _) = house.lines("/leaving?what=awaiting", &ruth).await;
    assert!(near > 0 && near < all, "a coach sees those they are assigned to: {near} of {all}");
}

#[tokio::test]
async fn the_command_line_says_the_same() {
    let house = House::of(WORLD);
    let helen = house.sign_in("helen.marsh").await;
    let (all, _) = house.lines("/leaving", &helen).await;
    let (awaiting, _) = house.lines("/leaving?what=awaiting", &helen).await;
    let ahead = house
        .instance
        .store
        .read(|tx| {
            let today = house.instance.clock.today();
            app::acts::forecast::look(tx, &Reach::Everyone, today, app::acts::forecast::MONTHS, None)
        })
        .unwrap();
    assert_eq!((ahead.last_days(), app::acts::forecast::sum(&ahead.awaiting)), (all as i64, awaiting as i64));
}

const ONE: &str = r#"
begins = "2026-01-05"
today = "2026-02-02"
[[staff]]
key = "helen"
name = "Helen Marsh"
email = "helen.marsh@cti.example"
role = "business manager"
[[organisation]]
key = "northbank"
name = "Northbank Housing Trust"
website = "northbank.example"
[[person]]
key = "priya"
as = "organisation contact"
on = "2026-01-06"
at = "northbank"
name = "Priya Nair"
email = "priya.nair@northbank.example"
phone = "01632 960201"
story = ["2026-01-07 they ring: coaching for her team"]
"#;

/// Two years after her last word Priya asks what is held, is asked what exactly, and does not answer.
#[tokio::test]
async fn what_waits_for_a_paused_request_is_decided_about_on_today() {
    use app::acts::request::{self, Arrived, Who};
    use jiff::civil::date;
    let house = House::of(ONE);
    let helen = house.sign_in("helen.marsh").await;
    let priya = PersonId(house.person(&house.key("helen.marsh"), "Priya").await);
    let go_to = |day: Date| {
        night::run(&house.instance, day).unwrap();
        house.instance.set_practice_clock(house.instance.clock.at(day, 9)).unwrap();
    };
    go_to(date(2027, 12, 20));
    let acting = app::acts::Acting::staff(&house.instance, account(&house.instance, "helen.marsh")).unwrap();
    let asked = house.instance.store.write(|tx| {
        let new = Arrived {
            ask: "access".into(),
            who: Who::Held(priya),
            received_on: acting.today,
            channel: "letter".into(),
            words: "What do you hold?".into(),
        };
        let asked = request::open(&acting, tx, &new)?;
        request::moved(&acting, tx, asked, store::request::Move::Paused, acting.today)?;
        Ok::<_, app::fault::Fault>(asked)
    });
    let asked = asked.unwrap();
    let row = async |house: &House| {
        let page = house.get("/", &helen).await.text;
        let row = page.split("<li>").find(|row| row.contains(&format!("/requests/{asked}")));
        row.unwrap_or_else(|| panic!("{page}")).split("</li>").next().unwrap().to_owned()
    };
    go_to(date(2028, 2, 10));
    let waits = row(&house).await;
    assert!(waits.contains("has waited for them since") && !waits.contains("Overdue"), "{waits}");
    go_to(date(2028, 3, 25));
    let asks = row(&house).await;
    assert!(asks.contains("Decide") && asks.contains("Helen Marsh") && !asks.contains("Overdue"), "{asks}");
    assert!(asks.contains("goes once they are answered, or is kept on with a reason"), "{asks}");
    let page = house.get(&format!("/requests/{asked}"), &helen).await.text;
    assert!(page.contains("Kept for this request alone") && page.contains("Decide by"), "{page}");
    go_to(date(2028, 4, 10));
    assert!(row(&house).await.contains("Overdue"), "its day has passed");
    let keep = format!("/requests/{asked}/keep");
    let version = page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let until = |day: &str| format!("version={version}&kept-until={day}&kept-why=she+is+abroad");
    let wrong = house.post(&keep, &helen, &until("2028-09-01")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("within the next three months") && wrong.text.contains("she is abroad"),
        "{}",
        wrong.text
    );
    let kept = house.post(&keep, &helen, &until("2028-06-30")).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    let waits = row(&house).await;
    assert!(!waits.contains("Overdue") && !waits.contains("Decide"), "{waits}");
    let page = house.get(&format!("/requests/{asked}"), &helen).await.text;
    assert!(page.contains("Somebody keeps it on until"), "{page}");
}
