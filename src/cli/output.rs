//! How a report is written: to standard output, and by `--output FORMAT=FILE` into files.

use super::streams::Streams;
use super::word;
use super::wrong::Wrong;
use crate::report::{self, FORMATS, Format, Options, Report};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// How a report is written.
#[derive(clap::Args)]
pub(super) struct Reporting {
    /// How to write the report to standard output; a format never changes the exit code.
    #[arg(long, value_name = "FORMAT", value_parser = word::format(), default_value = report::FORMATS[0].name)]
    format: &'static Format,
    /// Write the report to a file, too, as in `json=report.json`; repeatable.
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
    /// Print only the numbers and the verdict; reports in files stay whole.
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Print every finding whole, and every file that is no export with the reason.
    #[arg(long, short)]
    verbose: bool,
}

impl Reporting {
    /// What clap cannot say about flags that must not stand together.
    pub(super) fn hold_together(&self) -> Result<(), Wrong> {
        let mut files: Vec<&Path> = self.output.iter().map(|output| output.file.as_path()).collect();
        files.sort_unstable();
        match files.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Wrong::new(format_args!("two reports go to the same file: {}", pair[0].display()))),
            None => Ok(()),
        }
    }

    /// Whether a format that is asked for shows what is known of the apps.
    pub(super) fn wants_estate(&self) -> bool {
        self.output.iter().map(|output| output.format).chain([self.format]).any(Format::shows_estate)
    }

    /// Files first: whoever reads standard output may go away.
    pub(super) fn write(&self, report: &Report, streams: &mut Streams<'_>) -> Result<(), Wrong> {
        let Self { quiet, verbose, .. } = *self;
        let out = &mut streams.stdout;
        let options = Options { color: out.color, width: out.width, quiet, verbose, time: super::now() };
        let mut left_out = self.output.iter().map(|output| output.write(report, &options)).collect::<Result<Vec<_>, _>>()?;
        left_out.push((self.format.write)(report, &options, out)?);
        for sentence in left_out.into_iter().flatten() {
            streams.stderr.put(&format!("note: {sentence}\n"))?;
        }
        Ok(())
    }
}

/// One `--output`.
#[derive(Clone)]
pub(super) struct Output {
    format: &'static Format,
    file: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let (name, file) = given.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or("write FORMAT=FILE, as in json=report.json")?;
        let format = report::format(name).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            format!("there is no format `{name}`; the formats are {}", known.join(", "))
        })?;
        if file == "-" {
            return Err(format!("use --format {name} for standard output"));
        }
        Ok(Self { format, file: file.into() })
    }
}

impl Output {
    /// Writes the report to the file: whole, and for no terminal. Gives what its readers cannot take.
    fn write(&self, report: &Report, options: &Options) -> Result<Option<String>, Wrong> {
        let options = Options { color: false, width: Options::default().width, quiet: false, ..*options };
        let write = || {
            let mut file = BufWriter::new(File::create(&self.file)?);
            let left_out = (self.format.write)(report, &options, &mut file)?;
            file.flush().map(|()| left_out)
        };
        write().map_err(|error| Wrong::unwritten(format_args!("the report {}", self.file.display()), &error))
    }
}
