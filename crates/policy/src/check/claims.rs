//! What organisations write about people's rights that the law does not let them, as data: patterns of `wording`, one
//! sentence at a time. Decides nothing.

/// What to look for in a sentence.
pub(super) struct Claim {
    pub(super) code: &'static str,
    /// One of these letters must be there at all: most sentences can be passed over without reading them.
    pub(super) key: &'static [&'static str],
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
         headteacher|head_teacher|director|directors|secretary|solicitor|registrar|officer|in_person|reception|fax|\
         recorded_delivery|registered_post",
    ),
    ("by", "on|by|in|through|via|using|with|to|from|at"),
    (
        "phone",
        "phone|telephone|e-mail|e-mails|email|emails|mouth|social_media|text|text_message|whatsapp|in_person",
    ),
    ("not", "not|never|cannot|can't|won't|don't|doesn't|isn't|aren't|nor"),
    ("data", "data|details|information|address|addresses|list|lists|names|records|database"),
    ("regulator", "regulator|commissioner|commissioner's|commission|ico|regulators"),
    (
        "who",
        "identity|identities|who_you_are|who_they_are|who_he_or_she_is|who_somebody_is|who_is_asking|who_asks|\
         yourself|themselves",
    ),
    (
        "papers",
        "passport|passports|driving_licence|driving_license|birth_certificate|identity_card|identity_document|\
         utility_bill|photo_id|photographic_id|photographic_identification|proof_of_address|identification|id",
    ),
];

/// Letters without which no way of asking is named.
const WAYS: &[&str] = &[
    "form",
    "letter",
    "post",
    "writ",
    "portal",
    "template",
    "manager",
    "supervisor",
    "head",
    "director",
    "secretary",
    "solicitor",
    "registrar",
    "officer",
    "person",
    "reception",
    "fax",
    "sign",
    "paper",
];

/// Only in one way.
const ONLY: &[&str] = &[
    "only|solely|exclusively ... {by} .. {way}",
    "only|solely ... if|when|where|once|after ... {way}|written|signed",
    "only .. written|signed|typed|paper .. request*|application*|complaint*",
    "only ... written|signed|paper request*|application*|complaint*",
    "{by} .. {way} only|alone|exclusively|solely",
    "{by} .. written|signed request*|application*|letter only|alone|exclusively|solely",
    "no|not|nothing|never|cannot|can't|don't|won't ... unless|except|without|until|other_than ... {way}|written|signed",
    "no|nobody|nothing ... except|unless|without ... {way}",
    "only .. {way} .. count*|do|will_do|is|are .. accept*",
];

/// One way that people must take.
const MUST: &[&str] = &[
    "{must} ... {by} .. {way}",
    "{must} .. use|complete|fill|fill_in|fill_out|download|sign|return|print|submit|send|ask|see|approach|contact ... {way}",
    "{must} .. write|be_written|be_signed|be_typed|apply_in_writing",
    "should be .. made|sent|submitted|put|addressed|given|lodged|handed ... {by} .. {way}",
    "require|requires|insist*|expect ... {by} .. {way}",
    "require*|need|needs|want .. written|signed|completed|filled-in .. request*|form|forms|application*|letter|complaint*",
    "require*|need|needs .. signature",
    "{by} .. {way} .. is|are required|compulsory|mandatory|obligatory",
    "no other way",
];

/// One way that people are told to take.
const TELL: &[&str] = &[
    "^ send|write|put|make|submit|address|return|complete|fill|fill_in|fill_out|download|use|hand|give|bring|apply|sign|\
     lodge|direct|ask ... {way}",
    "^ please|kindly send|write|put|make|submit|address|return|complete|fill|download|use|hand|give|bring|apply|sign|\
     lodge|direct|ask ... {way}",
    "^ post|fax ~ request*|application*|complaint*",
    "^ please|kindly post|fax ~ request*|application*|complaint*",
];

/// Ways that are not taken.
const TURNED_AWAY: &[&str] = &[
    "{not} .. accept|take|deal|consider|process|handle|act|allow|permit|recognise ... {phone}|verbal|verbally|spoken|oral|orally|anybody_else",
    "request*|application*|complaint* ... {phone}|verbal*|oral*|spoken ... {not}|ignored|refused|returned|rejected|invalid|disregarded",
    "verbal|spoken|oral|telephone|phone|e-mail|email .. request*|application*|complaint* ... {not}|ignored|refused|returned|rejected|invalid|disregarded",
    "request*|application*|complaint* ... any_other_way|other_ways|otherwise ... {not}|ignored|refused|returned|rejected|invalid|disregarded",
    "{not} ... request*|application*|complaint* ... any_other_way",
];

