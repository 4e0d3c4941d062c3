//! UK GDPR Articles 13 and 14 as amended, one by one, against the notice of every policy shipped.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use std::path::PathBuf;

use policy::activity::{Activity, Purpose};
use policy::kind::Sort;
use policy::notice::{self, Block, Line, Notice, id_of};
use policy::phrase::{Voice, rule_words};
use policy::policy::Stated;
use policy::source::File;
use policy::{Basis, Policy};

/// Every policy in `policies/`.
fn packs() -> Vec<(String, Policy)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies"));
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "policy"));
    assert!(!paths.is_empty());
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let files = vec![File { name: name.clone(), text: std::fs::read_to_string(&path).unwrap() }];
            let (policy, found) = Policy::read(files.clone());
            let policy = policy
                .unwrap_or_else(|| panic!("{name}: {}", policy::diagnostic::render(&found, &files, false)));
            (name, policy)
        })
        .collect()
}

fn lines(notice: &Notice) -> Vec<(String, String)> {
    fn walk(id: &str, blocks: &[Block], lines: &mut Vec<(String, String)>) {
        let mut say = |line: &Line| lines.push((id.to_owned(), line.text()));
        for block in blocks {
            match block {
                Block::Paragraph(line) => say(line),
                Block::List(items) => items.iter().for_each(&mut say),
                Block::Table { rows, .. } => rows.iter().flatten().for_each(&mut say),
                Block::Part(_) => {}
            }
        }
        for block in blocks {
            if let Block::Part(part) = block {
                walk(&part.id, &part.blocks, lines);
            }
        }
    }
    let mut lines = Vec::new();
    walk("", &notice.opening, &mut lines);
    notice.sections.iter().for_each(|section| walk(&section.id, &section.blocks, &mut lines));
    lines
}

/// A notice as a reader searches it: what each part says.
struct Read<'p> {
    policy: &'p Policy,
    lines: Vec<(String, String)>,
}

impl Read<'_> {
    fn part(&self, id: &str) -> String {
        let here = self.lines.iter().filter(|(part, _)| part == id);
        here.map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n")
    }

    fn says(&self, id: &str, words: &str) -> Result<(), String> {
        let part = self.part(id);
        if part.contains(words) { Ok(()) } else { Err(format!("`{words}` is not in #{id}:\n{part}")) }
    }

    fn any(&self, applies: impl Fn(&Activity) -> bool) -> bool {
        self.policy.activities.iter().any(applies)
    }

    /// The same of every activity.
    fn each(&self, duty: impl Fn(&Activity, &str) -> Result<(), String>) -> Result<(), String> {
        self.policy
            .activities
            .iter()
            .try_for_each(|activity| duty(activity, &self.part(&id_of(&activity.name))))
    }

    /// A part that stands where something applies, and only there.
    fn only_if(&self, applies: bool, id: &str, words: &str) -> Result<(), String> {
        if applies {
            return self.says(id, words);
        }
        if self.part(id).is_empty() {
            Ok(())
        } else {
            Err(format!("#{id} is offered to nobody it applies to"))
        }
    }
}

fn has(part: &str, words: &str) -> Result<(), String> {
    if part.contains(words) { Ok(()) } else { Err(format!("`{words}` is not in:\n{part}")) }
}

