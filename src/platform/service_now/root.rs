//! Which files belong together, by their names.

use crate::platform::Markers;

/// What the platform leaves in a repository beside the folder of the app, which is called like its number.
pub(super) const MARKERS: &[&str] = &[CONTROL];
const CONTROL: &str = "sn_source_control.properties";

/// The folders of an app in source control.
const FOLDERS: [&str; 10] = [
    "update",
    "author_elective_update",
    "dictionary",
    "unload",
    "unload.demo",
    "scope",
    "apply_once",
    "delete_update",
    "uninstall",
    "data",
];

/// The folder of the app that the file at `path` is a part of: the one around the folders of its records, and of the record of the app
/// itself.
pub(super) fn export_root<'p>(path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.strip_suffix(".xml")?;
    let folder = before(path, path.len() - name.len());
    let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    if is_app(stem) {
        return Some(folder);
    }
    let marked = is_number(above.rsplit('/').next().unwrap_or(above)) || markers.has(above, CONTROL);
    let known = if marked { FOLDERS.contains(&last) } else { FOLDERS[..2].contains(&last) && is_record(stem) };
    known.then_some(above)
}

/// `sys_app_0c2e36ed1b630110be17a9b4bd4bcb89`
fn is_app(stem: &str) -> bool {
    ["sys_app_", "sys_app_customization_", "sys_store_app_"].iter().any(|table| stem.strip_prefix(table).is_some_and(is_number))
}

/// A name of a table, with the number of a record or the names of what it is about behind it.
fn is_record(stem: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    stem.bytes().all(plain) && stem.rsplit_once('_').is_some_and(|(table, id)| is_number(id) || table.starts_with("sys_"))
}

/// The number of a record.
fn is_number(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The folder before byte `start`, without the slash.
fn before(path: &str, start: usize) -> &str {
    path[..start].trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_one_export() {
        const APP: &str = "0c2e36ed1b630110be17a9b4bd4bcb89";
        let markers = Markers::of(["r/sn_source_control.properties"]);
        let root = |path: &str| export_root(path, &markers).map(str::to_owned);
        let app = |path: &str| root(&format!("r/{APP}/{path}"));
        let whole = Some(format!("r/{APP}"));
        assert_eq!(app(&format!("update/sys_script_{APP}.xml")), whole);
        assert_eq!(app("dictionary/x_tickets.xml"), whole);
        assert_eq!(app(&format!("sys_app_{APP}.xml")), whole);
        assert_eq!(root(&format!("app/update/sys_security_acl_{APP}.xml")), Some("app".into()));
        assert_eq!(root(&format!("update/sys_security_acl_{APP}.xml")), Some(String::new()));
        assert_eq!((root("a/update/pom.xml"), root("a/dictionary/words.xml"), root("r/set.xml")), (None, None, None));
        assert_eq!(root("r/update/news.json"), None);
    }
}
