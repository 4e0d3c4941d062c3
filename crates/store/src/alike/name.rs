//! Names as they are compared: their words, how they sound, what they are shortened to, and whether two first names are
//! one name spelled badly or two names. Pure; it knows nobody.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use strsim::{jaro_winkler, osa_distance};

use crate::mention::ordinary::{is_particle, is_title};
use crate::normal;

/// First names that are close to others and still names of their own: Joan is not a way of writing John.
const FIRST: &str = "
    aaron abbie abdul abigail adam adele adrian agnes ahmed aidan aimee aisha alan albert alex alexander alexandra alexis
    alfie alfred ali alice alicia alison allan amanda amber amelia amina amir amy andrea andrew angela angus anita ann anna
    anne annette anthony antonia april archie arjun arthur asha ashley asif audrey ava ayesha barbara barry beatrice ben
    benjamin bernadette bernard beryl beth bethany betty beverley bilal billy bradley brandon brenda brian bridget bruce
    bryan caitlin callum cameron carl carla carly carmen carol carole caroline carolyn catherine cecil cerys charlene
    charles charlie charlotte chelsea cheryl chloe christian christina christine christopher claire clare clifford clive
    colin connie connor conor constance courtney craig cyril daisy dale damian daniel danielle daphne darren dave david
    dawn dean deborah declan deirdre denis denise dennis derek desmond diana diane dominic donald donna dora doreen doris
    dorothy douglas duncan dylan eamon edith edna edward edwin eileen elaine eleanor eli elizabeth ella ellen ellie elliot
    eloise elsie emily emma enid eric erica erin ernest esme esther ethan ethel eugene eva eve evelyn evie ewan faith
    farah fatima felicity fergus finlay fiona florence frances francesca francis frank fraser fred freda freddie frederick
    freya gail gareth garry gary gavin gemma geoffrey george georgia georgina gerald geraldine gerard gillian gina gladys
    glen glenn gloria glyn gordon grace graeme graham grant greg gregory guy gwen gwyneth hamza hannah harriet harrison
    harry harvey hasan hassan hayley hazel heather hector heidi helen helena henry herbert hilary hilda holly howard hugh
    hugo ian ibrahim ida imogen imran ines irene iris isaac isabel isabella isla ivan ivy jack jackie jacob jacqueline
    jade jake james jamie jan jane janet janice jared jasmine jason jay jayne jean jeanette jeffrey jenna jennifer jenny
    jeremy jessica jill jim joan joanna joanne jodie joe joel john jonathan jordan joseph josephine joshua joy joyce juan
    judith judy julia julian julie june justin kamal karen karin karina karl kate katherine kathleen kathryn katie katrina
    kay kayleigh keith kelly kenneth kerry kevin khadija khalid kieran kim kimberley kiran kirsten kirsty kyle lara laura
    lauren laurence lawrence leah leanne lee leila lena leo leon leonard lesley leslie lewis liam lilian lily linda lindsay
    lisa lloyd logan lois lola lorna lorraine louis louisa louise lucas lucy luis luke lydia lynda lynn lynne mabel
    madeleine madison maisie malcolm mandy marcus margaret maria marian marie marilyn marina marion marjorie mark marlene
    martha martin martina mary maryam mason matilda matthew maureen maurice mavis max maxine maya megan mel melanie melissa
    mia michael michaela michele michelle mildred miles millie miriam mohamed mohammed moira molly mona monica morgan
    moses muhammad muriel myra nadia nancy naomi natalie natasha nathan neil nell neville niamh nicholas nicola nicole nigel
    nina noah noel nora noreen norma norman olga olive oliver olivia omar oscar owen pamela patricia patrick paul paula
    pauline pearl peggy penelope percy peter petra philip philippa phoebe phyllis polly poppy priya rachel ralph raymond
    rebecca reece reginald rhian rhiannon rhys richard rita robert robin robyn roger roland roman ronald rory rosa rosalind
    rose rosemary rosie ross rowan roy ruby rupert russell ruth ryan sabrina sadie sally sam samantha samina samuel sandra
    sanjay sara sarah scott sean sebastian seth shane shannon sharon shaun sheena sheila shelley shirley sian sidney sienna
    simon simone siobhan sofia sonia sophia sophie spencer stacey stan stanley stella stephanie stephen steven stewart
    stuart susan suzanne sybil sylvia tamsin tania tanya tara taylor teresa terence thelma theo theresa thomas tim timothy
    tina toby tom tony tracey tracy trevor tristan una ursula valerie vanessa vera verity veronica victor victoria vikram
    vincent viola violet virginia vivian vivien wallace walter warren wayne wendy wei wilfred william winifred yasmin
    yolanda yusuf yvette yvonne zahra zainab zara zoe
