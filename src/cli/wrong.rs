//! Wrong use: what the person who typed the command, or wrote the rules and the policy, has to change.

use super::streams::Streams;
use std::fmt::Display;
use std::io::{self, Write as _};

/// Exit code of wrong use, wrong rules and a wrong policy.
pub(super) const EXIT_CODE: u8 = 2;

/// Why a command cannot do what it was told.
#[derive(Debug)]
pub(super) enum Wrong {
    /// The command line has no meaning, or asks for help.
    Usage(Box<clap::Error>),
    /// Anything else.
    Told {
        /// One lower-case sentence, or a list of errors that explain themselves.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
}

impl Wrong {
    pub(super) fn new(message: impl Display) -> Self {
        Self::Told { message: message.to_string(), help: None }
    }

    pub(super) fn with_help(message: impl Display, help: impl Display) -> Self {
        Self::Told { message: message.to_string(), help: Some(help.to_string()) }
    }

    /// When `what` cannot be written.
    pub(super) fn unwritten(what: impl Display, error: &io::Error) -> Self {
        Self::new(format_args!("cannot write {what}: {error}"))
    }

    /// Tells it, and returns the exit code. Where even that cannot be written, the exit code has to do.
    pub(super) fn tell(&self, streams: &mut Streams<'_>) -> u8 {
        let _ = match self {
            Self::Usage(error) => {
                let out = if error.use_stderr() { &mut streams.stderr } else { &mut streams.stdout };
                let text = error.render();
                let text = if out.color { text.ansi().to_string() } else { text.to_string() };
                out.write_all(text.as_bytes()).and_then(|()| out.flush())
            }
            Self::Told { message, help } => {
                let out = &mut streams.stderr;
                let (red, bold, plain) = if out.color { ("\x1b[1;31m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
                let told = write!(out, "{red}error{plain}{bold}:{plain} ").and_then(|()| out.put(message)).and_then(|()| writeln!(out));
                let helped = help
                    .as_ref()
                    .map_or(Ok(()), |help| write!(out, "  {bold}help{plain}: ").and_then(|()| out.put(help)).and_then(|()| writeln!(out)));
                told.and(helped)
            }
        };
        if matches!(self, Self::Usage(error) if !error.use_stderr()) { 0 } else { EXIT_CODE }
    }
}

impl From<clap::Error> for Wrong {
    fn from(error: clap::Error) -> Self {
        Self::Usage(Box::new(error))
    }
}

/// Commands write to standard output; what else they write says what it is.
impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        Self::unwritten("to standard output", &error)
    }
}
