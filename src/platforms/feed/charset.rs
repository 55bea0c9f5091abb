//! From bytes to text, for servers and feeds that declare no encoding, or a wrong one.

use encoding_rs::Encoding;
use encoding_rs::UTF_8;

/// How far into a document it may say its encoding, in bytes.
const HEAD: usize = 1_024;

/// Decodes `body`: by its byte-order mark; as UTF-8 where it is valid, since other text hardly ever
/// is by accident, whatever is declared; else by the first declaration that it fits: the
/// Content-Type's, then its own. What fits none is read with replacement characters.
pub(in crate::platforms) fn decode(body: &[u8], content_type: &str) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[mark..]).0.into_owned();
    }
    let declared = [from_content_type(content_type), from_head(body)].into_iter().flatten();
    let mut candidates: Vec<&Encoding> = declared.collect();
    // Valid UTF-8 says nothing against encodings that are themselves written in such bytes.
    let first = candidates.iter().position(|encoding| encoding.is_ascii_compatible()).unwrap_or(candidates.len());
    candidates.insert(first, UTF_8);
    let fitting = candidates.iter().find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(body));
    if let Some(text) = fitting {
        return text.into_owned();
    }
    let declared = candidates.iter().find(|encoding| **encoding != UTF_8).unwrap_or(&UTF_8);
    declared.decode_without_bom_handling(body).0.into_owned()
}

fn from_content_type(content_type: &str) -> Option<&'static Encoding> {
    label_behind(content_type, "charset=")
}

/// `<?xml encoding="…"?>` and `<meta charset="…">`.
fn from_head(body: &[u8]) -> Option<&'static Encoding> {
    let head: String = body.iter().take(HEAD).map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    label_behind(&head, "encoding=").or_else(|| label_behind(&head, "charset="))
}

fn label_behind(text: &str, key: &str) -> Option<&'static Encoding> {
    let (_, rest) = text.split_once(key)?;
    let label: &str = rest.trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.:".contains(c)).unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end])
}

#[cfg(test)]
mod tests {
    use super::decode;
    use encoding_rs::GBK;
    use encoding_rs::ISO_2022_JP;

    const XML: &str = r#"<?xml version="1.0" encoding="GB2312"?><title>陶瓷茶壶</title>"#;

    #[test]
    fn the_documents_own_declaration_is_believed() {
        let (bytes, _, _) = GBK.encode(XML);
        assert_eq!(decode(&bytes, "text/xml"), XML);
    }

    #[test]
    fn a_wrong_content_type_gives_way_to_what_fits() {
        let (bytes, _, _) = GBK.encode(XML);
        assert_eq!(decode(&bytes, "text/xml; charset=utf-8"), XML);
        assert_eq!(decode(XML.as_bytes(), "text/xml; charset=gbk"), XML);
        assert_eq!(decode(XML.as_bytes(), "text/xml"), XML);
    }

    #[test]
    fn encodings_written_in_plain_ascii_are_decoded() {
        let xml = r#"<?xml version="1.0" encoding="iso-2022-jp"?><title>茶</title>"#;
        let (bytes, _, _) = ISO_2022_JP.encode(xml);
        assert_eq!(decode(&bytes, "text/xml"), xml);
    }

    #[test]
    fn byte_order_marks_come_first_and_are_removed() {
        assert_eq!(decode(b"\xEF\xBB\xBF{}", "text/plain; charset=gbk"), "{}");
        assert_eq!(decode(b"\xFF\xFE<\0a\0>\0", ""), "<a>");
    }

    #[test]
    fn what_fits_nothing_is_still_read() {
        assert_eq!(decode(b"caf\xE9", ""), "caf\u{FFFD}");
        assert_eq!(decode(b"caf\xE9", "text/plain; charset=iso-8859-1"), "café");
    }
}
