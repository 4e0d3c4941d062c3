//! What a program asks of an address book, read from its XML: which properties, of whom, and which cards fit (WebDAV, RFC 4918; CardDAV,
//! RFC 6352; changes, RFC 6578). Entities are never followed, and what is too deep or too much is not read.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

use crate::print::card::{Card, Version};

/// The namespace of WebDAV.
pub const DAV: &str = "DAV:";
/// The namespace of CardDAV.
pub const CARD: &str = "urn:ietf:params:xml:ns:carddav";
/// The namespace of what servers of calendars added.
pub const SERVER: &str = "http://calendarserver.org/ns/";

/// How deep a question may be, how many elements it may have, and how many attributes one of them.
const DEPTH_MAX: usize = 16;
const ELEMENTS_MAX: usize = 20_000;
const ATTRIBUTES_MAX: usize = 32;

/// How long a name or a namespace may be. Each element that inherits one has it for itself, and each card gives it back.
const NAME_BYTES_MAX: usize = 100;

/// How many properties may be asked for: whatever is asked is answered of every card.
const PROPS_MAX: usize = 50;

/// A property by its namespace and name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prop {
    /// Its namespace.
    pub space: String,
    /// Its name.
    pub name: String,
}

impl Prop {
    /// A property of these names.
    #[must_use]
    pub fn of(space: &str, name: &str) -> Self {
        Self { space: space.to_owned(), name: name.to_owned() }
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is(&self, space: &str, name: &str) -> bool {
        self.space == space && self.name == name
    }
}

/// Which properties are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Props {
    /// What every resource says.
    All,
    /// Only their names.
    Names,
    /// These.
    These(Vec<Prop>),
}

/// What is asked by `REPORT`.
pub enum Report {
    /// The cards at these addresses.
    Cards(Vec<String>),
    /// The cards that fit, so many of them at most.
    Fitting(Filter, Option<usize>),
    /// What has changed since a token; everything without one.
    Changes(String, Option<usize>),
}

/// A question by `REPORT`.
pub struct Asked {
    /// What is asked.
    pub report: Report,
    /// Which properties of it.
    pub props: Props,
    /// In which version cards are wanted.
    pub version: Version,
}

struct Element {
    prop: Prop,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn child(&self, space: &str, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.prop.is(space, name))
    }

    fn children<'e>(&'e self, space: &'e str, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.prop.is(space, name))
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An element that begins, by its namespace.
fn begun(space: &ResolveResult<'_>, start: &BytesStart<'_>) -> Option<Element> {
    let space = match space {
        ResolveResult::Bound(Namespace(name)) => short(name)?,
        _ => String::new(),
    };
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok().filter(|_| attributes.len() < ATTRIBUTES_MAX)?;
        let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
        attributes.push((name, attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned()));
    }
    let name = short(start.local_name().as_ref())?;
    Some(Element { prop: Prop { space, name }, attributes, children: Vec::new(), text: String::new() })
}

/// A name, or a namespace, that is no longer than one is.
fn short(name: &[u8]) -> Option<String> {
    (name.len() <= NAME_BYTES_MAX).then(|| String::from_utf8_lossy(name).into_owned())
}

/// The root of an XML document; nothing if it is none.
fn tree(body: &str) -> Option<Element> {
    let mut reader = NsReader::from_str(body);
    let (mut open, mut root, mut count) = (Vec::<Element>::new(), None, 0);
    loop {
        let (space, event) = reader.read_resolved_event().ok()?;
        let ended = match event {
            Event::Start(start) => {
                open.push(begun(&space, &start)?);
                count += 1;
                None
            }
            Event::Empty(start) => {
                count += 1;
                Some(begun(&space, &start)?)
            }
            Event::End(_) => Some(open.pop()?),
            Event::Text(said) => {
                if let Some(within) = open.last_mut() {
                    within.text.push_str(&said.decode().ok()?);
                }
                None
            }
            Event::CData(said) => {
                if let Some(within) = open.last_mut() {
                    within.text.push_str(&said.decode().ok()?);
                }
                None
            }
            Event::GeneralRef(said) => {
                let within = open.last_mut()?;
                match said.resolve_char_ref().ok()? {
                    Some(letter) => within.text.push(letter),
                    None => within
                        .text
                        .push_str(quick_xml::escape::resolve_predefined_entity(&said.decode().ok()?)?),
                }
                None
            }
            Event::DocType(_) => return None,
            Event::Eof => return root.filter(|_| open.is_empty()),
            _ => None,
        };
        if open.len() > DEPTH_MAX || count > ELEMENTS_MAX {
            return None;
        }
        match (ended, open.last_mut()) {
            (Some(element), Some(within)) => within.children.push(element),
            (Some(element), None) => root = Some(element),
            (None, _) => {}
        }
    }
}