";
/// The same first name spelled in ways that both are right.
const SPELLED: &str = "
    clare claire; sara sarah; alan allan allen; jon john; ann anne; karen karin; catherine katherine kathryn catharine;
    lynn lynne lyn; lynda linda; tracy tracey; lesley leslie; shaun sean shawn; gary garry; glen glenn; graham graeme;
    stuart stewart; geoffrey jeffrey; jane jayne; carol carole; michele michelle; sofia sophia; marc mark; erik eric;
    brian bryan; denis dennis; conor connor; hasan hassan; mohammed muhammad mohamed mohammad muhammed; ahmed ahmad; aidan
    aiden; karl carl; philip phillip; stephen steven; isobel isabel isabelle; hanna hannah; lilian lillian; elliot elliott;
    vivian vivien vivienne; teresa theresa; rebecca rebekah; deborah debra; louis lewis; francis frances;
    zoe zoey; neil neal neill; caitlin kaitlyn katelyn; kieran ciaran; yasmin yasmine; fatima fatimah; yusuf yousef yousuf;
    omar umar; aisha ayesha aysha; zainab zaynab; rhian rhianne; bethan bethany; elisabeth elizabeth; suzanne susanne;
    madeleine madeline; marian marion; kristen kirsten; natasha natacha; ian iain; hugh huw; rhys reece; sidney sydney
";
/// What stands behind a name and is no part of it.
const BEHIND: &str =
    "jr jnr junior sr snr senior ii iii iv obe mbe cbe phd bsc ba ma msc md esq qc kc jp rn frcs fca";

static FIRSTS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| FIRST.split_whitespace().collect());
static BEHINDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| BEHIND.split_whitespace().collect());
static SPELLINGS: LazyLock<Vec<BTreeSet<&str>>> =
    LazyLock::new(|| SPELLED.split(';').map(|row| row.split_whitespace().collect()).collect());

/// The words of a name, first name first: without titles, small words and what stands behind; what a comma turned round
/// is turned back.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let plain = normal::name(name);
    let turned = plain.split_once(',').filter(|(before, after)| {
        !before.trim().is_empty() && split(before).len() <= 3 && !split(after).is_empty()
    });
    match turned {
        Some((surname, given)) => split(given).into_iter().chain(split(surname)).collect(),
        None => split(&plain),
    }
}

/// The words of a part of a name. `Mc Donald` and `O Brien` are one word each.
fn split(part: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut joins = false;
    let pieces = part.split(|c: char| c.is_whitespace() || matches!(c, '-' | '.' | ',' | '(' | ')' | '/'));
    for word in pieces.map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>()) {
        let behind = found.len() > 1 && BEHINDS.contains(word.as_str());
        if word.is_empty() || is_title(&word) || behind {
            continue;
        }
        match found.last_mut() {
            Some(before) if joins => before.push_str(&word),
            _ => found.push(word),
        }
        joins = found.last().is_some_and(|last| matches!(last.as_str(), "mc" | "mac"));
    }
    // Of "de souza" the surname is what is looked for; somebody called only "Al" keeps it.
    let long = found.iter().filter(|word| !is_particle(word)).count();
    if long > 0 && found.len() > 1 {
        let first = found.first().cloned();
        found.retain(|word| !is_particle(word) || Some(word) == first.as_ref());
    }
    found
}

