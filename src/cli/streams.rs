//! Where a command reads and writes, and what the other ends can show.

use super::Color;
use crate::report::visible;
use std::env;
use std::io::{self, IsTerminal, Read, Write};

/// Columns of a report that goes to no terminal.
const WIDTH: usize = 120;

/// The streams of a process.
pub struct Streams<'s> {
    /// Standard input.
    pub stdin: Box<dyn Read + 's>,
    /// Standard output.
    pub stdout: Out<'s>,
    /// Standard error.
    pub stderr: Out<'s>,
}

impl Streams<'static> {
    /// Those of this process. Standard output is written in large pieces.
    #[must_use]
    pub fn of_process() -> Self {
        let width = terminal_size::terminal_size_of(io::stdout()).map_or(WIDTH, |(width, _)| usize::from(width.0));
        let (stdout, stderr) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self {
            stdin: Box::new(io::stdin()),
            stdout: Out::new(io::BufWriter::with_capacity(64 * 1024, io::stdout()), stdout, width),
            stderr: Out::new(io::stderr(), stderr, width),
        }
    }
}

/// A stream to write to. A reader that goes away early (`| head`) is no error: what is written from then on is dropped.
pub struct Out<'s> {
    to: Box<dyn Write + 's>,
    gone: bool,
    /// Whether people look at it.
    pub terminal: bool,
    /// Columns that it shows.
    pub width: usize,
    /// Whether to write ANSI colours.
    pub color: bool,
}

impl<'s> Out<'s> {
    /// A stream that is not coloured yet.
    #[must_use]
    pub fn new(to: impl Write + 's, terminal: bool, width: usize) -> Self {
        Self { to: Box::new(to), gone: false, terminal, width, color: false }
    }

    /// Colours the stream, or not. With `auto`: a terminal is coloured unless `NO_COLOR` is set or `TERM` is `dumb`, and anything is
    /// with `CLICOLOR_FORCE`; of the two variables, `NO_COLOR` counts. See <https://no-color.org> and <https://bixense.com/clicolors>.
    pub(super) fn choose(&mut self, color: Color) {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced = || set("CLICOLOR_FORCE") && env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let dumb = || env::var_os("TERM").is_some_and(|value| value == "dumb");
        self.color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !set("NO_COLOR") && (forced() || self.terminal && !dumb()),
        };
    }

    /// Writes text in which everything that could drive a terminal is written out, but for its line ends.
    pub(super) fn put(&mut self, text: &str) -> io::Result<()> {
        text.split_inclusive('\n').try_for_each(|line| {
            let end = line.ends_with('\n');
            self.write_all(visible(line.strip_suffix('\n').unwrap_or(line)).as_bytes())?;
            self.write_all(if end { b"\n" } else { b"" })
        })
    }

    fn unless_gone<T: Default>(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<T>, dropped: T) -> io::Result<T> {
        if self.gone {
            return Ok(dropped);
        }
        match write(&mut *self.to) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(dropped)
            }
            written => written,
        }
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_gone(|to| to.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_gone(|to| to.flush(), ())
    }
}