/// The properties that an element asks for; nothing if they are too many.
fn props(within: &Element) -> Option<Props> {
    if within.child(DAV, "propname").is_some() {
        return Some(Props::Names);
    }
    match within.child(DAV, "prop") {
        Some(named) if named.children.len() > PROPS_MAX => None,
        Some(named) => Some(Props::These(named.children.iter().map(|child| child.prop.clone()).collect())),
        None => Some(Props::All),
    }
}

/// What `PROPFIND` asks for; nothing if its body is no such question.
#[must_use]
pub fn propfind(body: &str) -> Option<Props> {
    if body.trim().is_empty() {
        return Some(Props::All);
    }
    let root = tree(body)?;
    if root.prop.is(DAV, "propfind") { props(&root) } else { None }
}

/// What `REPORT` asks; nothing if it is none that an address book answers.
#[must_use]
pub fn report(body: &str) -> Option<Asked> {
    let root = tree(body)?;
    let most = |space: &str| {
        let limit = root.child(space, "limit")?.child(space, "nresults")?;
        limit.text.trim().parse().ok()
    };
    let report = if root.prop.is(CARD, "addressbook-multiget") {
        Report::Cards(root.children(DAV, "href").map(|href| href.text.trim().to_owned()).collect())
    } else if root.prop.is(CARD, "addressbook-query") {
        Report::Fitting(Filter::of(root.child(CARD, "filter")), most(CARD))
    } else if root.prop.is(DAV, "sync-collection") {
        let token = root.child(DAV, "sync-token").map_or("", |token| token.text.trim());
        Report::Changes(token.to_owned(), most(DAV))
    } else {
        return None;
    };
    let data = root.child(DAV, "prop").and_then(|props| props.child(CARD, "address-data"));
    let version = data.and_then(|data| data.attribute("version")).and_then(Version::named);
    Some(Asked { report, props: props(&root)?, version: version.unwrap_or(Version::Three) })
}

/// Which cards fit (RFC 6352, section 10.5).
#[derive(Default)]
pub struct Filter {
    all: bool,
    of: Vec<OfProp>,
}

/// What is asked of one property.
struct OfProp {
    name: String,
    /// Whether it is asked that it is not there at all.
    absent: bool,
    all: bool,
    texts: Vec<Text>,
}

/// Which words a value has.
struct Text {
    words: String,
    how: String,
    not: bool,
}

impl Filter {
    fn of(filter: Option<&Element>) -> Self {
        let Some(filter) = filter else { return Self::default() };
        let of = filter.children(CARD, "prop-filter").map(|asked| OfProp {
            name: asked.attribute("name").unwrap_or_default().to_uppercase(),
            absent: asked.child(CARD, "is-not-defined").is_some(),
            all: asked.attribute("test") == Some("allof"),
            texts: asked
                .children(CARD, "text-match")
                .map(|text| Text {
                    words: text.text.to_lowercase(),
                    how: text.attribute("match-type").unwrap_or("contains").to_owned(),
                    not: text.attribute("negate-condition") == Some("yes"),
                })
                .collect(),
        });
        Self { all: filter.attribute("test") == Some("allof"), of: of.collect() }
    }

    /// Whether it asks for everybody.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.of.is_empty()
    }

    /// Whether a card fits.
    #[must_use]
    pub fn fits(&self, card: &Card) -> bool {
        let mut each = self.of.iter().map(|asked| asked.fits(&card.values(&asked.name)));
        self.of.is_empty() || if self.all { each.all(|fits| fits) } else { each.any(|fits| fits) }
    }
}

