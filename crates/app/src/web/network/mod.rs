//! Social networks: what the policy passes to them to promote us, of whom, and the list itself. Where the policy also promises
//! that nothing is shared for that, the page names both sentences and no list is made.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use policy::role::Deed;
use serde::Deserialize;
use store::hashed::{self, Network, Way};
use store::{Tx, disclosure};

use super::outreach::{people_page, shown, tabs};
use super::page::{Audience, Link, Page, Refused, Tab};
use super::{Answer, House, Visitor, error, frame, html, read, write};
use crate::acts::Acting;
use crate::acts::hashed as acts;
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "network/networks.html")]
struct Networks {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

struct Row {
    recipient: String,
    activity: String,
    kinds: String,
    given: String,
    refused: Option<Refused>,
    lists: Vec<Link>,
}

#[derive(Template)]
#[template(path = "network/list.html")]
struct List {
    page: Page,
    network: String,
    recipient: String,
    activity: String,
    kinds: String,
    base: String,
    audience: Audience,
    may_go: bool,
}

/// Which people of an audience.
#[derive(Deserialize, Clone)]
pub struct Of {
    of: String,
}

/// To whom, under which activity, for which network: the words of an address.
pub type Named = (String, String, String);

/// A name as part of an address.
fn slug(name: &str) -> String {
    name.replace(' ', "-")
}

/// The address of the list of a way for a network.
#[must_use]
pub fn address(way: &Way<'_>, network: Network) -> String {
    format!("/networks/{}/{}/{}", slug(&way.recipient.name), slug(&way.activity.name), network.name())
}

/// The way and the network that an address names.
///
/// # Errors
/// [`Fault::NotFound`] if the policy has no such way, or there is no such network.
pub fn named<'p>(acting: &'p Acting<'_>, named: &Named) -> Result<(Way<'p>, Network), Fault> {
    let (recipient, activity, network) = named;
    let network = Network::named(network).ok_or(Fault::NotFound)?;
    let mut ways = hashed::ways(&acting.policy).into_iter();
    let way = ways
        .find(|way| slug(&way.recipient.name) == *recipient && slug(&way.activity.name) == *activity)
        .ok_or(Fault::NotFound)?;
    Ok((way, network))
}

/// The networks that take something of what goes this way.
#[must_use]
pub fn networks(acting: &Acting<'_>, way: &Way<'_>) -> Vec<Network> {
    let all = Network::ALL.iter().map(|(network, ..)| *network);
    all.filter(|network| !acts::goes(&acting.policy, way, *network).is_empty()).collect()
}

/// `GET /networks`.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let ways = hashed::ways(&acting.policy);
        html(&Networks {
            page: frame::page(acting, "Social networks", "outreach", &path),
            tabs: tabs(&acting.policy, "/networks"),
            rows: ways.iter().map(|way| row(acting, tx, way)).collect::<Result<_, Fault>>()?,
        })
    })
    .await
}

fn row(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>) -> Result<Row, Fault> {
    let mut refused = None;
    let mut lists = Vec::new();
    for network in networks(acting, way).into_iter().filter(|_| acting.may(Deed::Export)) {
        match acts::may_go(acting, way, network) {
            Ok(()) => lists
                .push(Link { href: address(way, network), words: format!("A list for {}", network.words()) }),
            Err(Fault::Refused(refusal)) => refused = Some(error::refused(&refusal)),
            Err(fault) => return Err(fault),
        }
    }
    let (people, last) = disclosure::given(tx, way.with)?;
    Ok(Row {
        recipient: way.recipient.words.clone(),
        activity: way.activity.title.clone(),
        kinds: custody::refusal::kind_names(&acting.policy, way.kinds),
        given: match last {
            Some(last) => format!(
                "Hashes of {}, last on {}.",
                policy::count::counted(people.unsigned_abs(), "person"),
                frame::words(last)
            ),
            None => "Nothing.".to_owned(),
        },
        refused,
        lists,
    })
}

/// `GET /networks/{recipient}/{activity}/{network}`: of whom something would go, and of whom not.
pub async fn preview(house: House, visitor: Visitor, Path(asked): Path<Named>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let (way, network) = named(acting, &asked)?;
        let found = acts::audience(acting, tx, &way, network)?;
        let base = address(&way, network);
        html(&List {
            page: frame::page(acting, format!("A list for {}", network.words()), "outreach", &path),
            network: network.words().to_owned(),
            recipient: way.with.to_owned(),
            activity: way.activity.title.clone(),
            kinds: custody::refusal::kind_names(&acting.policy, acts::goes(&acting.policy, &way, network)),
            audience: shown(&found, &base, true),
            may_go: !found.will.is_empty(),
            base,
        })
    })
    .await
}

/// `GET /networks/{recipient}/{activity}/{network}/people`.
pub async fn people(
    house: House,
    visitor: Visitor,
    Path(asked): Path<Named>,
    Query(asks): Query<Of>,
) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let (way, network) = named(acting, &asked)?;
        let found = acts::audience(acting, tx, &way, network)?;
        let back = (address(&way, network), "The list".to_owned());
        people_page(acting, tx, &found, &asks.of, back, "outreach", &path)
    })
    .await
}

/// `POST /networks/{recipient}/{activity}/{network}`: the list. That it went is written down before it goes.
pub async fn take(house: House, visitor: Visitor, Path(asked): Path<Named>) -> Answer<Response> {
    let sheet = write(house, &visitor, move |acting, tx| {
        let (way, network) = named(acting, &asked)?;
        acts::run(acting, tx, &way, network)
    })
    .await?;
    Ok(file(sheet))
}

/// A list as an answer.
#[must_use]
pub fn file(sheet: acts::Sheet) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", sheet.name)),
    ];
    (headers, sheet.csv).into_response()
}
