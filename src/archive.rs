//! Archives as platforms export them: zip files, opened in memory, with bounds on everything that the archive itself says.
//!
//! Nothing is written to disk, so that no entry can land where it does not belong. What bounds are for is measured: real exports have
//! entries that shrink to a hundredth and more, so it is the size that is bounded; a ratio alone tells nothing below
//! [`RATIO_FROM_BYTES`].

use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// Most entries of one archive. The largest real exports have a few thousand.
pub const MAX_ENTRIES: usize = 65_536;

/// Most bytes that all archives below one file may unpack to.
pub const MAX_UNPACKED_BYTES: u64 = 256 * 1024 * 1024;

/// How many archives deep is looked: package, solution, app.
pub const MAX_NESTED: usize = 3;

/// An entry above this size, in bytes, is also held to [`MAX_RATIO`].
pub const RATIO_FROM_BYTES: u64 = 16 * 1024 * 1024;

/// Most times that such an entry may be larger than it is in the archive.
pub const MAX_RATIO: u64 = 400;

/// How many bytes at the start of an entry tell what it is.
const HEAD_BYTES: u64 = 512;

/// Why an archive, or an entry of one, was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One lower-case sentence without full stop.
    pub reason: String,
    /// What to do about it.
    pub help: &'static str,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Nobody wanted it.
    Unwanted,
    /// It could not be read.
    Problem(Problem),
}

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the archive, with `/` between the parts.
    pub name: String,
    /// Its content.
    pub content: Content,
}

/// How much may still be unpacked below one file.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: MAX_UNPACKED_BYTES }
    }
}

/// Whether bytes that begin so are a zip archive.
#[must_use]
pub fn is_archive(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

const REPAIR: &str = "export it again from the platform, or leave it out with --exclude";
const DECRYPT: &str = "put the export into the repository without a password, or leave it out with --exclude";
const SPLIT: &str = "split the export, or leave it out with --exclude";

fn problem(reason: impl Into<String>, help: &'static str) -> Problem {
    Problem { reason: reason.into(), help }
}

/// The files of the archive `bytes`, in the order of their names. `wanted` is asked with the name and the first bytes of each
/// entry; what it does not want is not unpacked.
///
/// # Errors
/// When it is no archive, is damaged, or goes beyond the bounds as a whole.
pub fn open(bytes: &[u8], budget: &mut Budget, wanted: &dyn Fn(&str, &[u8]) -> bool) -> Result<Vec<Entry>, Problem> {
    // Some programs fill archives up with zeros behind their end, farther than readers look back for it.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    // The end record itself may end in zeros: the length of an absent comment.
    let end = (end + END_RECORD_ZEROS).min(bytes.len());
    let mut archive = ZipArchive::new(Cursor::new(&bytes[..end])).map_err(|error| problem(told(&error), REPAIR))?;
    if archive.len() > MAX_ENTRIES {
        return Err(problem(format!("the archive has {} entries, the limit is {MAX_ENTRIES}", archive.len()), SPLIT));
    }
    // The library keeps the last of entries with the same name; an importer may take the first.
    if declared_entries(&bytes[..end]).is_some_and(|count| count > archive.len()) {
        return Err(problem("the archive has several entries with the same name", REPAIR));
    }
    let mut entries = Vec::new();
    for number in 0..archive.len() {
        if let Some(entry) = entry(&mut archive, number, budget, wanted) {
            entries.push(entry);
        }
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(twice) = entries.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(problem(format!("the archive has several entries named `{}`", twice[0].name), REPAIR));
    }
    Ok(entries)
}

/// Zeros that an end record may end in: numbers and the length of a comment.
const END_RECORD_ZEROS: usize = 22;

/// How many entries the end record speaks of; none where that does not fit into it.
fn declared_entries(bytes: &[u8]) -> Option<usize> {
    let at = memchr::memmem::rfind(bytes, b"PK\x05\x06")?;
    let count = u16::from_le_bytes([*bytes.get(at + 10)?, *bytes.get(at + 11)?]);
    (count != u16::MAX).then_some(usize::from(count))
}

fn entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    number: usize,
    budget: &mut Budget,
    wanted: &dyn Fn(&str, &[u8]) -> bool,
) -> Option<Entry> {
    let named = |raw: &[u8]| String::from_utf8_lossy(raw).replace('\\', "/");
    // Names come from the raw entry first: an entry that cannot be opened has one too.
    let (name, packed, encrypted) = match archive.by_index_raw(number) {
        Ok(raw) if raw.is_dir() || raw.name_raw().ends_with(b"\\") => return None,
        Ok(raw) => (named(raw.name_raw()), raw.compressed_size(), raw.encrypted()),
        Err(error) => {
            let content = Content::Problem(problem(told(&error), REPAIR));
            return Some(Entry { name: format!("entry {}", number + 1), content });
        }
    };
    let content = if encrypted {
        Content::Problem(problem("the entry is encrypted", DECRYPT))
    } else {
        match archive.by_index(number) {
            Ok(mut file) => read(&mut file, &name, packed, budget, wanted).unwrap_or_else(Content::Problem),
            Err(error) => Content::Problem(problem(told(&error), REPAIR)),
        }
    };
    Some(Entry { name, content })
}