impl OfProp {
    fn fits(&self, values: &[&str]) -> bool {
        if self.absent || self.texts.is_empty() {
            return values.is_empty() == self.absent;
        }
        let mut each = self.texts.iter().map(|text| text.fits(values));
        if self.all { each.all(|fits| fits) } else { each.any(|fits| fits) }
    }
}

impl Text {
    fn fits(&self, values: &[&str]) -> bool {
        let has = values.iter().map(|value| value.to_lowercase()).any(|value| match self.how.as_str() {
            "equals" => value == self.words,
            "starts-with" => value.starts_with(&self.words),
            "ends-with" => value.ends_with(&self.words),
            _ => value.contains(&self.words),
        });
        has != self.not
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_read_by_their_namespace_however_it_is_called() {
        let asked = propfind(
            "<?xml version=\"1.0\"?><x:propfind xmlns:x=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:carddav\"><x:prop><x:getetag/>\
             <c:addressbook-home-set></c:addressbook-home-set><other xmlns=\"urn:x\"/></x:prop></x:propfind>",
        );
        let these = vec![
            Prop::of(DAV, "getetag"),
            Prop::of(CARD, "addressbook-home-set"),
            Prop::of("urn:x", "other"),
        ];
        assert_eq!(asked, Some(Props::These(these)));
        assert_eq!(propfind(""), Some(Props::All));
        assert_eq!(propfind("<propfind xmlns='DAV:'><propname/></propfind>"), Some(Props::Names));
    }

    #[test]
    fn what_is_no_question_is_none() {
        let long = "a".repeat(101);
        let worn: Vec<String> = (0..33).map(|n| format!("a{n}=''")).collect();
        let many = |prop: &str, times: usize| {
            format!("<propfind xmlns='DAV:'><prop>{}</prop></propfind>", prop.repeat(times))
        };
        let deep = format!("<propfind xmlns='DAV:'>{}{}</propfind>", "<a>".repeat(30), "</a>".repeat(30));
        for body in [
            "nonsense",
            "<propfind/>",
            "<propfind xmlns='DAV:'>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><propfind xmlns='DAV:'><prop/></propfind>",
            "<propfind xmlns='DAV:'><prop>&b;</prop></propfind>",
            deep.as_str(),
            many("<a/>", 51).as_str(),
            many(&format!("<a xmlns='{long}'/>"), 1).as_str(),
            many(&format!("<{long}/>"), 1).as_str(),
            many(&format!("<a {}/>", worn.join(" ")), 1).as_str(),
        ] {
            assert_eq!(propfind(body), None, "{body}");
        }
        assert!(propfind(&many("<a/>", 50)).is_some());
        assert!(report("<expand-property xmlns='DAV:'/>").is_none());
        let changes = many("<a/>", 51).replace("propfind", "sync-collection");
        assert!(report(&changes).is_none() && report(&changes.replacen("<a/>", "", 1)).is_some());
    }

    #[test]
    fn reports_say_what_they_want() {
        let asked = report(
            "<C:addressbook-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:prop><D:getetag/>\
             <C:address-data content-type='text/vcard' version='4.0'/></D:prop><D:href>/dav/a%26b.vcf</D:href>\
             <D:href> /dav/c&amp;d.vcf </D:href></C:addressbook-multiget>",
        )
        .unwrap();
        assert_eq!(asked.version, Version::Four);
        assert!(matches!(asked.report, Report::Cards(hrefs) if hrefs == ["/dav/a%26b.vcf", "/dav/c&d.vcf"]));
        let asked = report(
            "<sync-collection xmlns='DAV:'><sync-token>data:7</sync-token><sync-level>1</sync-level><limit><nresults>9</nresults>\
             </limit><prop><getetag/></prop></sync-collection>",
        )
        .unwrap();
        assert!(matches!(asked.report, Report::Changes(token, Some(9)) if token == "data:7"));
    }
}