const NOT_DEMANDED: &[&str] = &[
    "not|never|nobody|no_one|don't|doesn't|needn't|won't .. need|needs|have|has|require|required|must|insist|obliged|asked|expect",
    "need not|never",
    "no need",
    "not only",
    "if_you_like|if_you_want|if_you_wish|if_you_prefer|if_you_would_rather|you_prefer|if_it_helps",
    "we|staff|colleagues|everybody_here|our_people {must}",
    "we|they|staff|us ... {must} .. answer|reply|respond|acknowledge|tell|explain|forward|pass",
    "used only|solely",
    "only use|uses|used",
    "refund*|holiday*|quote|quotation*|booking*",
];

const OPEN_WAY: &[&str] = &[
    "e-mail*|email*|phone*|telephone*|call|ring|any_way|tell_us|speak|talk|in_person|chat|however|whichever|easiest",
    "you_may|you_can|may_also|can_also|for_example|such_as",
    "not|never|don't|needn't",
    "need not",
    "if_you_like|if_you_want|if_you_wish|if_you_prefer|if_you_would_rather|you_prefer|if_it_helps",
    "refund*|holiday*|quote|quotation*|booking*",
];

const NOT_TURNED_AWAY: &[&str] = &[
    "{not} .. refuse*|reject*|ignore*|turn|turned|lose|lost|disregard*|return|returned",
    "need not",
    "not only",
    "refund*|holiday*|quote|quotation*|booking*",
];

/// What a right to one's data is called.
const REQUESTS: &[&str] = &[
    "request",
    "subject access",
    "dsar",
    "your right",
    "these rights",
    "data right",
    "what we hold",
    "copy of",
    "copies of",
    "see your",
    "see the data",
    "access to",
    "exercise",
    "data we hold",
    "erased",
    "deleted",
];

const WITHDRAWING: &[&str] = &[
    "withdraw",
    "take back",
    "take it back",
    "take your consent back",
    "unsubscribe",
    "opt out",
    "opting out",
];

const fn way(
    (code, about): (&'static str, &'static [&'static str]),
    says: &'static [&'static str],
    unless: &'static [&'static str],
    (message, help): (&'static str, &'static str),
) -> Claim {
    Claim { code, key: WAYS, says, with: &[], unless, about, message, help }
}

const ASKING: (&str, &[&str]) = ("W-WRITING", REQUESTS);
const ANY_WAY: (&str, &str) = ("a request counts in whatever way it comes", "say `in any way you like`");
const COMPLAINING: (&str, &[&str]) = ("W-COMPLAIN-HOW", &["complain"]);
const ANY_COMPLAINT: (&str, &str) = (
    "complaining must be made easy, and in more ways than one",
    "say `by form, e-mail or letter, or just tell us`",
);
const TAKING_BACK: (&str, &[&str]) = ("W-WITHDRAW-WRITING", WITHDRAWING);
const AS_EASY: (&str, &str) = ("withdrawing must be as easy as giving", "say `at any time, in any way`");

/// Which spoken and written words stand for a channel that is not taken.
const SPOKEN: &[&str] =
    &["phone", "mail", "verbal", "oral", "spoken", "text", "whatsapp", "social", "other", "else", "person"];