fn read(
    file: &mut impl Read,
    name: &str,
    packed: u64,
    budget: &mut Budget,
    wanted: &dyn Fn(&str, &[u8]) -> bool,
) -> Result<Content, Problem> {
    let damaged = |error: std::io::Error| problem(format!("the entry is damaged: {error}"), REPAIR);
    let mut bytes = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut bytes).map_err(damaged)?;
    if !wanted(name, &bytes) {
        return Ok(Content::Unwanted);
    }
    let allowed = budget.bytes.min(RATIO_FROM_BYTES.max(packed.saturating_mul(MAX_RATIO)));
    // One byte more than is allowed tells what is too large; what an entry declares itself to be is not asked.
    let rest = (allowed + 1).saturating_sub(bytes.len() as u64);
    file.take(rest).read_to_end(&mut bytes).map_err(damaged)?;
    if bytes.len() as u64 > allowed {
        return Err(if allowed == budget.bytes {
            problem(format!("the archive unpacks to more than {MAX_UNPACKED_BYTES} bytes"), SPLIT)
        } else {
            problem(format!("the entry unpacks to more than {MAX_RATIO} times its size"), REPAIR)
        });
    }
    budget.bytes -= bytes.len() as u64;
    Ok(Content::Bytes(bytes))
}

fn told(error: &ZipError) -> String {
    match error {
        ZipError::InvalidArchive(why) if why.to_ascii_lowercase().contains("eocd") => "the archive is cut off, or is none".into(),
        ZipError::InvalidArchive(why) => format!("the archive is damaged: {}", why.to_lowercase()),
        ZipError::UnsupportedArchive(why) => format!("the archive cannot be read: {}", why.to_lowercase()),
        ZipError::CompressionMethodNotSupported(method) => format!("the entry is packed with method {method}, which no export uses"),
        other => format!("the archive is damaged: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).expect("a new entry");
            writer.write_all(content).expect("memory");
        }
        writer.finish().expect("memory").into_inner()
    }

    fn opened(bytes: &[u8]) -> Result<Vec<Entry>, Problem> {
        open(bytes, &mut Budget::default(), &|name, _| name != "z.png")
    }

    #[test]
    fn entries_are_read_in_the_order_of_their_names() {
        let bytes = zip(&[("b/x.json", b"{}"), ("a\\y.json", b"[]"), ("z.png", b"..")]);
        assert!(is_archive(&bytes));
        let entries = opened(&bytes).expect("an archive");
        let names: Vec<&str> = entries.iter().map(|entry| &*entry.name).collect();
        assert_eq!(names, ["a/y.json", "b/x.json", "z.png"]);
        assert_eq!(entries[0].content, Content::Bytes(b"[]".to_vec()));
        assert_eq!(entries[2].content, Content::Unwanted);
    }

    #[test]
    fn zeros_behind_the_end_do_no_harm() {
        let mut bytes = zip(&[("a.json", b"{}")]);
        bytes.resize(bytes.len() + 300_000, 0);
        assert_eq!(opened(&bytes).expect("an archive").len(), 1);
    }

    #[test]
    fn what_is_damaged_is_told() {
        let bytes = zip(&[("a.json", b"{\"key\": \"some text that is long enough to be packed, packed, packed\"}")]);
        assert!(opened(&bytes[..bytes.len() / 2]).is_err());
        assert!(opened(b"PK\x03\x04").is_err());
        let mut torn = bytes;
        torn[45] ^= 0xFF;
        let entries = opened(&torn).expect("the list of entries is whole");
        assert!(matches!(&entries[0].content, Content::Problem(problem) if problem.reason.contains("damaged")), "{entries:?}");
    }

    #[test]
    fn two_entries_of_one_name_are_refused() {
        let mut bytes = zip(&[("a.json", b"{}"), ("b.json", b"[]")]);
        while let Some(at) = memchr::memmem::find(&bytes, b"b.json") {
            bytes[at] = b'a';
        }
        assert!(opened(&bytes).expect_err("two of one name").reason.contains("same name"));
        assert!(opened(&zip(&[("x/a.json", b"{}"), ("x\\a.json", b"[]")])).is_err());
    }

    #[test]
    fn size_is_bounded() {
        let bytes = zip(&[("a.json", &vec![b' '; 100_000])]);
        let mut budget = Budget { bytes: 50_000 };
        let entries = open(&bytes, &mut budget, &|_, _| true).expect("an archive");
        assert!(matches!(&entries[0].content, Content::Problem(problem) if problem.reason.contains("more than")), "{entries:?}");
    }
}
