//! What a heading means, in whatever program's words. A table of words; knows no policy.

/// What a column holds, as far as its heading tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Meaning {
    /// The whole name.
    FullName,
    /// The first name.
    FirstName,
    /// The middle name.
    MiddleName,
    /// The last name.
    LastName,
    /// Dr, Ms.
    Title,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The organisation someone belongs to.
    Organisation,
    /// What someone does there.
    JobTitle,
    /// Personal data under a name of its own, which the policy must declare: `date of birth`.
    Personal(&'static str),
    /// Belongs to the other program and says nothing we would keep: labels, row numbers, sort keys.
    Theirs,
}

/// Lower case, every run of other characters one space: `E-mail 1 - Value` is `e mail 1 value`.
#[must_use]
pub fn plain(heading: &str) -> String {
    let mut out = String::with_capacity(heading.len());
    let mut gap = false;
    let mut before_lower = false;
    for c in heading.chars() {
        if c.is_alphanumeric() {
            // camelCase from programs that export field names.
            if (gap || (before_lower && c.is_uppercase())) && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            before_lower = c.is_lowercase();
            out.extend(c.to_lowercase());
        } else {
            // An apostrophe is no gap: "Assistant's Phone".
            gap |= c != '\'' && c != '\u{2019}';
            before_lower = false;
        }
    }
    out
}

/// A heading without its numbers: `e mail 2 address` is `e mail address`.
fn without_numbers(plain: &str) -> String {
    plain.split(' ').filter(|word| word.parse::<u16>().is_err()).collect::<Vec<_>>().join(" ")
}

const WORDS: &[(Meaning, &[&str])] = &[
    (
        Meaning::FullName,
        &[
            "name",
            "full name",
            "display name",
            "contact name",
            "contact",
            "person",
            "delegate",
            "delegate name",
            "participant",
        ],
    ),
    (
        Meaning::FirstName,
        &["first name", "given name", "forename", "forenames", "firstname", "christian name", "fname"],
    ),
    (Meaning::MiddleName, &["middle name", "additional name", "middle names", "middle initial"]),
    (Meaning::LastName, &["last name", "family name", "surname", "lastname", "lname", "second name"]),
    (Meaning::Title, &["name prefix", "title", "salutation", "prefix"]),
    (
        Meaning::Email,
        &[
            "email",
            "e mail",
            "e mail value",
            "email address",
            "e mail address",
            "mail",
            "email value",
            "work email",
            "primary email",
            "home email",
            "additional email addresses",
            "e mail addresses",
        ],
    ),
    (
        Meaning::Phone,
        &[
            "phone",
            "phone value",
            "telephone",
            "tel",
            "phone number",
            "mobile",
            "mobile phone",
            "mobile phone number",
            "mobile number",
            "home phone",
            "business phone",
            "work phone",
            "primary phone",
            "other phone",
            "telephone number",
            "landline",
            "cell",
            "cell phone",
            "direct dial",
            "phone numbers",
            "car phone",
        ],
    ),
    (
        Meaning::Organisation,
        &[
            "organisation",
            "organization",
            "organization name",
            "organisation name",
            "company",
            "company name",
            "employer",
            "associated company",
            "primary associated company",
            "account name",
            "associated company primary",
        ],
    ),
    (
        Meaning::JobTitle,
        &[
            "job title",
            "organization title",
            "organisation title",
            "position",
            "role",
            "jobtitle",
            "occupation",
            "profession",
        ],
    ),
    (
        Meaning::Personal("date of birth"),
        &["birthday", "date of birth", "dob", "birth date", "birthdate", "geboortedatum"],
    ),
    (Meaning::Personal("nickname"), &["nickname", "short name", "known as", "preferred name"]),
    (Meaning::Personal("former name"), &["maiden name", "previous name", "former name"]),
    (Meaning::Personal("gender"), &["gender", "sex"]),
    (
        Meaning::Personal("national insurance number"),
        &[
            "soc sec id",
            "social security number",
            "ssn",
            "national insurance number",
            "ni number",
            "government id number",
            "nino",
        ],
    ),
    (Meaning::Personal("notes"), &["notes", "note", "comments", "description"]),
    (Meaning::Personal("photograph"), &["photo", "picture", "photograph", "image"]),
    (
        Meaning::Personal("website"),
        &[
            "website",
            "website value",
            "website url",
            "web page",
            "personal web page",
            "linkedin",
            "linkedin url",
            "url",
        ],
    ),
    (
        Meaning::Personal("messaging address"),
        &["im value", "imaddress", "instant messaging", "twitter", "skype", "im address"],
    ),
    (
        Meaning::Personal("family"),
        &["spouse", "children", "relation value", "partner", "next of kin", "emergency contact"],
    ),
    (Meaning::Personal("anniversary"), &["anniversary", "event value"]),
    (Meaning::Personal("interests"), &["hobby", "hobbies", "interests", "keywords", "tags"]),
    (
        Meaning::Personal("location"),
        &[
            "location",
            "office location",
            "time zone",
            "ip address",
            "ip country code",
            "confirm ip",
            "optin ip",
            "latitude",
            "longitude",
            "gmtoff",
            "dstoff",
            "timezone",
            "cc",
            "region",
        ],
    ),
    (Meaning::Personal("language"), &["language", "preferred language"]),
    (
        Meaning::Personal("fax number"),
        &[
            "home fax",
            "business fax",
            "other fax",
            "fax",
            "fax number",
            "pager",
            "telex",
            "isdn",
            "radio phone",
            "callback",
            "tty tdd phone",
        ],
    ),
    (Meaning::Personal("age"), &["age", "age group"]),
    (Meaning::Personal("ethnicity"), &["ethnicity", "ethnic origin", "ethnic group", "race"]),
    (Meaning::Personal("religion"), &["religion", "belief", "faith"]),
    (
        Meaning::Personal("health"),
        &[
            "health",
            "medical",
            "medical conditions",
            "disability",
            "dietary requirements",
            "access needs",
            "allergies",
        ],
    ),
    (Meaning::Personal("bank details"), &["bank details", "account number", "sort code", "iban"]),
    (Meaning::Personal("life history"), &["life history", "career history", "cv"]),
    (
        Meaning::Personal("lead status"),
        &[
            "lead status",
            "lifecycle stage",
            "marketing contact status",
            "original source",
            "member rating",
            "original traffic source",
            "buying role",
            "persona",
        ],
    ),
    (Meaning::Personal("department"), &["department", "organization department", "organisation department"]),
    (
        Meaning::Personal("other people"),
        &["managers name", "assistants name", "assistants phone", "referred by", "manager"],
    ),
    (Meaning::Personal("the organisation's own number"), &["company main phone"]),
];

