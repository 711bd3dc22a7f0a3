//! Secrets that are known by their own shape, wherever they stand: a row for each, one pass over the text for all of them.

use super::placeholder::is_placeholder;
use super::shape::{Shape, is_word_byte, jwt_claims, jwt_header};
use crate::finding::Confidence;
use aho_corasick::{AhoCorasick, MatchKind, packed};
use regex::Regex;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// A kind of secret that its issuer made recognisable.
struct Provider {
    /// The stable id that reports use.
    id: &'static str,
    /// How it begins: what the search looks for. None may be the beginning of another.
    prefixes: &'static [&'static str],
    /// All of it, from the prefix on; group 1 is the secret where that is not the whole match.
    pattern: &'static str,
    before: Before,
    /// Fewest token characters behind the prefix: what is tested before the pattern is compiled.
    tail: usize,
    judge: fn(&Match<'_>) -> Verdict,
    regex: OnceLock<Regex>,
}

/// What must stand in front of the prefix.
#[derive(Clone, Copy)]
enum Before {
    /// No letter, digit, `_` or `-`: `task-`, `risk_` and the middle of base64 are no beginnings.
    Boundary,
    /// Anything.
    Any,
    /// The secret began earlier: so many characters of this kind stand before the prefix, behind a boundary.
    Run(fn(u8) -> bool, usize, usize),
}

/// A pattern has matched.
struct Match<'t> {
    text: &'t str,
    secret: &'t str,
    /// Where the pattern begins in `text`.
    start: usize,
}

