//! `--output FORMAT=FILE`: a report into a file, beside the one on standard output.

use super::wrong::Wrong;
use crate::report::{self, FORMATS, Format, Options, Report};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

/// One `--output`.
#[derive(Clone)]
pub(super) struct Output {
    pub(super) format: &'static Format,
    pub(super) file: PathBuf,
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
    pub(super) fn write(&self, report: &Report, options: &Options) -> Result<Option<String>, Wrong> {
        let options = Options { color: false, width: Options::default().width, quiet: false, ..*options };
        let write = || {
            let mut file = BufWriter::new(File::create(&self.file)?);
            let left_out = (self.format.write)(report, &options, &mut file)?;
            file.flush().map(|()| left_out)
        };
        write().map_err(|error| Wrong::unwritten(format_args!("the report {}", self.file.display()), &error))
    }
}