/// Words that make any heading part of an address.
const ADDRESS: &[&str] = &[
    "address",
    "street",
    "postcode",
    "postal code",
    "post code",
    "city",
    "town",
    "county",
    "state",
    "suburb",
    "country",
    "po box",
    "zip",
    "region",
];

/// Headings that are the other program's own housekeeping.
const THEIRS: &[&str] = &[
    "label",
    "labels",
    "type",
    "group membership",
    "categories",
    "record id",
    "rec id",
    "id",
    "contact owner",
    "owner",
    "create date",
    "created",
    "last modified",
    "last modified date",
    "last activity date",
    "associated deal",
    "associated note",
    "sensitivity",
    "priority",
    "private",
    "account",
    "billing information",
    "directory server",
    "mileage",
    "subject",
    "initials",
    "e mail display name",
    "e mail type",
    "organizational id number",
    "internet free busy",
    "user",
    "file as",
    "name suffix",
    "suffix",
    "leid",
    "euid",
    "last changed",
    "optin time",
    "confirm time",
    "organization type",
    "organization symbol",
    "organization job description",
    "organization location",
    "schools",
    "record source",
];

/// What a heading means; `None` if its words say nothing known.
#[must_use]
pub fn meaning(heading: &str) -> Option<Meaning> {
    let words = without_numbers(&plain(heading));
    if let Some((meaning, _)) = WORDS.iter().find(|(_, all)| all.contains(&words.as_str())) {
        return Some(*meaning);
    }
    let last = words.rsplit(' ').next().unwrap_or_default();
    if THEIRS.contains(&words.as_str()) || last == "label" || last == "type" || last == "ids" || last == "id"
    {
        return Some(Meaning::Theirs);
    }
    if words.contains("phonetic") || words.contains("yomi") {
        return Some(Meaning::Personal("how the name is said"));
    }
    if ADDRESS.iter().any(|word| {
        words == *word || words.ends_with(&format!(" {word}")) || words.starts_with(&format!("{word} "))
    }) {
        return Some(Meaning::Personal("address"));
    }
    if words.starts_with("custom field") || words.is_empty() {
        return None;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_several_programs_mean_the_same() {
        for heading in [
            "E-mail 1 - Value",
            "E-mail Address",
            "Email",
            "E-mail 2 Address",
            "email_address",
            "emailAddress",
        ] {
            assert_eq!(meaning(heading), Some(Meaning::Email), "{heading}");
        }
        for heading in ["Phone 3 - Value", "Business Phone 2", "Phone Number", "Mobile"] {
            assert_eq!(meaning(heading), Some(Meaning::Phone), "{heading}");
        }
        assert_eq!(meaning("Birthday"), Some(Meaning::Personal("date of birth")));
        assert_eq!(meaning("E-mail 1 - Label"), Some(Meaning::Theirs));
        assert_eq!(meaning("Home Street 2"), Some(Meaning::Personal("address")));
        assert_eq!(meaning("Address 1 - PO Box"), Some(Meaning::Personal("address")));
        assert_eq!(meaning("street_number"), Some(Meaning::Personal("address")));
        assert_eq!(meaning("Shoe size"), None);
    }
}
