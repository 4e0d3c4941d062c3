//! What names share with the rest of the language: short forms, names that are words, words that follow a word and
//! never a name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Words as a set.
fn set(words: &'static str) -> BTreeSet<&'static str> {
    words.split_whitespace().collect()
}

/// First names with the short forms people use for them.
const SHORT: &str = "
    thomas tom tommy; william will bill billy willy liam; robert rob bob bobby robbie bert; richard rick dick
    ricky rich; elizabeth liz lizzie beth betty eliza libby betsy; katherine catherine kathryn kate katie kathy
    cathy kat kit kitty; james jim jimmy jamie; michael mike mick mickey micky; david dave davy; anthony antony
    tony; stephen steven steve stevie; christopher chris kit; christine christina chris tina chrissie; nicholas
    nick nicky; nicola nicky nikki; patrick pat paddy; patricia pat trish tricia patty; samuel sam sammy;
    samantha sam sammy; alexander alex sandy alec xander; alexandra alex sandra sandy lexi; andrew andy drew;
    benjamin ben benny; daniel dan danny; edward ed eddie ted teddy ned; frederick fred freddie freddy; gregory
    greg; henry harry hal; harold harry hal; john jack johnny jon; jonathan jon jonny; joseph joe joey; joshua
    josh; kenneth ken kenny; lawrence laurence larry laurie; matthew matt matty; margaret maggie meg peggy madge
    marge; nathaniel nathan nat nate; peter pete; philip phillip phil pip; raymond ray; ronald ron ronnie; susan
    suzanne sue susie; timothy tim timmy; victoria vicky vicki tori; victor vic; zachary zach zac; jennifer jen
    jenny jenni; jessica jess jessie; rebecca becky becca bex; deborah debbie deb debra; penelope penny; theresa
    teresa tess terry tessa; frances fran frankie; francis frank frankie fran; charles charlie chas chuck;
    charlotte charlie lottie; anne ann anna annie nan; mary molly polly; eleanor ellie nell nora; helen nell
    ellie; abigail abby gail; amanda mandy; barbara barb babs; cynthia cindy; dorothy dot dolly dottie; virginia
    ginny; gerald gerry jerry; jeremy jerry jez; geoffrey jeffrey geoff jeff; isabella isabel isobel izzy bella
    belle; kimberley kim; mohammed muhammad mohamed mo; oliver olly ollie; rosemary rose rosie; sarah sally;
    stanley stan; terence terry; valerie val; walter walt wally; winifred winnie; gabrielle gabby; leonard len
    lenny leo; martin marty; douglas doug; donald don donny; gordon gordy; graham gray; jacob jake; maximilian
    max; simon si; caroline carol caz; judith judy jude; lucinda lucy; natalie nat; pamela pam; priscilla cilla;
    yvonne von
";

/// Names that are also words, months or days of the week.
const WORDS: &str = "
    will may grace mark rose hope bill frank faith joy june april august dawn ray rob sue pat jack drew grant
    chase guy art dean miles skip bob nick rich gene iris ivy lily daisy holly amber ruby pearl crystal penny
    sandy summer autumn star victor christian pip don max jan young long short brown black white green gray king
    bishop price cook baker carter mason page wood woods field fields hill hall church street lane rivers banks
    bush marsh stone day weeks winter north west best good bright sharp swift strong wise noble read love moody
    savage power bond case court judge law parish post potts ross sales sands small little new old park parks
    hunt fox wolf bird swan lamb fish salmon rice berry flowers garden house home bell ball cross farmer fisher
    gardener porter potter shepherd singer skinner slater smart speed taylor turner walker ward waters wells
    major marshall monk pope prior abbot nurse squire steward trainer early ely bath derby lincoln york kent
    london england english welsh french holland francis sunday friday an so see my he she do to in on so no ho
    hu li su ed al jo si mo val von gail belle dot chuck hal dolly kit nan jude leo rick dick tori
";

/// What follows "Will" and "May" at the beginning of a question.
const AFTER_MODAL: &str = "
    you we i they it the this that these those there your our my a an anyone someone somebody anybody he she not
    be all people do
";
/// What follows another word at the beginning of a sentence, and hardly ever a name.
const AFTER_WORD: &str = "
    you we i they it the this that these those your our my a an all period list note us them
";
/// Words that two words hang together with: "bill of costs", "hope for".
const HANGS: &[(&str, &str)] = &[
    ("bill", "of"),
    ("bill", "for"),
    ("hope", "to"),
    ("hope", "for"),
    ("price", "list"),
    ("price", "of"),
    ("page", "of"),
    ("mark", "up"),
    ("grace", "period"),
    ("case", "of"),
    ("read", "and"),
    ("post", "to"),
    ("early", "in"),
    ("long", "before"),
    ("best", "of"),
    ("best", "wishes"),
    ("kind", "regards"),
];

/// Words that a month follows.
const BEFORE_MONTH: &str = "
    in by since until till from last next early late mid of this during before after through every th st nd rd
";
const MONTHS: &str = "
    may june april august
";

/// Small words inside names: "Maria de Souza", "Siân ap Gwilym".
const PARTICLES: &str = "
    de da di do dos das del della van von der den ter ten la le du al el bin ibn ap ab y af zu mac mc st
";

/// What makes of the word before it a place or a house.
const PLACES: &str = "
    street road lane avenue close drive court house hall park square terrace gardens grove hill hospital school
    college university church ltd limited llp plc trust foundation group partners centre council bank surgery
    clinic lynn cross
";

/// Titles that a surname follows.
const TITLES: &str = "
    mr mrs ms miss dr prof professor revd rev sir lady cllr mx judge sister father canon pc dc ds
";

/// Words that begin sentences and are no part of a name.
const STARTERS: &str = "
    the a an i we he she they it you this that these those there when if on in at by for from to of and but or
    as so our my his her their your its not no yes please thanks thank dear hi hello regards kind best yours
    sincerely faithfully also after before since while with without what who where why how which all both any
    some each every one two three monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december re fw fwd subject sent cc date spoke
    met called rang wrote asked said told meeting call note notes phone email letter session once then now today
    yesterday tomorrow next last first second mr mrs ms miss dr prof professor revd rev sir cllr
";

/// First names of which one, in the middle of a sentence, is worth a question.
const COMMON: &str = "
    aisha amir amy andrea angela arjun ayesha brian claire colin craig darren diane donna emily emma fatima
    fiona gareth gary george georgia gillian hannah hassan heather ian imran jane janet jason joanna joanne
    julia julie karen kevin laura lauren leah linda lisa louise lucy lynn maria marie megan michelle neil nigel
    olivia paul priya rachel ravi ruth sandra sanjay sean sharon sheila sophie stuart tracey trevor wendy yusuf
    zoe ahmed ali omar ibrahim maryam khadija wei mei sofia
";

static WORD: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(WORDS));
static STARTER: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(STARTERS));
static TITLE: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(TITLES));
static FIRST: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(COMMON));
static PLACE: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(PLACES));
static PARTICLE: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(PARTICLES));
static MODAL: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(AFTER_MODAL));
static FOLLOWS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(AFTER_WORD));
static MONTH: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(MONTHS));
static MONTH_AFTER: LazyLock<BTreeSet<&str>> = LazyLock::new(|| set(BEFORE_MONTH));
/// First names that mean the same.
static ROWS: LazyLock<Vec<BTreeSet<&str>>> = LazyLock::new(|| SHORT.split(';').map(set).collect());
/// Of a first name, the others.
static CALLED: LazyLock<BTreeMap<&str, BTreeSet<&str>>> = LazyLock::new(|| {
    let mut called: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in ROWS.iter() {
        for name in row {
            called.entry(name).or_default().extend(row.iter().filter(|other| *other != name));
        }
    }
    called
});

