//! `/policy/versions/{number}/shown`: to whom a version of the notice was shown, on which day and how. Whom a role may not
//! see it does not name.

use askama::Template;
use axum::extract::{Path, Query};
use custody::{Grant, Sealed};
use policy::role::Deed;
use serde::Deserialize;
use store::person;
use store::policy_version::{self, How};

use crate::web::page::{Day, Page, Pager, Tab};
use crate::web::people::grant;
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read};

/// How many a page lists.
const PAGE: u32 = 100;

#[derive(Template)]
#[template(path = "policy/shown.html")]
struct ShownTo {
    page: Page,
    tabs: Vec<Tab>,
    grant: Grant,
    number: u32,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    on: Day,
    href: String,
    name: Option<Sealed>,
    how: String,
}

/// After which one to read on.
#[derive(Deserialize)]
pub struct Asks {
    after: Option<i64>,
}

/// `GET /policy/versions/{number}/shown`.
pub async fn get(
    house: House,
    visitor: Visitor,
    Path(number): Path<u32>,
    Query(asks): Query<Asks>,
) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManagePolicy)?;
        policy_version::notice(tx, number)?;
        let shown = policy_version::shown(tx, number, asks.after, PAGE)?;
        let more = shown.len() == PAGE as usize;
        let older = shown
            .last()
            .filter(|_| more)
            .map_or_else(String::new, |last| format!("/policy/versions/{number}/shown?after={}", last.id));
        let mut people: Vec<_> = shown.iter().map(|shown| shown.person).collect();
        people.sort_unstable();
        people.dedup();
        let people = person::within(tx, &acting.reach(), people)?;
        let lives = acting.lives(tx, &people)?;
        let grant = grant(acting, &lives)?;
        let names = person::names(tx, &acting.policy, &people)?;
        let rows = shown.into_iter().map(|shown| Row {
            on: frame::day(shown.on, acting.today),
            href: format!("/people/{}", shown.person),
            name: names
                .iter()
                .find(|name| name.person() == shown.person && name.open(&grant).is_ok())
                .cloned(),
            how: match shown.how {
                How::Agreed(activity) => {
                    let title =
                        acting.policy.activity_named(&activity).map(|activity| activity.title.clone());
                    format!("when they agreed to \u{201c}{}\u{201d}", title.unwrap_or(activity))
                }
                How::Told(way) => format!("told {}", way.words()),
            },
        });
        let rows = rows.collect();
        acting.opens("people.listed", &grant);
        html(&ShownTo {
            page: frame::page(acting, "Who was shown the notice", "policy", &path),
            tabs: super::tabs(&acting.policy, acting.today, "/policy/versions"),
            grant,
            number,
            rows,
            pager: Pager { older, ..Pager::default() },
        })
    })
    .await
}
