//! Social networks: what the policy passes to them to promote us, of whom, and the list itself. Where the policy also promises
//! that nothing is shared for that, the page names both sentences and no list is made.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use policy::role::Deed;
use store::Tx;
use store::hashed::{self, Network, Way};

use super::outreach::{people_page, tabs};
use super::page::{Link, Page, Refused, Tab};
use super::sheet::{self, Of, What, slug};
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

/// To whom, under which activity, for which network: the words of an address.
pub type Named = (String, String, String);

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
    Ok(Row {
        recipient: way.recipient.words.clone(),
        activity: way.activity.title.clone(),
        kinds: custody::refusal::kind_names(&acting.policy, way.kinds),
        given: sheet::given(tx, "Hashes", way.with)?,
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
        let heading = format!("A list for {}", network.words());
        let what = What {
            back: Link { href: "/networks".to_owned(), words: "Social networks".to_owned() },
            heading: heading.clone(),
            activity: way.activity.title.clone(),
            kinds: custody::refusal::kind_names(&acting.policy, acts::goes(&acting.policy, &way, network)),
            form: ", written as the network asks and hashed with SHA-256. Nothing else does.",
            will: "Will be in it",
            action: "Take the list",
            then: format!(
                "The list is made once and not kept here. That it went to {} is written down for each person, and you are asked to have it \
                 confirmed that what did not match was deleted. Put each new list in the place of the one before, so that nobody stays in \
                 the audience who may be there no more.",
                way.with
            ),
        };
        sheet::preview(frame::page(acting, heading, "outreach", &path), what, &found, base)
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
    taken(house, &visitor, asked).await
}

/// The list as an answer: its parts are written down in steps, so that nobody who writes something waits for all of them.
pub(super) async fn taken(house: House, visitor: &Visitor, asked: Named) -> Answer<Response> {
    let asked = Arc::new(asked);
    let way = Arc::clone(&asked);
    let whom = read(house.clone(), visitor, move |acting, tx| {
        let (way, network) = named(acting, &way)?;
        acts::whom(acting, tx, &way, network)
    });
    let mut rows = Vec::new();
    for some in whom.await?.chunks(acts::AT_ONCE) {
        let (some, way) = (some.to_vec(), Arc::clone(&asked));
        let part = write(house.clone(), visitor, move |acting, tx| {
            let (way, network) = named(acting, &way)?;
            acts::part(acting, tx, (&way, network), &some)
        });
        rows.extend(part.await?);
    }
    let list = write(house, visitor, move |acting, tx| {
        let (way, network) = named(acting, &asked)?;
        acts::sheet(acting, tx, (&way, network), &rows)
    });
    let list = list.await?;
    Ok(sheet::csv(&list.name, list.csv.into_bytes()))
}
