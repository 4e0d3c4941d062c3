//! The register as JSON-LD in the W3C Data Privacy Vocabulary (DPV) 2.3, with its GDPR extension for what the law
//! calls things.

use serde_json::{Map, Value, json};

use crate::activity::{Activity, Purpose};
use crate::basis::{Basis, ConsentForm};
use crate::kind::{Kind, Sensitivity};
use crate::notice::{self, slug};
use crate::phrase::{Phrase, Voice, rule_words};
use crate::policy::{Category, Policy, Processor, Stated};
use crate::rule::{Disposal, Rule};

/// The register of a policy as one JSON-LD document.
#[must_use]
pub fn to_jsonld(policy: &Policy) -> Value {
    json!({ "@context": context(), "@graph": graph(policy, &Iri::of_policy(policy)) })
}

/// What one activity does, with everything it refers to, for a document that says more of it.
#[derive(Clone, Debug)]
pub struct Described {
    /// What the terms mean.
    pub context: Value,
    /// The identity of what the activity does.
    pub process: String,
    /// The identity of the controller.
    pub controller: String,
    /// Every node that is led to from there.
    pub nodes: Vec<Value>,
}

/// What an activity of a policy does, as the register says it.
#[must_use]
pub fn described(policy: &Policy, activity: &Activity) -> Described {
    let iri = Iri::of_policy(policy);
    let process = iri.of("activity", &activity.name);
    let mut left = graph(policy, &iri);
    let mut wanted = vec![process.clone()];
    let mut nodes = Vec::new();
    while let Some(id) = wanted.pop() {
        let is = |node: &Value| node.get("@id").and_then(Value::as_str) == Some(id.as_str());
        let Some(at) = left.iter().position(is) else { continue };
        let node = left.swap_remove(at);
        mentioned(&node, &mut wanted);
        nodes.push(node);
    }
    let mut context = context();
    if let Value::Object(terms) = &mut context {
        terms.insert("loc".to_owned(), "https://w3id.org/dpv/loc#".into());
    }
    Described { context, process, controller: iri.controller(), nodes }
}

/// The identities that stand anywhere in a node.
fn mentioned(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with(URN) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| mentioned(value, found)),
        Value::Object(object) => object.values().for_each(|value| mentioned(value, found)),
        _ => {}
    }
}

fn graph(policy: &Policy, iri: &Iri) -> Vec<Value> {
    let mut graph = vec![register(policy, iri), controller(policy, iri)];
    graph.extend(policy.activities.iter().map(|activity| process(policy, iri, activity)));
    graph.extend(policy.processors.iter().map(|processor| works_for_us(policy, iri, processor)));
    graph.extend(policy.recipients.iter().map(|body| {
        json!({
            "@id": iri.of("recipient", &body.name),
            "@type": ["dpv:LegalEntity", "dpv:Recipient"],
            "hasName": body.words,
        })
    }));
    graph.extend(policy.categories.iter().map(|category| subject(iri, category)));
    graph.extend(policy.kinds.iter().map(|kind| data(iri, kind)));
    graph
}

/// How the identities begin.
const URN: &str = "urn:probity:";

/// Names of this version's things.
struct Iri(String);

impl Iri {
    fn of_policy(policy: &Policy) -> Self {
        Self(format!("{URN}{}:{}", slug(&policy.name), policy.version))
    }

    fn controller(&self) -> String {
        format!("{}:controller", self.0)
    }

    fn of(&self, sort: &str, name: &str) -> String {
        format!("{}:{sort}:{}", self.0, slug(name))
    }
}

fn context() -> Value {
    let mut context = Map::new();
    for (prefix, iri) in [
        ("dpv", "https://w3id.org/dpv#"),
        ("eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#"),
        ("dct", "http://purl.org/dc/terms/"),
        ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
        ("skos", "http://www.w3.org/2004/02/skos/core#"),
        ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ] {
        context.insert(prefix.to_owned(), iri.into());
    }
    for term in [
        "hasProcess",
        "hasPurpose",
        "hasLegalBasis",
        "hasPersonalData",
        "hasDataSubject",
        "hasDataController",
        "hasDataProcessor",
        "hasRecipient",
        "hasProcessing",
        "hasRight",
        "hasTechnicalOrganisationalMeasure",
        "hasDataProtectionOfficer",
        "hasStorageCondition",
        "hasDuration",
        "hasAssessment",
        "hasLocation",
        "hasDataSource",
    ] {
        context.insert(term.to_owned(), json!({ "@id": format!("dpv:{term}"), "@type": "@id" }));
    }
    for term in ["hasName", "hasContact", "hasAddress", "hasIdentifier"] {
        context.insert(term.to_owned(), json!({ "@id": format!("dpv:{term}") }));
    }
    context.insert("title".to_owned(), json!({ "@id": "dct:title", "@language": "en-GB" }));
    context.insert("description".to_owned(), json!({ "@id": "dct:description", "@language": "en-GB" }));
    context.insert("valid".to_owned(), json!({ "@id": "dct:valid", "@type": "xsd:date" }));
    context.insert("version".to_owned(), json!({ "@id": "dct:hasVersion" }));
    context.into()
}

