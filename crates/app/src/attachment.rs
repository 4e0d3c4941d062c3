//! Attachments: read, made anew without something, and looked through again, each in a short-lived process of its own
//! with limits. What a file does to that process, it does to nothing else.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use ::read::{Attached, Letter, Looked, Reading, Removal};
use serde::de::DeserializeOwned;

/// How long reading may take, all files together.
const PATIENCE: Duration = Duration::from_secs(60);
/// Processor time of one process, in seconds.
const CPU_SECONDS: u64 = 45;
/// Address space of it, in KiB.
const MEMORY_KIB: u64 = 1536 * 1024;
/// The most that is taken from it.
const ANSWER_MAX: u64 = 256 * 1024 * 1024;

/// The most processes that work for one copy at once.
const WORKERS_MAX: usize = 4;

/// What the process is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// Read the text of files.
    Text,
    /// Make a PDF anew without something.
    Without,
    /// Look whether files still have something.
    Look,
    /// Read a message of a mailbox.
    Mail,
}

impl Task {
    const ALL: &[(Self, &'static str)] =
        &[(Self::Text, "text"), (Self::Without, "without"), (Self::Look, "look"), (Self::Mail, "mail")];

    /// The task of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, its)| *its == name).map(|(task, _)| *task)
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(task, _)| *task == self).map_or("", |(_, name)| name)
    }
}

/// A file by its name.
pub type File = (String, Vec<u8>);

/// A file, and the texts that it must not have.
pub type Wanted<'f> = (&'f File, Vec<String>);

/// What a file still has, of what was looked for.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Still {
    /// How often each of the texts stands in what a reader is shown.
    pub shown: Vec<usize>,
    /// How often each stands anywhere beside it.
    pub beside: Vec<usize>,
    /// What could not be looked into.
    pub closed: Vec<String>,
}

/// A text in the form in which it is looked for: lower case, single blanks, letters together that stand apart.
#[must_use]
pub fn sought(text: &str) -> String {
    let made = store::mention::words::together(text);
    as_it_stands(made.as_ref().map_or(text, |made| made.text.as_str()))
}

/// The same with letters as they stand: of bytes that spell nothing there are too many to look for more.
fn as_it_stands(text: &str) -> String {
    text.to_lowercase()
        .split(|c: char| c.is_whitespace() || store::mention::words::is_nothing(c))
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// How often a text stands in another, both as [`sought`] gives them, as words of its own.
#[must_use]
pub fn times(within: &str, text: &str) -> usize {
    let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    within
        .match_indices(text)
        .filter(|(at, _)| {
            apart(within.get(..*at).and_then(|before| before.chars().next_back()))
                && apart(within.get(at + text.len()..).and_then(|after| after.chars().next()))
        })
        .count()
}

/// Does something with each of so many, several at once where there are processors for it; in their order.
pub(crate) fn at_once<T: Send>(count: usize, each: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS_MAX).min(count);
    let next = AtomicUsize::new(0);
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let work = || {
            let mut some = Vec::new();
            loop {
                let number = next.fetch_add(1, Relaxed);
                if number >= count {
                    return some;
                }
                some.push((number, each(number)));
            }
        };
        let hands: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        hands
            .into_iter()
            .flat_map(|hand| hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, one)| one).collect()
}

/// Files in as many heaps as are worth a process each, of about the same size; by their numbers.
fn heaps(sizes: &[usize]) -> Vec<Vec<usize>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS_MAX);
    let mut heaps: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new()); workers.min(sizes.len())];
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|number| std::cmp::Reverse(sizes.get(*number)));
    for number in order {
        // Starting to look at a file costs something, too.
        let size = sizes.get(number).copied().unwrap_or(0) + 4096;
        if let Some((all, heap)) = heaps.iter_mut().min_by_key(|(all, _)| *all) {
            *all += size;
            heap.push(number);
        }
    }
    heaps.into_iter().map(|(_, heap)| heap).collect()
}

/// The program that reads: this very one, in a process of its own.
#[derive(Clone, Debug)]
pub struct Reader(PathBuf);

impl Reader {
    /// This program.
    ///
    /// # Errors
    /// If the system does not say where it lies.
    pub fn this() -> std::io::Result<Self> {
        std::env::current_exe().map(Self)
    }

    /// The program at a place, for programs that are another: tests.
    #[must_use]
    pub fn at(program: &Path) -> Self {
        Self(program.to_owned())
    }

