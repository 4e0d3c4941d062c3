//! What comes back to whoever asks: a file no machine can read, a no without reasons, a right that is no longer there; and
//! what is left of whoever was erased.

use super::Claim;
use super::ways::REQUESTS;

const PDF: Claim = Claim {
    code: "W-PDF",
    says: &[
        "{everything} ... as|in|into|by|via|on|to .. pdf|pdfs",
        "get|gets|give|gives|send|sends|receive|supply all|it|them|yours .. as|in|by .. pdf|pdfs",
        "pdf|pdfs .. of|with|containing|holding|that_has|which_has|listing ... {everything}|what_we|all_we",
        "{everything} .. you|we ... is|are|will_be|comes_as ~ pdf|pdfs",
        "portab*|subject_access|access|request|requests ... answered|answer|met|meet|fulfilled|fulfil|satisfied|dealt|complied|comply|\
         handled|by ... pdf|pdfs",
        "pdf|pdfs ... portab*|request|requests|your_right",
        "{take_along} ... pdf|pdfs",
        "pdf|pdfs ... {take_along}",
    ],
    with: &[],
    unless: &[
        "csv|json|xml|spreadsheet|machine-readable|machine_readable|computers_can|computer_can|or_as|or_in|or_on|or_by|as_well|also|too|\
         whatever_format|any_format|another_format|other_format*|whichever|as_you_like|you_choose|beside|if_you_like|if_you_prefer",
        "not|never|nor .. as|in|into|by|only .. pdf|pdfs",
        "ticket*|invoice*|receipt*|brochure*|newsletter*|timetable*|certificate*|menu|programme|leaflet*|prospectus|agenda|minutes|map|\
         poster*|song*|sheet_music|worksheet*|handout*|slides",
        "we|is|are|be keep|kept|store|stored|save|saved|archive|archived|scan|scanned|filed .. as|in|file|files|records|it|them",
        "hold|held ~ file|files|data|details|records|copies|it|them .. as|in",
    ],
    about: &[],
    message: "a PDF is not machine-readable",
    help: "offer CSV or JSON too",
};