type Duty = fn(&Read<'_>) -> Result<(), String>;

/// What must be told, by its place in the law.
const DUTIES: &[(&str, Duty)] = &[
    ("13(1)(a), 14(1)(a) identity and contact of the controller", |read| {
        read.says("who", &read.policy.controller)?;
        read.says("who", &read.policy.contact.email)
    }),
    ("13(1)(b), 14(1)(b) contact of the officer, where there is one", |read| match &read.policy.officer {
        Stated::Yes(name) => read.says("who", name.trim_end_matches('.')),
        Stated::No { .. } => read.says("who", "no data protection officer"),
    }),
    ("13(1)(c), 14(1)(c) purposes", |read| {
        read.each(|activity, part| match &activity.so_that {
            Some(so_that) => has(part, so_that.trim_end_matches('.')),
            None => has(part, "Why we may"),
        })
    }),
    ("13(1)(c), 14(1)(c) legal basis", |read| {
        read.each(|activity, part| {
            has(
                part,
                match activity.basis {
                    Basis::Consent { .. } => "your consent",
                    Basis::Contract { .. } => "a contract",
                    Basis::LegalObligation { .. } => "a legal duty",
                    Basis::VitalInterests => "vital interests",
                    Basis::PublicTask { .. } => "a public task",
                    Basis::RecognisedInterest { .. } => "a recognised legitimate interest",
                    Basis::LegitimateInterests { .. } => "our legitimate interests",
                },
            )
        })
    }),
    ("13(1)(d), 14(2)(b) the legitimate interests pursued", |read| {
        read.each(|activity, part| match (&activity.basis, &activity.so_that) {
            (Basis::LegitimateInterests { .. }, Some(_)) => has(part, "(our legitimate interests), namely"),
            (Basis::LegitimateInterests { .. }, None) => Err(format!("{} names no interest", activity.name)),
            _ => Ok(()),
        })
    }),
    ("14(1)(d) categories of personal data", |read| {
        read.each(|activity, part| {
            activity.kinds.iter().try_for_each(|kind| has(part, &read.policy.kind(kind).unwrap().words))
        })
    }),
    ("13(1)(e), 14(1)(e) recipients", |read| {
        read.each(|activity, part| {
            has(part, "Who else gets it")?;
            has(part, if activity.shares.is_empty() { "nobody outside" } else { " to " })
        })?;
        read.policy.processors.iter().try_for_each(|processor| {
            let name = processor.name.to_lowercase();
            let part = read.part("recipients").to_lowercase();
            has(&part, &name)
        })
    }),
    ("13(1)(f), 14(1)(f) transfers and their safeguards", |read| {
        let abroad = |place: &str| !place.eq_ignore_ascii_case(&read.policy.home);
        let any = read.policy.processors.iter().any(|processor| abroad(&processor.place))
            || read.policy.recipients.iter().any(|body| body.place.as_deref().is_some_and(abroad));
        match any {
            true => read
                .says("places", "apart from this")
                .and_then(|()| read.says("places", "what protects it there")),
            false => read.says("places", "stays in"),
        }
    }),
    ("13(2)(a), 14(2)(a) how long", |read| {
        read.each(|activity, part| {
            activity.rules.iter().try_for_each(|rule| {
                has(part, &rule_words(read.policy, &read.policy.rules[rule.index()], Voice::You))
            })
        })
    }),
    ("13(2)(b), 14(2)(c) access", |read| read.says("rights", "get a copy")),
    ("13(2)(b), 14(2)(c) rectification", |read| read.says("rights", "mistakes corrected")),
    ("13(2)(b), 14(2)(c) erasure", |read| read.says("erasure", "have your data erased")),
    ("13(2)(b), 14(2)(c) restriction", |read| read.says("rights", "only store your data")),
    ("13(2)(b), 14(2)(c), 21(4) objection", |read| {
        let marketing = read.any(|activity| activity.purpose == Purpose::DirectMarketing);
        let interests = read.any(|activity| {
            activity.purpose != Purpose::DirectMarketing
                && matches!(
                    activity.basis,
                    Basis::LegitimateInterests { .. }
                        | Basis::PublicTask { .. }
                        | Basis::RecognisedInterest { .. }
                )
        });
        if marketing {
            read.says("objection", "say no to advertising at any time")?;
        }
        read.only_if(marketing || interests, "objection", if interests { "you can object" } else { "say no" })
    }),
    ("13(2)(b), 14(2)(c) portability", |read| {
        let portable =
            read.any(|activity| matches!(activity.basis, Basis::Consent { .. } | Basis::Contract { .. }));
        read.only_if(portable, "portability", "a file that computers can read")
    }),
    ("13(2)(c), 14(2)(d) withdrawal of consent", |read| {
        let consent = read.any(|activity| matches!(activity.basis, Basis::Consent { .. }));
        read.only_if(consent, "consent", "change your mind at any time")
    }),
    ("13(2)(ca), 14(2)(da) complaint to the controller", |read| {
        read.says("complaints", "right to complain to us")?;
        read.says("complaints", "within 30 days")
    }),
    ("13(2)(d), 14(2)(e) complaint to the Commissioner", |read| {
        read.says("complaints", "complain to the regulator")?;
        read.says("complaints", policy::law::uk::REGULATOR.phone)
    }),
    ("13(2)(e) whether data must be given, and what if not", |read| {
        let asks = |activity: &Activity| {
            let given = |kind| read.policy.kind(kind).unwrap().sort != Sort::Record;
            activity.from.iter().any(|from| from == "the person") && activity.kinds.iter().any(given)
        };
        read.each(|activity, part| match (asks(activity), &activity.basis) {
            (false, _) => Ok(()),
            (true, Basis::Contract { .. }) => {
                has(part, "Do you have to tell us: ")?;
                has(part, "Without it we cannot")
            }
            (true, Basis::LegalObligation { law }) => {
                has(part, &format!("Do you have to tell us: yes, the law asks for it ({law})"))
            }
            (true, Basis::PublicTask { .. }) => has(part, "Do you have to tell us: only as far as the law"),
            (true, _) => has(part, "Do you have to tell us: no."),
        })?;
        let by_law =
            read.any(|activity| asks(activity) && matches!(activity.basis, Basis::LegalObligation { .. }));
        read.says("need", if by_law { "The law asks for some of it" } else { "No law makes you" })?;
        if by_law && read.says("need", "No law makes you").is_ok() {
            return Err("#need says that no law asks for what a law asks for".to_owned());
        }
        let contract = read.any(|activity| matches!(activity.basis, Basis::Contract { .. }));
        if contract { read.says("need", "we cannot do without it") } else { Ok(()) }
    }),
    ("13(2)(f), 14(2)(g) automated decisions", |read| read.says("decisions", "No computer here decides")),
    ("14(2)(f) source", |read| {
        read.each(|activity, part| {
            has(part, "Where it comes from")?;
            let outside =
                activity.from.iter().filter(|from| !from.starts_with("the ") && !from.starts_with("their "));
            let spoken = outside.map(|from| from.replace("who referred them", "whoever referred you"));
            spoken.collect::<Vec<_>>().iter().try_for_each(|from| has(part, from))
        })
    }),
    ("12(3), 12A when we answer", |read| {
        read.says("answer", "within one month")?;
        read.says("answer", "two more months")
    }),
    ("5(1)(a) the version and its date", |read| {
        read.says("changes", &format!("This is version {}.", read.policy.version))
    }),
];

#[test]
fn every_policy_tells_what_articles_13_and_14_ask_for() {
    let mut missing = Vec::new();
    for (name, policy) in packs() {
        let read = Read { policy: &policy, lines: lines(&notice::of(&policy)) };
        for (duty, look) in DUTIES {
            if let Err(why) = look(&read) {
                missing.push(format!("{name}: {duty}: {why}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n\n"));
}

/// A notice that leaves a part out is caught: each duty looks at something.
#[test]
fn a_notice_without_a_part_is_caught() {
    let (_, policy) = packs().into_iter().find(|(name, _)| name == "cti").unwrap();
    for (duty, look) in DUTIES {
        let read = Read { policy: &policy, lines: Vec::new() };
        assert!(look(&read).is_err(), "{duty} finds what it wants in an empty notice");
    }
}

/// A law that asks people for something is named where they are asked, and nothing beside it says the contrary.
#[test]
fn what_a_law_asks_of_people_is_said_to_be_asked_by_it() {
    let gift_aid = "activity gift aid \"Claiming Gift Aid\"\n  for       client\n  so that   \"we get back the tax on what you give\"\n  \
        purpose   LegalCompliance\n  basis     legal obligation, under \"Income Tax Act 2007 s.416\"\n  \
        data      name, address\n  from      the person\n  keep      6 years after collected\n  then      erase\n\nactivity correspondence ";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/starter.policy");
    let text = std::fs::read_to_string(path).unwrap().replacen("activity correspondence ", gift_aid, 1);
    let files = vec![File { name: "a.policy".to_owned(), text }];
    let policy = Policy::read(files).0.unwrap();
    let read = Read { policy: &policy, lines: lines(&notice::of(&policy)) };
    let (_, duty) = DUTIES.iter().find(|(duty, _)| duty.starts_with("13(2)(e)")).unwrap();
    assert_eq!(duty(&read), Ok(()));
    assert!(
        read.part("gift-aid")
            .contains("yes, the law asks for it (Income Tax Act 2007 s.416). Without it we may not do this.")
    );
    assert!(
        read.part("need")
            .contains("If you do not give it, we may not do these things for you: Claiming Gift Aid.")
    );
    assert!(!read.part("need").contains("No law makes you"));
    assert!(
        read.part("projects").contains("if we are to keep to our contract with you. Without it we cannot.")
    );
    // The sentence that was always there would be found out.
    let mut untrue = Read { policy: &policy, lines: read.lines.clone() };
    untrue.lines.push(("need".to_owned(), "No law makes you give us your data.".to_owned()));
    assert!(duty(&untrue).is_err());
}

/// Vowel groups, near enough for English.
fn syllables(word: &str) -> usize {
    let word = word.trim_end_matches("es").trim_end_matches('e');
    let letters: Vec<char> = word.chars().collect();
    let vowel = |at: usize| letters.get(at).is_some_and(|letter| "aeiouy".contains(*letter));
    (0..letters.len()).filter(|at| vowel(*at) && (*at == 0 || !vowel(at - 1))).count().max(1)
}

/// The Flesch-Kincaid grade: years at school before a text is read with ease; 6 is about age eleven.
fn grade(text: &str) -> f64 {
    let sentences =
        text.split(['.', '?', ':', ';', '\n']).filter(|part| part.split_whitespace().count() > 1).count();
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| {
            word.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect()
        })
        .filter(|word: &String| !word.is_empty())
        .collect();
    let syllables: usize = words.iter().map(|word| syllables(word)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a text has far fewer words than a float has digits")]
    let (sentences, words, syllables) = (sentences as f64, words.len() as f64, syllables as f64);
    0.39 * words / sentences + 11.8 * syllables / words - 15.59
}

/// What the author wrote, longest first: it is not ours to make simple.
fn authors(policy: &Policy) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    words.extend(policy.kinds.iter().map(|kind| kind.words.clone()));
    words.extend(policy.categories.iter().map(|category| category.words.clone()));
    words.extend(policy.activities.iter().map(|activity| activity.title.clone()));
    words.extend(policy.activities.iter().filter_map(|activity| activity.so_that.clone()));
    words.extend(policy.channels.iter().map(|channel| channel.title.clone()));
    words.extend(policy.processors.iter().map(|processor| processor.does.clone()));
    words.extend(policy.recipients.iter().map(|body| body.words.clone()));
    words.extend(policy.attestations.iter().map(|attestation| attestation.what.clone()));
    words.extend(policy.says.iter().map(|(_, words)| words.clone()));
    words.extend(policy.activities.iter().filter_map(|activity| match &activity.basis {
        Basis::LegalObligation { law } | Basis::PublicTask { law } => Some(law.clone()),
        _ => None,
    }));
    for stated in [&policy.officer, &policy.registered] {
        words.extend(match stated {
            Stated::Yes(what) => Some(what.clone()),
            Stated::No { because } => Some(because.clone()),
        });
    }
    words.retain(|text| text.contains(' '));
    words.sort_by_key(|text| std::cmp::Reverse(text.len()));
    words
}

#[test]
fn our_own_sentences_can_be_read_at_eleven() {
    for (name, policy) in packs() {
        let notice = notice::of(&policy);
        let own = lines(&notice).into_iter().filter(|(id, _)| !id.starts_with("me"));
        let mut text = own.map(|(_, line)| line).collect::<Vec<_>>().join("\n");
        for words in authors(&policy) {
            text = text.replace(&words, "it");
        }
        let grade = grade(&text);
        assert!(grade < 6.5, "{name}: grade {grade:.1}");
    }
}

/// What stands in the place of what is there now in a version before, to be told as new.
const BEFORE: &[(&str, &str)] = &[
    ("2 years", "4 years"),
    ("6 months", "9 months"),
    ("6 years", "8 years"),
    ("send      by email, call, letter", "send      by letter"),
    ("from      the person\n", "from      the person, published sources\n"),
    ("data      name, email, phone", "data      name, phone"),
    ("kept 3 months", "kept 2 months"),
    ("  basis     contract\n", "  basis     contract, at the person's request\n"),
];

#[test]
fn what_is_new_can_be_read_at_eleven() {
    let all = packs();
    let (_, starter) = all.iter().find(|(name, _)| name == "starter").unwrap();
    for (name, policy) in &all {
        let mut text = policy.files[0].text.clone();
        BEFORE.iter().for_each(|(now, before)| text = text.replace(now, before));
        let changed = Policy::read(vec![File { name: name.clone(), text }]).0;
        let changed = changed.unwrap_or_else(|| panic!("{name} as it was before cannot be read"));
        for before in [&changed, starter]
            .into_iter()
            .filter(|before| before.name != policy.name || std::ptr::eq(*before, &changed))
        {
            let told = lines(&notice::since(policy, before));
            let new: Vec<String> =
                told.into_iter().filter(|(id, _)| id == "changed").map(|(_, line)| line).collect();
            let mut text = new.join("\n");
            for words in authors(policy).into_iter().chain(authors(before)) {
                text = text.replace(words.trim_end_matches('.'), "it");
            }
            let grade = grade(&text);
            assert!(new.len() > 5, "{name}: nothing is new");
            assert!(grade < 6.5, "{name}: grade {grade:.1}");
        }
    }
}
