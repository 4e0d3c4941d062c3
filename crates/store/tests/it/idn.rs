//! An address whose domain has letters beyond ASCII is one, in whichever of its two spellings it is typed, and what an earlier
//! release kept of it in letters is found.

use std::collections::BTreeSet;

use jiff::civil::date;
use store::item::{self, NewItem};
use store::suppression::{self, Forbids, Lifted};
use store::{Error, params, person};

use crate::harness::policy;
use crate::story::noon;

const ASCII: &str = "office@xn--mnchen-3ya.example";
const LETTERS: &str = "Office@M\u{fc}nchen.example";
/// What an earlier release compared it in.
const BEFORE: &str = "office@m\u{fc}nchen.example";

both! {
    fn both_spellings_are_one_address_and_what_was_kept_before_is_found(store) {
        let policy = policy();
        let on = date(2026, 11, 3);
        let keys = store.keys();
        let email = policy.kind_named("email").unwrap().id;
        let who = store.write(|tx| {
            let who = person::add(tx, noon(on))?;
            let new = NewItem {
                person: who,
                kind: email,
                value: LETTERS,
                source: "the person",
                collected_on: on,
                import: None,
                by: None,
            };
            item::add(tx, &policy, &new, noon(on))?;
            Ok::<_, Error>(who)
        }).unwrap();
        for spelt in [ASCII, LETTERS] {
            assert_eq!(store.read(|tx| item::having(tx, "email", spelt)).unwrap(), [who], "{spelt}");
        }
        // As an earlier release left it.
        store.write(|tx| {
            tx.exec("UPDATE item SET normal = ?2 WHERE person_id = ?1", params![who, BEFORE])?;
            let old = keys.hash("email", BEFORE);
            suppression::add_hash(tx, ("email", &old), Forbids::Marketing, on, "by letter", noon(on)).map(drop)
        }).unwrap();
        for spelt in [ASCII, LETTERS] {
            assert_eq!(store.read(|tx| item::having(tx, "email", spelt)).unwrap(), [who], "{spelt}");
            assert!(store.read(|tx| suppression::bars(tx, keys, "email", spelt, true, false)).unwrap(), "{spelt}");
        }
        let barred = || store.read(|tx| suppression::barred(tx, keys, &[who], "email", true, false)).unwrap();
        assert_eq!(barred(), BTreeSet::from([who]));
        store.write(|tx| suppression::lift_person(tx, keys, who, Forbids::Marketing, Lifted::All, on)).unwrap();
        assert_eq!(barred(), BTreeSet::new());
    }
}
