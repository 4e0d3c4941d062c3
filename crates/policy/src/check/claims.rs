//! What organisations write in their own sentences that the law does not let them, as data: patterns of `wording`, one
//! sentence at a time, by what the sentence is about. Decides nothing.

use std::sync::LazyLock;

mod answers;
mod bases;
mod consent;
mod duties;
mod keeping;
mod machines;
mod requests;
mod sharing;
mod stopping;
mod ways;

/// What to look for in a sentence.
pub(super) struct Claim {
    pub(super) code: &'static str,
    /// Any of these patterns: it is what is underlined.
    pub(super) says: &'static [&'static str],
    /// And any of each of these.
    pub(super) with: &'static [&'static [&'static str]],
    /// And none of these.
    pub(super) unless: &'static [&'static str],
    /// What it is about, in letters: here or in the sentence before. Nothing where the pattern says it.
    pub(super) about: &'static [&'static str],
    pub(super) message: &'static str,
    pub(super) help: &'static str,
}

/// Lists that patterns name.
pub(super) const SETS: &[(&str, &str)] = &[
    ("must", "must|shall|have_to|has_to|need_to|needs_to|required_to|obliged_to|asked_to|expected_to|got_to"),
    (
        "way",
        "form|forms|webform|letter|letters|post|writing|portal|template|manager|managers|supervisor|supervisors|\
         headteacher|head_teacher|head|director|directors|secretary|solicitor|registrar|officer|in_person|reception|fax|\
         recorded_delivery|registered_post",
    ),
    ("by", "on|by|in|through|via|using|with|to|from|at"),
    (
        "phone",
        "phone|telephone|e-mail|e-mails|email|emails|mouth|social_media|text|text_message|whatsapp|in_person",
    ),
    ("not", "not|never|cannot|can't|won't|don't|doesn't|isn't|aren't|nor"),
    ("data", "data|details|information|address|addresses|list|lists|names|records|database"),
    (
        "number",
        "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1|2|3|4|5|6|7|8|9|10|12|15|20",
    ),
    ("regulator", "regulator|commissioner|commissioner's|commission|ico|regulators"),
    (
        "who",
        "identity|identities|who_you_are|who_they_are|who_he_or_she_is|who_somebody_is|who_is_asking|who_asks|\
         yourself|themselves",
    ),
    (
        "sensitive",
        "health|medical|medication|religion|religions|religious|faith|belief|beliefs|sexuality|sexual|orientation|ethnicity|\
         ethnic|race|racial|disability|disabilities|political|politics|trade_union|union|biometric|biometrics|fingerprint|\
         fingerprints|genetic|convictions|criminal|offences|special_category|sensitive",
    ),
    ("interests", "legitimate_interest|legitimate_interests|article_6_1_f|art_6_1_f"),
    (
        "basis",
        "consent|contract|contracts|legal_obligation|legal_obligations|legal_duty|legitimate_interest|legitimate_interests|\
         public_task|vital_interests",
    ),
    (
        "machine",
        "computer|computers|computer_program|program|machine|machines|software|algorithm|algorithms|ai|\
         artificial_intelligence|automated|online_test|system|model|tool|profiling|bot",
    ),
    (
        "puts",
        "set|sets|put|puts|place|places|store|stores|drop|drops|install|installs|load|loads|save|saves|write|writes",
    ),
    (
        "put",
        "set|placed|stored|dropped|installed|loaded|saved|written|switched_on|turned_on|activated|start|starts|run|runs",
    ),
    (
        "tracker",
        "cookie|cookies|pixel|pixels|beacon|beacons|tracker|trackers|tracking_script|tracking_code|google_analytics",
    ),
    (
        "withdraw",
        "withdraw|withdraws|withdrawn|withdrawing|withdrawal|withdrawals|take_back|taking_back|taken_back|took_back|revoke|\
         revoked|change_your_mind",
    ),
    ("tps", "tps|ctps|preference_service"),
    (
        "thirty",
        "30_days|30_day|30-day|thirty_days|thirty-day|30_calendar_days|thirty_calendar_days|thirty_30_days|30_thirty_days",
    ),
    (
        "extras",
        "marketing|newsletter|newsletters|advertising|photograph|photographs|photos|filming|sharing|publicity|cookies|mailing|mailings|news|\
         profiling|tracking|offers|adverts|appeals|e-mails|emails|social_media|third_parties|partners",
    ),
    ("days", "day|days|week|weeks|fortnight|fortnights|month|months"),
    ("officer", "data_protection_officer|data_protection_officers|protection_officer|dpo|dpos"),
    (
        "others",
        "employer|employers|referrer|referrers|school|schools|client|clients|organisation|organisations|agency|agencies|sender|senders|\
         manager|managers|parent|parents|landlord|landlords|you|whoever|customer|customers|company|companies|council|firm|carer|carers|\
         doctor|surgery|charity|partner|partners|referee|applicant|applicants",
    ),
    (
        "them",
        "them|him|her|people|person|persons|staff|employee|employees|worker|workers|colleague|colleagues|clients|client|family|families|\
         relative|relatives|others|other_people|everybody|everyone|anybody|anyone|each|children|child|pupils|pupil|members|member|parents|\
         whoever|those|referee|referees|contacts|friend|friends|tenants|patients|learners|delegates|somebody|someone|emergency_contact|\
         next_of_kin|partner|participants|individuals|individual|subjects|volunteers|customers",
    ),
    (
        "everything",
        "data|details|information|everything|anything|copy|copies|records|record|file|files|account|history|all_of_it|what_we_hold|\
         what_we_have|answer|reply|response",
    ),
    (
        "take_along",
        "portab*|take_your_data|take_it_with_you|take_them_with_you|data_with_you|move_your_data|another_provider|pass_it_on",
    ),
    (
        "no",
        "objecting|objection|opting_out|opt-out|unsubscribing|unsubscription|saying_no|telling_us|asking_us|you_object|you_opt_out|\
         you_unsubscribe|you_say_no|you_ask_us|your_no|you_said_no|you_tell_us|your_request|withdrawing|you_withdraw",
    ),
    (
        "marketing",
        "marketing|advertising|adverts|newsletter|newsletters|mailing|mailings|e-mails|emails|letters|calls|appeals|news|offers|messages|\
         texts|circulars|writing_to_you|calling_you|list|lists",
    ),
    ("backup", "backup|backups|back-up|back-ups|tape|tapes"),
    (
        "erased",
        "delete|deletes|deleted|deletion|erase|erases|erased|erasure|remove|removed|removal|gone|destroyed",
    ),
    (
        "papers",
        "passport|passports|driving_licence|driving_license|birth_certificate|identity_card|identity_document|\
         utility_bill|photo_id|photographic_id|photographic_identification|proof_of_address|identification|id",
    ),
];

