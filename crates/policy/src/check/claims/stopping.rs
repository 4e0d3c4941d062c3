//! What goes on after somebody said no: to marketing, to calls, or to what they had agreed to.

use super::Claim;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        code: "W-STOP-LATE",
        says: &[
            "after|once|when|if|although|even_if .. you|they|you_have|they_have .. opt_out|opted_out|unsubscribe*|object*|say_no|asked_us_to_stop|ask_us_to_stop ... within|take|takes|up_to|may|might|can|continue|still|further|for ... days|weeks|months|messages|letters|mailings|e-mails|emails|newsletters",
            "continue|go_on|carry_on .. to|on|with .. send*|write|writing|call|calling|mail*|contact* ... days|weeks|months .. after",
            "continue|go_on|carry_on|keep .. to|on|with .. send*|write|writing|call|calling|mail*|contact*|advertis* ... after|until ... opt_out|opted_out|unsubscribe*|object*|say_no",
            "take|takes|need|needs|allow ... days|weeks|month|months ... for|before|until ... mailing*|newsletter*|marketing|calls|appeals|e-mails|emails .. stop|cease|end",
            "unsubscribing|unsubscription*|opting_out|opt-out|opt-outs .. take|takes|need|needs ... day|days|week|weeks|month|months|hours",
            "opt_out|opting_out|unsubscribe*|objection* ... take_effect|takes_effect|processed|dealt_with|come_into_force .. within|after|in|at ... days|weeks|month|months|mailing|issue",
        ],
        with: &[],
        unless: &[
            "at_once|immediately|straight_away|same_day|no_more|never|nothing|not|nobody|stops|post_already|course*|membership|subscription",
        ],
        about: &[],
        message: "whoever says no to marketing is left alone from then on",
        help: "say `if you say no, we stop at once`",
    },
    Claim {
        code: "W-STOP-LATE",
        says: &[
            "within|in|up_to|after|inside|up ... {days} .. of|after|from|following .. {no} ... stop*|cease*|end|ends|take|taken|remove*|off",
            "stop|stops|stopped|cease|ceases|end|ends|remove|removed|take|taken ... {days} .. of|after|from|following .. {no}",
            "{no} ... stop|stops|cease|ceases|end|ends|remove*|taken .. within|after|in|inside|up_to ... {days}",
            "opt-outs|objections|opt-out ... dealt_with|processed|handled|looked_at|acted_upon ... every|once_a|monthly|weekly|quarterly|annually",
            "allow|give|leave .. us ... {days} .. to .. stop|act|remove|take|unsubscribe|end",
            "take|takes|need|needs|up_to .. {days} .. for|before|until ... {no}",
            "{marketing} ... {days} .. after|of|from|following .. {no}",
        ],
        with: &[&["{marketing}|advert*|contact*|write|writing|send*|hear"]],
        unless: &[
            "at_once|immediately|straight_away|same_day|no_more|never|nothing|not|nobody|post_already|course*|membership|subscription",
            "copy|copies|answer*|reply|respond|refund*|acknowledg*|confirm*|kept|keep|erase*|delete*",
        ],
        about: &[],
        message: "whoever says no to marketing is left alone from then on",
        help: "say `if you say no, we stop at once`",
    },
    Claim {
        code: "W-STOP-LATE",
        says: &[
            "{withdraw} ... keep|keeps|continue|continues|carry_on|carries_on|go_on|going_on|still ... use|using|used|process*|share|sharing|publish*|campaign*",
            "{withdraw} ... effect|effective|acted_upon|acted_on|applies|apply|processed|dealt_with ... end|after|within|next|only|once|days|weeks|months",
            "take|takes|need|needs ... days|weeks|months|month ... {withdraw}",
            "stop|stops|cease ... within|after ... days|weeks|months|month ... {withdraw}",
            "stay|stays|remain|remains|keep_using|keeps_using|use|using ... even_if|although|even_though|even_after|despite ... {withdraw}",
            "even_after|even_if|although|even_though ... {withdraw} ... remain|remains|stay|stays|keep|keeps|use|used|in_use",
            "{withdraw} ... not|never .. stop|prevent|keep|end|affect ... us|using|use",
            "process|processes|deal|handle|look_at ... {withdraw} ... once_a|quarterly|monthly|annually|yearly",
        ],
        with: &[],
        unless: &[
            "at_once|immediately|straight_away|same_day|no_more|nothing|nobody|we_stop|never",
            "unlawful|lawful|what_we_did|before_you|money|cash|funds|from_the_course|from_the_race",
            "note_of|proof|show_that",
        ],
        about: &["consent", "change your mind"],
        message: "consent taken back ends the use at once",
        help: "say `if you take it back, we stop at once`",
    },
    Claim {
        code: "W-LISTED",
        says: &[
            "call|calls|ring|phone|telephone|called|rung|phoned ... even_if|although|though|even_though|regardless|despite|whatever ... {tps}",
            "{tps} ... not .. stop|apply|prevent|bind|cover|reach",
            "{tps} ... overridden|ignored|disregarded|all_the_same|overruled|exempt*",
            "ignore*|overrid*|disregard*|exempt*|regardless ... {tps}",
            "not|never|don't ... check|checked|screen|screened|look|compare*|consult* ... {tps}",
            "call|ring|phone|telephone ... numbers|people|anybody|anyone|those|customers|businesses ... {tps}",
            "check|checks|screen|screens|screened|checked|compared ... {tps} ... once_a|yearly|annually|quarterly|every_quarter|every_year|months",
            "whether_or_not ... {tps} ... call|ring|phone",
        ],
        with: &[],
        unless: &[
            "never|no_longer|not|don't call|ring|phone|telephone",
            "never|not|no .. object|call|ring|phone|marketing_calls",
            "not_make|make_no|appointment*|not_marketing|own_list",
            "before we_call|every_call|each_call|we_ring|calling",
        ],
        about: &["tps", "preference service"],
        message: "a listed number may be rung only where that subscriber said they do not object",
        help: "say `we ring no number that is on the TPS or the CTPS`",
    },
];
