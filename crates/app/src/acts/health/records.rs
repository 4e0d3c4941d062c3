//! What the DNS has to say of the domain that mail comes from, so that mail is believed: who may send for it (SPF, RFC 7208), the key
//! that signs (DKIM, RFC 6376), and what becomes of mail that neither vouches for (DMARC, RFC 9989 and 7489). What stands there,
//! what is wrong with it, and what to put where, in sentences. Looking is asking somebody else: nothing here is done by itself.

use std::collections::BTreeSet;

use super::{Line, failed, needs, well};
use crate::config::{Config, SetUp, Smtp};
use crate::mail::dkim::{Signer, record_name};
use crate::mail::dns::Resolver;

/// How many further questions a record may make of whoever reads it (RFC 7208, 4.6.4).
const QUESTIONS_MAX: usize = 10;
/// How far up it is looked for what holds for a domain within another.
const PARENTS_MAX: usize = 4;

/// What was found under a name, or why nothing could be.
type Found = Result<Vec<String>, String>;

/// Looks up what the DNS says of every domain that mail comes from, and says of each record how it is. It blocks, and no transaction
/// may be open.
#[must_use]
pub fn all(config: &Config) -> Vec<Line> {
    let Some(smtp) = &config.smtp else { return Vec::new() };
    let mut lines = looked_up(smtp);
    let answered = lines.len() > 1;
    // What is signed, and what becomes of mail that nobody vouches for, holds below a domain too. Who may send does not.
    let below: BTreeSet<String> = config.senders.iter().filter_map(SetUp::domain).collect();
    let resolver = Resolver::of(smtp.resolver);
    for domain in below.iter().filter(|domain| answered && **domain != smtp.domain()) {
        lines.push(spf(smtp, domain, resolver.texts(domain)));
    }
    lines
}

/// Looks up the three records of the domain of `from` and says of each how it is. It blocks, and no transaction may be open.
#[must_use]
pub fn looked_up(smtp: &Smtp) -> Vec<Line> {
    let domain = smtp.domain();
    if !crate::config::is_name(&domain) || !domain.contains('.') {
        return vec![needs(format!(
            "Mail comes from `{domain}`, which is no domain that the DNS could say anything of: set `from` in probity.toml to an \
             address that others can answer."
        ))];
    }
    let resolver = Resolver::of(smtp.resolver);
    let about = resolver.texts(&domain);
    let unanswered = about.is_err();
    let mut lines = vec![spf(smtp, &domain, about)];
    if !unanswered {
        lines.push(dkim(smtp, &domain, &resolver));
        lines.push(dmarc(&domain, &resolver));
    }
    lines
}

/// The records of a kind among the texts under a name.
fn of_kind(texts: Vec<String>, begins: &str) -> Vec<String> {
    let is = |text: &String| {
        let head = text.get(..begins.len()).is_some_and(|head| head.eq_ignore_ascii_case(begins));
        head && text
            .get(begins.len()..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ';', '\t']))
    };
    texts.into_iter().filter(is).collect()
}

fn put(name: &str, value: &str) -> String {
    format!("Put this there, as one record of the kind TXT under {name}: \u{201c}{value}\u{201d}.")
}

/// Who may send mail for the domain.
fn spf(smtp: &Smtp, domain: &str, found: Found) -> Line {
    let records = match found {
        Ok(texts) => of_kind(texts, "v=spf1"),
        Err(why) => return failed(format!("The records of {domain} could not be looked up: {why}.")),
    };
    let host = &smtp.host;
    let here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    let names = match host.parse::<std::net::IpAddr>() {
        _ if here => "a mx".to_owned(),
        Ok(std::net::IpAddr::V4(address)) => format!("ip4:{address}"),
        Ok(std::net::IpAddr::V6(address)) => format!("ip6:{address}"),
        Err(_) => format!("a:{host}"),
    };
    let wanted = put(domain, &format!("v=spf1 {names} ~all"));
    let provider =
        "Where a provider sends for you, its `include:` goes in the place of what names the server.";
    let record = match records.as_slice() {
        [] => {
            return needs(format!(
                "SPF: nothing at {domain} says who may send mail for it. {wanted} {provider}"
            ));
        }
        [record] => record,
        several => {
            return failed(format!(
                "SPF: {} records stand at {domain}, and whoever reads them takes none: leave one, which names all that send.",
                several.len()
            ));
        }
    };
    let said = format!("SPF: at {domain} stands \u{201c}{record}\u{201d}");
    let words: Vec<String> = record.split_whitespace().skip(1).map(str::to_ascii_lowercase).collect();
    let plain = |word: &String| word.trim_start_matches(['+', '-', '~', '?']).to_owned();
    let asks = ["include:", "a", "mx", "ptr", "exists:", "redirect="];
    let questions = words
        .iter()
        .map(plain)
        .filter(|word| {
            asks.iter().any(|ask| match ask.ends_with([':', '=']) {
                true => word.starts_with(ask),
                false => {
                    word == ask
                        || word.starts_with(&format!("{ask}:"))
                        || word.starts_with(&format!("{ask}/"))
                }
            })
        })
        .count();
    if questions > QUESTIONS_MAX {
        return failed(format!(
            "{said}, which sends its reader on {questions} times: more than {QUESTIONS_MAX}, and it is taken for broken. Name fewer."
        ));
    }
    let last = words.iter().find(|word| plain(word) == "all").map(String::as_str);
    let elsewhere = words.iter().any(|word| word.starts_with("redirect="));
    match last {
        Some("all" | "+all") => {
            failed(format!("{said}: it lets anybody send for you. End it with `~all` or `-all`."))
        }
        Some("?all") => needs(format!(
            "{said}: it says nothing of whoever it does not name. End it with `~all` or `-all`."
        )),
        None if !elsewhere => needs(format!(
            "{said}: it says nothing of whoever it does not name. End it with `~all` or `-all`."
        )),
        Some(_) if words.len() == 1 => failed(format!(
            "{said}: nobody may send for {domain}, and so neither may we. {wanted} {provider}"
        )),
        _ => well(format!(
            "{said}. Whether it names the server that passes our mail on, {host} or whoever it hands it to, only you can see."
        )),
    }
}