pub(super) const CLAIMS: &[Claim] = &[
    PDF,
    Claim {
        code: "W-INITIALS",
        says: &[
            "initials .. only|alone|and_nothing|and_date|and_the|and_a|plus|beside|next_to",
            "only|just|merely|solely|nothing_but|no_more_than|nothing_more_than|simply|except|but|other_than|apart_from ~ initials",
            "by|with|as|under|through|behind|beyond|to ~ initials",
            "become|becomes|replaced|replace|shortened|reduced|cut|turned|turn ... by|into|to|with ~ initials",
            "become|becomes|leaves|leave ~ initials",
            "note|notes|noted|record|records|write|writes|write_down|keep|keeps|log|logs|list|lists|hold|holds|retain|store|stores|show|\
             shows|contain|contains|enter|enters|have|has|put|puts ~ initials",
            "note|notes|record|records|write|writes|keep|keeps|log|logs|list|lists|hold|show|shows|contain|contains|enter ... ~ initials",
            "initials .. remain|remains|stay|stays|survive|survives|are_all|is_all",
            "initials .. are|is|of ... kept|noted|recorded|listed|logged|stored|left|there|all|\
             remain*|register|whoever|those|erased|deleted|everybody|people",
        ],
        with: &[],
        unless: &[
            "no|not|never|without|neither|nor|instead_of|rather_than ~ initials",
            "not|never .. note|record|write|keep|log|list|hold|store",
            "staff|manager|manager's|colleague|colleagues|officer|officer's|clerk|secretary|who_erases|who_deletes|whoever_erases|\
             whoever_deletes|their_own ... initial|initials|initialled",
            "sign|signs|signed|countersign*",
            "initials .. of .. staff|manager|colleague|officer|clerk|secretary|trainer|teacher|whoever_did|one_of_us",
            "locker|mug|peg|coat|label|keys|badge|box|boxes|shelf|folder*",
        ],
        about: &[
            "eras",
            "delet",
            "remove",
            "removal",
            "unsubscrib",
            "opted out",
            "no contact",
            "do not contact",
            "not to be contacted",
            "not want to hear",
            "suppress",
            "forgotten",
            "forget",
            "left of you",
            "let go",
            "gone",
        ],
        message: "initials name nobody for certain, and somebody all the same",
        help: "say that you keep the request's number, and a code made from the address that nobody can read back",
    },
    Claim {
        code: "W-REFUSED",
        says: &[
            "refus*|reject*|decline*|declining|turn_down|turns_down|turn_away|deny|denied|dismiss ... \
             request*|requests|application|it|them|yours|access|copy ... without|and_need_not|and_not|with_no ... \
             reason|reasons|explanation|explaining|saying|telling|why|justif*",
            "refus*|reject*|decline*|turn_down ... request*|requests ... not say|give|tell|explain why|reason|reasons",
            "no reason|reasons|explanation|explanations ... given|offered|provided|sent|owed|due ... refus*|reject*|decline*|turn_down|deny|denied",
            "request*|requests|application ... refused|rejected|declined|turned_down|turned_away|denied|dismissed .. without|with_no ... \
             reason|reasons|explanation|explaining|saying|telling|why|justif*",
            "without ~ giving|stating|offering|any|a|saying|telling|explaining .. reason|reasons|explanation|why ... \
             refus*|reject*|decline*|turn_down|deny|say_no",
            "not|never|no|don't|need_not|needn't|without ... give|giving|say|saying|explain|explaining|tell|state|stating|justify|justifying \
             ... reason|reasons|why|explanation|refusal|refusals ... refus*|reject*|decline*|say_no|turn_down|no_to",
            "not|never|no|don't|need_not|needn't .. explain|justify|account ... refusal*|refusing|why_we|rejections",
            "refusal*|refused|rejections|rejected|turned_down ... not|never|no|without .. be|give|given|state|stated|have|explain*|reason|\
             reasons|justif*",
            "refus*|reject*|decline*|turn_down|say_no ... request*|requests ... not|never|no|need_not ... justify|explain|reason|reasons|\
             explanation|account",
            "request*|requests ... refused|rejected|declined|turned_down ... no_questions|no_reason|no_reasons|no_explanation|no_answer",
            "owe|owes nobody|no_one|you|them .. explanation|reason|reasons|answer",
            "reason|reasons .. for ... refus* ... not|never|withheld|secret|confidential",
            "no|neither .. reason|reasons|explanation|explanations .. is|are|will_be|need_be ~ given|stated|offered|sent ... \
             refus*|rejected|no_to|say_no",
        ],
        with: &[],
        unless: &[
            "never|not|cannot|can't|don't|nobody|no_one .. refuse|refuses|reject|rejects|decline|declines|turn_down|deny|dismiss",
            "you|nobody|they|people|one .. need_not|need|do_not|don't|not|never|can|may .. give|say|have|state|explain|refuse*|decline*|\
             withdraw|object",
            "photograph*|filmed|interview*|offer|invitation|place|refund*|holiday*|quote*|quotation*|booking*|repair*|job*|grant*|loan*|\
             gift*|entry|membership|survey",
            "nothing|never_without|not_without|not .. without",
        ],
        about: REQUESTS,
        message: "whoever is refused must be told why, and how to complain",
        help: "say `we answer every request, and give reasons where the law lets us refuse`",
    },
    Claim {
        code: "W-OLD-ARTICLE",
        says: &[
            "may|must|can|shall|should|right|rights|entitled|cannot|can't ... subject|subjected .. to ... \
             decision*|decision-making|profiling ... automat*|machine*|computer*|algorithm*|software",
            "may|must|can|shall|should|right|rights|entitled|cannot|can't ... subject|subjected .. to ... \
             automated|automatic|computerised|machine-made ~ decision*|decision-making|processing|profiling",
            "right|rights|entitled ... not .. have|having ... decision* ... automat*|machine*|computer*|algorithm*|software",
            "right|rights|entitled|may|can .. to|object|refuse|opt_out .. object|refuse|opt_out|to|of ~ \
             automated|automatic|computerised|machine-made ~ decision*|decision-making|profiling",
            "right|rights|entitled|may|can .. object|refuse|opt_out .. to|of ... decision* ... only|solely|purely|alone|entirely|exclusively \
             ... automat*|machine*|computer*|algorithm*|software|means",
            "automated|automatic|computerised ~ decision*|decision-making|profiling .. is|are .. prohibited|forbidden|banned|not_allowed|\
             unlawful|illegal|outlawed",
            "right|rights|entitled|may|can .. refuse|object|not ... judged|assessed|rated|scored|decided .. by|through|upon ... \
             automat*|machine*|computer*|algorithm*|software .. alone|only|$",
            "law|gdpr ... forbids|forbid|prohibits|prohibit|bans|ban|not_allow|not_let|not_permit|outlaws ... decision* ... \
             automat*|machine*|computer*|algorithm*|software",
            "no|not|any ~ decision* ... may|can|must|shall .. be ... only|solely|purely|alone|entirely|exclusively|wholly ... \
             automat*|machine*|computer*|algorithm*|software",
        ],
        with: &[&[
            "not|never|cannot|can't|nobody|no|object|refuse|opt_out|forbid*|prohibit*|ban|bans|banned|outlaw*|unlawful|illegal",
        ]],
        unless: &[
            "ask .. a|for|somebody|person|human .. person|human|to_look|look",
            "somebody_to_look|person_to_look|a_person_looks|somebody_looks|contest|challenge|22a*|have_your_say",
            "course*|teach*|training|lesson*|film|book",
            "we|us .. take|make|made|use no|none|never",
            "allergy|safety|fire|alarm*",
        ],
        about: &[],
        message: "the law no longer says it so",
        help: "say that people can ask for a person to look, be told, and contest it (Arts 22A to 22D)",
    },
    Claim {
        code: "E-SHIELD",
        says: &["privacy_shield|privacy-shield*"],
        with: &[],
        unless: &[
            "privacy_shield|privacy-shield* ... ended|ends|invalid|abolished|expired|is_over|was_over|gone|struck|replaced|void|annulled|\
             cancelled|dead|quashed|overturned|stopped|ceased|lapsed|collapsed|history|useless|worthless|fell|no_longer|is_no|was_no",
            "privacy_shield|privacy-shield* .. not|never|nobody .. valid|apply|applies|protect*|hold|holds|count|counts|enough|exist|stand",
            "not|never|nobody|no_longer|nothing|none|don't|doesn't|cannot|can't .. use|uses|used|rely|relies|rest|rests|depend|depends|\
             trust|based|apply|applies|accept|need|count|hide .. to|on|under|by|upon|behind|any|the ~ privacy_shield|privacy-shield*",
            "not|never|nobody|no_longer|nothing|none|don't|doesn't|cannot|can't .. use|uses|used|accept|need|trust|mention ~ \
             privacy_shield|privacy-shield*",
            "nothing|none|nobody|no_data .. is|are|goes|was .. sent|transferred|shared|passed|to|kept|held .. under|by|on|through ~ \
             privacy_shield|privacy-shield*",
            "nothing|none|nobody goes|rests|relies|hangs .. under|by|on|through ~ privacy_shield|privacy-shield*",
            "privacy_shield|privacy-shield* protects|covers|helps|binds nobody|no_one|nothing",
            "instead_of|without|unlike|in_place_of|demise_of|end_of|no ~ privacy_shield|privacy-shield*",
        ],
        about: &[],
        message: "this framework no longer exists",
        help: "name the safeguard that holds today",
    },
    Claim {
        code: "E-SHIELD",
        says: &["safe_harbour|safe_harbor"],
        with: &[&[
            "usa|united_states|america|american|framework|principles|certif*|transfer*|protected|safeguard*|scheme|signed_up",
        ]],
        unless: &[
            "safe_harbour|safe_harbor ... ended|ends|invalid|abolished|expired|gone|struck|replaced|void|annulled|cancelled|quashed|fell|\
             no_longer",
            "not|never|nobody|no_longer|nothing|instead_of|without ... safe_harbour|safe_harbor",
        ],
        about: &[],
        message: "this framework no longer exists",
        help: "name the safeguard that holds today",
    },
    Claim {
        code: "W-LATE-ANSWER",
        says: &[
            "within|in|inside .. {days} .. of|from|after ~ verification|verifying|validation|validating|acceptance|accepting|approval|approving|\
             logging|registering|acknowledging|processing|understanding|allocation",
        ],
        with: &[],
        unless: &["identity|who_you_are|doubt*|payment|membership|order*|booking*|application"],
        about: &["request", "answer", "reply", "respon", "copy"],
        message: "the month runs from the day the request came",
        help: "say `within a month of your request`",
    },
    Claim {
        code: "W-PORTABILITY",
        says: &[
            "{take_along} ... only|solely|just|provided ... consent",
            "only|solely|just ... consent ... {take_along}",
            "{take_along} ... applies|apply|limited|restricted|is|are ... to|for|by ... consent",
        ],
        with: &[],
        unless: &["contract*|agreement|order*|not_only|not_just"],
        about: &[],
        message: "what was given under a contract can be taken along too",
        help: "say `under your consent or a contract`",
    },
    Claim {
        code: "W-CHILDREN",
        says: &[
            "children|child|pupils|pupil|young_people|teenagers|anybody|anyone|whoever|those|under-16s|under-18s ... {must}|need|needs|require ... \
             parent|parent's|parents|parents'|parental|guardian|guardian's ... ask|request*|see|access|exercise|complain",
            "under|below|younger|not_yet ... parent|parents|guardian|guardians {must}|has_to|have_to|should ... request|requests|ask|apply|complain",
            "parent|parents|guardian|guardians {must}|has_to|have_to .. make|send|sign|submit|approve ... child's|children's|pupil's|their request|\
             requests|rights",
            "only .. parent|parents|guardian|guardians .. can|may .. ask|make|request|exercise|see ... {data}|request|requests|rights|file",
        ],
        with: &[&["{data}|request|requests|rights|copy|file"]],
        unless: &[
            "not|never|need_not|nobody|no .. need|have|must|parent*",
            "photo*|film*|trip*|sport*|club*|medical|medicine*|swim*|too_young|until_they|not_old_enough|not_understand",
        ],
        about: &[],
        message: "a child who understands has rights of their own, whatever their age",
        help: "say `whoever is old enough to understand may ask and decide themselves`",
    },
];
