//! What only the whole run knows: who made a change and who may approve it, which sign-offs and waivers hold.

pub mod approval;
pub mod people;
pub mod signature;
pub mod waivers;

/// A text of a file, short enough for a sentence.
fn short(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
