//! The address book on a phone (CardDAV, RFC 6352): `/dav/`, read and never written. The phone's own password says whose it is; who is in
//! the book, and what stands on a card, is decided anew each time ([`crate::acts::phone`]), and whose cards are handed over goes into the
//! log. Lists name people by number and say nothing of them.

mod answer;
mod asked;

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use custody::id::PersonId;

use self::answer::{Multi, refused, said};
use self::asked::{CARD, DAV, Filter, Prop, Props, Report, SERVER};
use super::{House, Visitor, blocking};
use crate::acts::Acting;
use crate::acts::phone::{self, Book};
use crate::attempts::household;
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::print::card::{self, Card, Version};

/// Where it begins.
const ROOT: &str = "/dav/";
/// Whoever asks.
const ME: &str = "/dav/me/";
/// Where their address books are.
const HOME: &str = "/dav/books/";
/// The address book.
const BOOK: &str = "/dav/books/people/";

/// What a phone may do with anything here.
const READ: &str = "<D:privilege><D:read/></D:privilege>";

/// A resource, by its address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Resource {
    Root,
    Me,
    Home,
    Book,
    Card(PersonId),
}

impl Resource {
    fn at(path: &str) -> Option<Self> {
        match path.trim_end_matches('/') {
            "/dav" => return Some(Self::Root),
            "/dav/me" => return Some(Self::Me),
            "/dav/books" => return Some(Self::Home),
            "/dav/books/people" => return Some(Self::Book),
            _ => {}
        }
        let number = path.strip_prefix(BOOK)?.strip_suffix(".vcf")?;
        number.parse().ok().map(|id| Self::Card(PersonId(id)))
    }

    fn href(self) -> String {
        match self {
            Self::Root => ROOT.to_owned(),
            Self::Me => ME.to_owned(),
            Self::Home => HOME.to_owned(),
            Self::Book => BOOK.to_owned(),
            Self::Card(who) => format!("{BOOK}{who}.vcf"),
        }
    }

    /// The names of what every resource of its sort says of itself.
    fn says(self) -> Vec<Prop> {
        let names: &[&str] = match self {
            Self::Card(_) => &["resourcetype", "getetag", "getcontenttype"],
            Self::Book => &["resourcetype", "displayname", "sync-token", "supported-report-set"],
            Self::Me => &["resourcetype", "displayname", "principal-URL"],
            Self::Root | Self::Home => &["resourcetype", "displayname"],
        };
        names.iter().map(|name| Prop::of(DAV, name)).collect()
    }
}

/// One request of a phone.
struct Call {
    method: Method,
    path: String,
    /// The address it comes from, or of IPv6 the home that it belongs to.
    from: String,
    email: String,
    password: String,
    depth: Option<String>,
    accept: String,
    known: Option<String>,
    body: Bytes,
}

/// `/.well-known/carddav` (RFC 6764).
pub async fn well_known() -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, ROOT)]).into_response()
}

/// `/dav/` and all below it.
pub async fn answer(
    State(house): House,
    visitor: Visitor,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method == Method::OPTIONS {
        return offered();
    }
    if !matches!(method.as_str(), "GET" | "HEAD" | "PROPFIND" | "REPORT") {
        return refused(StatusCode::FORBIDDEN, "<D:need-privileges/>");
    }
    if !visitor.secure && !house.is_practice() {
        let words = "The password would go over the network for everybody to read: ask by https.\n";
        // Said to be HTML so that no page is put in its place.
        return (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], words)
            .into_response();
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Some((email, password)) = header("authorization").as_deref().and_then(basic) else {
        return who_are_you();
    };
    let call = Call {
        method,
        path: visitor.path.split('?').next().unwrap_or_default().to_owned(),
        from: household(visitor.from.address.as_deref().unwrap_or("unknown")),
        email,
        password,
        depth: header("depth"),
        accept: header("accept").unwrap_or_default(),
        known: header("if-none-match"),
        body,
    };
    match blocking(move || answered(&house, &call)).await {
        Ok(response) => response,
        // The book has grown too large since it was switched on.
        Err(Fault::Invalid(_)) => {
            refused(StatusCode::INSUFFICIENT_STORAGE, "<D:number-of-matches-within-limits/>")
        }
        Err(Fault::NotFound) => refused(StatusCode::NOT_FOUND, ""),
        Err(fault) => {
            tracing::error!(%fault, "an address book could not be answered");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "")
        }
    }
}