/// How a word sounds, roughly: what people mishear, leave out or write twice is left out.
#[must_use]
pub fn sound(word: &str) -> String {
    let mut text = word.to_owned();
    for (from, to) in [
        ("ph", "f"),
        ("ck", "k"),
        ("sch", "s"),
        ("tch", "ch"),
        ("gh", ""),
        ("q", "k"),
        ("x", "ks"),
        ("z", "s"),
        ("dg", "j"),
    ] {
        text = text.replace(from, to);
    }
    for (from, to) in [("wr", "r"), ("kn", "n"), ("gn", "n"), ("ps", "s"), ("mac", "mk"), ("mc", "mk")] {
        if let Some(rest) = text.strip_prefix(from) {
            text = format!("{to}{rest}");
        }
    }
    let mut key = String::with_capacity(6);
    let mut last = ' ';
    for (place, c) in text.chars().enumerate() {
        let c = match c {
            'c' => 'k',
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' if place == 0 => 'a',
            c => c,
        };
        let silent = place > 0 && matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'w');
        if !silent && c != last {
            key.push(c);
        }
        last = c;
        if key.chars().count() == 6 {
            break;
        }
    }
    key
}

/// In which rows of names that mean the same a first name stands.
#[must_use]
pub fn called(first: &str) -> Vec<u16> {
    let spelled = SPELLINGS.iter().enumerate().filter(|(_, row)| row.contains(first)).map(|(place, _)| place);
    let short = crate::mention::ordinary::rows_of(first).into_iter().map(|row| row + SPELLINGS.len());
    spelled.chain(short).filter_map(|row| u16::try_from(row).ok()).collect()
}

/// Every name of some rows.
pub fn members(rows: &[u16]) -> impl Iterator<Item = &'static str> + '_ {
    let row = |row: &u16| -> Vec<&'static str> {
        let row = usize::from(*row);
        match row.checked_sub(SPELLINGS.len()) {
            None => SPELLINGS.get(row).into_iter().flatten().copied().collect(),
            Some(row) => crate::mention::ordinary::row(row),
        }
    };
    rows.iter().flat_map(row)
}

/// Whether a word is a first name in full.
#[must_use]
pub fn is_first(word: &str) -> bool {
    FIRSTS.contains(word)
}

/// How many letters a word has, and which: to know that two words are far from each other, for much less than comparing them.
#[derive(Clone, Copy, Default, Debug)]
pub struct Letters {
    many: u32,
    which: u64,
}

impl Letters {
    /// Those of a word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        word.chars().fold(Self::default(), |all, letter| Self {
            many: all.many + 1,
            which: all.which | 1 << (u32::from(letter) % 64),
        })
    }

    /// In how many letters two words differ at the least, in whatever order they stand: one letter typed wrongly brings one that
    /// the other has not, and takes one that it has.
    #[must_use]
    pub fn apart(self, other: Self) -> u32 {
        let which = (self.which & !other.which).count_ones().max((other.which & !self.which).count_ones());
        which.max(self.many.abs_diff(other.many))
    }
}

/// Whether two words may be one, written badly.
#[must_use]
pub fn near(one: &str, other: &str) -> bool {
    near_of((one, Letters::of(one)), (other, Letters::of(other)))
}

/// The same of words whose letters are known.
#[must_use]
pub fn near_of((one, letters): (&str, Letters), (other, others): (&str, Letters)) -> bool {
    let (short, long) = (letters.many.min(others.many), letters.many.max(others.many));
    if short < 3 {
        // "Jo" and "Joe", but not "Jo" and "Al".
        return short == 2 && long <= 3 && osa_distance(one, other) == 1 && one.get(..1) == other.get(..1);
    }
    if letters.apart(others) > if short == 3 { 1 } else { 3 } {
        return false;
    }
    let apart = osa_distance(one, other);
    apart <= 1 || (short >= 5 && apart <= 2) || (short >= 4 && apart <= 3 && jaro_winkler(one, other) >= 0.9)
}