/// Every claim, by subject.
pub(super) const CLAIMS: &[&[Claim]] = &[
    ways::CLAIMS,
    duties::CLAIMS,
    requests::CLAIMS,
    answers::CLAIMS,
    consent::CLAIMS,
    bases::CLAIMS,
    machines::CLAIMS,
    stopping::CLAIMS,
    sharing::CLAIMS,
    keeping::CLAIMS,
];

/// A claim with its patterns, each with letters one of which is in whatever it finds: most texts can be passed over
/// without reading them.
pub(super) struct Opened {
    pub(super) claim: &'static Claim,
    pub(super) says: Vec<(&'static str, Vec<&'static str>)>,
}

/// Every claim with what opens its patterns.
pub(super) static OPENED: LazyLock<Vec<Opened>> = LazyLock::new(|| {
    let opened = |claim: &'static Claim| Opened {
        claim,
        says: claim.says.iter().map(|pattern| (*pattern, opens(pattern))).collect(),
    };
    CLAIMS.iter().copied().flatten().map(opened).collect()
});

/// The letters of the one piece of a pattern that says most: one of them is in every sentence that has the pattern.
fn opens(pattern: &'static str) -> Vec<&'static str> {
    let pieces = pattern.split(' ').filter(|piece| !GAPS.contains(piece)).map(letters);
    pieces.max_by_key(|all| all.iter().map(|said| said.len()).min()).unwrap_or_default()
}

/// What stands for other words in a pattern, and says none.
const GAPS: &[&str] = &["", "..", "...", "~", "^", "$"];

/// The longest word of every way to say a piece of a pattern.
fn letters(piece: &'static str) -> Vec<&'static str> {
    let each = piece.split('|').flat_map(|one| {
        match one.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                SETS.iter().find(|(known, _)| *known == name).map_or(Vec::new(), |(_, list)| letters(list))
            }
            None => vec![
                one.split('_')
                    .map(|word| word.trim_end_matches('*'))
                    .max_by_key(|word| word.len())
                    .unwrap_or(one),
            ],
        }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_opened_by_letters_that_it_must_have() {
        assert_eq!(opens("no|neither ... other way"), ["other"]);
        assert_eq!(opens("{must} .. be_written|signed"), ["written", "signed"]);
        assert_eq!(opens("{not} ... request*|application*"), ["request", "application"]);
        for opened in OPENED.iter() {
            for (pattern, letters) in &opened.says {
                let short = letters.iter().any(|letters| letters.len() < 2);
                assert!(!letters.is_empty() && !short, "{}: {pattern}: {letters:?}", opened.claim.code);
            }
        }
    }

    #[test]
    fn every_list_that_a_pattern_names_is_there() {
        for claim in CLAIMS.iter().copied().flatten() {
            let with = claim.with.iter().copied().flatten();
            for pattern in claim.says.iter().chain(claim.unless).chain(with) {
                assert!(!pattern.contains("  ") && pattern.trim() == *pattern, "{}: {pattern}", claim.code);
                for piece in pattern.split(' ').filter(|piece| !GAPS.contains(piece)) {
                    assert!(!letters(piece).is_empty(), "{}: {piece}", claim.code);
                }
            }
        }
    }
}