/// What a match turns out to be.
enum Verdict {
    Secret(Confidence, Option<&'static str>),
    /// Made to be seen: no other way of looking may report it either.
    Public,
    /// Not what it looked like.
    Nothing,
}

/// A secret or a public value that was found by its shape.
pub(super) struct Known {
    pub(super) id: &'static str,
    pub(super) range: Range<usize>,
    /// `None` when it is public by design.
    pub(super) secret: Option<(Confidence, Option<&'static str>)>,
}

const fn token(id: &'static str, prefixes: &'static [&'static str], pattern: &'static str) -> Provider {
    Provider { id, prefixes, pattern, before: Before::Boundary, tail: 16, judge: random, regex: OnceLock::new() }
}

impl Provider {
    const fn judged(mut self, judge: fn(&Match<'_>) -> Verdict) -> Self {
        self.judge = judge;
        self
    }

    const fn after(mut self, before: Before) -> Self {
        self.before = before;
        self
    }

    const fn tail(mut self, tail: usize) -> Self {
        self.tail = tail;
        self
    }

    fn regex(&self) -> &Regex {
        // Without Unicode classes: they make compilation eighty times as slow.
        self.regex.get_or_init(|| Regex::new(&format!("(?-u)^(?:{})", self.pattern)).expect("a test compiles every pattern"))
    }

    /// Where the pattern begins if its prefix stands at `at`.
    fn start(&self, text: &[u8], at: usize, escaped: bool) -> Option<usize> {
        match self.before {
            Before::Any => Some(at),
            Before::Boundary => boundary(text, at, escaped).then_some(at),
            Before::Run(class, least, most) => {
                let run = text[..at].iter().rev().take(most + 1).take_while(|byte| class(**byte)).count();
                // Raw JSON may have escapes in it: there a beginning of the right kind is enough.
                let fits = if escaped { run > 0 } else { (least..=most).contains(&run) };
                fits.then(|| at - run)
            }
        }
    }

    fn has_tail(&self, text: &[u8], behind: usize) -> bool {
        text.len() - behind >= self.tail
            && text[behind..behind + self.tail].iter().all(|byte| is_word_byte(*byte) || b".+/%=~\\:".contains(byte))
    }
}

/// Whether a token may begin at `at`. In raw JSON a letter may be the end of an escape: `\nsk-`, `\u003dsk-`.
fn boundary(text: &[u8], at: usize, escaped: bool) -> bool {
    let before = &text[..at];
    let Some(last) = before.last() else { return true };
    if !is_word_byte(*last) {
        return true;
    }
    match before {
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., b'\\', b'n' | b't' | b'r' | b'b' | b'f'] | [.., b'\\', b'u', _, _, _, _] => escaped,
        _ => false,
    }
}

fn digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn base64_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/".contains(&byte)
}

fn word(byte: u8) -> bool {
    is_word_byte(byte)
}

fn entra(byte: u8) -> bool {
    is_word_byte(byte) || b"~.".contains(&byte)
}

/// A word that is random where it should be.
fn random(found: &Match<'_>) -> Verdict {
    let shape = Shape::of(found.secret);
    if is_placeholder(found.secret) || shape.entropy < 2.9 || !(shape.digits > 0 || shape.upper > 0 && shape.lower > 0) {
        return Verdict::Nothing;
    }
    Verdict::Secret(Confidence::High, None)
}

fn private_key(found: &Match<'_>) -> Verdict {
    let body = found.secret.split_once("KEY").map_or("", |(_, body)| body);
    let body = body.trim_start_matches(" BLOCK").trim_start_matches('-').replace("\\n", "");
    let key = body.bytes().take_while(|byte| *byte != b'-').filter(u8::is_ascii_alphanumeric).count();
    if key < 40 || body.contains("...") || Shape::of(&body).entropy < 3.5 {
        return Verdict::Nothing;
    }
    Verdict::Secret(Confidence::High, None)
}

fn jwt(found: &Match<'_>) -> Verdict {
    // Shops sign state in the same three parts; only a header that names an algorithm makes it a web token.
    if jwt_header(found.secret).is_some_and(|header| header.get("alg").is_none()) {
        return Verdict::Public;
    }
    let Some(claims) = jwt_claims(found.secret) else {
        return if is_placeholder(found.secret) { Verdict::Nothing } else { Verdict::Secret(Confidence::Medium, None) };
    };
    match (claims.role.as_deref(), claims.issuer.as_deref()) {
        // The sample of jwt.io.
        _ if claims.subject.as_deref() == Some("1234567890") => Verdict::Public,
        (Some("anon"), _) => Verdict::Public,
        (Some("service_role"), _) => Verdict::Secret(Confidence::High, Some("Supabase service_role: passes row level security")),
        (_, Some("n8n")) => Verdict::Secret(Confidence::High, Some("API key of an n8n instance")),
        _ if claims.lifetime.is_some_and(|seconds| seconds <= 86_400) => Verdict::Secret(Confidence::Low, Some("issued for a day or less")),
        _ => Verdict::Secret(Confidence::Medium, None),
    }
}

/// The id alone opens nothing, but where it is written down the secret is seldom far.
fn aws_key_id(found: &Match<'_>) -> Verdict {
    let before = found.text[..found.start].trim_end_matches(['"', '\'', ' ']);
    let signed = ["X-Amz-Credential=", "AWSAccessKeyId=", "Credential="].iter().any(|name| before.ends_with(name));
    match random(found) {
        Verdict::Secret(..) if signed => Verdict::Public,
        Verdict::Secret(..) => Verdict::Secret(Confidence::Low, Some("the id of an access key; look for its secret nearby")),
        other => other,
    }
}

/// The text around a match: a query string or an object is never longer.
fn around<'t>(found: &Match<'t>) -> &'t str {
    let (mut start, mut end) = (found.start.saturating_sub(600), (found.start + 600).min(found.text.len()));
    while !found.text.is_char_boundary(start) {
        start -= 1;
    }
    while !found.text.is_char_boundary(end) {
        end += 1;
    }
    &found.text[start..end]
}

fn callback_signature(found: &Match<'_>) -> Verdict {
    let around = around(found);
    if ["logic.azure.com", "/triggers/", "powerplatform.com"].iter().any(|part| around.contains(part)) {
        random(found)
    } else {
        Verdict::Nothing
    }
}

