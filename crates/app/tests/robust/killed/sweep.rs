//! Sweeps: however often it was killed, in the end all is as if nobody had disturbed it.

use super::{BTreeSet, Copy, Kills, Store, Template, broken, count, sound};

/// Five years on nearly everything has run out.
const SWEEP: [&str; 3] = ["sweep", "--clock", "2031-12-01"];

fn rows(store: &Store) -> [i64; 8] {
    ["person", "item", "entry", "document", "engagement", "ground", "message", "consent"]
        .map(|table| count(store, &format!("SELECT count(*) FROM {table}")))
}

fn look(data: &Copy) -> ([i64; 8], BTreeSet<String>) {
    let instance = data.open();
    sound(&instance);
    instance.clock.set(instance.clock.at("2031-12-01".parse().unwrap(), 9));
    (rows(&instance.store), broken(&instance))
}

pub fn killed(template: &Template, enough: usize) {
    let control = template.copy();
    let before = rows(&control.open().store);
    let (takes, said) = control.timed(&SWEEP);
    said.well();
    let expected = look(&control);
    let went = before.iter().sum::<i64>() - expected.0.iter().sum::<i64>();
    assert!(went > 50, "hardly anything went: {before:?}, {expected:?}");
    let mut kills = Kills::of(&format!("sweep on {}", template.on()), enough);
    while kills.more() {
        let data = template.copy();
        // On a slow machine it might never come to its end before it is killed.
        for _ in 0..8 {
            if !kills.kill(&mut data.command(&SWEEP), takes) {
                break;
            }
            sound(&data.open());
        }
        data.run(&SWEEP).well();
        assert_eq!(look(&data), expected);
    }
    kills.end();
}

#[test]
fn a_sweep_goes_on_where_it_was_killed() {
    killed(Template::sqlite(), 8);
}
