//! What the code of code nodes can do, by the names that it uses. Comments do not count.

use aho_corasick::{AhoCorasick, MatchKind};
use std::ops::Range;
use std::sync::LazyLock;

/// What a name in code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It reaches beyond computing: `network`, `process`, `filesystem`, `environment`, `eval`.
    Reaches(&'static str),
    /// It breaks out of the sandbox that n8n runs code and expressions in.
    Escape,
    /// It breaks out of the sandbox of expressions; in code, libraries use it honestly.
    ExpressionEscape,
    /// It computes with a weak algorithm.
    Weak(&'static str),
    /// It checks a signature.
    Signature,
}

use Meaning::{Escape, ExpressionEscape, Reaches, Signature, Weak};

/// Names in JavaScript and Python, with what they mean.
const NAMES: &[(&str, Meaning)] = &[
    ("fetch(", Reaches("network")),
    ("axios", Reaches("network")),
    ("helpers.httpRequest", Reaches("network")),
    ("helpers.request", Reaches("network")),
    ("XMLHttpRequest", Reaches("network")),
    ("import requests", Reaches("network")),
    ("urllib", Reaches("network")),
    ("require('https')", Reaches("network")),
    ("require('http')", Reaches("network")),
    ("child_process", Reaches("process")),
    ("execSync(", Reaches("process")),
    ("subprocess", Reaches("process")),
    ("os.system(", Reaches("process")),
    ("os.popen(", Reaches("process")),
    ("require('fs", Reaches("filesystem")),
    ("require(\"fs", Reaches("filesystem")),
    ("readFileSync(", Reaches("filesystem")),
    ("writeFileSync(", Reaches("filesystem")),
    ("process.env", Reaches("environment")),
    ("os.environ", Reaches("environment")),
    ("eval(", Reaches("eval")),
    ("new Function(", Reaches("eval")),
    ("constructor.constructor", Escape),
    ("constructor['constructor", Escape),
    ("constructor[\"constructor", Escape),
    ("__proto__", ExpressionEscape),
    ("process.mainModule", Escape),
    ("mainModule.require", Escape),
    ("process.binding(", Escape),
    ("global.process", Escape),
    ("globalThis.process", Escape),
    ("this.constructor", ExpressionEscape),
    ("__subclasses__", Escape),
    ("__globals__", Escape),
    ("__builtins__", Escape),
    ("getPrototypeOf(async", ExpressionEscape),
    (".constructor('return", Escape),
    (".constructor(\"return", Escape),
    ("createHash('md5')", Weak("md5")),
    ("createHash(\"md5\")", Weak("md5")),
    ("createHash('sha1')", Weak("sha1")),
    ("createHash(\"sha1\")", Weak("sha1")),
    ("hashlib.md5", Weak("md5")),
    ("hashlib.sha1", Weak("sha1")),
    ("createHmac(", Signature),
    ("timingSafeEqual(", Signature),
    ("hmac.new(", Signature),
    ("hmac.compare_digest", Signature),
    ("verifySignature", Signature),
];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let names = NAMES.iter().map(|(name, _)| name);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(names).expect("a fixed list of short names")
});

/// Parts of which every name that breaks out of the sandbox of expressions has one.
static TRACES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let traces = ["onstructor", "__", "process", "mainModule", "eval(", "unction(", "child_", "PrototypeOf"];
    // Leftmost matches may be searched for many bytes at once.
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(traces).expect("a fixed list of short words")
});

/// Whether an expression is worth a closer look. `raw` may still have the escapes of the file.
pub(super) fn may_escape(raw: &str) -> bool {
    TRACES.is_match(raw)
}

/// What `code` uses, and where, in document order.
pub(super) fn meanings(code: &str) -> Vec<(Meaning, Range<usize>)> {
    let mut found = Vec::new();
    let mut comments = Comments::default();
    for hit in FINDER.find_iter(code) {
        let name = NAMES[hit.pattern().as_usize()];
        let word = code.as_bytes()[hit.start()].is_ascii_alphabetic();
        let inside_word = word
            && hit.start() > 0
            && (code.as_bytes()[hit.start() - 1].is_ascii_alphanumeric() || code.as_bytes()[hit.start() - 1] == b'_');
        if !inside_word && !comments.cover(code, hit.start()) {
            found.push((name.1, hit.range()));
        }
    }
    found
}

/// The marks of comments in code, as far as one has read. Asked for ascending places, it reads the code once.
#[derive(Default)]
struct Comments {
    read: usize,
    line_start: usize,
    /// Where the last of each began.
    open: Option<usize>,
    close: Option<usize>,
    slashes: Option<usize>,
}