/// Whether two words differ in so many letters at most.
#[must_use]
pub fn within(one: &str, other: &str, most: u32) -> bool {
    Letters::of(one).apart(Letters::of(other)) <= most
        && u32::try_from(osa_distance(one, other)).is_ok_and(|apart| apart <= most)
}

/// Whether two numbers differ in one digit: another, one more, one less, or two beside each other turned.
#[must_use]
pub fn one_digit_off(one: u64, other: u64) -> bool {
    let (one, other) = (Digits::of(one), Digits::of(other));
    let (mut one, mut other) = (one.shown(), other.shown());
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let alike = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    (one, other) = (one.get(alike..).unwrap_or_default(), other.get(alike..).unwrap_or_default());
    let alike = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    one = one.get(..one.len() - alike).unwrap_or_default();
    other = other.get(..other.len() - alike).unwrap_or_default();
    match (one, other) {
        ([a, b], [c, d]) => a == d && b == c,
        _ => one.len() <= 1 && other.len() <= 1,
    }
}

/// The digits of a number, the last first.
struct Digits([u8; 20], usize);

impl Digits {
    fn of(mut number: u64) -> Self {
        let mut digits = Self([0; 20], 0);
        for place in &mut digits.0 {
            *place = u8::try_from(number % 10).unwrap_or_default();
            digits.1 += 1;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        digits
    }

    fn shown(&self) -> &[u8] {
        self.0.get(..self.1).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(words("Dr. Anne-Marie de Souza OBE"), ["anne", "marie", "souza"]);
        assert_eq!(words("O'Brien, Zoë"), ["zoe", "obrien"]);
        assert_eq!(words("Ewan Mc Donald"), ["ewan", "mcdonald"]);
        assert_eq!(words("J. Smith"), ["j", "smith"]);
        assert_eq!(words("Al"), ["al"]);
        assert!(words("  ").is_empty());
    }

    #[test]
    fn a_digit_off_is_what_one_slip_makes() {
        let slip = |one: u64, other: u64| osa_distance(&one.to_string(), &other.to_string()) <= 1;
        let numbers = [
            0,
            7,
            70,
            77,
            707,
            770,
            7_070,
            441_632_960_001,
            441_632_960_010,
            441_632_960_101,
            44_163_296_001,
        ];
        let mut off = 0;
        for one in numbers.into_iter().chain((0..400).map(|nth| 98_900 + nth * 7)) {
            for other in numbers.into_iter().chain((0..400).map(|nth| 98_765 + nth * 3)) {
                assert_eq!(one_digit_off(one, other), slip(one, other), "{one}, {other}");
                off += usize::from(slip(one, other));
            }
        }
        assert!(off > 500, "{off}");
    }

    #[test]
    fn letters_rule_out_only_what_is_far() {
        let words: Vec<&str> = FIRST.split_whitespace().collect();
        for one in &words {
            for other in &words {
                let least = usize::try_from(Letters::of(one).apart(Letters::of(other))).unwrap();
                assert!(least <= osa_distance(one, other), "{one}, {other}");
            }
        }
    }

    #[test]
    fn what_sounds_alike_has_one_key() {
        for (one, other) in
            [("smith", "smyth"), ("philips", "fillips"), ("macdonald", "mcdonald"), ("reid", "read")]
        {
            assert_eq!(sound(one), sound(other), "{one}, {other}");
        }
        assert_ne!(sound("smith"), sound("jones"));
    }

    #[test]
    fn short_forms_stand_in_one_row() {
        let shared = |one: &str, other: &str| called(one).iter().any(|row| called(other).contains(row));
        assert!(shared("kate", "katherine") && shared("bob", "robert") && shared("clare", "claire"));
        assert!(!shared("christine", "christopher") && !shared("john", "joan"));
    }
}
