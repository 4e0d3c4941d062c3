//! A request for a copy that waits for its person while what is kept of theirs has ended: after three months somebody
//! decides, and until they do the proof says so.

use app::acts::request::{Outcome, Who};
use app::acts::{request as desk, waiting};
use app::print;
use custody::id::{PersonId, RequestId};
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use std::path::Path;
use store::request::{self, Move};

use super::house::{House, invalid, on_both};
use super::pack::pdf_text;

/// Two years after the last contact; all but what other purposes need is due on the days after.
const ASKED: Date = date(2028, 10, 20);

/// Tara asked to see what is held, and we asked her what exactly.
fn paused(house: &House) -> (PersonId, RequestId) {
    let tara = house.tara();
    house.go_to(ASKED);
    let asked = house.opened("access", Who::Held(tara));
    house.act(|acting, tx| desk::moved(acting, tx, asked, Move::Paused, acting.today)).unwrap();
    (tara, asked)
}

fn night(house: &House, day: Date) -> store::sweep::Report {
    house.go_to(day);
    let at = house.instance.clock.at(day, 2);
    store::sweep::run(&house.instance.store, &house.instance.policy(), day, &|| at, false).unwrap()
}

/// What the proof finds of the clauses of which something is kept, on a day.
fn found(house: &House, tara: PersonId, day: Date) -> Vec<String> {
    house.go_to(day);
    let policy = house.instance.policy();
    let kept =
        "SELECT DISTINCT rule FROM ground WHERE person_id = ?1 AND state = 'stopped' AND swept_at IS NULL";
    let rules = house.read(|tx| tx.all(kept, &[tara.0.into()], |row| row.text(0)));
    assert!(!rules.is_empty());
    let look = |rule: &String| {
        let obligation = Obligation::HoldsAnswered { rule: policy.rule_keyed(rule).unwrap().id };
        let now = house.instance.clock.now();
        store::prove::obligation(&house.instance.store, &policy, &obligation, now, day).unwrap().broken
    };
    rules.iter().flat_map(look).collect()
}

#[test]
fn after_three_months_somebody_decides_what_becomes_of_it() {
    on_both(|house| {
        let (tara, asked) = paused(house);
        let kept = night(house, date(2028, 12, 28));
        assert!(kept.rows() == 0 && kept.for_requests > 0, "{kept:?}");
        let waits =
            |house: &House| house.act(|acting, tx| waiting::kept_for(acting, tx, asked)).unwrap().unwrap();
        let one = waits(house);
        assert_eq!((one.since, one.asks_from, one.decide_by), (ASKED, date(2029, 1, 21), date(2029, 2, 3)));
        assert!(one.owner.is_some(), "somebody by name");
        assert_eq!(night(house, date(2029, 2, 3)).rows(), 0, "a person decides, not the night");
        assert_eq!(found(house, tara, date(2029, 2, 3)), Vec::<String>::new());
        let broken = found(house, tara, date(2029, 2, 4));
        let said = format!(
            "request {asked} of person {tara} has waited for them since 2028-10-20, and nobody decided by 2029-02-03 what becomes of what is kept for it"
        );
        assert!(!broken.is_empty() && broken.iter().all(|found| *found == said), "{broken:?}");

        // Kept on: with a reason, and not for ever.
        let keep = |until: Date, why: &str| {
            house.act(|acting, tx| waiting::keep_on(acting, tx, asked, (until, why)))
        };
        assert!(invalid(&keep(date(2029, 4, 30), " ").unwrap_err(), "kept-why"));
        assert!(invalid(&keep(date(2029, 5, 5), "she is abroad").unwrap_err(), "kept-until"));
        assert!(invalid(&keep(date(2029, 2, 4), "she is abroad").unwrap_err(), "kept-until"));
        keep(date(2029, 4, 30), "she is abroad until April").unwrap();
        assert_eq!(found(house, tara, date(2029, 2, 5)), Vec::<String>::new());
        let one = waits(house);
        assert_eq!(
            (one.asks_from, one.decide_by, one.kept_until),
            (date(2029, 4, 16), date(2029, 4, 30), Some(date(2029, 4, 30)))
        );
        let steps = house.read(|tx| {
            request::steps(tx, &house.instance.policy(), &request::one(tx, &house.instance.policy(), asked)?)
        });
        assert!(steps.iter().any(|step| step.step == "kept on" && step.note.is_some() && step.by.is_some()));
        assert_eq!(night(house, date(2029, 4, 30)).rows(), 0);
        assert!(!found(house, tara, date(2029, 5, 1)).is_empty(), "its day has passed as well");

        // Answered: what waited goes in the night after.
        house.known(asked);
        house
            .act(|acting, tx| {
                desk::noted(acting, tx, asked, "pack made", "")?;
                desk::answer(acting, tx, asked, Outcome::Done, ("by post, with what we had", acting.today))
            })
            .unwrap();
        assert!(night(house, date(2029, 5, 2)).rows() > 0);
        let nothing = house.act(|acting, tx| waiting::kept_for(acting, tx, asked)).unwrap();
        assert_eq!(nothing, None);
    });
}

#[test]
fn the_pack_says_of_what_has_ended_when_and_why_it_is_still_here() {
    on_both(|house| {
        let (_, asked) = paused(house);
        night(house, date(2029, 1, 10));
        let pack = house.pack(asked);
        let ended: Vec<_> =
            pack.activities.iter().filter(|held| held.title.ends_with("what has ended")).collect();
        // What it was kept for last: that we were in touch at all.
        let last = ended.iter().find(|held| held.activity == "correspondence").unwrap();
        assert_eq!(last.kinds, ["contact record"]);
        let until = last.until.as_deref().unwrap();
        assert!(until.starts_with("until ") && until.contains("that time has ended"), "{until}");
        assert!(until.contains("only because you asked to see it"), "{until}");
        // Each kind of what is in the pack stands under an activity.
        for item in &pack.items {
            assert!(pack.activities.iter().any(|held| held.kinds.contains(&item.kind)), "{}", item.kind);
        }
        let rendered = tokio::runtime::Runtime::new().unwrap().block_on(print::run_with(
            Path::new(env!("CARGO_BIN_EXE_probity")),
            ::print::Template::Pack,
            &pack,
            0,
        ));
        if let Some(text) = pdf_text(&rendered.unwrap()) {
            for words in ["what has ended", "that time has ended", "only because you asked to see it"] {
                assert!(text.contains(words), "the PDF lacks {words}: {text}");
            }
        }
    });
}