impl Comments {
    /// Whether the byte at `at` stands in a comment: a `//` or `#` before it on its line that is no part of an address or a string,
    /// or an open block comment.
    fn cover(&mut self, code: &str, at: usize) -> bool {
        // The longest mark has four bytes, of which three may have been read.
        let from = self.read.saturating_sub(3);
        let piece = &code.as_bytes()[from..at];
        let last = |mark: &str| memchr::memmem::rfind(piece, mark.as_bytes()).map(|found| from + found);
        self.line_start = last("\n").map_or(self.line_start, |end| end + 1);
        self.open = last("/*").or(self.open);
        self.close = last("*/").or(self.close);
        self.slashes = last(" // ").or(self.slashes);
        self.read = at;
        let line = code[self.line_start..at].trim_start();
        let behind_slashes = self.slashes.is_some_and(|slashes| slashes >= self.line_start);
        line.starts_with("//") || line.starts_with('#') || line.starts_with('*') || behind_slashes || self.open > self.close
    }
}

/// Where the arguments of calls begin whose names, with their opening brackets, `names` finds. Comments do not count.
pub(super) fn arguments(code: &str, names: &AhoCorasick) -> Vec<usize> {
    let mut comments = Comments::default();
    let found = names.find_iter(code).filter(|hit| !comments.cover(code, hit.start()));
    found.filter(|hit| hit.start() == 0 || !is_name_byte(code.as_bytes()[hit.start() - 1])).map(|hit| hit.end()).collect()
}

/// Whether the code uses a variable of that name.
pub(super) fn uses(code: &str, name: &str) -> bool {
    words(code, name).any(|at| at == 0 || code.as_bytes()[at - 1] != b'.')
}

/// Where `name` stands as a whole word.
pub(super) fn words(code: &str, name: &str) -> impl Iterator<Item = usize> {
    let bytes = code.as_bytes();
    let found = memchr::memmem::find_iter(bytes, name).filter(|at| {
        let before = at.checked_sub(1).is_some_and(|before| is_name_byte(bytes[before]));
        !before && !bytes.get(at + name.len()).is_some_and(|byte| is_name_byte(*byte))
    });
    found.collect::<Vec<_>>().into_iter()
}

pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// Calls that run a command, with their opening bracket.
const RUNS: [&str; 12] = [
    "exec(",
    "execSync(",
    "spawn(",
    "spawnSync(",
    "execFile(",
    "execFileSync(",
    "os.system(",
    "os.popen(",
    "subprocess.run(",
    "subprocess.call(",
    "subprocess.check_output(",
    "subprocess.Popen(",
];

/// Whether the code runs a command that does not stand there as a whole.
pub(super) fn runs_made_up_command(code: &str) -> bool {
    let is_fixed = |argument: &str| {
        let argument = argument.trim_start().trim_start_matches('[').trim_start();
        let Some(quote) = argument.chars().next().filter(|c| matches!(c, '\'' | '"' | '`')) else { return false };
        let Some((text, behind)) = argument[1..].split_once(quote) else { return false };
        let behind = behind.trim_start();
        (quote != '`' || !text.contains("${")) && !behind.starts_with(['+', '%', '.'])
    };
    RUNS.iter().flat_map(|name| code.match_indices(name)).any(|(at, name)| !is_fixed(&code[at + name.len()..]))
}

/// Where code or a command line accepts every certificate.
pub(super) fn unchecked_certificate(text: &str) -> Option<Range<usize>> {
    const NAMES: [&str; 8] = [
        "rejectUnauthorized: false",
        "rejectUnauthorized:false",
        "skipSslCertificateValidation: true",
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "verify=False",
        "curl -k ",
        " --insecure ",
        "--no-check-certificate",
    ];
    static FINDER: LazyLock<AhoCorasick> =
        LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(NAMES).expect("a fixed list of short names"));
    let mut comments = Comments::default();
    FINDER.find_iter(text).map(|hit| hit.range()).find(|range| !comments.cover(text, range.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_by_marks_before_and_between_names() {
        let uses = |code: &str| meanings(code).len();
        assert_eq!(uses("eval(a); /* eval(b); */ eval(c)"), 2);
        assert_eq!(uses("eval(a) // eval(b) eval(c)\neval(d)"), 2);
        assert_eq!(uses("eval(a)/*eval(b)*/eval(c)/*eval(d)"), 2);
        assert_eq!(uses("\n  # eval(a)\n\t//eval(b)\nf('http://x', eval(c))"), 1);
        assert_eq!(uses(&"eval(a);".repeat(100_000)), 100_000);
    }

    #[test]
    fn uses_are_found_and_comments_are_not() {
        let found: Vec<_> =
            meanings("const c = require('crypto'); // eval(x)\nconst r = await fetch(u);").into_iter().map(|use_| use_.0).collect();
        assert_eq!(found, [Reaches("network")]);
        assert_eq!(meanings("/* process.env */ retrieval(x); medieval(y)"), []);
        for (name, meaning) in NAMES.iter().filter(|name| matches!(name.1, Escape | ExpressionEscape | Reaches("process" | "eval"))) {
            assert!(may_escape(name) || matches!(*name, "subprocess" | "os.system(" | "os.popen(" | "execSync("), "{name} {meaning:?}");
        }
        assert_eq!(meanings("({}).constructor.constructor('return process')()")[0].0, Escape);
    }
}
