//! What a text looks like as such: its alphabet, its entropy, what it decodes to.

/// How the characters of a text are made up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) length: usize,
    pub(super) digits: usize,
    pub(super) lower: usize,
    pub(super) upper: usize,
    /// Changes between small letter, capital and digit, but for a capital that a small letter follows: few in words.
    pub(super) turns: usize,
    /// Shannon entropy in bits per character.
    pub(super) entropy: f32,
}

impl Shape {
    pub(super) fn of(text: &str) -> Self {
        let mut counts = [0u32; 256];
        let mut shape = Self { length: text.len(), digits: 0, lower: 0, upper: 0, turns: 0, entropy: 0.0 };
        let mut last = b' ';
        for byte in text.bytes() {
            counts[usize::from(byte)] += 1;
            shape.digits += usize::from(byte.is_ascii_digit());
            shape.lower += usize::from(byte.is_ascii_lowercase());
            shape.upper += usize::from(byte.is_ascii_uppercase());
            let turn = byte.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() && class(byte) != class(last);
            shape.turns += usize::from(turn && !(byte.is_ascii_lowercase() && last.is_ascii_uppercase()));
            last = byte;
        }
        shape.entropy = entropy(&counts, text.len());
        shape
    }
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    }
}

#[allow(clippy::cast_precision_loss, reason = "a length of more than 16 million characters needs no exact entropy")]
fn entropy(counts: &[u32; 256], length: usize) -> f32 {
    let total = length as f32;
    counts.iter().filter(|count| **count > 0).map(|count| *count as f32 / total).map(|share| -share * share.log2()).sum()
}

/// Letters, digits, `_` and `-`: what tokens are made of.
pub(super) const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Whether the text is a UUID with its hyphens.
pub(super) fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let right = |(at, byte): (usize, &u8)| if [8, 13, 18, 23].contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() };
    bytes.len() == 36 && bytes.iter().enumerate().all(right)
}

/// Decodes base64 in either alphabet, padded or not; `None` when it is none.
#[must_use]
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut held) = (0u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    (text.len() % 4 != 1).then_some(bytes)
}

/// What a JSON Web Token says about itself.
pub(super) struct Claims {
    pub(super) role: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) subject: Option<String>,
    /// Seconds between issue and expiry, where both are told.
    pub(super) lifetime: Option<i64>,
}

/// The header of a token; `None` when its first part is no JSON.
pub(super) fn jwt_header(token: &str) -> Option<serde_json::Value> {
    serde_json::from_slice(&base64(token.split('.').next()?)?).ok()
}

/// The claims of a token; `None` when its middle part is no JSON object.
pub(super) fn jwt_claims(token: &str) -> Option<Claims> {
    let payload: serde_json::Value = serde_json::from_slice(&base64(token.split('.').nth(1)?)?).ok()?;
    let claims = payload.as_object()?;
    let word = |name: &str| claims.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let time = |name: &str| claims.get(name).and_then(serde_json::Value::as_i64);
    let lifetime = time("exp").zip(time("iat")).and_then(|(end, start)| end.checked_sub(start));
    Some(Claims { role: word("role"), issuer: word("iss"), subject: word("sub"), lifetime })
}
