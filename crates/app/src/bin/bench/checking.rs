//! Checking: a policy of two thousand lines read and held against the law, beside cutting the same text into words.

use std::fmt::Write as _;
use std::hint::black_box;

use app::cli::Failure;
use policy::Policy;
use policy::source::File;

use super::measure::{Row, Target, median, timed};
use super::seed::{Seeded, TODAY};

/// How long the policy is made.
const LINES: usize = 2_000;

/// The policy in force, made longer by activities like those it has.
pub fn check(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let policy = seeded.instance.policy();
    let missing = || Failure("the policy has no text or no category".to_owned());
    let mut text = policy.files.first().ok_or_else(missing)?.text.clone();
    let category = &policy.categories.first().ok_or_else(missing)?.name;
    let mut number = 0;
    while text.lines().count() < LINES {
        number += 1;
        let _ = write!(
            text,
            "\nactivity more {number} \"More work, {number}\"\n  for {category}\n  so that \"we can do this, too\"\n  \
             purpose ServiceProvision\n  basis contract\n  data name, email\n  from the person\n  \
             keep 1 year after last contact\n  then erase\n"
        );
    }
    let file = File { name: "long.policy".to_owned(), text };
    let (mut took, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (ms, found) = timed(|| {
            let (policy, found) = Policy::read(vec![file.clone()]);
            let Some(policy) = policy else {
                return Err(Failure(policy::diagnostic::render(&found, std::slice::from_ref(&file), false)));
            };
            Ok(policy::check::check(&policy, TODAY).len())
        })?;
        black_box(found);
        took.push(ms);
        let (ms, lines) = timed(|| Ok(policy::lex::lex(0, &file.text).0.len()))?;
        black_box(lines);
        plain.push(ms);
    }
    let name = format!("check a policy of {} lines", file.text.lines().count());
    Ok(vec![Row::held(name, median(&took), "ms", Some(median(&plain)), Target::Most(50.0))])
}
