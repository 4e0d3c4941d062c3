//! The words a table is declared in.

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What a row is, in a sentence that a pack for the person concerned may print.
    pub what: &'static str,
    /// Whom a row is about.
    pub owner: Owner,
    /// Which kind of datum a row is, as the policy names kinds.
    pub kind: KindOf,
    /// Its columns.
    pub columns: &'static [Column],
    /// The columns of its primary key.
    pub key: &'static [&'static str],
    /// Its other indexes.
    pub indexes: &'static [Index],
}

/// Whom a row is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// Nobody.
    None,
    /// The person whose id stands in this column; nobody known where it is empty.
    Person(&'static str),
    /// Whoever the row of another table is about, to which this column refers.
    Via {
        /// The column here.
        column: &'static str,
        /// The other table.
        table: &'static str,
    },
    /// The people whom rows of a linking table join to this one's id.
    Links {
        /// The linking table. It has a `person_id`.
        table: &'static str,
        /// The column there that holds this table's id.
        column: &'static str,
    },
    /// The member of staff whose id stands in this column.
    Staff(&'static str),
    /// Whoever an address or a number belongs to whose keyed hash stands in this column.
    Hash(&'static str),
}

/// Which kind of datum a row is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KindOf {
    /// No datum.
    None,
    /// The kind stands in this column: items, entries, documents.
    Column(&'static str),
    /// A kind of this name: most often one of the records the program keeps ([`policy::kind::RECORDS`]).
    Record(&'static str),
    /// No datum of its own: it goes with the row it belongs to.
    Part,
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub form: Form,
    /// Whether it may be empty.
    pub null: bool,
    /// Whether it says something about a person.
    pub personal: Personal,
    /// The table whose id it holds, enforced by the database.
    pub refers: Option<&'static str>,
    /// What stands in it where nothing is said, as SQL: also in the rows that were there before the column was.
    pub otherwise: Option<&'static str>,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A number.
    Int,
    /// An identity made by [`crate::id`].
    Id,
    /// 0 or 1.
    Bool,
    /// Text.
    Text,
    /// A civil date, `YYYY-MM-DD`.
    Date,
    /// An instant, milliseconds since 1970, UTC.
    At,
    /// Bytes.
    Bytes,
}

/// Whether a column says something about a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Personal {
    /// No.
    No,
    /// It holds a value: an address, a note, a title.
    Value,
    /// It says who it is about, by id or keyed hash.
    Identifier,
}

/// An index.
#[derive(Debug)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in SQL.
    pub on: &'static str,
    /// Which rows, in SQL; all if empty.
    pub only: &'static str,
    /// Whether no two rows may have the same.
    pub unique: bool,
}

const fn column(name: &'static str, form: Form) -> Column {
    Column { name, form, null: false, personal: Personal::No, refers: None, otherwise: None }
}

pub(super) const fn int(name: &'static str) -> Column {
    column(name, Form::Int)
}

pub(super) const fn id(name: &'static str) -> Column {
    column(name, Form::Id)
}

pub(super) const fn flag(name: &'static str) -> Column {
    column(name, Form::Bool)
}

pub(super) const fn text(name: &'static str) -> Column {
    column(name, Form::Text)
}

pub(super) const fn date(name: &'static str) -> Column {
    column(name, Form::Date)
}

pub(super) const fn at(name: &'static str) -> Column {
    column(name, Form::At)
}

pub(super) const fn bytes(name: &'static str) -> Column {
    column(name, Form::Bytes)
}

/// The id of a row of another table.
pub(super) const fn to(name: &'static str, table: &'static str) -> Column {
    Column { refers: Some(table), ..column(name, Form::Id) }
}

/// The id of the person a row is about.
pub(super) const fn person(name: &'static str) -> Column {
    Column { personal: Personal::Identifier, ..to(name, "person") }
}

impl Column {
    pub(super) const fn null(self) -> Self {
        Self { null: true, ..self }
    }

    pub(super) const fn value(self) -> Self {
        Self { personal: Personal::Value, ..self }
    }

    /// What stands in it where nothing is said: `flag("seen").otherwise("0")`. With it a column that is never empty
    /// can be declared for a table that has rows already.
    #[must_use]
    pub const fn otherwise(self, sql: &'static str) -> Self {
        Self { otherwise: Some(sql), ..self }
    }

    pub(super) const fn identifier(self) -> Self {
        Self { personal: Personal::Identifier, ..self }
    }
}

pub(super) const fn index(name: &'static str, on: &'static str) -> Index {
    Index { name, on, only: "", unique: false }
}

impl Index {
    pub(super) const fn only(self, only: &'static str) -> Self {
        Self { only, ..self }
    }

    pub(super) const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }
}

impl Table {
    /// The condition that finds this table's rows about one person, who is `?1`. `None` where rows are
    /// about nobody, or about somebody known only by a keyed hash or a staff account.
    #[must_use]
    pub fn about_person(&self) -> Option<String> {
        match self.owner {
            Owner::Person(column) => Some(format!("{column} = ?1")),
            Owner::Links { table, column } => {
                Some(format!("id IN (SELECT {column} FROM {table} WHERE person_id = ?1)"))
            }
            Owner::Via { column, table } => {
                let within = super::table(table)?.about_person()?;
                Some(format!("{column} IN (SELECT id FROM {table} WHERE {within})"))
            }
            Owner::None | Owner::Staff(_) | Owner::Hash(_) => None,
        }
    }

    /// Its columns that hold a value about somebody.
    pub fn values(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(|column| column.personal == Personal::Value)
    }

    /// Its columns of which a database must draw no samples for its plans: they would stand beside the rows, and outlive
    /// them. That is every text and all bytes by which no rows are searched: nobody plans by what is written of somebody.
    pub fn unsampled(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(move |column| {
            matches!(column.form, Form::Text | Form::Bytes) && !self.is_searched_by(column.name)
        })
    }

    /// Its columns by which rows are searched and that hold what is written of somebody, or a keyed hash of it: no plan is
    /// good without samples of them, so they are drawn anew once a row went.
    pub fn sampled_anew(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(move |column| {
            let written = column.personal == Personal::Value || column.name.ends_with("normal");
            let theirs = column.form == Form::Bytes || (column.form == Form::Text && written);
            theirs && self.is_searched_by(column.name)
        })
    }

    fn is_searched_by(&self, column: &'static str) -> bool {
        self.kind == KindOf::Column(column)
            || self.key.contains(&column)
            || self.indexes.iter().any(|index| index.on.split(", ").any(|on| on == column))
    }
}
