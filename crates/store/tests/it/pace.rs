//! Not a test: figures for whoever works on speed. `cargo test -p store --test it -- --ignored pace --nocapture`.

use std::collections::BTreeSet;
use std::time::Instant;

use jiff::civil::date;
use store::item::NewItem;
use store::request::{Kind, NewRequest};
use store::{Error, erase, ground, item, life, person, register, request, sweep};

use crate::harness::policy;
use crate::story::{ACTOR, noon};

both! {
    #[ignore = "figures, not a test"]
    fn pace(store) {
        let policy = policy();
        let on = date(2026, 1, 1);
        let n = 3000_u32;
        let kinds: Vec<_> = ["name", "email", "phone"].iter().map(|kind| policy.kind_named(kind).unwrap().id).collect();
        let category = policy.category_named("supplier").unwrap().id;
        let started = Instant::now();
        let mut people = Vec::new();
        let mut settling = std::time::Duration::ZERO;
        let mut finding = std::time::Duration::ZERO;
        for chunk in 0..n / 500 {
            people.extend(store.write(|tx| {
                let mut made = Vec::new();
                for k in 0..500 {
                    let i = chunk * 500 + k;
                    let who = person::add(tx, noon(on))?;
                    person::give_category(tx, &policy, who, category, on, None)?;
                    for (kind, value) in kinds.iter().zip([format!("Person Number {i}"), format!("p{i}@x.example"), format!("01632 {i:06}")]) {
                        item::add_unfound(tx, &policy, &NewItem { person: who, kind: *kind, value: &value, source: "x", collected_on: on, import: None, by: None }, noon(on))?;
                    }
                    let at = Instant::now();
                    person::refind(tx, &policy, who)?;
                    finding += at.elapsed();
                    let at = Instant::now();
                    ground::settle(tx, &policy, who, on, ACTOR, noon(on))?;
                    settling += at.elapsed();
                    made.push(who);
                }
                Ok::<_, Error>(made)
            }).unwrap());
        }
        println!("add: {:?} each, of it settle {:?}, find {:?}", started.elapsed() / n, settling / n, finding / n);
        let at = Instant::now();
        store.read(|tx| { for who in people.iter().take(500) { life::load(tx, &policy, *who, on)?; } Ok::<_, Error>(()) }).unwrap();
        println!("load one life: {:?}", at.elapsed() / 500);
        let at = Instant::now();
        store.read(|tx| life::load_many(tx, &policy, &people, on)).unwrap();
        println!("load many: {:?} each", at.elapsed() / n);

        let today = date(2026, 6, 1);
        let mut took = Vec::new();
        for who in people.iter().take(50) {
            let at = Instant::now();
            store.write(|tx| {
                let new = NewRequest { kind: Kind::Erasure, person: *who, name: "P N", organisation: None, received_on: today, channel: "x", words: None, owner: None, by: None };
                let request = request::open(tx, &policy, &new, noon(today))?;
                ground::settle(tx, &policy, *who, today, ACTOR, noon(today))?;
                erase::grant(tx, &policy, store.keys(), *who, &BTreeSet::new(), request, None, ACTOR, today, noon(today))
            }).unwrap();
            took.push(at.elapsed());
        }
        took.sort();
        println!("erase: p50 {:?}, worst {:?}", took[25], took[49]);
        store.write(|tx| {
            for who in people.iter().skip(50).take(1000) {
                person::end_category(tx, *who, "supplier", today)?;
                ground::settle(tx, &policy, *who, today, ACTOR, noon(today))?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        let at = Instant::now();
        let swept = sweep::run(store, &policy, date(2026, 6, 2), &|| noon(date(2026, 6, 2)), false).unwrap();
        println!("sweep: {:?} each of {} people, {} rows", at.elapsed() / swept.people.max(1), swept.people, swept.rows());

        let mut file = String::new();
        for n in 0..2_000_000_u32 {
            file.push_str(&format!("0{}\n", 1_000_000_000_u32 + (n.wrapping_mul(2_654_435_761) % 800_000_000)));
        }
        let at = Instant::now();
        let numbers = register::read(file.as_bytes()).unwrap();
        let reading = at.elapsed();
        store.write(|tx| register::load(tx, "tps", on, &numbers, None, noon(on))).unwrap();
        println!("register of {}: read {reading:?}, all {:?}", numbers.numbers.len(), at.elapsed());
        let at = Instant::now();
        for i in 0..1000 {
            store.read(|tx| register::listed(tx, "tps", &format!("+441{:09}", i * 7))).unwrap();
        }
        println!("look up: {:?}", at.elapsed() / 1000);
    }
}
