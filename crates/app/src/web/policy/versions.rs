//! `/policy/versions`: every version with its days, who adopted it, to whom its notice was shown, and what each said
//! differently from the one before. What has not begun can be taken back here.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use policy::diff;
use policy::role::Deed;
use store::policy_version;

use crate::acts::adoption as acts;
use crate::instance::read_policy;
use crate::web::page::{Page, Tab};
use crate::web::public::when;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

#[derive(Template)]
#[template(path = "policy/versions.html")]
struct Versions {
    page: Page,
    tabs: Vec<Tab>,
    may_change: bool,
    draft: String,
    rows: Vec<Row>,
}

struct Row {
    number: u32,
    when: String,
    by: String,
    href: String,
    changes: Vec<String>,
    shown: String,
    shown_href: String,
    withdraw: String,
}

/// `GET /policy/versions`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let all = policy_version::all(tx)?;
        let staff = store::staff::all(tx)?;
        let may_change = acting.may(Deed::ManagePolicy);
        let mut rows = Vec::with_capacity(all.len());
        for (at, adopted) in all.iter().enumerate() {
            let policy = read_policy(adopted.files.clone())?;
            let changes = match all.get(at + 1) {
                Some(before) => diff::diff(&read_policy(before.files.clone())?, &policy),
                None => Vec::new(),
            };
            let by = staff.iter().find(|account| Some(account.id) == adopted.by);
            let on = frame::words(acting.instance.clock.on(adopted.at));
            let shown = policy_version::shown_count(tx, adopted.version)?;
            rows.push(Row {
                number: adopted.version,
                when: when(&all, adopted, acting.today),
                by: match by {
                    Some(account) => format!("Adopted by {} on {on}", account.name),
                    None => format!("This instance began with it on {on}"),
                },
                href: format!("/privacy/versions/{}", adopted.version),
                changes: changes.iter().map(diff::Change::sentence).collect(),
                shown: match shown {
                    0 => "Nobody is on record as having been shown its notice.".to_owned(),
                    1 => "Its notice was shown to somebody once.".to_owned(),
                    many => format!("Its notice was shown {many} times."),
                },
                shown_href: match shown {
                    0 => String::new(),
                    _ if !may_change => String::new(),
                    _ => format!("/policy/versions/{}/shown", adopted.version),
                },
                withdraw: if may_change && acting.today < adopted.from && all.len() > 1 && at == 0 {
                    format!("/policy/versions/{}/withdrawal", adopted.version)
                } else {
                    String::new()
                },
            });
        }
        let draft = acts::draft(tx)?
            .filter(|_| may_change)
            .map_or_else(String::new, |draft| format!("There is a draft, saved by {}.", draft.by));
        html(&Versions {
            page: frame::page(acting, "Versions of the policy", "policy", &path),
            tabs: super::tabs(&acting.policy, acting.today, "/policy/versions"),
            may_change,
            draft,
            rows,
        })
    })
    .await
}

/// `GET /policy/versions/{number}`: the notice of that version stands where everybody can read it.
pub async fn one(Path(number): Path<u32>) -> Redirect {
    Redirect::to(&format!("/privacy/versions/{number}"))
}

/// `POST /policy/versions/{number}/withdrawal`.
pub async fn withdraw(house: House, visitor: Visitor, Path(number): Path<u32>) -> Answer<Response> {
    write(house, &visitor, move |acting, tx| acts::withdraw(acting, tx, number)).await?;
    Ok(Redirect::to("/policy/versions?said=undone").into_response())
}
