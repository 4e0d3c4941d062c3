//! What an organisation says is somebody else's business: complaints, telling people, and having an officer.

use super::Claim;

/// Sentences that name a way to us too, or what comes after it.
const NOT_ONLY: &[&str] = &[
    "also|too|as_well|still|in_addition|either|both|at_any_time|to_us_or|us_or|us_and|or_to_us|or_us|and_us",
    "to_us_first|tell_us_first|us_first|come_to_us|talk_to_us|ask_us_first|write_to_us|complain_to_us|tell_us",
    "not|never|need_not|no_need .. have|need|only|must",
    "our|the|that .. answer|reply|response|decision|outcome|handling|findings",
    "after|once|until|if_we|when_we|unless_we .. have|had|has|do|cannot|answered|complained|replied|settled|resolved|dealt",
    "complain*|complaint* .. made|sent|brought|taken|raised to|with .. {regulator} .. is|are|has|have|come|comes|reach",
    "noise|neighbours|council|ombudsman|food|landlord|teaching|grades",
    "how_many|number_of|a_list_of|statistics",
];

/// Whoever an organisation leaves it to.
const COMPLAINTS: Claim = Claim {
    code: "W-COMPLAIN-HOW",
    says: &[],
    with: &[],
    unless: NOT_ONLY,
    about: &["complain", "unhappy", "not happy", "dissatisfied"],
    message: "people may complain to you first, and the notice must say how",
    help: "say `complain to us by form, e-mail or letter; you can also complain to the Information Commissioner`",
};

