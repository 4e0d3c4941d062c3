//! Canaries: one row in every table about people, a text of its own in every column that holds a value.
//! What reaches people's data must reach all of them; what lets data go must leave none.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::PersonId;
use store::access::{self, Cell};
use store::reach::Reach;
use store::schema::{self, Form, KindOf, Owner, Personal, Table};
use store::{Error, Store, Value, dispose, id, params, search};

/// What was planted.
pub struct Planted {
    pub person: PersonId,
    /// The canary of every column that holds a value, by table and column.
    pub values: BTreeMap<(&'static str, &'static str), String>,
}

/// Plants a row in every table, all about one new person. `tag` makes the canaries of one planting its own.
pub fn plant(store: &Store, tag: &str) -> Planted {
    let mut ids: BTreeMap<&'static str, i64> = BTreeMap::new();
    let mut values = BTreeMap::new();
    let skipped: BTreeSet<&str> = [
        "setting",
        "mailbox",
        "policy_version",
        "log_event",
        "log_subject",
        "log_leaf",
        "log_checkpoint",
        "job",
        "visit_count",
        "ring_duty",
        "ring_alias",
        "cookie_set",
        "forgotten",
        "anonymous",
        "anonymous_waiting",
    ]
    .into();
    store
        .write(|tx| {
            for table in schema::tables().filter(|table| !skipped.contains(table.name)) {
                let row: Vec<(&str, Value<'static>)> = table
                    .columns
                    .iter()
                    .map(|column| (column.name, fill(table, column, tag, &mut ids, &mut values)))
                    .collect();
                let names = row.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let places = (1..=row.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
                let row: Vec<Value<'static>> = row.into_iter().map(|(_, value)| value).collect();
                tx.exec(&format!("INSERT INTO {} ({names}) VALUES ({places})", table.name), &row)?;
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    Planted { person: PersonId(ids["person"]), values }
}

fn fill(
    table: &'static Table,
    column: &'static schema::Column,
    tag: &str,
    ids: &mut BTreeMap<&'static str, i64>,
    values: &mut BTreeMap<(&'static str, &'static str), String>,
) -> Value<'static> {
    if let Some(other) = column.refers {
        return ids[other].into();
    }
    if column.name == "id" {
        return (*ids.entry(table.name).or_insert_with(id::next)).into();
    }
    if column.personal == Personal::Value && column.form == Form::Text {
        let canary = format!("canary {tag} {} {}", table.name, column.name).replace('_', "");
        values.insert((table.name, column.name), canary.clone());
        return canary.into();
    }
    // Nobody planted leads to anybody else.
    if ["into_person_id", "was_person_id"].contains(&column.name) {
        return Value::Null;
    }
    if column.personal == Personal::Identifier && column.form == Form::Id {
        return (*ids.entry("person").or_insert_with(id::next)).into();
    }
    match column.form {
        Form::Text if table.kind == KindOf::Column(column.name) => match table.name {
            "item" => "name",
            "entry" => "coaching notes",
            _ => "consent form",
        }
        .into(),
        Form::Text if (table.name, column.name) == ("parting", "says") => "told".into(),
        // A company's details are nobody's.
        Form::Text if (table.name, column.name) == ("organisation", "subscriber") => "individual".into(),
        Form::Bytes => [tag, table.name, column.name].concat().into_bytes().into(),
        _ if column.null => Value::Null,
        Form::Text => "x".into(),
        Form::Date => "2026-01-01".into(),
        Form::Int | Form::Id | Form::Bool | Form::At => 0_i64.into(),
    }
}

/// Columns of text or bytes that are no value of anybody's and can hold nobody's data, each with the reason. A column is
/// here, or something is planted in it: a new one is in neither, and a test says so.
const NOBODYS: &[(&str, &[&str])] = &[
    (
        "a name that the policy or the program gives: no form lets anybody type it",
        &[
            "setting.name",
            "cookie_set.name",
            "cookie_set.page",
            "forgotten.rule",
            "forgotten.kind",
            "anonymous.rule",
            "anonymous.kind",
            "anonymous.counted_by",
            "anonymous_waiting.rule",
            "anonymous_waiting.kind",
            "anonymous_who.rule",
            "anonymous_who.kind",
            "statistics_release.title",
            "statistics_release.whom",
            "statistics_cell.work",
            "statistics_cell.step",
            "attestation.what",
            "attestation.role",
            "log_event.actor",
            "log_event.act",
            "ring_duty.table_name",
            "ring_duty.what",
            "ring_alias.table_name",
            "drill.actor",
            "drill.step",
            "proof_found.promise",
            "proof_found.verdict",
            "job.name",
            "job.state",
            "processor_member.processor",
            "processor_person.activity",
            "processor_person.state",
            "phone.categories",
            "webhook.events",
            "webhook.trouble",
            "webhook.off_why",
            "mailing.activity",
            "mailing.channel",
            "mailing.state",
            "mailing.sender",
            "template.activity",
            "saved_audience.activity",
            "picture.media",
            "mailing.paused_why",
            "message.sort",
            "message.activity",
            "message.channel",
            "message.state",
            "message.asks",
            "message.rests_on",
            "message.bounce",
            "parting.rule",
            "parting.activity",
            "parting.says",
            "invitation.purpose",
            "import_batch.activity",
            "import_batch.state",
            "import_row.outcome",
            "told.way",
            "sender_told.source",
            "organisation.subscriber",
            "item.kind",
            "alike.why",
            "alike.state",
            "merge_row.table_name",
            "merge_row.part",
            "merge_row.did",
            "merge_row.was",
            "ground.activity",
            "ground.rule",
            "ground.awaiting",
            "ground.state",
            "ground.cause",
            "ground.stopped_by",
            "certificate.rules",
            "certificate.cause",
            "certificate.disposal",
            "certificate.counts",
            "certificate_hash.what",
            "suppression.what",
            "suppression.scope",
            "suppression.cause",
            "consent.activity",
            "consent.form",
            "consent.evidence",
            "soft_opt_in.activity",
            "submission.form",
            "submission.category",
            "submission.activity",
            "submission.kinds",
            "objection.scope",
            "disclosure.kinds",
            "disclosure.activity",
            "register_file.register",
            "screening.register",
            "call.activity",
            "call.screened",
            "request.kind",
            "request.outcome",
            "request.stays",
            "request.state",
            "request_step.step",
            "redaction.answer",
            "redaction.why",
            "complaint_step.step",
            "letter.sort",
            "incident.sort",
            "incident_step.step",
            "incident_step.outcome",
            "task.kind",
            "task.role",
            "task.rule",
            "task.told",
            "task.detail",
            "staff.role",
            "engagement.work",
            "milestone.name",
            "agreement.period",
            "fact.name",
            "life_event.name",
            "entry.kind",
            "mailbox.folder",
            "mail_taken.became",
            "mail_waiting.folder",
            "mail_waiting.why",
            "mail_waiting.asks",
            "entry.direction",
            "entry_work.class",
            "document.kind",
            "document_work.class",
        ],
    ),
    (
        "what the program says of itself: ids, counts and dates, checked where it is written",
        &[
            "setting.value",
            "log_event.body",
            "sweep_run.detail",
            "drill.report",
            "proof_found.figure",
            "proof_found.words",
            "job.detail",
            "job.server",
        ],
    ),
    (
        "the published policy, an address of a page of ours that names nobody, or the name of another site",
        &[
            "policy_version.files",
            "policy_version.notice",
            "visit.path",
            "visit.from_site",
            "visit_count.path",
        ],
    ),
    (
        "a hash, a signature, a nonce, a key, or the sealed address of a program: nothing can be read from it without knowing what to ask for",
        &[
            "policy_version.hash",
            "anonymous_waiting.cell",
            "anonymous_who.cell",
            "anonymous_who.who",
            "log_event.nonce",
            "log_leaf.hash",
            "log_checkpoint.root",
            "log_checkpoint.frontier",
            "log_checkpoint.signature",
            "mail_taken.hash",
            "mail_waiting.hash",
            "certificate_hash.hash",
            "suppression.hash",
            "session.hash",
            "invitation.hash",
            "sign_in_attempt.who",
            "sign_in_attempt.from_where",
            "staff.password",
            "staff.totp",
            "processor_member.member",
            "processor_member.found_by",
            "processor_person.sent",
            "phone.hash",
            "webhook.url",
            "webhook.secret",
            "webhook.old_secret",
            "import_batch.file_key",
            "document.file_key",
        ],
    ),
    ("where a text is to be masked: places and keyed hashes of it", &["task.mask"]),
    ("the random name of a file; the bytes are looked for beside", &["import_batch.file", "document.file"]),
    ("a list of numbers that says of nobody that they are held", &["register_block.numbers"]),
    (
        "what staff say of how they work and of mail to many: the acts refuse or take out who is named in it, and the tests of \
         erasures through the act look for it",
        &[
            "attestation.evidence",
            "certificate.reason",
            "mailing.title",
            "mailing.subject",
            "mailing.body",
            "mailing.whom",
            "template.name",
            "template.subject",
            "template.body",
            "saved_audience.name",
            "saved_audience.criteria",
            "picture.alt",
            "picture.bytes",
            "import_batch.name",
            "import_batch.map",
            "import_batch.source",
        ],
    ),
];

/// The columns that are no values, and hold what somebody typed or sent all the same: a source, a place, a reason.
pub fn typed() -> impl Iterator<Item = (&'static Table, &'static schema::Column)> {
    let nobodys = |table: &Table, column: &schema::Column| {
        let name = format!("{}.{}", table.name, column.name);
        NOBODYS.iter().any(|(_, columns)| columns.contains(&name.as_str()))
    };
    schema::tables().flat_map(move |table| {
        let columns = table.columns.iter().filter(|column| matches!(column.form, Form::Text | Form::Bytes));
        columns
            .filter(move |column| column.personal != Personal::Value && !nobodys(table, column))
            .map(move |column| (table, column))
    })
}

/// Plants a canary in these too, in the rows that [`plant`] made for somebody; each with its table.
pub fn plant_typed(store: &Store, planted: &Planted, tag: &str) -> Vec<(&'static str, String)> {
    store
        .write(|tx| {
            let mut canaries = Vec::new();
            for (table, column) in typed() {
                let canary = format!("canary {tag} {} {}", table.name, column.name).replace('_', "");
                canaries.push((table.name, canary.clone()));
                let value: Value<'_> = match column.form {
                    Form::Bytes => canary.into_bytes().into(),
                    _ => canary.into(),
                };
                let whose = match (table.about_person(), table.name) {
                    (Some(theirs), _) => theirs,
                    (None, "organisation") => {
                        "id IN (SELECT organisation_id FROM belonging WHERE person_id = ?1)".to_owned()
                    }
                    (None, name) => panic!("{name}.{}: nothing says whose it is", column.name),
                };
                let sql = format!("UPDATE {} SET {} = ?2 WHERE {whose}", table.name, column.name);
                assert_eq!(
                    tx.exec(&sql, &[planted.person.into(), value])?,
                    1,
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
            Ok::<_, Error>(canaries)
        })
        .unwrap()
}

/// Every text in every table, as it stands.
pub fn everything(store: &Store) -> Vec<(&'static str, &'static str, String)> {
    let mut found = Vec::new();
    store
        .read(|tx| {
            for table in schema::tables() {
                for column in table.columns.iter().filter(|column| column.form == Form::Text) {
                    let sql = format!("SELECT {0} FROM {1} WHERE {0} IS NOT NULL", column.name, table.name);
                    found.extend(tx.all(&sql, &[], |row| Ok((table.name, column.name, row.text(0)?)))?);
                }
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    found
}

/// Takes out everything of a person, as when every ground has ended. Whether they are gone.
pub fn let_go(store: &Store, policy: &policy::Policy, person: PersonId) -> bool {
    taken(store, policy, person);
    !store.read(|tx| store::person::exists(tx, person)).unwrap()
}

/// The same, and the files whose bytes can go.
pub fn taken(store: &Store, policy: &policy::Policy, person: PersonId) -> dispose::Bytes {
    store
        .write(|tx| {
            let held = dispose::holdings(tx, policy, person)?;
            assert_eq!(held.undeclared, vec![]);
            let mut bytes = dispose::Bytes::default();
            for datum in &held.data {
                dispose::remove(tx, datum.table, datum.id, &mut bytes)?;
            }
            dispose::leave_if_empty(tx, person, &mut bytes)?;
            Ok::<_, Error>(bytes)
        })
        .unwrap()
}

#[test]
fn every_column_is_planted_or_says_why_it_can_hold_nobodys_data() {
    let mut listed = BTreeSet::new();
    for (reason, columns) in NOBODYS {
        assert!(reason.len() > 20);
        for name in *columns {
            let (table, column) = name.split_once('.').unwrap();
            let table = schema::table(table).unwrap_or_else(|| panic!("{name} is in no table"));
            let column = table.columns.iter().find(|known| known.name == column);
            let column = column.unwrap_or_else(|| panic!("there is no {name}"));
            assert!(
                matches!(column.form, Form::Text | Form::Bytes) && column.personal != Personal::Value,
                "{name}"
            );
            assert!(listed.insert(*name), "{name} is listed twice");
        }
    }
    // Of what is left each is planted, in a row that belongs to somebody.
    for (table, column) in typed() {
        assert!(
            table.about_person().is_some() || table.name == "organisation",
            "{}.{}: plant it, or say why not",
            table.name,
            column.name
        );
    }
}

both! {
    fn letting_everything_go_leaves_no_canary(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let policy = crate::harness::policy();
        assert!(let_go(store, &policy, one.person));
        // What a staff account says goes with the account.
        let left: Vec<_> = everything(store).into_iter()
            .filter(|(table, _, text)| text.contains("canary one") && !matches!(schema::table(table).unwrap().owner, Owner::Staff(_)))
            .collect();
        assert_eq!(left, vec![]);
        for query in ["canary one", "one searchtext"] {
            assert_eq!(store.read(|tx| search::find(tx, query, &Reach::Everyone, 9)).unwrap(), vec![], "{query}");
        }
        let others = everything(store).into_iter().filter(|(_, _, text)| text.contains("canary other")).count();
        assert_eq!(others, other.values.len(), "somebody else's rows went too");
    }

    fn every_value_is_planted_and_a_copy_reaches_every_row(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let planted: BTreeSet<(&str, &str)> = schema::tables().flat_map(|table| table.values().map(|column| (table.name, column.name))).collect();
        assert_eq!(one.values.keys().copied().collect::<BTreeSet<_>>(), planted);

        let policy = crate::harness::policy();
        let copy = store.read(|tx| access::of(tx, &policy, one.person)).unwrap();
        let reached: BTreeSet<(&str, &str)> = copy.iter().flat_map(|section| {
            assert_eq!(section.rows.len(), 1, "{}: somebody else's row", section.table.name);
            section.table.columns.iter().zip(&section.rows[0]).filter(|(_, cell)| matches!(cell, Cell::Sealed(_)))
                .map(|(column, _)| (section.table.name, column.name))
        }).collect();
        // What belongs to staff accounts, or to whoever a keyed hash belongs to, is asked for another way.
        let theirs: BTreeSet<(&str, &str)> = planted.into_iter().filter(|(table, _)| schema::table(table).unwrap().about_person().is_some()).collect();
        assert_eq!(reached, theirs);
        let shown = format!("{copy:?}");
        assert!(!shown.contains("canary"), "a value shows in what is meant to be sealed");
        assert_ne!(one.person, other.person);
    }

    fn what_is_typed_beside_the_values_goes_with_them(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let planted = plant_typed(store, &one, "one").len();
        assert!(planted > 25 && planted == plant_typed(store, &other, "other").len(), "{planted}");
        let typed = |tag: &str| {
            let there = everything(store).into_iter().filter(|(_, _, text)| text.contains(&format!("canary {tag}")));
            there.filter(|(table, _, _)| !matches!(schema::table(table).unwrap().owner, Owner::Staff(_))).collect::<Vec<_>>()
        };
        let others = typed("other");
        assert!(let_go(store, &crate::harness::policy(), one.person));
        assert_eq!(typed("one"), []);
        assert_eq!(typed("other"), others, "somebody else's went too");
    }

    fn no_column_that_is_said_to_say_nothing_refers_to_a_person(store) {
        let planted = plant(store, "one");
        for table in schema::tables() {
            for column in table.columns.iter().filter(|column| column.personal == Personal::No && column.form == Form::Id) {
                let sql = format!("SELECT 1 FROM {} WHERE {} = ?1", table.name, column.name);
                assert!(!store.read(|tx| tx.any(&sql, params![planted.person])).unwrap(), "{}.{}", table.name, column.name);
            }
            assert!(table.columns.iter().all(|column| !column.name.contains("person_id") || column.personal == Personal::Identifier || table.name == "log_subject"), "{}", table.name);
        }
    }
}