fn register(policy: &Policy, iri: &Iri) -> Value {
    json!({
        "@id": iri.0,
        "@type": "dpv:RecordsOfActivities",
        "title": format!("Register of processing of {}", policy.controller),
        "version": policy.version.to_string(),
        "valid": policy.from.to_string(),
        "hasDataController": iri.controller(),
        "hasProcess": policy.activities.iter().map(|activity| iri.of("activity", &activity.name)).collect::<Vec<_>>(),
    })
}

fn controller(policy: &Policy, iri: &Iri) -> Value {
    let mut node = json!({
        "@id": iri.controller(),
        "@type": "dpv:DataController",
        "hasName": policy.controller,
        "hasContact": policy.contact.email,
    });
    if let Value::Object(node) = &mut node {
        if let Some(address) = &policy.contact.address {
            node.insert("hasAddress".to_owned(), address.clone().into());
        }
        if let Stated::Yes(number) = &policy.registered {
            node.insert("hasIdentifier".to_owned(), number.clone().into());
        }
        if let Stated::Yes(name) = &policy.officer {
            let mut officer = json!({ "@type": "dpv:DataProtectionOfficer", "hasName": name });
            if let (Some(contact), Value::Object(officer)) = (&policy.officer_contact, &mut officer) {
                officer.insert("hasContact".to_owned(), contact.email.clone().into());
            }
            node.insert("hasDataProtectionOfficer".to_owned(), officer);
        }
    }
    node
}

fn process(policy: &Policy, iri: &Iri, activity: &Activity) -> Value {
    let purpose =
        Purpose::ALL.iter().find(|(purpose, _)| *purpose == activity.purpose).map_or("", |(_, name)| name);
    let kinds: Vec<String> = activity
        .kinds
        .iter()
        .filter_map(|id| policy.kind(id))
        .map(|kind| iri.of("data", &kind.name))
        .collect();
    let people: Vec<String> = activity
        .for_whom
        .iter()
        .filter_map(|whom| policy.categories.get(whom.category.index()))
        .map(|category| iri.of("people", &category.name))
        .collect();
    let rules = || activity.rules.iter().filter_map(|id| policy.rules.get(id.index()));
    let shared = activity.shares.iter().map(|share| share.with.as_str());
    let mut bodies: Vec<&str> = shared.chain(rules().filter_map(|rule| rule.outsider(policy))).collect();
    bodies.sort_unstable();
    bodies.dedup();
    let recipients: Vec<Value> = bodies.into_iter().map(|body| recipient(policy, iri, body)).collect();
    let processors =
        policy.processors.iter().filter(|processor| !processor.kinds.and(activity.kinds).is_empty());
    let mut does = vec!["dpv:Collect", "dpv:Store", "dpv:Use"];
    if !recipients.is_empty() {
        does.push("dpv:Share");
    }
    let mut node = json!({
        "@id": iri.of("activity", &activity.name),
        "@type": "dpv:Process",
        "title": activity.title,
        "hasDataController": iri.controller(),
        "hasPurpose": { "@type": format!("dpv:{purpose}"), "description": activity.so_that.clone().unwrap_or_else(|| activity.title.clone()) },
        "hasLegalBasis": basis(policy, activity),
        "hasPersonalData": kinds,
        "hasDataSubject": people,
        "hasProcessing": does,
        "hasStorageCondition": rules().map(|rule| storage(policy, iri, rule)).collect::<Vec<_>>(),
        "hasRight": rights(activity),
    });
    if let Value::Object(node) = &mut node {
        let processors: Vec<String> =
            processors.map(|processor| iri.of("processor", &processor.name)).collect();
        let sources: Vec<Value> = activity
            .from
            .iter()
            .map(|from| json!({ "@type": "dpv:DataSource", "description": from }))
            .collect();
        for (name, values) in [
            ("hasRecipient", recipients),
            ("hasDataProcessor", processors.into_iter().map(Value::from).collect()),
            ("hasDataSource", sources),
        ] {
            if !values.is_empty() {
                node.insert(name.to_owned(), values.into());
            }
        }
        if let Basis::LegitimateInterests { assessed: Some(file), last, .. } = &activity.basis {
            let mut assessment = Map::new();
            assessment.insert("@type".to_owned(), "dpv:LegitimateInterestAssessment".into());
            assessment.insert("title".to_owned(), file.clone().into());
            if let Some(last) = last {
                assessment.insert("valid".to_owned(), last.to_string().into());
            }
            node.insert("hasAssessment".to_owned(), assessment.into());
        }
    }
    node
}

fn recipient(policy: &Policy, iri: &Iri, with: &str) -> Value {
    let known = policy.recipients.iter().any(|body| body.name == with);
    if known {
        return iri.of("recipient", with).into();
    }
    json!({ "@type": "dpv:Recipient", "description": notice::receiver(policy, with) })
}

