//! In which way people may ask, complain or take a consent back: in any, and in as many as we have.

use super::Claim;

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
    "no other way",
];

/// One way that people must take.
const MUST: &[&str] = &[
    "{must} ... {by} .. {way}",
    "{must} ... {by} ... form|forms|portal|template",
    "{must} .. visit|come|call|attend|go ... office|offices|reception|centre|premises",
    "request*|application* .. go|goes|come|comes|pass|passes|are_made|are_sent .. through|via|to .. manager|managers|supervisor|head|director|secretary|solicitor|portal|form",
    "should_be|should_come|must_be .. in_writing|on_paper",
    "{must} .. use|complete|fill|fill_in|fill_out|download|sign|return|print|submit|send|ask|see|approach|contact ... {way}",
    "{must} .. write|be_written|be_signed|be_typed|apply_in_writing",
    "should be .. made|sent|submitted|put|addressed|given|lodged|handed ... {by} .. {way}",
    "require|requires|insist*|expect ... {by} .. {way}",
    "require*|need|needs|want .. written|signed|completed|filled-in .. request*|form|forms|application*|letter|complaint*",
    "require*|need|needs .. signature",
    "{by} .. {way} .. is|are required|compulsory|mandatory|obligatory",
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
    "we|colleagues|everybody_here|our_people {must}",
    "we|they|staff|us ... {must} .. answer|reply|respond|acknowledge|tell|explain|forward|pass|take|log|note|help",
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
pub(super) const REQUESTS: &[&str] = &[
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
    Claim { code, says, with: &[], unless, about, message, help }
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

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        code: "W-COMPLAIN-HOW",
        says: &[
            "complain*|complaint* ... only|solely|exclusively .. to|with .. {regulator}",
            "only|solely|exclusively .. complain*|complaint* ... to|with .. {regulator}",
            "complain*|complaint* ... to|with .. {regulator} .. only|alone|exclusively",
        ],
        with: &[],
        unless: &["not|never|after|once|until|before", "not only"],
        about: &[],
        message: "people may complain to you first, and the notice must say how",
        help: "say `complain to us by form, e-mail or letter; you can also complain to the Information Commissioner`",
    },
    way(ASKING, ONLY, NOT_DEMANDED, ANY_WAY),
    way(ASKING, MUST, NOT_DEMANDED, ANY_WAY),
    way(ASKING, TELL, OPEN_WAY, ANY_WAY),
    way(ASKING, TURNED_AWAY, NOT_TURNED_AWAY, ANY_WAY),
    way(COMPLAINING, ONLY, NOT_DEMANDED, ANY_COMPLAINT),
    way(COMPLAINING, MUST, NOT_DEMANDED, ANY_COMPLAINT),
    way(COMPLAINING, TELL, OPEN_WAY, ANY_COMPLAINT),
    way(COMPLAINING, TURNED_AWAY, NOT_TURNED_AWAY, ANY_COMPLAINT),
    way(TAKING_BACK, ONLY, NOT_DEMANDED, AS_EASY),
    way(TAKING_BACK, MUST, NOT_DEMANDED, AS_EASY),
    way(TAKING_BACK, TELL, OPEN_WAY, AS_EASY),
    Claim {
        code: "W-WRITING",
        says: &[
            "^ send|submit|make|give ~ written|signed request*|application*",
            "^ please|kindly send|submit|make|give ~ written|signed request*|application*",
            "apply in_writing ... {papers}|protection|officer|us|manager",
            "written|signed request .. is|are required|needed|necessary",
        ],
        with: &[],
        unless: &[
            "e-mail*|email*|phone*|any_way|tell_us|you_may|you_can|not|never|don't",
            "job*|post|vacanc*|housing|tenancy|grant*|refund*|holiday*|right_to_buy",
        ],
        about: &[],
        message: "a request counts in whatever way it comes",
        help: "say `in any way you like`",
    },
    Claim {
        code: "W-COMPLAIN-HOW",
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
        code: "W-WITHDRAW-WRITING",
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
        code: "W-WITHDRAW-WRITING",
        says: &[
            "opt_out|opting_out|unsubscribe|withdraw*|stop|object|take_back ... by .. writing|post|letter",
            "opt_out|opting_out|unsubscribe|withdraw*|stop|object|take_back ... in_writing|in_person",
            "^ write .. to|us|our",
        ],
        with: &[],
        unless: &[
            "e-mail*|email*|phone*|telephone*|call|ring|click*|link|any_way|tell_us|speak|text|reply|unsubscribe_link|button",
            "not|never|don't|need_not|however|whichever|or_just|or_in|such_as|for_example",
            "you_may|you_can_also|may_also|can_also",
        ],
        about: WITHDRAWING,
        message: "withdrawing must be as easy as giving",
        help: "say `at any time, in any way`",
    },
    Claim {
        code: "W-WITHDRAW-WRITING",
        says: &[
            "withdraw*|take_back ... we .. will|may|shall|must|can .. stop|refuse|end|cancel|close ... help*|serv*|support*|work*|account|membership|everything|anything_else",
            "withdraw*|take_back ... we .. cannot|can't|will_not|won't|no_longer .. help|serve|support|work_for|deal_with .. you",
        ],
        with: &[],
        unless: &["never|nothing|no|without_it|needs_it|that_needs|which_needs|for_which"],
        about: &["consent", "agree"],
        message: "whoever takes back consent must be no worse off for it",
        help: "say `at any time, in any way, and nothing else changes for you`",
    },
    Claim {
        code: "W-COMPLAIN-HOW",
        says: &[
            "complaint* ... dealt_with|heard|considered|looked_at|answered|discussed .. when|at ... next|annual|quarterly|meets|meeting",
            "complaint* .. are|is|will_be .. ignored|not_answered|unanswered",
        ],
        with: &[],
        unless: &["not|never|within"],
        about: &[],
        message: "a complaint is answered without delay, and acknowledged within 30 days",
        help: "say `we tell you within 30 days that it came, and answer it without delay`",
    },
];