fn offered() -> Response {
    let dav = HeaderValue::from_static("1, 3, addressbook");
    let allow = HeaderValue::from_static("OPTIONS, GET, HEAD, PROPFIND, REPORT");
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert("dav", dav);
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

fn who_are_you() -> Response {
    let mut response = refused(StatusCode::UNAUTHORIZED, "");
    let basic = HeaderValue::from_static("Basic realm=\"Probity address book\", charset=\"UTF-8\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
    response
}

/// Name and password of `Authorization: Basic` (RFC 7617).
fn basic(value: &str) -> Option<(String, String)> {
    let (how, rest) = value.split_once(' ')?;
    if !how.eq_ignore_ascii_case("basic") {
        return None;
    }
    let plain = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    plain.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
}

fn answered(instance: &Instance, call: &Call) -> Result<Response, Fault> {
    let Some(entered) = phone::enter(instance, &call.email, &call.password)? else {
        // Whoever guesses waits, as at the door for people; a phone that has an old password shuts that door to nobody.
        return Ok(match instance.sign_ins.count(&format!("phone {}", call.from), machine()) {
            Ok(()) => who_are_you(),
            Err(_) => {
                let mut later = refused(StatusCode::TOO_MANY_REQUESTS, "");
                later.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("900"));
                later
            }
        });
    };
    let resource = Resource::at(&call.path).ok_or(Fault::NotFound)?;
    let asks_for_people = !matches!(resource, Resource::Root | Resource::Me);
    let (response, views, people) = instance.store.read(|tx| {
        let Some(account) = entered.account.clone() else {
            let over = Shelf { instance, acting: None, book: Book::default() };
            return Ok((over.respond(resource, call)?, Vec::new(), 0));
        };
        let acting = Acting::staff(instance, account)?;
        let book = match asks_for_people {
            true => phone::book(&acting, tx, &entered.phone)?,
            false => Book::default(),
        };
        let people = book.cards.len();
        let shelf = Shelf { instance, acting: Some(&acting), book };
        let response = shelf.respond(resource, call)?;
        drop(shelf);
        Ok::<_, Fault>((response, acting.into_views(), people))
    })?;
    instance.store.note(views)?;
    let lists = resource == Resource::Book
        && (call.method.as_str() == "REPORT" || call.depth.as_deref() == Some("1"));
    if lists && response.status().is_success() {
        phone::looked(instance, &entered, people)?;
    }
    Ok(response)
}

/// An address book as a phone sees it; over, if nobody looks.
struct Shelf<'a> {
    instance: &'a Instance,
    acting: Option<&'a Acting<'a>>,
    book: Book,
}

