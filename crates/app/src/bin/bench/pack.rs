//! The access pack: everything held about somebody who asked, as pages and as data, by HTTP as staff fetch it. The
//! pages are set in a process of their own, as in earnest.

use app::cli::Failure;
use store::request::{self, Kind, NewRequest};

use super::http::{Asked, drive};
use super::measure::{Row, Target, median, quantile};
use super::reading::{plain, plainly};
use super::seed::{Seeded, TODAY};

/// How many packs are made.
const PACKS: usize = 12;

/// Makes the pack of people with some twenty rows each.
pub fn pack(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let policy = seeded.instance.policy();
    let who = |n: usize| seeded.person(n * 10 + 1);
    let now = seeded.now();
    let requests = seeded.store().write(|tx| {
        let open = |n| {
            let new = NewRequest {
                kind: Kind::Access,
                person: who(n),
                name: "Bench Person",
                organisation: None,
                received_on: TODAY,
                channel: "letter",
                words: None,
                owner: Some(seeded.account.id),
                by: Some(seeded.account.id),
            };
            request::open(tx, &policy, &new, now)
        };
        (0..PACKS).map(open).collect::<Result<Vec<_>, _>>()
    })?;
    let path = |n: usize, name: &str| {
        let id = requests.get(n % PACKS).map_or(0, |request| request.0);
        Asked::get(format!("/requests/{id}/{name}"))
    };
    let pages = drive(seeded.address, &seeded.key, 1, PACKS, |_, n| path(n, "pack.pdf"))?;
    let data = drive(seeded.address, &seeded.key, 1, PACKS, |_, n| path(n, "pack.json"))?;
    let (rows, _) = plainly(1, PACKS, |_, n| Ok(seeded.store().read(|tx| plain(tx, who(n)))?))?;
    // The requests must not keep the sweep from anybody, nor break a promise.
    seeded.store().write(|tx| {
        requests.iter().try_for_each(|id| {
            tx.exec("DELETE FROM request_step WHERE request_id = ?1", store::params![*id])?;
            tx.exec("DELETE FROM task WHERE request_id = ?1", store::params![*id])?;
            tx.exec("DELETE FROM request WHERE id = ?1", store::params![*id]).map(drop)
        })
    })?;
    let both: Vec<f64> = pages.took.iter().zip(&data.took).map(|(pages, data)| pages + data).collect();
    Ok(vec![
        Row::held(
            "access pack, PDF and JSON, p50",
            median(&both),
            "ms",
            Some(median(&rows)),
            Target::Most(50.0),
        ),
        Row::plain("access pack, PDF and JSON, p99", quantile(&both, 0.99), "ms"),
        Row::plain("access pack, JSON alone, p50", median(&data.took), "ms"),
    ])
}
