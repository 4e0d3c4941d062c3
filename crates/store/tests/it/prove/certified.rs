//! Whatever went has its certificate, for as long as the policy keeps those.

use custody::proof::Obligation;
use jiff::civil::{Date, date};
use store::{Store, prove, sweep};

use super::run_sql;
use crate::harness::policy;
use crate::story::{complete, noon, tara};

fn look(store: &Store, rule: &str, day: Date) -> prove::Seen {
    let policy = policy();
    let obligation = Obligation::Certified { rule: policy.rule_keyed(rule).unwrap().id };
    prove::obligation(store, &policy, &obligation, noon(day), day).unwrap()
}

fn night(store: &Store, day: Date) {
    sweep::run(store, &policy(), day, &|| noon(day), false).unwrap();
}

/// Keeps the certificates beside the table, to be put back.
const ASIDE: &str =
    "CREATE TABLE aside AS SELECT * FROM certificate; CREATE TABLE hashes AS SELECT * FROM certificate_hash;
    DELETE FROM certificate_hash; DELETE FROM certificate";
const BACK: &str = "INSERT INTO certificate SELECT * FROM aside; INSERT INTO certificate_hash SELECT * FROM hashes; DROP TABLE aside; DROP TABLE hashes";

both! {
    fn a_certificate_that_is_not_there_or_says_otherwise_is_named(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        let day = date(2026, 10, 1);
        night(store, day);
        let seen = look(store, "coaching", day);
        assert!(seen.broken.is_empty(), "{seen:?}");
        assert_eq!(seen.figure, "1 time that something went, each with its certificate");
        let number = store.read(|tx| tx.one("SELECT id FROM certificate", &[], |row| row.int(0))).unwrap();

        run_sql(store, ASIDE);
        let said = format!("certificate {number} of what went on 2026-10-01 is not there");
        assert_eq!(look(store, "coaching", day).broken, std::slice::from_ref(&said));
        // The clause that keeps certificates answers for all of them, another for its own alone.
        assert_eq!(look(store, "proof/consent record, certificate", day).broken, [said]);
        assert!(look(store, "suppliers", day).broken.is_empty());
        run_sql(store, BACK);
        assert!(look(store, "coaching", day).broken.is_empty());

        run_sql(store, "UPDATE certificate SET counts = '{\"name\":1}'");
        let said = format!("certificate {number} does not say what the log says went");
        assert_eq!(look(store, "coaching", day).broken, [said]);
    }

    fn a_certificate_whose_own_time_is_over_is_not_missing(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        night(store, date(2026, 10, 1));
        let after = date(2032, 10, 2);
        night(store, after);
        let left = store.read(|tx| tx.one("SELECT COUNT(*) FROM certificate WHERE on_date = '2026-10-01'", &[], |row| row.int(0))).unwrap();
        assert_eq!(left, 0);
        assert!(look(store, "coaching", after).broken.is_empty());
        // The log says so itself: another policy may have kept them for longer since.
        assert!(look(store, "coaching", date(2026, 10, 2)).broken.is_empty());
        run_sql(store, "UPDATE log_event SET body = replace(body, 'certificates_through', 'x') WHERE act = 'let go'");
        assert_eq!(look(store, "coaching", date(2026, 10, 2)).broken.len(), 1);
    }
}