const PASS_ON: Claim = Claim {
    code: "W-PASS-ON",
    says: &[],
    with: &[],
    unless: &[
        "also|ourselves|as_well|too|we_tell_you|we_tell_them|we_write_to_them|we_write_to_you|we_inform|we_then_tell",
        "move|moves|late|absent|ill|cancel*|address_changes|number_changes|phone_changes",
        "not|never .. {must}|rely|leave|need|have|expect|your_job",
    ],
    about: &[
        "about you",
        "about them",
        "about this",
        "about it",
        "about us",
        "we hold",
        "we have",
        "we know",
        "we keep",
        "we use",
        "data",
        "details",
        "notice",
        "information",
        "privacy",
        "this policy",
    ],
    message: "the duty to tell people stays with you",
    help: "tell them yourselves within a month",
};

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        says: &[
            "no|without ~ complaint*|complaining|grievance procedure|procedures|process|policy|system|scheme|department|route",
            "we|staff .. not|never|don't|cannot|can't|nor|no_longer .. handle|deal|take|accept|answer|hear|look|consider|\
             investigate|process|receive ... complain*|complaint*|grievances",
            "we|staff .. take|takes|accept|accepts|handle|handles|hear|hears|answer|answers|deal_with|look_into no ~ complaint*",
            "we|staff .. unable|not_able|in_no_position .. to ... complaint*",
            "nobody|no_one .. here .. handles|deals|takes|accepts|answers|hears|looks|considers|investigates ... complaint*",
        ],
        unless: &[
            "need|needs|needed|use|uses no|without",
            "lightly|late|twice|without|until|unless|before|alone|about_other|about_others|of_others|other|anonymous|personally",
            "to the|our next|nearest",
        ],
        message: "people have a right to complain to you",
        ..COMPLAINTS
    },
    Claim {
        says: &[
            "only|sole|single|one|proper|right|correct ~ route|way|avenue|place|body|person|people|means|channel|option|remedy|address|\
             one ... complain*|complaint*|unhappy|dissatisfied|grievance ... {regulator}",
            "{regulator} .. is|are ... only|sole|single|proper|right|correct ~ route|way|avenue|place|body|person|people|means|channel|\
             option|remedy|address|one",
            "complaint*|complaints|grievances ... are|is|must_be|should_be|shall_be|have_to_be|need_to_be|will_be .. made|sent|addressed|\
             directed|taken|submitted|brought|referred|put|raised|lodged|passed|forwarded|handled|heard|answered|decided|dealt|looked .. to|with|by|at|through|via .. \
             {regulator}",
            "complaint*|complaints|complain .. {regulator} .. is|are responsible|competent|in_charge|there",
            "complain*|complaint* ... place|one|body|people|office .. to .. is|are .. {regulator}",
            "complaint*|complaints|grievances .. go|goes|belong|belongs|should_go|must_go .. to|with|before .. {regulator}",
            "complain*|complaint* ... directly|straight|direct .. to|with .. {regulator}",
            "complain*|complaint* ... {regulator} .. and|rather|instead .. not|than|of ~ to|with .. us",
            "{regulator} .. handle*|deals|deal|answer*|decide*|takes|take|hears|hear|investigat* ... all|every|any|your|such ~ complaint*",
            "complaint*|complaints ... matter|business|job|task .. for|of .. {regulator}",
            "{regulator} .. alone|only .. can|may|will|is|considers|consider|hears|handles|deals ... complaint*|complain*",
            "complaint*|complain ... only|solely|exclusively .. to|with|by|at|through ~ information {regulator}",
            "complaint*|complain ... only|solely|exclusively .. to|with|by|at|through ~ {regulator}",
            "for complaints|complaint* ... see|visit|use|ask|contact|ring|call|try .. {regulator}",
            "they|these|it go|goes|belong|belongs straight|directly|to|with .. {regulator}",
            "leave|leaves ~ complaint*|complaints .. to .. {regulator}",
        ],
        ..COMPLAINTS
    },
    Claim {
        says: &[
            "^ direct|address|send|take|make|bring|refer|submit|lodge|raise|report|put ... complaint*|complaints|it|them|grievance .. to|with \
             .. {regulator}",
            "^ please|kindly|simply|just direct|address|send|take|make|bring|refer|submit|lodge|raise|report|put ... \
             complaint*|complaints|it|them .. to|with .. {regulator}",
            "^ contact|ring|call|e-mail|email .. {regulator}",
            "^ please|kindly|simply|just contact|ring|call|e-mail|email .. {regulator}",
            "^ write|go|complain|turn|speak|apply|talk .. to .. {regulator}",
            "^ please|kindly|simply|just write|go|complain|turn|speak|apply|talk .. to .. {regulator}",
            "{must}|should .. contact|write|go|complain|turn|speak|apply|ring|call ... {regulator}",
        ],
        with: &[],
        unless: &[
            "also|too|as_well|still|in_addition|either|both|at_any_time|to_us_or|us_or|us_and|or_to_us|or_us|and_us|or_go|or_write|or_complain",
            "to_us_first|tell_us_first|us_first|come_to_us|talk_to_us|ask_us_first|write_to_us|complain_to_us|tell_us",
            "not|never|don't have|need|write|go|contact|complain|only|wait|tell",
            "need_not|no_need",
            "with|about|by .. our|the|that .. answer|reply|response|decision|outcome|handling|findings|result",
            "if_we|when_we|unless_we|once_we|after|still|remain*|our_answer|our_reply|our_response",
            "we|staff|manager|officer {must}|should",
        ],
        ..COMPLAINTS
    },
    Claim {
        code: "W-OFFICER",
        says: &[
            "no|not|don't|doesn't|without|needn't|unnecessary|exempt* ... {officer} ... because|since|as|given|due|with|having|being|for|\
             while|when ... staff|employee*|small|size|250|volunteers|workers|people_work|people_here|work_here|work_for_us",
            "too small ... {officer}",
            "{officer} ... too small",
            "fewer|less|under|below|only|just|not_more|no_more .. staff|employees|people|persons|workers|volunteers|of_us ... {officer}",
            "small|little|tiny|small-sized .. charity|company|organisation|business|firm|church|school|practice|team|club|society|enough ... \
             {officer}",
            "{officer} ... only .. for|by|in|of|companies|organisations|bodies|employers|large|larger|big|bigger|those ... \
             staff|employees|250|companies|organisations|employers|firms",
            "only .. companies|organisations|bodies|employers|firms|businesses ... staff|employees|250|size|large|larger ... {officer}",
            "{officer} ... not|no|unnecessary|needless|superfluous ... small|our_size|few_staff|few_people|staff|employees|little|tiny",
            "{officer} ... if|when|where|once .. you|they|we|there|organisation|company|employer .. have|are|has|employ|employs .. \
             250|staff|employees|more|over",
            "team|staff|crew|handful of ~ {number}|people|us ... {officer}",
            "few|many|number_of|handful_of .. staff|employees|people|workers|volunteers ... {officer}",
            "our size ... {officer}",
            "{officer} ... our size",
        ],
        with: &[&[
            "no|not|never|without|don't|doesn't|needn't|exempt*|unnecessary|only|too_small|hardly|nor|nobody",
        ]],
        unless: &[
            "scale|large-scale|monitor*|all_the_same|nevertheless|even_so|and_yet|not_matter|whatever",
            "our|your|the|is .. {officer} is|can|will|helps|works|and|sees|reads|answers",
        ],
        about: &[],
        message: "how many work for you says nothing about it",
        help: "say what is not on a large scale: monitoring, and special-category or criminal data",
    },
    Claim {
        says: &[
            "up_to|down_to|left_to|leave|leaves|rely|relies|count|counts|trust|expect|expects|depend|depends|job_of|duty_of|task_of|\
             responsibility_of|business_of|matter_for|for .. on|to|it .. to|for .. {others} .. to .. tell|telling|inform|informing|\
             notify|explain|let|show|pass",
            "up_to|down_to|left_to|for|job_of|duty_of|task_of|responsibility_of|business_of|matter_for|expect|expects|trust|ask|require .. \
             {others} .. to .. tell|inform|notify|explain|let|show",
            "leave|leaves|rely|relies|count|counts|depend|depends ... on|to .. {others} .. to .. tell|inform|notify|explain|let|show",
            "you|your|{others} .. is|are|remain|remains|be .. responsible|accountable|in_charge|answerable ... telling|informing|notifying|\
             letting|explaining",
            "your|employer's|school's|referrer's|agency's|their|sender's .. job|duty|responsibility|task|business|place .. to .. tell|inform|\
             notify|explain|let|show ~ {them}",
            "{others} .. {must}|should|will .. tell|inform|notify|show|explain|warn ~ {them}",
            "{others} ... {must}|should .. explain|show|pass|give|read ... notice|policy|this ... {them}",
            "{must}|should|please|ask_you_to|expect_you_to|ask_that_you ... make_sure|ensure|see_that|check|confirm ... {them} ... \
             know|knows|aware|told|informed|seen|read|happy|agree|agrees|agreed",
            "^ tell|inform|notify|show|warn ~ {them} ... that_we|about_this|this_notice|our_notice|this_policy|of_this|what_we|how_we|why_we",
            "^ please|kindly tell|inform|notify|show|warn|let ~ {them} ... that_we|about_this|this_notice|our_notice|this_policy|of_this|\
             what_we|how_we|why_we|know",
            "{others} .. should|will|ought|must .. have .. told|informed|shown|notified ~ you|{them}",
            "{others} .. is|are|was|were|has_been|have_been .. to|asked|told|required|expected .. to ... let|tell|inform|notify|show ~ {them}|you",
            "{others} .. is|are to ... let|tell|inform|notify|show ~ {them}",
            "{them} who|that ... {must} .. tell|inform|notify|show ~ {them}",
            "for ~ {others}|person|people|those who ... to .. let|tell|inform|notify|explain .. you|them",
            "assume|assumes|trust|presume|expect|hope|suppose|rely ... told|informed|shown|notified .. you|them|their",
            "{others} undertake|undertakes|agree|agrees|promise|promises|warrant|confirm|confirms|accept ... tell|inform|notify|told|informed ~ \
             {them}",
            "{others} inform|informs|tells|notifies ~ {them}|you .. about|of|that .. our|us|we|this",
            "not .. our|for_us .. job|duty|business|place|task|responsibility|us|to .. tell|inform|notify|to_tell|to_inform ... {them}|you",
        ],
        ..PASS_ON
    },
    Claim {
        says: &[
            "we|staff .. not|don't|never|cannot|can't .. tell|inform|notify|write_to|contact ~ {them}|you ... ourselves|directly|personally|\
             that_we_hold|that_we_have",
        ],
        unless: &[
            "without|before|until|unless|late|twice|by_phone|by_e-mail|by_text|anything_else|how|what|why",
        ],
        ..PASS_ON
    },
];
