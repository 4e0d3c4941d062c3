//! Which basis what is done is said to rest on: one that is open, or one that cannot carry it.

use super::Claim;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        code: "W-MIXED-BASES",
        says: &[
            "consent ... also|fall_back_on|failing|instead|as_well|alternatively ... legitimate_interest|legitimate_interests",
            "consent|contract|obligation|obligations|interests ... consent|contract|obligation|obligations|interests ... or|and_or .. consent|contract|obligation|obligations|interests|interest",
            "one_or_more|any|several|some|combination|variety ~ .. legal|lawful bases|basis|grounds",
            "only|solely|all|everything|whatever|every ... legitimate_interests|legitimate_interest .. for|as .. everything|all|whatever|every",
            "legitimate_interest|legitimate_interests is|are .. basis|ground|reason .. for .. all|everything|every",
        ],
        with: &[],
        unless: &[
            "not|never|nobody|neither|nor|each|which_of|as_well_as_condition|article_9|art_9|condition|course*|training|teach*",
        ],
        about: &[],
        message: "this leaves open which basis it rests on, or names one that cannot carry it",
        help: "take it out: the notice names the basis of each activity, and the condition of what is sensitive",
    },
    Claim {
        code: "W-MIXED-BASES",
        says: &["{sensitive} ... ... {interests}", "{interests} ... ... {sensitive}"],
        with: &[],
        unless: &[
            "not|never|nobody|no|nothing|neither|nor",
            "explicit*|consent|condition|schedule|article_9|art_9|beside",
            "course*|training|teach*|safety|results|damage|proceedings|first_aid",
        ],
        about: &["legitimate interest", "6(1)(f)"],
        message: "this basis cannot carry what is sensitive",
        help: "name the condition beside the basis, or ask for explicit consent",
    },
    Claim {
        code: "W-MIXED-BASES",
        says: &["{basis} ... or|and_or .. {basis}", "mixture|mix|combination|choice .. of ... {basis}"],
        with: &[&[
            "basis|bases|ground|grounds|lawful|rely|relies|rest|rests|apply|applies|process*|use_our|base",
        ]],
        unless: &[
            "not|never|nobody|no|neither|nor|each",
            "right|rights|portab*|take_along|copy|withdraw*|take_back|object|where_we_rely|form|condition",
            "course*|training|teach*",
        ],
        about: &[],
        message: "this leaves open which basis it rests on",
        help: "take it out: the notice names the basis of each activity",
    },
    Claim {
        code: "W-MIXED-BASES",
        says: &[
            "any|one|whatever|whichever|several|another|other ~ lawful|legal basis|bases|ground|grounds",
            "basis|bases|ground|grounds .. one_of|any_of ~ those|article|these|several|following",
            "choose*|pick*|select* ... lawful|legal basis|bases|ground|grounds",
            "basis|ground .. for .. all|everything ... {interests}",
            "fallback|fall-back ... consent ... {interests}",
            "consent ... but|and|though ... not .. need ... {interests}",
            "where|if|when|should|although ... consent ... not|refuse*|withdraw* ... ... {interests}",
        ],
        with: &[],
        unless: &[
            "never|nobody|no|neither|nor|each|stop|stops|not_use",
            "condition|article_9|art_9|course*|training|teach*|object",
            "right|rights|take_back",
        ],
        about: &[],
        message: "this leaves open which basis it rests on",
        help: "take it out: the notice names the basis of each activity",
    },
];