fn sas_signature(found: &Match<'_>) -> Verdict {
    let around = around(found);
    let parameters = || around.split(|c: char| !c.is_ascii_graphic() || "?&;\"'".contains(c));
    if parameters().filter(|part| ["sv=", "se=", "sr=", "sp="].iter().any(|name| part.starts_with(name))).count() < 2 {
        return Verdict::Nothing;
    }
    let one_file = parameters().any(|part| part == "sr=b") && parameters().any(|part| part == "sp=r");
    match random(found) {
        Verdict::Secret(..) if one_file => Verdict::Secret(Confidence::Low, Some("reads one file only")),
        other => other,
    }
}

fn public(_: &Match<'_>) -> Verdict {
    Verdict::Public
}

/// Formats of the issuers' own documentation and of what real exports hold.
static PROVIDERS: [Provider; 71] = [
    // AI services
    token("anthropic-key", &["sk-"], r"sk-ant-[a-z]{3,5}\d\d-[A-Za-z0-9_-]{60,140}"),
    token("openrouter-key", &["sk-"], r"sk-or-v1-[0-9a-f]{64}"),
    token("openai-key", &["sk-"], r"sk-(?:(?:proj|svcacct|admin|None|lf)-[A-Za-z0-9_-]{30,200}|[A-Za-z0-9]{20,64})"),
    token("groq-key", &["gsk_"], "gsk_[A-Za-z0-9]{40,64}"),
    token("xai-key", &["xai-"], "xai-[A-Za-z0-9]{70,90}"),
    token("perplexity-key", &["pplx-"], "pplx-[A-Za-z0-9]{40,64}"),
    token("tavily-key", &["tvly-"], "tvly-(?:dev-|prod-)?[A-Za-z0-9]{20,64}"),
    token("firecrawl-key", &["fc-"], "fc-[0-9a-f]{32}"),
    token("huggingface-token", &["hf_"], "hf_[A-Za-z]{30,40}|hf_[A-Za-z0-9]{30,40}"),
    token("replicate-token", &["r8_"], "r8_[A-Za-z0-9]{37,40}"),
    token("jina-key", &["jina_"], "jina_[A-Za-z0-9_-]{50,80}"),
    token("nvidia-key", &["nvapi-"], "nvapi-[A-Za-z0-9_-]{60,80}"),
    token("pinecone-key", &["pcsk_"], "pcsk_[A-Za-z0-9_]{50,90}"),
    token("langsmith-key", &["lsv2_"], "lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    token("dify-key", &["app-"], "app-[A-Za-z0-9]{24}"),
    token("dify-key", &["dataset-"], "dataset-[A-Za-z0-9]{24}"),
    token("stripe-key", &["sk_"], "sk_(?:live|test)_[A-Za-z0-9]{24,250}"),
    token("elevenlabs-key", &["sk_"], "sk_[0-9a-f]{48}"),
    // Google, Meta, Amazon, Microsoft
    token("google-api-key", &["AIza"], "AIza[A-Za-z0-9_-]{35}"),
    token("google-oauth-token", &["ya29."], r"ya29\.[A-Za-z0-9_-]{40,}").tail(20),
    token("google-client-secret", &["GOCSPX-"], "GOCSPX-[A-Za-z0-9_-]{20,40}"),
    token("facebook-token", &["EAA"], "EAA[A-Za-z0-9]{90,400}").tail(90),
    token("aws-access-key-id", &["AKIA", "ASIA"], "A[KS]IA[A-Z2-7]{16}").judged(aws_key_id),
    token("logic-apps-callback", &["sig="], r"sig=([A-Za-z0-9%+/_-]{40,120}={0,2})").judged(callback_signature),
    token("sas-signature", &["sig="], r"sig=([A-Za-z0-9%+/_-]{40,120}={0,2})").judged(sas_signature),
    token("azure-account-key", &["AccountKey="], r"AccountKey=([A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==)").after(Before::Any),
    token("azure-shared-access-key", &["SharedAccessKey="], r"SharedAccessKey=([A-Za-z0-9+/]{43}=)").after(Before::Any),
    token("azure-service-key", &["JQQJ99"], "[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}").tail(20).after(Before::Run(base64_byte, 52, 52)),
    token("azure-storage-key", &["+ASt"], r"[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]==").tail(8).after(Before::Run(
        base64_byte,
        76,
        76,
    )),
    token("azure-function-key", &["AzFu"], "[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==").tail(8).after(Before::Run(word, 44, 44)),
    token("azure-devops-token", &["AZDO"], "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}").tail(4).after(Before::Run(base64_byte, 76, 76)),
    token("entra-client-secret", &["6Q~", "7Q~", "8Q~", "9Q~"], r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}")
        .after(Before::Run(entra, 3, 3)),
    token("teams-webhook", &["/IncomingWebhook"], "/IncomingWebhook/([0-9a-f]{32}/[0-9a-f-]{36})").after(Before::Any),
    // Code hosts and registries
    token("github-token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], "gh[pousr]_[A-Za-z0-9]{36,255}"),
    token("github-token", &["github_pat_"], "github_pat_[A-Za-z0-9_]{70,100}"),
    token("gitlab-token", &["glpat-"], r"glpat-[A-Za-z0-9_.-]{20,60}"),
    token("npm-token", &["npm_"], "npm_[A-Za-z0-9]{36}"),
    token("pypi-token", &["pypi-"], "pypi-[A-Za-z0-9_-]{50,250}"),
    token("docker-token", &["dckr_pat_"], "dckr_pat_[A-Za-z0-9_-]{24,40}"),
    // Talk
    token("slack-token", &["xox"], "xox[abeprs]-[A-Za-z0-9-]{20,250}"),
    token("slack-token", &["xapp-"], r"xapp-\d-[A-Za-z0-9-]{40,200}"),
    token("slack-webhook", &["hooks.slack.com"], r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{30,120})").tail(0),
    token("discord-webhook", &["/webhooks"], r"/webhooks/\d{15,21}/([A-Za-z0-9_-]{60,80})").after(Before::Any),
    token("telegram-bot-token", &[":AA"], r"\d{8,10}:AA[A-Za-z0-9_-]{32,34}").tail(32).after(Before::Run(digit, 8, 10)),
    // Payment, mail, shops, CRM
    token("stripe-key", &["rk_live_", "rk_test_"], "rk_(?:live|test)_[A-Za-z0-9]{24,250}"),
    token("stripe-publishable-key", &["pk_live_", "pk_test_"], "pk_(?:live|test)_[A-Za-z0-9]{20,250}").judged(public),
    token("stripe-webhook-secret", &["whsec_"], "whsec_[A-Za-z0-9+/]{24,80}={0,2}"),
    token("sendgrid-key", &["SG."], r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,60}"),
    token("mailgun-key", &["key-"], "key-[0-9a-f]{32}"),
    token("brevo-key", &["xkeysib-", "xsmtpsib-"], "x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    token("resend-key", &["re_"], "re_[A-Za-z0-9]{6,10}_[A-Za-z0-9]{20,30}"),
    token("shopify-token", &["shpat_", "shpss_", "shpca_"], "shp(?:at|ss|ca)_[0-9a-fA-F]{32}"),
    token("hubspot-token", &["pat"], "pat-(?:na|eu|ap)[1-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    token("highlevel-token", &["pit-"], "pit-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    token("zoho-token", &["1000."], r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}"),
    token("bitrix24-webhook", &["/rest"], r"/rest/\d{1,9}/([a-z0-9]{14,24})(?:[/?]|$)").tail(0).after(Before::Any).judged(bitrix),
    // Data and work
    token("airtable-token", &["pat"], r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}").tail(40),
    token("notion-token", &["secret_"], "secret_[A-Za-z0-9]{43}"),
    token("notion-token", &["ntn_"], "ntn_[A-Za-z0-9]{40,60}"),
    token("apify-token", &["apify_api_"], "apify_api_[A-Za-z0-9]{30,50}"),
    token("linear-key", &["lin_api_"], "lin_api_[A-Za-z0-9]{32,64}"),
    token("supabase-token", &["sbp_"], "sbp_[0-9a-f]{40}"),
    token("supabase-secret-key", &["sb_secret_"], "sb_secret_[A-Za-z0-9_-]{20,64}"),
    token("atlassian-token", &["ATATT"], "ATATT[A-Za-z0-9_=-]{100,250}"),
    token("databricks-token", &["dapi"], "dapi[0-9a-f]{32}(?:-[0-9])?"),
    token("doppler-token", &["dp.st.", "dp.pt."], r"dp\.[ps]t\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
    token("digitalocean-token", &["dop_v1_", "doo_v1_"], "do[op]_v1_[0-9a-f]{64}"),
    token("grafana-token", &["glsa_"], "glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}"),
    token("vault-token", &["hvs."], r"hvs\.[A-Za-z0-9_-]{24,200}"),
    // Formats of no one in particular
    token("jwt", &["eyJ"], r"eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{40,})\.[A-Za-z0-9_-]{16,}").judged(jwt),
    token("private-key", &["-----BEGIN"], r"-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\:,.]{20,}")
        .after(Before::Any)
        .tail(0)
        .judged(private_key),
];

fn bitrix(found: &Match<'_>) -> Verdict {
    if around(found).contains("bitrix") { random(found) } else { Verdict::Nothing }
}

/// Finds the prefixes of all providers.
struct Scanner {
    prefixes: Vec<(&'static str, Vec<&'static Provider>)>,
    /// For short texts, and for processors that cannot compare many places at once.
    automaton: AhoCorasick,
    /// For long texts: each searcher with the numbers of its prefixes. Packed search is the faster the fewer and the longer its
    /// words are, so much that three passes (7 ms over 22 MB of exports) beat one with all words (45 ms) and the automaton (37 ms).
    packed: Vec<(packed::Searcher, Vec<usize>)>,
}

/// From how many bytes on starting the packed searchers pays.
const LONG_TEXT: usize = 128;
/// How many words a packed searcher takes at most without slowing down.
const PACKED_WORDS: usize = 32;
/// How many sets of words a packed searcher tells apart at once; it deals its words out to them one by one.
const PACKED_SETS: usize = 8;

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let mut prefixes: Vec<(&'static str, Vec<&'static Provider>)> = Vec::new();
    for provider in &PROVIDERS {
        for prefix in provider.prefixes {
            match prefixes.iter_mut().find(|(known, _)| known == prefix) {
                Some((_, providers)) => providers.push(provider),
                None => prefixes.push((prefix, vec![provider])),
            }
        }
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(prefixes.iter().map(|(prefix, _)| *prefix))
        .expect("a few short words fit any automaton");
    let (mut short, mut long): (Vec<usize>, Vec<usize>) = (0..prefixes.len()).partition(|number| prefixes[*number].0.len() < 4);
    long.sort_by_key(|number| prefixes[*number].0);
    // What is left behind whole groups goes with the short words: a pass for a few costs as much as one for many.
    short.extend(long.split_off(long.len() - long.len() % PACKED_WORDS));
    let groups = std::iter::once(short).chain(long.chunks(PACKED_WORDS).map(alike_together));
    let packed: Option<Vec<_>> = groups
        .map(|group| {
            let words = group.iter().map(|number| prefixes[*number].0);
            let searcher = packed::Config::new().match_kind(packed::MatchKind::LeftmostFirst).builder().extend(words).build();
            searcher.map(|searcher| (searcher, group))
        })
        .collect();
    Scanner { prefixes, automaton, packed: packed.unwrap_or_default() }
});

/// Sorted words in an order in which neighbours come into the same set: the more alike the words of a set are, the less often it
/// holds a place to be one of them.
fn alike_together(sorted: &[usize]) -> Vec<usize> {
    let of_set = sorted.len().div_ceil(PACKED_SETS);
    (0..of_set).flat_map(|nth| sorted.iter().skip(nth).step_by(of_set)).copied().collect()
}

impl Scanner {
    /// Each prefix in the text, in order: which one, and where.
    fn hits<'t>(&'static self, text: &'t str) -> impl Iterator<Item = (usize, usize)> + use<'t> {
        let packed = if text.len() < LONG_TEXT { &[] } else { self.packed.as_slice() };
        let automaton = packed.is_empty().then(|| self.automaton.find_iter(text));
        let mut groups: Vec<_> = packed
            .iter()
            .map(|(searcher, numbers)| searcher.find_iter(text).map(|hit| (hit.start(), numbers[hit.pattern().as_usize()])).peekable())
            .collect();
        let merged = std::iter::from_fn(move || {
            let (_, first) = groups.iter_mut().enumerate().filter_map(|(group, hits)| Some((*hits.peek()?, group))).min()?;
            groups[first].next().map(|(at, prefix)| (prefix, at))
        });
        let single = automaton.into_iter().flatten().map(|hit| (hit.pattern().as_usize(), hit.start()));
        single.chain(merged)
    }
}

/// Offsets in raw source text where a known secret may begin, or stand around: see [`super::candidates`].
pub(super) fn candidates(raw: &str) -> impl Iterator<Item = usize> {
    SCANNER.hits(raw).filter_map(|(prefix, at)| {
        let (word, providers) = &SCANNER.prefixes[prefix];
        let bytes = raw.as_bytes();
        let possible = |provider: &&Provider| provider.has_tail(bytes, at + word.len()) && provider.start(bytes, at, true).is_some();
        providers.iter().copied().any(|provider| possible(&provider)).then_some(at)
    })
}

/// All that the providers know in a decoded text, in order, without overlaps.
pub(super) fn scan(text: &str) -> Vec<Known> {
    let mut found: Vec<Known> = Vec::new();
    for (prefix, at) in SCANNER.hits(text) {
        if found.last().is_some_and(|last| at < last.range.end) {
            continue;
        }
        let (word, providers) = &SCANNER.prefixes[prefix];
        found.extend(providers.iter().find_map(|provider| provider.at(text, at, word.len())));
    }
    found
}

impl Provider {
    fn at(&self, text: &str, at: usize, length: usize) -> Option<Known> {
        if !self.has_tail(text.as_bytes(), at + length) {
            return None;
        }
        let start = self.start(text.as_bytes(), at, false)?;
        let captures = self.regex().captures(&text[start..])?;
        let group = captures.get(1).or_else(|| captures.get(0))?;
        let range = start + group.start()..start + group.end();
        let cut = |byte: &u8| byte.is_ascii_alphanumeric() && text.as_bytes()[range.end - 1].is_ascii_alphanumeric();
        if text.as_bytes().get(range.end).is_some_and(cut) {
            return None;
        }
        let secret = match (self.judge)(&Match { text, secret: &text[range.clone()], start }) {
            Verdict::Secret(confidence, note) => Some((confidence, note)),
            Verdict::Public => None,
            Verdict::Nothing => return None,
        };
        Some(Known { id: self.id, range, secret })
    }
}

/// Ids of providers that are not among `tested`; those of public values need no test as secrets.
#[cfg(test)]
pub(super) fn untested(tested: &[&str]) -> Vec<&'static str> {
    PROVIDERS.iter().map(|provider| provider.id).filter(|id| !id.contains("publishable") && !tested.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_prefix_hides_another_and_every_pattern_compiles() {
        let words: Vec<&str> = SCANNER.prefixes.iter().map(|(word, _)| *word).collect();
        for (at, word) in words.iter().enumerate() {
            assert!(word.len() >= 3, "`{word}` would slow down the search");
            let hidden = words.iter().enumerate().find(|(other, longer)| *other != at && longer.starts_with(word));
            assert_eq!(hidden, None, "`{word}`");
        }
        for provider in &PROVIDERS {
            assert!(provider.regex().as_str().starts_with("(?-u)^"));
        }
    }
}
