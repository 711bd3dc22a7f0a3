//! The XML producer: shapes, places, hostile files.

#![allow(clippy::format_collect, reason = "small inputs")]

mod corpus;

use flowgate::tree::{Node, Tree, ValueKind, xml};
use proptest::prelude::*;

#[test]
fn elements_become_the_shapes_that_the_tree_promises() {
    let text = "<?xml version=\"1.0\"?>\r\n<!-- c -->\r\n<p:Flow xmlns:p='urn:p' xmlns=\"urn:d\" p:id=\"a&amp;b\" kind = 'x  y'>\r\n  <name> ü &lt; </name>\r\n  \
                <tag/><tag></tag>\r\n  lead <b>bold</b> tail\r\n  <code><![CDATA[ a < b ]]></code><n xmlns=\"\" z=\"\">5</n>\r\n</p:Flow>\r\n";
    let tree = xml::parse(text).expect("valid");
    corpus::spans_are_sound(&tree).expect("sound");
    let flow = tree.root().get("Flow").expect("the root element");
    let members: Vec<_> = flow
        .members()
        .map(|node| (node.key().unwrap_or_default().into_owned(), node.raw(), node.as_str().unwrap_or_default().into_owned()))
        .collect();
    let wanted = [
        ("@id", "a&amp;b", "a&b"),
        ("@kind", "x  y", "x  y"),
        ("name", "ü &lt;", "ü <"),
        ("tag", "<tag/>", ""),
        ("tag", "<tag></tag>", ""),
        ("#text", "lead", "lead"),
        ("b", "bold", "bold"),
        ("#text", "tail", "tail"),
        ("code", "a < b", "a < b"),
        ("n", "<n xmlns=\"\" z=\"\">5</n>", ""),
    ];
    assert_eq!(members.iter().map(|(key, raw, text)| (key.as_str(), *raw, text.as_str())).collect::<Vec<_>>(), wanted);
    let key = |node: Node<'_>| node.key_span().map(|span| text[span.range()].to_owned());
    assert_eq!(key(flow).as_deref(), Some("Flow"));
    assert_eq!(flow.get("@id").and_then(key).as_deref(), Some("id"));
    assert_eq!(flow.at(&["n", "@z"]).map(Node::raw), Some(""));
    assert_eq!(flow.namespace(), Some("urn:p"));
    assert_eq!(flow.get("name").and_then(Node::namespace), Some("urn:d"));
    assert_eq!(flow.get("code").and_then(Node::namespace), Some("urn:d"));
    assert_eq!(flow.get("n").and_then(Node::namespace), None);
    assert_eq!(flow.get("@id").and_then(Node::namespace), None);
    assert_eq!(tree.root().resolve("/Flow/tag[2]").map(Node::raw), Some("<tag></tag>"));
    assert_eq!(tree.node_at(text.find("bold").expect("is there") as u32).map(Node::pointer).as_deref(), Some("/Flow/b"));
    assert!(tree.duplicate_keys().is_empty(), "elements may repeat");
}

#[test]
fn a_caret_inside_of_a_text_is_right() {
    let text = "<a><b>\n  ü see http://x here</b><c at='go http://x'/><d>http://x &amp; more</d><e>x<!-- c -->y</e></a>";
    let tree = xml::parse(text).expect("valid");
    let a = tree.root().get("a").expect("the root element");
    for (path, wanted) in [(&["b"][..], "http://x"), (&["c", "@at"], "http://x"), (&["d"], "http://x &amp; more")] {
        let node = a.at(path).expect("is there");
        let at = node.as_str().expect("a string").find("http://x").expect("is there");
        assert_eq!(&text[node.text_span(at..at + 8).range()], wanted);
    }
    assert_eq!(a.get("e").map(|node| (node.raw(), node.as_str().unwrap_or_default().into_owned())), Some(("x<!-- c -->y", "xy".into())));
}

#[test]
fn what_breaks_is_said_with_place_and_cure() {
    let cases = [
        ("", "no element", "", "empty"),
        ("ü", "unknown token", "ü", ""),
        ("{\"a\": 1}", "unknown token", "{", "JSON"),
        ("<é>\n<b>ü</b>\n<c>", "`<c>` is never closed", "<c", "cut off"),
        ("<a>\n<ü>x</b></a>", "expected `</ü>`, found `</b>`", "</b>", ""),
        ("<a>ü &nbsp; x</a>", "`&nbsp;` is no entity that XML knows", "&nbsp;", "&amp;"),
        ("<a>ü & x</a>", "an `&` that begins no reference", "&", "&amp;"),
        ("<!DOCTYPE html>\n<html/>", "a document type declaration", "<!DOCTYPE", "web page"),
        ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "a document type declaration", "<!DOCTYPE", "other files"),
        ("<a x='1' x='2'/>", "the attribute `x` stands here twice", "x", ""),
        ("<a><ü:b/></a>", "the prefix `ü` is not declared", "ü", ""),
    ];
    for (text, message, place, help) in cases {
        let error = xml::parse(text).expect_err(text);
        assert_eq!(error.message, message, "{text}");
        assert_eq!(&text[error.span.range()], place, "{text}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{text}: {:?}", error.help);
    }
}

