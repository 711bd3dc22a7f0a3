//! JUnit XML, which every CI server shows: a test case a finding, and one for every rule that found nothing.

use super::machine;
use super::{Format, Options, Report, count, is_hazard};
use crate::finding::Finding;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::collections::HashSet;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format { name: "junit", description: "JUnit XML, for the test pages of CI servers", write };

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let (findings, unreadable) = (&report.findings, &report.coverage.unreadable);
    let found: HashSet<&str> = findings.iter().map(|finding| &*finding.rule).collect();
    let silent: Vec<_> = report.rules.iter().filter(|rule| !found.contains(&*rule.id)).collect();
    let tests = (findings.len() + unreadable.len() + silent.len()).to_string();
    let (failures, errors) = (report.blocking().to_string(), unreadable.len().to_string());
    let numbers = [("name", "flowgate"), ("tests", tests.as_str()), ("failures", failures.as_str()), ("errors", errors.as_str())];
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("testsuites").with_attributes(numbers).write_inner_content(|writer| {
        let suite = writer.create_element("testsuite").with_attributes(numbers).with_attribute(("skipped", "0"));
        suite.write_inner_content(|writer| {
            for file in unreadable {
                let path = std::iter::once(&file.file).chain(&file.inner).cloned().collect::<Vec<_>>().join("!");
                let case = writer.create_element("testcase").with_attributes([("classname", "judging"), ("name", &*plain(&path))]);
                case.write_inner_content(|writer| {
                    let text = [&*file.reason, &file.help].join("\n");
                    let error =
                        writer.create_element("error").with_attributes([("type", "unreadable"), ("message", &*plain(&file.reason))]);
                    error.write_text_content(BytesText::new(&plain(&text))).map(|_| ())
                })?;
            }
            for finding in findings {
                test(writer, finding)?;
            }
            for rule in silent {
                let attributes = [("classname", &*rule.id), ("name", &*plain(&rule.title))].map(|(name, value)| (name, value.to_owned()));
                let attributes = attributes.iter().map(|(name, value)| (*name, value.as_str()));
                writer.create_element("testcase").with_attributes(attributes).write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    writer.into_inner().write_all(b"\n")?;
    Ok(None)
}

fn test(writer: &mut Writer<&mut dyn io::Write>, finding: &Finding) -> io::Result<()> {
    let location = &finding.location;
    let line = location.start.line.to_string();
    let place = std::iter::once(&*location.file).chain(location.inner.iter().map(String::as_str)).collect::<Vec<_>>().join("!");
    let name = plain(&format!("{place}:{line}: {}", location.pointer));
    let attributes = [("classname", &*plain(&finding.rule)), ("name", &name), ("file", &*plain(&location.file)), ("line", &line)]
        .map(|(name, value)| (name, value.to_owned()));
    let case = writer.create_element("testcase").with_attributes(attributes.iter().map(|(name, value)| (*name, value.as_str())));
    let message = plain(&machine::message(finding));
    let text = plain(&format!(
        "{place}:{line}:{}\n{message}\n{}\n{} severity, {} confidence, {}",
        location.start.column,
        finding.help,
        finding.severity,
        finding.confidence,
        count(finding.related.len(), "related place")
    ));
    case.write_inner_content(|writer| {
        if finding.blocks {
            let failure = writer.create_element("failure").with_attributes([("type", finding.severity.as_str()), ("message", &*message)]);
            failure.write_text_content(BytesText::new(&text))?;
        } else {
            // What does not block is no failure, but it is told.
            writer.create_element("system-out").write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// A text without the characters that XML 1.0 cannot hold, and without those that drive terminals.
fn plain(text: &str) -> String {
    let shown = |c: char| if is_hazard(c) && c != '\n' || matches!(c, '\u{FFFE}' | '\u{FFFF}') { '\u{FFFD}' } else { c };
    text.chars().map(shown).collect()
}