/// The tags of a record: `v=DKIM1; k=rsa; p=...`.
fn tag<'r>(record: &'r str, name: &str) -> Option<&'r str> {
    record
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .find_map(|(known, value)| known.trim().eq_ignore_ascii_case(name).then(|| value.trim()))
}

/// The key in a record, as one word.
fn bare(record: &str) -> String {
    tag(record, "p").unwrap_or_default().replace(' ', "")
}

/// Whether two domains count as one to whoever asks for it: one lies within the other.
fn aligned(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
    one == other || within(one, other) || within(other, one)
}

/// The key that signs.
fn dkim(smtp: &Smtp, domain: &str, resolver: &Resolver) -> Line {
    let Some(set) = &smtp.dkim else {
        return needs(
            "DKIM: nothing says who signs our mail. Where the mail server does, say in probity.toml by which `selector` \
             (`[smtp.dkim]`); where it does not, `probity mail key` makes a key.",
        );
    };
    let signer = match Signer::of(smtp) {
        Ok(signer) => signer,
        Err(why) => return failed(format!("DKIM: {why}.")),
    };
    let signs_for = smtp.signs_for();
    let name = record_name(&set.selector, &signs_for);
    let ours = signer.as_ref().map(Signer::record);
    let wanted = ours.as_ref().map_or_else(
        || "What has to stand there only the mail server's provider knows.".to_owned(),
        |record| put(&name, record),
    );
    let texts = match resolver.texts(&name) {
        Ok(texts) => texts,
        Err(why) => return failed(format!("DKIM: {name} could not be looked up: {why}.")),
    };
    // The first tag may be missing (RFC 6376, 3.6.1).
    let keys: Vec<&String> = texts.iter().filter(|text| tag(text, "p").is_some()).collect();
    let record = match keys.as_slice() {
        [] => {
            return needs(format!(
                "DKIM: nothing at {name} says which key signs, so nobody believes it. {wanted}"
            ));
        }
        [record] => record,
        several => {
            let many = several.len();
            return failed(format!(
                "DKIM: {many} keys stand at {name}, and nobody knows which to take: leave one. {wanted}"
            ));
        }
    };
    let there = bare(record);
    if there.is_empty() {
        return failed(format!(
            "DKIM: the key at {name} is withdrawn, so what it signs counts as forged. {wanted}"
        ));
    }
    if ours.as_ref().is_some_and(|ours| bare(ours) != there) {
        return failed(format!(
            "DKIM: another key than ours stands at {name}, so what we sign counts as forged. {wanted}"
        ));
    }
    if !aligned(&signs_for, domain) {
        return needs(format!(
            "DKIM: the key at {name} signs for {signs_for}, and mail comes from {domain}: by DMARC that vouches for nothing. Leave \
             `domain` out of `[smtp.dkim]`."
        ));
    }
    if tag(record, "t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y")) {
        return needs(format!("DKIM: the key at {name} says that it is only tried (`t=y`): take that out."));
    }
    match ours {
        Some(_) => well(format!("DKIM: the key that signs our mail stands at {name}.")),
        None => {
            well(format!("DKIM: a key stands at {name}; that the mail server signs with it we do not see."))
        }
    }
}

/// What becomes of mail that nobody vouches for.
fn dmarc(domain: &str, resolver: &Resolver) -> Line {
    let mut over = Some(domain);
    for _ in 0..PARENTS_MAX {
        let Some(here) = over.filter(|over| over.contains('.')) else { break };
        let name = format!("_dmarc.{here}");
        let records = match resolver.texts(&name) {
            Ok(texts) => of_kind(texts, "v=DMARC1"),
            Err(why) => return failed(format!("DMARC: {name} could not be looked up: {why}.")),
        };
        match records.as_slice() {
            [] => over = here.split_once('.').map(|(_, parent)| parent),
            [record] => return asked_for(&name, record, here != domain),
            several => {
                return failed(format!(
                    "DMARC: {} records stand at {name}, and whoever reads them takes none: leave one.",
                    several.len()
                ));
            }
        }
    }
    let name = format!("_dmarc.{domain}");
    needs(format!(
        "DMARC: nothing at {name} says what is to become of mail in our name that nobody vouches for, and large providers take mail \
         to many only where it does. {} Once SPF and DKIM are well for some weeks, `p=quarantine` in its place keeps forgeries away.",
        put(&name, "v=DMARC1; p=none")
    ))
}

fn asked_for(name: &str, record: &str, above: bool) -> Line {
    let said = format!("DMARC: at {name} stands \u{201c}{record}\u{201d}");
    let asks = tag(record, "sp").filter(|_| above).or_else(|| tag(record, "p")).unwrap_or_default();
    match asks.to_ascii_lowercase().as_str() {
        "none" => well(format!(
            "{said}. It asks for nothing yet: once SPF and DKIM are well for some weeks, `p=quarantine` keeps forgeries away."
        )),
        "quarantine" | "reject" => well(format!("{said}.")),
        _ => failed(format!(
            "{said}, which does not say what is asked for, so it counts for nothing: put `p=none`, `p=quarantine` or `p=reject` after \
             `v=DMARC1`."
        )),
    }
}