impl Shelf<'_> {
    fn respond(&self, resource: Resource, call: &Call) -> Result<Response, Fault> {
        if let Resource::Card(who) = resource
            && self.book.card(who).is_none()
        {
            return Ok(refused(StatusCode::NOT_FOUND, ""));
        }
        let body = std::str::from_utf8(&call.body).unwrap_or("no text");
        match (call.method.as_str(), resource) {
            ("PROPFIND", _) => Ok(self.properties(resource, call.depth.as_deref(), body)),
            ("REPORT", Resource::Book) => self.report(body),
            ("REPORT", _) => Ok(refused(StatusCode::FORBIDDEN, "<D:supported-report/>")),
            (_, Resource::Card(who)) => self.card(who, call),
            _ => Ok(refused(StatusCode::METHOD_NOT_ALLOWED, "")),
        }
    }

    fn properties(&self, resource: Resource, depth: Option<&str>, body: &str) -> Response {
        let below = match depth {
            Some("0") => false,
            Some("1") => true,
            _ => return refused(StatusCode::FORBIDDEN, "<D:propfind-finite-depth/>"),
        };
        let Some(props) = asked::propfind(body) else { return refused(StatusCode::BAD_REQUEST, "") };
        let mut all = vec![resource];
        match resource {
            _ if !below => {}
            Resource::Root => all.extend([Resource::Me, Resource::Home]),
            Resource::Home => all.push(Resource::Book),
            Resource::Book => all.extend(self.book.cards.iter().map(|card| Resource::Card(card.person))),
            Resource::Me | Resource::Card(_) => {}
        }
        let mut multi = Multi::new();
        for one in all {
            self.say(&mut multi, one, &props, None);
        }
        multi.response()
    }

    /// Says of a resource what was asked, with what stands on a card where that is opened.
    fn say(&self, multi: &mut Multi, one: Resource, props: &Props, data: Option<&str>) {
        let (mut has, mut has_not) = (Vec::new(), Vec::new());
        match props {
            Props::Names => has.extend(one.says().into_iter().map(|prop| (prop, String::new()))),
            Props::All => {
                let known =
                    one.says().into_iter().filter_map(|prop| Some((self.value(one, &prop, data)?, prop)));
                has.extend(known.map(|(value, prop)| (prop, value)));
            }
            Props::These(these) => {
                for prop in these {
                    match self.value(one, prop, data) {
                        Some(value) => has.push((prop.clone(), value)),
                        None => has_not.push(prop.clone()),
                    }
                }
            }
        }
        multi.found(&one.href(), &has, &has_not);
    }

    /// A property, in XML; nothing if the resource has none of it.
    fn value(&self, one: Resource, prop: &Prop, data: Option<&str>) -> Option<String> {
        let href = |path: &str| format!("<D:href>{path}</D:href>");
        let is = |space: &str, name: &str| prop.is(space, name);
        if is(DAV, "resourcetype") {
            let kinds = match one {
                Resource::Card(_) => "",
                Resource::Book => "<D:collection/><C:addressbook/>",
                Resource::Me => "<D:collection/><D:principal/>",
                Resource::Root | Resource::Home => "<D:collection/>",
            };
            return Some(kinds.to_owned());
        }
        if is(DAV, "current-user-principal") || is(DAV, "owner") {
            return Some(href(ME));
        }
        if is(DAV, "current-user-privilege-set") {
            return Some(READ.to_owned());
        }
        match (one, prop.space.as_str(), prop.name.as_str()) {
            (Resource::Book, ..) => self.value_of_book(prop),
            (Resource::Card(who), DAV, "getetag") => {
                Some(said(&format!("\"{}\"", self.book.card(who)?.etag)))
            }
            (Resource::Card(_), DAV, "getcontenttype") => Some("text/vcard; charset=utf-8".to_owned()),
            (Resource::Card(_), CARD, "address-data") => data.map(said),
            (Resource::Me, DAV, "displayname") => Some("You".to_owned()),
            (Resource::Me, DAV, "principal-URL") => Some(href(ME)),
            (Resource::Me, CARD, "addressbook-home-set") => Some(href(HOME)),
            (Resource::Root | Resource::Home, DAV, "displayname") => Some("Address books".to_owned()),
            _ => None,
        }
    }

    fn value_of_book(&self, prop: &Prop) -> Option<String> {
        let name = || said(&self.instance.policy().name);
        let reports = || {
            let each = ["<C:addressbook-multiget/>", "<C:addressbook-query/>", "<D:sync-collection/>"];
            let one = |report: &str| {
                format!("<D:supported-report><D:report>{report}</D:report></D:supported-report>")
            };
            each.map(one).concat()
        };
        let forms = || {
            let one = |version: &str| {
                format!("<C:address-data-type content-type=\"text/vcard\" version=\"{version}\"/>")
            };
            ["3.0", "4.0"].map(one).concat()
        };
        match (prop.space.as_str(), prop.name.as_str()) {
            (DAV, "displayname") => Some(name()),
            (DAV, "sync-token") | (SERVER, "getctag") => Some(self.token()),
            (DAV, "supported-report-set") => Some(reports()),
            (CARD, "supported-address-data") => Some(forms()),
            (CARD, "addressbook-description") => Some(format!("People of {}, to be read", name())),
            _ => None,
        }
    }

    /// What the whole of the book is now.
    fn token(&self) -> String {
        format!("urn:probity:book:{}", self.book.state(self.instance))
    }

    fn report(&self, body: &str) -> Result<Response, Fault> {
        let Some(asked) = asked::report(body) else {
            return Ok(refused(StatusCode::FORBIDDEN, "<D:supported-report/>"));
        };
        let all: Vec<PersonId> = self.book.cards.iter().map(|card| card.person).collect();
        let (mut multi, mut end) = (Multi::new(), String::new());
        let wanted = match &asked.report {
            Report::Cards(hrefs) => {
                let (mut wanted, mut seen) = (Vec::new(), BTreeSet::new());
                for href in hrefs {
                    // As an address or as a path.
                    let path = href.parse::<Uri>().ok().map(|uri| uri.path().to_owned());
                    match path.as_deref().and_then(Resource::at) {
                        // However often it is asked for, a card is handed over once.
                        Some(Resource::Card(who)) if seen.contains(&who) => {}
                        Some(Resource::Card(who)) if self.book.card(who).is_some() => {
                            seen.insert(who);
                            wanted.push(who);
                        }
                        _ => multi.only(href, StatusCode::NOT_FOUND),
                    }
                }
                wanted
            }
            Report::Fitting(filter, most) => {
                let mut fitting = self.fitting(filter, &all)?;
                if most.is_some_and(|most| fitting.len() > most) {
                    fitting.truncate(most.unwrap_or_default());
                    multi.only(BOOK, StatusCode::INSUFFICIENT_STORAGE);
                }
                fitting
            }
            Report::Changes(token, most) => {
                end = format!("<D:sync-token>{}</D:sync-token>", self.token());
                if token.is_empty() {
                    if most.is_some_and(|most| all.len() > most) {
                        let condition = "<D:number-of-matches-within-limits/>";
                        return Ok(refused(StatusCode::INSUFFICIENT_STORAGE, condition));
                    }
                    all
                } else if *token == self.token() {
                    Vec::new()
                } else {
                    // What was in it then is kept nowhere: the phone compares everything, and lets go of whoever is not there.
                    return Ok(refused(StatusCode::FORBIDDEN, "<D:valid-sync-token/>"));
                }
            }
        };
        let with_data = matches!(&asked.props, Props::These(these) if these.iter().any(|prop| prop.is(CARD, "address-data")));
        // That somebody was found by what stands on their card says as much of them as the words that were searched for.
        let searched = matches!(&asked.report, Report::Fitting(filter, _) if !filter.is_open());
        let opened = if with_data || searched { self.open(&wanted, true)? } else { Vec::new() };
        for who in wanted {
            let text =
                opened.iter().find(|(whose, _)| *whose == who).map(|(_, card)| card.text(asked.version));
            self.say(&mut multi, Resource::Card(who), &asked.props, text.as_deref());
        }
        multi.end(&end);
        Ok(multi.response())
    }

    /// Those of these people whose cards fit. What is opened to find out goes nowhere, and is noted of nobody.
    fn fitting(&self, filter: &Filter, all: &[PersonId]) -> Result<Vec<PersonId>, Fault> {
        if filter.is_open() {
            return Ok(all.to_vec());
        }
        let opened = self.open(all, false)?;
        Ok(opened.into_iter().filter(|(_, card)| filter.fits(card)).map(|(who, _)| who).collect())
    }

    /// The cards of these people, in clear; that they are handed over is noted.
    fn open(&self, wanted: &[PersonId], handed_over: bool) -> Result<Vec<(PersonId, Card)>, Fault> {
        let Some(acting) = self.acting else { return Ok(Vec::new()) };
        let Some(grant) = self.book.opening(acting, wanted)? else { return Ok(Vec::new()) };
        if handed_over {
            acting.opens("phone.read", &grant);
        }
        let keys = self.instance.store.keys();
        let mut opened = Vec::with_capacity(wanted.len());
        for who in wanted.iter().copied().filter(|who| grant.people().contains_key(who)) {
            let held = self.book.held(acting, &grant, who);
            opened.push((who, Card::of(&acting.policy, &grant, &card::uid_of(keys, who), &held)?));
        }
        Ok(opened)
    }

    /// One card, as a file.
    fn card(&self, who: PersonId, call: &Call) -> Result<Response, Fault> {
        let Some(listed) = self.book.card(who) else { return Ok(refused(StatusCode::NOT_FOUND, "")) };
        let etag = format!("\"{}\"", listed.etag);
        let tag = HeaderValue::from_str(&etag).map_err(|error| Fault::Other(error.to_string()))?;
        if call.known.as_deref() == Some(etag.as_str()) {
            return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
        }
        let opened = self.open(&[who], true)?;
        let Some((_, card)) = opened.first() else { return Ok(refused(StatusCode::NOT_FOUND, "")) };
        let version = if call.accept.contains("version=4.0") { Version::Four } else { Version::Three };
        let kind = HeaderValue::from_static("text/vcard; charset=utf-8");
        let headers = [(header::CONTENT_TYPE, kind), (header::ETAG, tag)];
        Ok((headers, card.text(version)).into_response())
    }
}