#[test]
fn hostile_files_end_soon_and_without_a_panic() {
    let many = |part: &str| part.repeat(200_000);
    let deep = many("<a>") + &many("</a>");
    assert_eq!(xml::parse(&deep).expect_err("deep").message, "nested deeper than 512 levels");
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=''")).collect();
    assert!(xml::parse(&format!("<a{attributes}/>")).expect_err("attributes").message.contains("attributes"));
    let namespaces: String = (0..300).map(|n| format!(" xmlns:a{n}='{n}'")).collect();
    assert!(xml::parse(&format!("<a{namespaces}/>")).expect_err("namespaces").message.contains("namespaces"));
    for text in [
        many("<"),
        many("<a "),
        many("<a x='"),
        many("</a>"),
        many("<!--"),
        many("<![CDATA["),
        many("&#0;"),
        format!("<a>{}</a>", many("&lt;<b/>")),
    ] {
        let start = std::time::Instant::now();
        let _ = xml::parse(&text);
        assert!(start.elapsed().as_secs() < 20, "{} takes too long", &text[..10]);
    }
}

/// Holds a tree against what roxmltree says of the same text.
fn as_roxmltree_says(text: &str, tree: &Tree<'_>) -> Result<(), String> {
    corpus::spans_are_sound(tree)?;
    let document = roxmltree::Document::parse(text).map_err(|error| format!("accepted, but roxmltree says {error}"))?;
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    let mut ours = tree.root().descend().skip(1).filter(|node| !node.key().is_some_and(|key| key.starts_with(['@', '#'])));
    for element in elements {
        let node = ours.next().ok_or("elements are missing")?;
        let name = element.tag_name();
        if node.key().as_deref() != Some(name.name()) || node.namespace() != name.namespace().filter(|uri| !uri.is_empty()) {
            return Err(format!("{node:?} is not {name:?}"));
        }
        let attributes: Vec<_> = node.members().filter(|member| member.key().is_some_and(|key| key.starts_with('@'))).collect();
        let right = attributes.iter().zip(element.attributes()).all(|(ours, theirs)| {
            ours.key().as_deref().and_then(|key| key.strip_prefix('@')) == Some(theirs.name())
                && ours.as_str().as_deref() == Some(theirs.value())
                && text[..ours.span().start as usize].ends_with(['"', '\''])
                && text[ours.span().end as usize..].starts_with(['"', '\''])
        });
        if !right || attributes.len() != element.attributes().len() {
            return Err(format!("the attributes of {name:?} differ"));
        }
        let white = |text: &str| text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        let theirs: String = element.children().filter(roxmltree::Node::is_text).filter_map(|child| child.text()).collect();
        let theirs: String = theirs.split([' ', '\t', '\r', '\n']).collect();
        let texts: String = match node.kind() {
            ValueKind::String => node.as_str().unwrap_or_default().into_owned(),
            _ => node.get_all("#text").filter_map(Node::as_str).collect(),
        };
        if texts.split([' ', '\t', '\r', '\n']).collect::<String>() != theirs {
            return Err(format!("the text of {name:?} is {texts:?}, not {theirs:?}"));
        }
        let range = element.range();
        let span = node.span().range();
        let whole = node.is_object() || node.as_str().is_some_and(|text| text.is_empty());
        let fits = if whole { span == range } else { span.start > range.start && span.end < range.end && !white(&text[span]) };
        if !fits {
            return Err(format!("the place of {name:?} is {}", node.span()));
        }
    }
    Ok(())
}

#[test]
fn real_files_are_what_roxmltree_says() {
    let extensions = ["xml", "bpmn", "xaml", "object", "report", "profile", "flow", "permissionset"];
    for (path, text) in corpus::texts(&extensions) {
        match xml::parse(&text) {
            Ok(tree) => assert_eq!(as_roxmltree_says(&text, &tree), Ok(()), "{path}"),
            Err(error) => assert!(roxmltree::Document::parse(&text).is_err() || error.message.starts_with("nested"), "{path}: {error:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "(<a>|</a>|<b x='1' y=\"&gt;\"/>|<p:c xmlns:p='u'>|</p:c>|<!-- -->|<!\\[CDATA\\[|\\]\\]>|&lt;|&#10;|<\\?x \\?>|[<>&;/'\"= \r\na-cü]){0,30}") {
        for text in [format!("<r>{text}</r>"), text] {
            match xml::parse(&text) {
                Ok(tree) => prop_assert_eq!(as_roxmltree_says(&text, &tree), Ok(())),
                Err(error) => {
                    prop_assert!(text.get(error.span.range()).is_some(), "{:?}", error);
                    prop_assert!(roxmltree::Document::parse(&text).is_err(), "refused: {:?}", error);
                }
            }
        }
    }
}