/// Other first names that mean the same person, of a first name.
#[must_use]
pub fn also_called(first: &str) -> Vec<&'static str> {
    CALLED.get(first).into_iter().flatten().copied().collect()
}

/// In which rows of first names that mean the same one stands, by their places.
pub(crate) fn rows_of(first: &str) -> Vec<usize> {
    ROWS.iter().enumerate().filter(|(_, row)| row.contains(first)).map(|(place, _)| place).collect()
}

/// The first names of such a row.
pub(crate) fn row(place: usize) -> Vec<&'static str> {
    ROWS.get(place).into_iter().flatten().copied().collect()
}

/// Whether a word is a title that a surname follows.
pub(crate) fn is_title(plain: &str) -> bool {
    TITLE.contains(plain)
}

/// Whether a name is also a word.
pub(super) fn is_word(plain: &str) -> bool {
    plain.chars().count() < 3 || WORD.contains(plain) || STARTER.contains(plain)
}

/// Whether a word only begins sentences and is never looked up as a name.
pub(super) fn starts_sentences(plain: &str) -> bool {
    STARTER.contains(plain)
}

/// Whether a first name is common enough for a question.
pub(super) fn is_first_name(plain: &str) -> bool {
    FIRST.contains(plain) || (CALLED.contains_key(plain) && !is_word(plain))
}

/// Whether a word makes of the one before it a place, a house, a firm.
pub(super) fn makes_a_place(plain: &str) -> bool {
    PLACE.contains(plain)
}

/// Whether a word stands small inside names.
pub(crate) fn is_particle(plain: &str) -> bool {
    PARTICLE.contains(plain)
}

/// Whether a name that is also a word stands here as the word, by what stands before and after.
pub(super) fn stands_as_word(plain: &str, first: bool, before: Option<&str>, after: Option<&str>) -> bool {
    let number = |word: Option<&str>| word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let dated = || {
        before == Some("the")
            || number(before)
            || number(after)
            || before.is_some_and(|before| MONTH_AFTER.contains(before))
    };
    if MONTH.contains(plain) && dated() {
        return true;
    }
    let Some(after) = after else { return false };
    if HANGS.contains(&(plain, after)) {
        return true;
    }
    let follows = if matches!(plain, "will" | "may") { &MODAL } else { &FOLLOWS };
    first && follows.contains(after)
}