    /// Where the program lies.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.0
    }

    /// The text of each file, in their order. One that ends the process is read alone, and unread if it does so again.
    #[must_use]
    pub fn texts(&self, files: &[(String, Vec<u8>)]) -> Vec<Reading> {
        let heaps = heaps(&files.iter().map(|(_, bytes)| bytes.len()).collect::<Vec<_>>());
        let read = at_once(heaps.len(), |heap| {
            let some: Vec<&(String, Vec<u8>)> =
                heaps.get(heap).into_iter().flatten().filter_map(|number| files.get(*number)).collect();
            self.texts_of(&some)
        });
        let mut read: Vec<(usize, Reading)> =
            heaps.into_iter().flatten().zip(read.into_iter().flatten()).collect();
        read.sort_by_key(|(number, _)| *number);
        read.into_iter().map(|(_, reading)| reading).collect()
    }

    fn texts_of(&self, files: &[&(String, Vec<u8>)]) -> Vec<Reading> {
        match self.asked::<Vec<Reading>>(Task::Text, files) {
            Ok(read) if read.len() == files.len() => read,
            _ if files.len() > 1 => {
                files.iter().flat_map(|file| self.texts_of(std::slice::from_ref(file))).collect()
            }
            _ => vec![Reading::unread("reading it took too long, or too much memory, and was stopped")],
        }
    }

    /// A PDF without some of its words.
    ///
    /// # Errors
    /// Why it could not be made, for whoever answers.
    pub fn without(&self, title: &str, bytes: &[u8], removals: &[Removal]) -> Result<Vec<u8>, String> {
        let removals = serde_json::to_vec(removals).map_err(|error| error.to_string())?;
        let files = [("removals".to_owned(), removals), (title.to_owned(), bytes.to_vec())];
        let made = run(&self.0, Task::Without, &framed(&files))?;
        made.starts_with(b"%PDF").then_some(made).ok_or_else(|| "no PDF came of it".to_owned())
    }

    /// A message of a mailbox, and the files that hang on it.
    ///
    /// # Errors
    /// Why it could not be read, without a word of it.
    pub fn letter(&self, bytes: &[u8]) -> Result<(Letter, Vec<Attached>), String> {
        let answer = run(&self.0, Task::Mail, &framed(&[(String::new(), bytes.to_vec())]))?;
        let mut parts = unframed(&answer).ok_or("what came of it is not framed")?.into_iter();
        let (_, letter) = parts.next().ok_or("nothing came of it")?;
        let letter = serde_json::from_slice(&letter).map_err(|error| error.to_string())?;
        Ok((letter, parts.collect()))
    }

    /// What files still have of some texts, each of its own; in their order.
    ///
    /// # Errors
    /// Why they could not be looked through: then nothing may be said of them.
    pub fn look(&self, files: &[Wanted<'_>]) -> Result<Vec<Still>, String> {
        let heaps = heaps(&files.iter().map(|((_, bytes), _)| bytes.len()).collect::<Vec<_>>());
        let looked = at_once(heaps.len(), |heap| {
            let some = heaps.get(heap).into_iter().flatten().filter_map(|number| files.get(*number));
            let (files, texts): (Vec<&File>, Vec<&Vec<String>>) =
                some.map(|(file, texts)| (*file, texts)).unzip();
            let texts = ("texts".to_owned(), serde_json::to_vec(&texts).map_err(|error| error.to_string())?);
            let all: Vec<&File> = std::iter::once(&texts).chain(files).collect();
            self.asked::<Vec<Still>>(Task::Look, &all)
        });
        let mut found: Vec<(usize, Still)> = Vec::new();
        for (heap, looked) in heaps.into_iter().zip(looked) {
            let looked = looked?;
            if looked.len() != heap.len() {
                return Err("not every file was looked through".to_owned());
            }
            found.extend(heap.into_iter().zip(looked));
        }
        found.sort_by_key(|(number, _)| *number);
        Ok(found.into_iter().map(|(_, still)| still).collect())
    }

    fn asked<T: DeserializeOwned>(&self, task: Task, files: &[&(String, Vec<u8>)]) -> Result<T, String> {
        let answer = run(&self.0, task, &framed(files.iter().copied()))?;
        serde_json::from_slice(&answer).map_err(|error| error.to_string())
    }
}

