//! For what and how long data is kept, how it is looked after, and who is told when that fails.

use super::Claim;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        code: "W-EXHAUSTIVE",
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
        code: "W-WORDS-INDEFINITE",
        says: &[
            "keep|keeps|kept|hold|holds|store|stores|retain|retains everything $",
            "everything .. is|gets|stays kept|stored|retained|held $",
            "keep*|kept|hold|holds|held|store|stored|stores|retain* ... no|without_an|without_any|without end|end_date|expiry|expiry_date|deletion_date|time_limit $",
        ],
        with: &[],
        unless: &[
            "for|at_most|up_to|within|only|until|longest|than ... {days}|year|years|closed|ends|over",
            "everything in|on|at|under|with|by|as|where|and|or",
            "kept|stored|held in|on|at|under|with|by|as|where",
            "until|while|if|unless|not|never|nobody|nor|short|shortest|briefly",
            "{days}|year|years|term|terms",
        ],
        about: &[],
        message: "this says that data is kept with no end",
        help: "let `keep` say how long",
    },
    Claim {
        code: "W-WORDS-INDEFINITE",
        says: &[
            "we|staff never throw|destroy|dispose|shred|get_rid|delete|erase|remove|discard",
            "nothing .. is .. thrown|destroyed|deleted|erased|discarded",
        ],
        with: &[],
        unless: &["without|before|until|unless|by_mistake|by_hand|while|if", "not .. ever"],
        about: &[],
        message: "this says that data is kept with no end",
        help: "let `keep` say how long",
    },
    Claim {
        code: "W-BACKUP-WORDS",
        says: &[
            "erasure|deletion .. is|are|becomes .. complete|completed|final|finished",
            "erasure|deletion .. completes|finishes|ends",
            "full|complete|final erasure|deletion",
            "erased|deleted .. completely|fully|finally .. only|after|when|once",
            "erased|deleted only|fully .. after|when|once",
        ],
        with: &[&["backup*|tape*|days|months|rotat*|overwritten|cycle*"]],
        unless: &[
            "at_once|immediately|beyond_use|out_of_use",
            "tell|tells|confirm|confirms|hear|write|let_you_know",
        ],
        about: &[],
        message: "erasure does not wait for backups",
        help: "say that what is left in backups is out of use until they go",
    },
    Claim {
        code: "W-BACKUP-WORDS",
        says: &[
            "{erased} ... when|until|once|after|as_soon_as ... {backup}",
            "until|unless ... {backup} ... not|never .. {erased}",
            "{erased} ... wait|waits|takes|take ... ... {backup}",
            "{backup} ... {erased} ... only|not ... after|until|when|once",
            "{erased} ... ends|end|finishes|completes|complete|completed|final .. with|when ... {backup}",
            "{erased} ... available|recoverable|in_use|used|accessible ... {backup}",
            "request|requests ... done|complete|completed|finished|closed|open ... when|until|once|after ... {backup}",
            "{backup} ... only_then|only_after_that ... {erased}",
            "cannot|can't|unable .. {erased} ... {backup}",
        ],
        with: &[],
        unless: &[
            "at_once|immediately|same_day|straight_away|beyond_use|out_of_use|locked_away|never_used|not_used",
            "nothing|nobody|no_one",
            "erased_again|deleted_again|erase_again|erase_it_again",
        ],
        about: &["backup", "back-up", "tape"],
        message: "erasure does not wait for backups",
        help: "say that what is left in backups is out of use until they go",
    },
    Claim {
        code: "W-BREACH-LATE",
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
    Claim {
        code: "W-WORDS-INDEFINITE",
        says: &[
            "keep*|kept|hold|holds|held|store|stored|stores|retain*|stay|stays|remain|remains ... for_life|for_good|for_ever|for_always|for_a_lifetime $",
            "we|staff not|never|don't .. delete|erase|destroy|shred|remove|discard|dispose ... records|files|data|notes|details|information|anything|documents|e-mails|emails $",
            "do_not|don't|does_not delete|erase|destroy|shred|discard .. old|any|past|former|former_members|client ... records|files|data|notes|details|information|documents",
            "{data}|file|files|records|notes|it ... stay|stays|kept|keep|held|hold|remain|remains|retained ... until ... otherwise|delete*|remove*|remov*|erase*|destroy*|stop_keeping",
            "keep|hold|store|retain ... until .. you|they|somebody|anybody .. tell|ask|asks|tells ... otherwise|delete*|remove*|erase*|destroy*|stop_keeping",
        ],
        with: &[],
        unless: &[
            "until .. {not}|unlikely",
            "without|before|by_mistake|by_hand|while|unless",
            "life .. insurance|of_the|drawing|membership|cover|of_your",
            "at_most|and_never_longer|no_longer_than|in_any_case|latest|whichever",
            "not|never keep|keeps|kept|hold|held|store|stored|stay|remain|retain",
            "keep|keeps|hold|holds|store|stores|retain|retains nothing|none",
            "until .. you|they .. tell|ask .. us .. who|what|how|whether|for_it|for_them|for_the",
        ],
        about: &[],
        message: "this says that data is kept with no end",
        help: "let `keep` say how long",
    },
    Claim {
        code: "W-VAGUE",
        says: &[
            "as_long_as is|are|it_is|it's|they_are|may_be|we|legally|strictly|reasonably|it|they|remains|remain .. necessary|needed|need|needs|required|require|relevant|useful|appropriate|justified|helpful|want|wish|like|see_fit",
            "keep*|kept|hold|held|store*|retain*|delete*|erase*|destroy* ... in_accordance_with|in_line_with|according_to|as_per ... retention|schedule|policy|policies|procedures|guidelines|guidance|requirements|law|laws|practice|standards|rules",
            "keep*|kept|hold|held|store*|retain* ... or .. longer|more $",
            "keep*|kept|hold|held|store*|retain* ... minimum_of|at_least|no_less_than|not_less_than .. years|months|year|weeks|{number}",
            "delete*|erase*|remove*|destroy*|purge* ... from_time_to_time|periodically|as_and_when|when_we_can|when_convenient|occasionally|when_no_longer .. $",
        ],
        with: &[],
        unless: &[
            "not|never .. keep|kept|hold|held|store|stored|longer",
            "at_most|no_longer_than|and_then|then_we|maximum|no_more_than|below|set_out|each_section|each_part|shown|listed|which_says",
            "backup*|cookies|cache|recycling|litter|stock",
            "as_long_as .. you .. need|want|wish|like|require",
        ],
        about: &[],
        message: "this is neither a period nor how one is found",
        help: "leave it out: the notice says in words how long",
    },
    Claim {
        code: "W-BACKUP-WORDS",
        says: &[
            "delet*|eras*|destroy* ... recover*|restor*|retriev*|undelete* ... by|from|for|within",
            "recover*|restor*|retriev* ... after .. delet*|eras*",
        ],
        with: &[],
        unless: &[
            "not|never|nobody|cannot|can't|beyond_use|out_of_use|no_one|impossible|erased_again|deleted_again|by_mistake|by_accident",
        ],
        about: &[],
        message: "what can be brought back is not erased",
        help: "say that what is left in backups is out of use until they go",
    },
    Claim {
        code: "W-EXHAUSTIVE",
        says: &[
            "use*|process*|hold|keep|share|need ... purposes|reasons such_as|including|like|for_example|e",
            "use*|process*|hold|keep|share|need ... other|further|additional|future|new|related|similar|compatible purposes|reasons .. in_future|in_the_future|later|as_well|too|as_they_arise|from_time_to_time",
            "use|used|process ... for .. other|further|additional|future|new|related purposes $",
        ],
        with: &[],
        unless: &["never|not|nobody|no|each|only|ask_you|tell_you|unless|without"],
        about: &[],
        message: "a list of purposes must be whole",
        help: "name every purpose, each in an activity",
    },
    Claim {
        code: "W-WAIVER",
        says: &[
            "no|not|cannot|never|don't .. responsib*|liab*|guarantee ... security|safety|loss|breach*|leak*|accuracy|confidentiality|data|information|details|records",
            "security|safety|accuracy ... data|information|details|records .. is|are|remains .. your|their|client's|member's|user's own|responsibility|risk|business",
            "{data} .. send|give|provide|share ... at .. own risk",
        ],
        with: &[&["data|details|information|records|internet|e-mail*|breach*|leak*|security"]],
        unless: &[
            "nobody|without|we_are_responsible|our_responsibility|shared|help_us|please_tell|coat*|car*|valuables|belongings|property|equipment|weather|kit|websites|other_sites|links",
        ],
        about: &[],
        message: "nobody can sign this away",
        help: "take the sentence out",
    },
    Claim {
        code: "W-BREACH-LATE",
        says: &[
            "tell|tells|told|inform|informed|notify|notified|report|reported|contact ... breach*|leak*|incident*|lost ... only|if|when|where|unless .. we|manager|board|trustees|director .. think|thinks|feel|feels|decide|decides|choose|chooses|judge|judges|consider|considers|believe|believes|want|wants|see_fit|wish",
            "only|if|when|where .. we|the_manager|the_board|trustees .. think|feel|decide|choose|judge|consider|want|see_fit .. tell|inform|notify|report ... breach*|leak*|incident*",
            "breach*|leak*|incident* ... reported|told|notified|disclosed .. at_our|in_our discretion",
        ],
        with: &[],
        unless: &["not|never|whether|risk|likely|unlikely|law|must"],
        about: &[],
        message: "the law says when people and the regulator are told",
        help: "say `within 72 hours of becoming aware, and you without delay where the risk is high`",
    },
    Claim {
        code: "W-OLD-ARTICLE",
        says: &["data_protection .. registrar"],
        with: &[],
        unless: &["until|used_to|former"],
        about: &[],
        message: "this office is no longer there",
        help: "say `Information Commissioner`",
    },
    Claim {
        code: "W-EU-LAW",
        says: &["eu|european data_protection .. law|laws|regulation|regulations|directive|directives|rules"],
        with: &[],
        unless: &[
            "also_applies|as_it_forms_part|live_in|learners_in|people_in|clients_in|members_in|course*|teach*",
        ],
        about: &[],
        message: "this is not the law of the United Kingdom",
        help: "say `UK GDPR and Data Protection Act 2018`",
    },
    Claim {
        code: "W-BACKUP-WORDS",
        says: &[
            "{erased} ... stay|stays|remain|remains|kept|is|are|lives ... {backup} ... .. restored|recovered|used|brought_back|retrieved",
            "{backup} ... {erased} ... may|can|could|might .. be restored|recovered|used|brought_back|retrieved",
        ],
        with: &[],
        unless: &[
            "not|never|nobody|no_one|cannot|can't|nothing|beyond_use|out_of_use|locked_away",
            "erased_again|deleted_again|erase_again|erase_it_again|delete_it_again|removed_again",
        ],
        about: &[],
        message: "what can be brought back is not erased",
        help: "say that what is left in backups is out of use until they go",
    },
    Claim {
        code: "W-BREACH-LATE",
        says: &[
            "breach*|leak*|incident* ... when|once|after|until|as_soon_as ... investigat*|inquiry|enquiry|review|report|audit .. is|are|has|have|been \
             .. finished|complete|completed|over|ended|closed|done|concluded",
            "when|once|after|as_soon_as ... investigat*|inquiry|enquiry|review|audit .. is|are|has|have|been .. \
             finished|complete|completed|over|ended|closed|done|concluded ... breach*|leak*|incident*|regulator|ico|commissioner",
        ],
        with: &[&[
            "tell|tells|told|report|reports|reported|notify|notifies|notified|inform|informs|informed",
        ]],
        unless: &["72|aware|without_delay|at_once|insurer|staff|not|never|also"],
        about: &["breach", "leak", "incident"],
        message: "the law gives 72 hours",
        help: "say `within 72 hours of becoming aware`",
    },
    Claim {
        code: "W-VAGUE",
        says: &[
            "as_long_as .. law|laws|regulations|rules|regulator|guidance|legislation|policy|contract|insurer*|funder* .. \
             require*|allow*|permit*|demand*|ask*|say*|need*|want*",
            "{data}|file|files|records|it ... keep*|kept|hold|held|store*|retain* ... when|while|where .. law|laws|rules .. require*|allow*",
        ],
        with: &[&["keep*|kept|hold|held|store*|retain*"]],
        unless: &[
            "{number}|years|year|months|which_is|that_is|namely|not|never",
            "as_long_as .. you .. need|want|wish|like|require",
        ],
        about: &[],
        message: "this is neither a period nor how one is found",
        help: "leave it out: the notice says in words how long",
    },
    Claim {
        code: "W-EXHAUSTIVE",
        says: &[
            "use|uses|used|process|processes|processed .. {data} .. for_example|for_instance|among_other|amongst_other|inter_alia|mainly|chiefly",
            "main|primary|typical ways|uses|purposes .. in|for .. we|which",
        ],
        with: &[],
        unless: &["never|not|nobody|no|only|each|in_full"],
        about: &[],
        message: "a list of purposes must be whole",
        help: "name every purpose, each in an activity",
    },
    Claim {
        code: "W-UNTOLD",
        says: &[
            "change|changes|update|amend|revise|alter|vary ~ notice|policy|statement|terms ... at_any_time|whenever|at_will|as_we_wish|as_we_like|\
             as_we_see_fit|from_time_to_time",
            "check|look|visit|come|read ... back|page|notice|policy|here .. regularly|often|for_changes|for_updates|from_time_to_time|again|\
             frequently",
        ],
        with: &[&["change*|update*|amend*|revise*|alter*|vary|varies"]],
        unless: &[
            "tell_you|tell_those|tell_people|let_you_know|inform_you|write_to_you|e-mail_you|not_without|hear_from_us|never|you_may",
            "your details|address|number|preferences",
        ],
        about: &["notice", "policy", "privacy"],
        message: "people must be told of what changes for them",
        help: "say `we tell you before it changes`",
    },
    Claim {
        code: "W-DETECTED",
        says: &[
            "72_hours|three_days|3_days|seventy-two_hours of|from|after|since|once|when|starting|counted|beginning ... detect*|discover*|\
             spotting|spotted|severity|confirm*|investigat*|verif*|establish*|assess*|classif*|report_to_us|decid*",
        ],
        with: &[],
        unless: &["aware|after_that|never|not"],
        about: &["breach", "leak", "incident", "loss", "lost"],
        message: "the hours run from becoming aware",
        help: "say `within 72 hours of becoming aware`",
    },
];
