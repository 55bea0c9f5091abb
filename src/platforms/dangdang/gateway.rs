//! Dangdang's gateway: one address, of whose parameters only the gateway's own are signed, and answers in
//! XML, usually encoded as GBK.

use super::DangdangSettings;
use crate::domain::problem::Problem;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::sign;
use crate::platforms::sign::Parameters;
use crate::values::Secret;
use encoding_rs::GB18030;
use quick_xml::de::Deserializer;
use quick_xml::de::EntityResolver;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::BytesText;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;

/// Dangdang's gateway, as one merchant's app reaches it.
pub(super) struct Gateway<'a> {
    pub(super) settings: &'a DangdangSettings,
    pub(super) context: Context<'a>,
    pub(super) session: Secret,
}

/// A method of the gateway and the version of it that is asked for.
#[derive(Clone, Copy)]
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// What stands in an answer that is an error: at its top, or within it.
#[derive(Deserialize)]
struct Head {
    #[serde(default, rename = "errorCode")]
    code: Option<String>,
    #[serde(default, rename = "errorMessage")]
    message: Option<String>,
    #[serde(default, rename = "Error")]
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default, rename = "operCode")]
    code: Option<String>,
    #[serde(default, rename = "operation")]
    message: Option<String>,
}

/// Entities of HTML stand in titles too: those that are not known are left out, the rest is read.
#[derive(Default)]
struct Entities;

impl EntityResolver for Entities {
    type Error = Infallible;

    fn capture(&mut self, _doctype: BytesText<'_>) -> Result<(), Self::Error> {
        Ok(())
    }

    fn resolve(&self, entity: &str) -> Option<&str> {
        resolve_predefined_entity(entity).or(Some(" "))
    }
}

impl Gateway<'_> {
    /// Calls a method.
    pub(super) async fn call<T: DeserializeOwned>(&self, method: Method, query: &[(&str, String)]) -> Result<T, FetchError> {
        let mut signed = Parameters::from([
            ("app_key", self.settings.app_key.clone()),
            ("format", "xml".to_owned()),
            ("method", method.name.to_owned()),
            ("session", self.session.expose().to_owned()),
            ("sign_method", "md5".to_owned()),
            ("timestamp", china::local(self.context.now)),
            ("v", method.version.to_owned()),
        ]);
        let signature = sign::wrapped_md5(&self.settings.app_secret, &signed);
        signed.insert("sign", signature);
        let mut url = self.settings.address.clone();
        url.query_pairs_mut().clear().extend_pairs(&signed).extend_pairs(query);
        let answer = self.context.net.send(Request::get(url)).await?.ok()?;
        Ok(read(&answer.body)?)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = decoded(body);
    let head: Head = parsed(&text)?;
    let error = head.error.map(|error| (error.code, error.message));
    match error.unwrap_or((head.code, head.message)) {
        (Some(code), message) if !code.is_empty() && code != "0" => Err(problem(&code, &message.unwrap_or_default())),
        _ => parsed(&text),
    }
}

/// As UTF-8 where it is valid, since text in GBK hardly ever is by accident; else as what GBK is a part of.
fn decoded(body: &[u8]) -> String {
    let text = std::str::from_utf8(body).map(str::to_owned);
    text.unwrap_or_else(|_| GB18030.decode_without_bom_handling(body).0.into_owned())
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let mut deserializer = Deserializer::from_str_with_resolver(text, Entities);
    T::deserialize(&mut deserializer).map_err(|_| Problem::MalformedAnswer)
}

/// What the gateway's codes mean; of most only the words are known.
fn problem(code: &str, message: &str) -> Problem {
    match code {
        // The shop's subscription to the app is over.
        "176" => Problem::SecretRefused,
        "410" | "411" => Problem::NoSuchAccount,
        "500" => Problem::HttpStatus { status: 503 },
        code => china::by_words(code, message),
    }
}

#[cfg(test)]
mod tests {
    use super::parsed;
    use super::read;
    use crate::domain::problem::Problem;
    use encoding_rs::GBK;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct List {
        #[serde(default, rename = "Entry")]
        entries: Vec<Entry>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Entry {
        name: String,
        #[serde(default)]
        date: Option<String>,
    }

    fn names(xml: &str) -> Vec<String> {
        parsed::<List>(xml).unwrap().entries.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn one_child_none_and_many_are_a_list() {
        assert_eq!(names("<r><Entry><name>a</name></Entry></r>"), ["a"]);
        assert_eq!(names("<r/>"), [""; 0]);
        assert_eq!(names("<r>\n <Entry><name>a</name><x/></Entry>\n <Entry><name>b</name></Entry>\n</r>"), ["a", "b"]);
    }

    #[test]
    fn entities_and_cdata_are_read_and_unknown_entities_do_no_harm() {
        assert_eq!(names("<r><Entry><name>R&amp;D &#33590;&lt;b&gt;</name></Entry></r>"), ["R&D 茶<b>"]);
        assert_eq!(names("<r><Entry><name><![CDATA[<b>R&D</b>]]></name></Entry></r>"), ["<b>R&D</b>"]);
        assert_eq!(names("<r><Entry><name>a&nbsp;b &amp; <![CDATA[c]]></name></Entry></r>"), ["a b & c"]);
    }

    #[test]
    fn what_is_said_to_be_nothing_is_nothing() {
        let nil = r#"<r><Entry><name>a</name><date xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/></Entry></r>"#;
        assert_eq!(parsed::<List>(nil).unwrap().entries[0].date.as_deref().unwrap_or_default(), "");
    }

    #[test]
    fn gbk_and_utf_8_are_told_apart() {
        let xml = r#"<?xml version="1.0" encoding="GBK"?><r><Entry><name>陶瓷茶壶</name></Entry></r>"#;
        let list = List { entries: vec![Entry { name: "陶瓷茶壶".to_owned(), date: None }] };
        assert_eq!(read::<List>(&GBK.encode(xml).0), Ok(list));
        assert!(read::<List>(xml.as_bytes()).is_ok());
    }

    #[test]
    fn errors_stand_at_the_top_or_within() {
        let refused = |xml: &str| read::<List>(xml.as_bytes()).unwrap_err();
        let top = "<errorResponse><errorCode>176</errorCode><errorMessage>CANARY</errorMessage></errorResponse>";
        assert_eq!(refused(top), Problem::SecretRefused);
        let within = "<response><functionID>x</functionID><Error><operCode>41</operCode><operation>CANARY</operation></Error></response>";
        assert_eq!(refused(within), Problem::Refused { code: "41".to_owned() });
        assert_eq!(refused("no XML"), Problem::MalformedAnswer);
        assert_eq!(refused("<response><Entry>"), Problem::MalformedAnswer);
    }
}