pub(super) const CLAIMS: &[Claim] = &[
    way(ASKING, ONLY, NOT_DEMANDED, ANY_WAY),
    way(ASKING, MUST, NOT_DEMANDED, ANY_WAY),
    way(ASKING, TELL, OPEN_WAY, ANY_WAY),
    Claim { key: SPOKEN, ..way(ASKING, TURNED_AWAY, NOT_TURNED_AWAY, ANY_WAY) },
    way(COMPLAINING, ONLY, NOT_DEMANDED, ANY_COMPLAINT),
    way(COMPLAINING, MUST, NOT_DEMANDED, ANY_COMPLAINT),
    way(COMPLAINING, TELL, OPEN_WAY, ANY_COMPLAINT),
    Claim { key: SPOKEN, ..way(COMPLAINING, TURNED_AWAY, NOT_TURNED_AWAY, ANY_COMPLAINT) },
    way(TAKING_BACK, ONLY, NOT_DEMANDED, AS_EASY),
    way(TAKING_BACK, MUST, NOT_DEMANDED, AS_EASY),
    way(TAKING_BACK, TELL, OPEN_WAY, AS_EASY),
    Claim {
        code: "W-PROOF-OF-WHO",
        key: &[
            "ident",
            "who",
            "passport",
            "licen",
            "certificate",
            " id",
            "bill",
            "proof",
            "yourself",
            "themselves",
        ],
        says: &[
            "prove|proves|proving|proved|proven|proof|evidence ... {who}|id|address",
            "verif*|confirm*|check|checks|checked|establish*|demonstrate* .. {who}",
            "show|bring|send|see|enclose|attach|include|provide|produce|supply|present|need|needs|ask|asked|want|copy ... {papers}",
            "{papers} ... required|needed|necessary|must|mandatory",
            "with|without ... {papers}",
            "identify themselves|yourself",
        ],
        with: &[&[
            "{must}|need|needs|require|requires|required|always|every|everybody|everyone|each|all|anybody|anyone|whoever|\
             before|until|unless|without|first|please|enclose|attach|include|only|no|nobody|nothing",
            "will_be_asked|will_ask|you_are_asked|people_are_asked|we_ask|with_your|with_the|with_a|with_any",
            "^ send|bring|show|provide",
        ]],
        unless: &[
            "doubt*|unsure|not_sure|not_certain|cannot_tell|can't_tell|not_know|don't_know|sometimes|reasonabl*",
            "may|might|could .. ask|need|have|want|check|be",
            "if|where|when|only_if|only_where|only_when .. necessary|needed|need",
            "{not} .. have|need|ask|require|want|keep|must",
            "need_not|needn't|no_need|without_having|without_proving|without_showing",
            "keep|keeps|make|take|hold no|none",
            "right_to_work|tenancy|tenancies|dbs|bank|account_opening|age",
        ],
        about: &[
            "request",
            "subject access",
            "your right",
            "these rights",
            "what we hold",
            "data we hold",
            "see your",
            "copy of",
            "copies of",
            "who asks",
            "who ask",
            "asks to see",
            "if you ask",
            "when you ask",
            "access to",
            "before we answer",
            "before we reply",
            "before we respond",
            "before we give",
            "before we send",
            "before we release",
            "before we disclose",
            "before we tell",
            "before we hand",
            "before we let",
            "will not answer",
        ],
        message: "proof is asked of everybody",
        help: "say `we may ask who you are where we are in doubt`",
    },
    Claim {
        code: "W-WHY",
        key: &["reason", "why", "justif", "purpose"],
        says: &[
            "{must}|should .. give|gives|state|say|tell|explain|provide|supply|include|set_out|have|name|show ... reason|reasons|why",
            "request*|application* {must} .. state|give|say|name|show .. purpose*",
            "need|needs|require|requires|want|expect ... reason|reasons|to_know_why|explanation_why",
            "reason|reasons .. is|are|be required|needed|given|expected|stated",
            "^ give|state|explain|say|tell ... reason|reasons|why",
            "^ please give|state|explain|say|tell ... reason|reasons|why",
            "{must}|should|asked_to .. justify",
            "no|without|lacking .. reason|reasons ... refuse*|reject*|ignore*|not|return*",
            "refuse*|reject*|ignore*|not ... without|unless ... reason|reasons|why",
            "good|valid|proper|sufficient .. reason .. to_ask|for_asking|to_see|for_the_request|for_your_request",
            "we ask .. why|reason|reasons .. you|everybody|people|they",
            "only ... with|if|when|for ... good|valid|proper reason|reasons",
        ],
        with: &[],
        unless: &[
            "not|never|nobody|no_one|don't|doesn't|needn't .. have|has|need|needs|ask|require|required|must|want|give|say|tell|matter",
            "need not",
            "no need",
            "we|they|staff .. {must}|will|shall|always|then|also .. give|say|tell|explain|state|write|have",
            "we give|tell|explain|say|state|write",
            "tell|tells|give|gives|told|telling you .. why|reason|reasons",
            "you .. our|the_reason|the_reasons",
            "if_you_like|if_you_want|if_you_wish|optional|may|might|helps|help",
            "object*|complain*|cancel*|absen*|leave|late|resign*|refund*|miss|missed|book*|appointment*|session*|course*|\
             appeal*|extension|extend*|lesson*|return|staff_who|order*|doctor|job|grant*|bursar*|scholarship*|loan*",
        ],
        about: &[],
        message: "nobody has to say why they ask",
        help: "say `you need not give a reason`",
    },
    Claim {
        code: "W-REGULATOR",
        key: &["regulator", "commission", "ico", "final", "appeal"],
        says: &[
            "may_not|must_not|cannot|can't|can_not|should_not|shall_not|mustn't .. go|complain|contact|write|\
             report|turn|appeal|take|approach|refer|involve|call ... {regulator}",
            "^ do_not|don't|never go|complain|contact|write|turn|appeal|involve ... {regulator}",
            "not_allowed|not_permitted|not_entitled|no_right|forbidden|unable|not_free .. to .. go|complain|contact|write|report|turn|\
             appeal|take|approach|refer|involve ... {regulator}",
            "not|instead_of|rather_than|without .. complain|complaining|going|contacting|writing|to|involving .. to .. {regulator}",
            "not .. to .. {regulator}",
            "agree|agrees|undertake|promise .. not .. to .. go|complain|contact|write|report|turn|appeal|take|involve ... {regulator}",
            "complaint*|appeal* .. to .. {regulator} ... not",
            "{regulator} .. cannot|can't|will_not|won't|has_no|does_not .. help|hear|look|power|deal|take|accept",
            "give_up|waive|lose ... {regulator}",
            "our|the|this|manager's|director's decision .. is|will_be|shall_be final",
            "no|neither .. further|other .. appeal|complaint",
            "no appeal",
        ],
        with: &[],
        unless: &[
            "need not",
            "not .. need|have .. to",
            "you_may|you_can|can_still|may_still|are_free|always_may go|complain|write|contact|turn|tell|ask",
            "not|never .. final",
            "not .. stop|prevent|keep|lose|affect|mind",
            "competition|draw|prize|jury|panel|award*|match|referee|moderator*|exam*|grade*",
        ],
        about: &[],
        message: "anybody may complain to the regulator, at any time",
        help: "say `you can complain to us, and to the Information Commissioner`",
    },
    Claim {
        code: "W-SOLD",
        key: &[
            "sell", "sold", "sale", "rent", "moneti", "trade", "pay", "paid", "money", "profit", "income",
            "highest", "lease",
        ],
        says: &[
            "sell|sells|selling|resell|sold|rent|rents|renting|lease|trade|trades|monetise|monetize ~ {data}",
            "{data} .. is|are|be|being|get .. sold|rented|traded|monetised|leased|resold",
            "{data} ... to|for|with .. anybody|anyone|whoever|those|companies|organisations|businesses|firms|advertisers|the_highest .. pays|pay|bidder|paying",
            "{data} ... for .. money|payment|cash|profit",
            "{data} ... for|on sale",
            "paid|money|fee|commission ... for .. passing|sharing|giving|handing|selling ... {data}",
            "make|earn|raise money|income|profit|funds .. from|with|by ~ {data}",
        ],
        with: &[&[
            "sell*|sold|rent*|trade|trades|lease|moneti*|pass*|share*|give*|hand*|disclos*|offer*|swap*|exchange*|make|earn|raise|resold|sale",
        ]],
        unless: &[
            "never|not|nobody|no_one|nothing|cannot|can't|don't|won't|nor|neither|refuse|without|anti|against|forbid*",
            "your_payment|card|take_payment|payment_details|bank|invoice*|collect_payment|rental|tickets|rent_arrears|your_rent|the_rent",
        ],
        about: &[],
        message: "data about people is no merchandise",
        help: "take the sentence out, and write `never share anything for marketing`",
    },
    Claim {
        code: "W-IMPLIED",
        key: &["consent", "agree", "permission", "happy", "accept"],
        says: &[
            "implied|implicit|tacit|presumed|assumed|deemed|passive|inferred|negative|opt-out consent|agreement|permission",
            "consent|permission|agreement .. is|are|be|being|was|counts_as .. implied|implicit|assumed|presumed|inferred|deemed|understood|tacit",
            "imply|implies|infer|presume|presumes|assume|assumes|take|takes|treat|treats|read|regard|understand|count|counts ... consent|consents|agree|agrees|agreed|permission|happy",
            "means|mean|shows|show that_you|that_they|you|they .. consent|agree",
            "by|when|if ... attending|attend|booking|book|coming|come|joining|join|buying|buy|ordering|order|paying|pay|staying|stay|using|use|calling|call|contacting|contact|enrolling|enrol|donating|donate ... you|they .. consent|give_your_consent|give_us_permission|agree_to_us|agree_to_our_using|agree_to_be",
            "attending|booking|coming|joining|buying|ordering|paying|staying|using|calling|enrolling|donating|signing_up|registering ... counts_as|is_taken_as|amounts_to|means|constitutes|is_treated_as ... consent|agreement|permission|agree",
            "silence|no_reply|no_answer|no_objection|not_replying|not_answering|doing_nothing ... consent|agreement|permission|yes|agree",
            "not|don't .. reply|answer|respond|object|say|tell|hear ... assume|take|treat|presume|consider|regard ... consent|agree|agreed|permission|happy|yes",
        ],
        with: &[],
        unless: &[
            "never|nobody|no_one",
            "not|cannot|can't|don't|doesn't|isn't rely|be_taken|take|treat|assume|presume|count|infer|imply|mean|means|enough|valid|consent|read|regard|agree|agreement|permission|use|ask",
            "no .. implied|implicit|tacit|assumed|presumed|opt-out",
            "is|are no consent|agreement|permission",
            "take|takes .. back",
            "take .. care|away|along",
            "in_silence|only_if_you|only_when_you|ask_you|ask_for|asked_for|you_have_given|signed",
            "contract|terms|agreed_with|our_agreement|an_agreement|the_agreement|read_and_agree|have_read",
        ],
        about: &[],
        message: "nobody consents by doing something else, or nothing",
        help: "ask, and record a clear yes",
    },
    Claim {
        code: "W-REFUSED",
        key: &["request", "right"],
        says: &[
            "reserve .. right .. to .. refuse|reject|ignore|decline ... request*",
            "may|can|will .. refuse|reject|decline|ignore .. any|every|all|requests|your_request|a_request|them",
            "request* ... at|in|subject_to our|the_manager's|the_director's|their sole|absolute|own|discretion",
            "request* .. at our discretion",
            "request* ... if|when|as we|staff .. have|has|find .. time",
            "request* .. are|is|will_be .. ignored|disregarded|binned|refused",
            "{not} .. answer|respond|reply|deal|act|comply|accept .. to|with|on .. request*",
            "{not} answer|accept|process|handle|consider ~ request*",
            "only one|two|three|1|2|3 request|requests .. a|per|each|every year|month",
            "one|1 request .. a|per|each|every .. year|person .. only|at_most",
        ],
        with: &[],
        unless: &[
            "unfounded|excessive|doubt*|identity|who_you_are|reason|reasons|why|explain|exempt*|law|lawful|legal|lets_us|must|\
             third_party|others|somebody_else|other_people|privilege*|until|before|unless|free|charge|without|late",
            "never|not .. refuse*|reject*|ignore*|decline*|disregard*",
            "refund*|holiday*|quote|quotation*|booking*|repair*|media|press|marketing|by_phone|over_the_phone|by_e-mail|by_email",
        ],
        about: &[],
        message: "whether to answer is not left to whoever is asked",
        help: "say `we answer every request, and give reasons where the law lets us refuse`",
    },
    Claim {
        code: "W-REFUSED",
        key: &["copy", "copies", "even if", "on request", "ask"],
        says: &[
            "not|never|don't .. delete|erase|correct|rectify ... on_request|when_asked|if_you_ask|because_you_ask",
            "keep|hold|use|store ... even_if|even_when|although you .. ask*|object*|tell_us_not",
            "no copy|copies|right_to_a_copy",
            "ask|apply .. only once|twice",
        ],
        with: &[],
        unless: &[
            "law|legal|lawful|until|claim*|hold|third_party|other_people|hard_copy|paper",
            "keep|kept|make|makes|take|takes|have|has|hold .. no copy|copies",
            "consent|agreement",
        ],
        about: &[],
        message: "whether to answer is not left to whoever is asked",
        help: "say `we answer every request, and give reasons where the law lets us refuse`",
    },
    Claim {
        code: "W-FEE",
        key: &["cost", "pay", "postage", "photocop"],
        says: &["{must} .. pay|cover|meet|bear|refund ... cost|costs|photocop*|postage|copy|copies|copying"],
        with: &[],
        unless: &["not|never|nobody|don't .. have|need|must|pay", "we {must}", "unfounded|excessive|further"],
        about: REQUESTS,
        message: "requests are free",
        help: "take the fee out",
    },
    Claim {
        code: "W-WITHDRAW-WRITING",
        key: &["withdraw", "take back"],
        says: &[
            "withdraw*|take_back ... we .. charge|fine|invoice",
            "withdraw*|take_back ... you .. lose|forfeit|{must}_pay|pay|owe",
            "withdraw*|take_back ... penalty|fine",
        ],
        with: &[],
        unless: &["not|never|nothing|no|without"],
        about: &["consent", "agree"],
        message: "whoever takes back consent must be no worse off for it",
        help: "say `at any time, in any way, and nothing else changes for you`",
    },
    Claim {
        code: "W-IMPLIED",
        key: &["untick", "un-tick", "tick", "uncheck"],
        says: &[
            "untick|un-tick|uncheck .. box|boxes",
            "tick .. box|here|below ... if|unless you .. not .. want|wish",
        ],
        with: &[],
        unless: &["never|no_box|not_have_to|need_not|no_need"],
        about: &[],
        message: "nobody consents by doing something else, or nothing",
        help: "ask, and record a clear yes",
    },
    Claim {
        code: "W-EXHAUSTIVE",
        key: &["purpose", "reason", "as we see fit"],
        says: &[
            "any|whatever|all|every other|lawful|business|reasonable purpose|purposes",
            "any|whatever purpose|purposes",
            "for .. business|commercial|internal purpose|purposes",
            "use ... as_we_see_fit|as_we_like|as_we_please|however_we_like",
        ],
        with: &[&["use|uses|used|process*|hold|keep|share|need"]],
        unless: &["never|not|nobody|no|each|only"],
        about: &[],
        message: "a purpose must be named",
        help: "name every purpose, each in an activity",
    },
    Claim {
        code: "W-WHO-GETS-IT",
        key: &["see fit", "partner", "like", "choose", "think"],
        says: &[
            "pass|share|give|disclose|send|provide ... as_we_see_fit|as_we_like|as_we_choose|as_we_think",
            "pass|share|give|disclose|send|provide ... partner organisations|companies|bodies|agencies|firms",
            "pass|share|give|disclose|send|provide .. ~ {data} ... whoever|whomever|anyone|anybody we|asks",
        ],
        with: &[],
        unless: &["never|not|nobody|nothing|no"],
        about: &[],
        message: "this does not say who gets it",
        help: "name each recipient with `share ... with NAME, to ...`",
    },
    Claim {
        code: "W-WORDS-INDEFINITE",
        key: &["never", "nothing is"],
        says: &[
            "we|staff never throw|destroy|dispose|shred|get_rid|delete|erase|remove|discard",
            "nothing .. is .. ever|thrown|destroyed|deleted|erased|discarded",
        ],
        with: &[],
        unless: &["without|before|until|unless|by_mistake|by_hand|while|if", "not .. ever"],
        about: &[],
        message: "this says that data is kept with no end",
        help: "let `keep` say how long",
    },
    Claim {
        code: "W-COMPLAIN-HOW",
        key: &["within", "deadline", "too late"],
        says: &[
            "complaint*|complain {must} .. be .. made|sent|received|submitted|raised within",
            "{must} complain within",
        ],
        with: &[],
        unless: &["we|staff {must}", "not|never .. have|need"],
        about: &["complain"],
        message: "the law sets no time by which people must complain",
        help: "say `by form, e-mail or letter, or just tell us, at any time`",
    },
    Claim {
        code: "W-BREACH-LATE",
        key: &["breach", "leak"],
        says: &[
            "tell|tells|inform|notify nobody|no_one ... breach*|leak*|data_loss",
            "breach*|leak* ... are|is kept_quiet|kept_secret|our_own_business|kept_to_ourselves",
        ],
        with: &[],
        unless: &["unlikely|risk"],
        about: &[],
        message: "the law gives 72 hours",
        help: "say `within 72 hours of becoming aware`",
    },
];