fn basis(policy: &Policy, activity: &Activity) -> Value {
    let types: Vec<&str> = match &activity.basis {
        Basis::Consent { form: ConsentForm::Explicit, .. } => vec!["eu-gdpr:A6-1-a-explicit-consent"],
        Basis::Consent { .. } => vec!["eu-gdpr:A6-1-a"],
        Basis::Contract { at_request: true } => vec!["eu-gdpr:A6-1-b-enter-into-contract"],
        Basis::Contract { .. } => vec!["eu-gdpr:A6-1-b-contract-performance"],
        Basis::LegalObligation { .. } => vec!["eu-gdpr:A6-1-c"],
        Basis::VitalInterests => vec!["eu-gdpr:A6-1-d"],
        Basis::PublicTask { .. } => vec!["eu-gdpr:A6-1-e"],
        // The United Kingdom alone has it (UK GDPR Art 6(1)(ea)); the vocabulary has no narrower name.
        Basis::RecognisedInterest { .. } => vec!["dpv:LegitimateInterest"],
        Basis::LegitimateInterests { .. } => vec!["eu-gdpr:A6-1-f"],
    };
    let mut bases = vec![json!({ "@type": types, "description": notice::basis(policy, activity) })];
    bases.extend(activity.conditions.iter().map(|condition| {
        let letter = condition
            .known
            .special
            .and_then(|law| law.split_once("9(2)("))
            .and_then(|(_, rest)| rest.chars().next());
        let sort = letter.map_or("dpv:LegalBasis".to_owned(), |letter| format!("eu-gdpr:A9-2-{letter}"));
        json!({ "@type": [sort], "description": condition.name.as_deref().unwrap_or(condition.known.words) })
    }));
    bases.into()
}

fn rights(activity: &Activity) -> Vec<&'static str> {
    let mut rights = vec!["eu-gdpr:A13", "eu-gdpr:A14", "eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A18"];
    if !notice::required(activity) {
        rights.push("eu-gdpr:A17");
    }
    if notice::portable(activity) {
        rights.push("eu-gdpr:A20");
    }
    if notice::opposable(activity) || activity.purpose == Purpose::DirectMarketing {
        rights.push("eu-gdpr:A21");
    }
    if notice::withdrawable(activity) {
        rights.push("eu-gdpr:A7-3");
    }
    rights
}

fn storage(policy: &Policy, iri: &Iri, rule: &Rule) -> Value {
    let (sort, value) = match &rule.phrase {
        Phrase::After { period, .. } | Phrase::Review { period, .. } => {
            ("dpv:TemporalDuration", Some(period.to_string()))
        }
        Phrase::Indefinitely => ("dpv:IndeterminateDuration", None),
        _ => ("dpv:UntilEventDuration", None),
    };
    let words = rule_words(policy, rule, Voice::They);
    let mut duration = json!({ "@type": sort, "description": words });
    if let (Value::Object(duration), Some(value)) = (&mut duration, value) {
        duration.insert("rdf:value".to_owned(), json!({ "@value": value, "@type": "xsd:duration" }));
    }
    let then = match rule.then {
        Disposal::Anonymise | Disposal::Count => "dpv:Anonymise",
        _ => "dpv:Erase",
    };
    let kinds: Vec<String> =
        rule.kinds.iter().filter_map(|id| policy.kind(id)).map(|kind| iri.of("data", &kind.name)).collect();
    json!({
        "@type": "dpv:StorageCondition",
        "description": words,
        "hasDuration": duration,
        "hasPersonalData": kinds,
        "hasProcessing": then,
    })
}

fn works_for_us(policy: &Policy, iri: &Iri, processor: &Processor) -> Value {
    let kinds: Vec<String> = policy
        .kinds
        .iter()
        .filter(|kind| processor.kinds.contains(kind.id))
        .map(|kind| iri.of("data", &kind.name))
        .collect();
    let mut node = json!({
        "@id": iri.of("processor", &processor.name),
        "@type": "dpv:DataProcessor",
        "hasName": processor.name,
        "description": processor.does,
        "hasPersonalData": kinds,
        "hasLocation": { "@type": "dpv:Country", "title": processor.place },
    });
    if let (Value::Object(node), Some(safeguard)) = (&mut node, &processor.safeguard) {
        let measure = json!({ "@type": "dpv:SafeguardForDataTransfer", "description": safeguard });
        node.insert("hasTechnicalOrganisationalMeasure".to_owned(), measure);
    }
    node
}

fn subject(iri: &Iri, category: &Category) -> Value {
    json!({
        "@id": iri.of("people", &category.name),
        "@type": "dpv:DataSubject",
        "title": category.name,
        "description": category.words,
    })
}

fn data(iri: &Iri, kind: &Kind) -> Value {
    let sort = match kind.sensitivity {
        Sensitivity::Special => vec!["dpv:PersonalData", "dpv:SpecialCategoryPersonalData"],
        Sensitivity::Criminal | Sensitivity::Confidential | Sensitivity::Financial => {
            vec!["dpv:PersonalData", "dpv:SensitivePersonalData"]
        }
        Sensitivity::Ordinary => vec!["dpv:PersonalData"],
    };
    json!({
        "@id": iri.of("data", &kind.name),
        "@type": sort,
        "title": kind.name,
        "description": kind.words,
    })
}