/// What the process does with what it is given, inside it.
///
/// # Errors
/// A sentence without a word of the files.
pub fn within(task: Task, given: &[u8]) -> Result<Vec<u8>, String> {
    let files = unframed(given).ok_or("the files are not framed")?;
    match task {
        Task::Text => {
            let read: Vec<Reading> = files.iter().map(|(name, bytes)| ::read::text(name, bytes)).collect();
            serde_json::to_vec(&read).map_err(|error| error.to_string())
        }
        Task::Without => {
            let [(_, removals), (title, bytes)] = files.as_slice() else {
                return Err("one file at a time".to_owned());
            };
            let removals: Vec<Removal> =
                serde_json::from_slice(removals).map_err(|error| error.to_string())?;
            ::read::without(bytes, title, &removals)
        }
        Task::Mail => {
            let [(_, bytes)] = files.as_slice() else { return Err("one message at a time".to_owned()) };
            let (letter, attached) = ::read::letter(bytes);
            let letter = serde_json::to_vec(&letter).map_err(|error| error.to_string())?;
            let mut all = vec![(String::new(), letter)];
            all.extend(attached);
            Ok(framed(&all))
        }
        Task::Look => {
            let ((_, texts), files) = files.split_first().ok_or("nothing to look for")?;
            let texts: Vec<Vec<String>> = serde_json::from_slice(texts).map_err(|error| error.to_string())?;
            let each = files.iter().zip(&texts);
            let found: Vec<Still> =
                each.map(|((name, bytes), texts)| still(::read::everything(name, bytes), texts)).collect();
            serde_json::to_vec(&found).map_err(|error| error.to_string())
        }
    }
}

/// The fewest characters that are looked for among bytes that spell nothing: fewer stand there by chance.
const BY_CHANCE: usize = 5;

fn still(looked: Looked, texts: &[String]) -> Still {
    let shown = sought(&looked.shown.join("\n"));
    let beside: Vec<String> = looked.beside.iter().map(|some| as_it_stands(some)).collect();
    Still {
        shown: texts.iter().map(|text| times(&shown, text)).collect(),
        beside: texts
            .iter()
            .map(|text| {
                if text.chars().count() < BY_CHANCE {
                    0
                } else {
                    beside.iter().map(|some| times(some, text)).sum()
                }
            })
            .collect(),
        closed: looked.closed,
    }
}

/// Files one after another: the length of the name, the name, the length of the bytes, the bytes.
fn framed<'f>(files: impl IntoIterator<Item = &'f (String, Vec<u8>)>) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files {
        for part in [name.as_bytes(), bytes.as_slice()] {
            out.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            out.extend(part);
        }
    }
    out
}

fn unframed(mut given: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    fn part<'a>(given: &mut &'a [u8]) -> Option<&'a [u8]> {
        let (length, rest) = given.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let some = rest.get(..length)?;
        *given = rest.get(length..)?;
        Some(some)
    }
    let mut files = Vec::new();
    while !given.is_empty() {
        let name = String::from_utf8_lossy(part(&mut given)?).into_owned();
        files.push((name, part(&mut given)?.to_vec()));
    }
    Some(files)
}

/// Runs the process.
fn run(program: &Path, task: Task, given: &[u8]) -> Result<Vec<u8>, String> {
    // The shell sets the limits, so that no unsafe code is needed to set them between fork and exec.
    let script =
        format!("ulimit -v {MEMORY_KIB}; ulimit -t {CPU_SECONDS}; ulimit -c 0; exec \"$0\" read \"$1\"");
    let mut child = Command::new("/bin/sh")
        .args(["-c", &script])
        .arg(program)
        .arg(task.name())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A process that has already failed closes its end; what it said is the better answer.
            drop(stdin.map(|mut stdin| stdin.write_all(given)));
        });
        let hear = scope.spawn(move || {
            let mut said = String::new();
            drop(stderr.map(|stderr| stderr.take(4096).read_to_string(&mut said)));
            said
        });
        let take = scope.spawn(move || {
            let mut answer = Vec::new();
            let taken = stdout.map(|stdout| stdout.take(ANSWER_MAX).read_to_end(&mut answer));
            taken.transpose().map(|_| answer)
        });
        let began = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if began.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(3)),
                _ => {
                    drop(child.kill());
                    drop(child.wait());
                    break None;
                }
            }
        };
        let answer =
            take.join().map_err(|_| "its answer was lost".to_owned())?.map_err(|error| error.to_string())?;
        let said = hear.join().unwrap_or_default();
        match status {
            Some(status) if status.success() => Ok(answer),
            Some(_) => {
                Err(said.lines().next().unwrap_or("it was stopped").trim_start_matches("error: ").to_owned())
            }
            None => Err("it took too long and was stopped".to_owned()),
        }
    })
}
