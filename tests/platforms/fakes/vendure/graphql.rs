//! As much of GraphQL as the fake needs: which fields are asked for, and only these of what there is.

use serde_json::Map;
use serde_json::Value;

/// A field that is asked for, and what of it.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    of_it: Vec<Field>,
}

/// The fields that a query asks for; none where it is not well-formed. Arguments are passed over.
pub fn fields(query: &str) -> Option<Vec<Field>> {
    let tokens = tokens(query);
    let mut depth = 0;
    let begin = tokens.iter().position(|token| {
        depth += i32::from(token == "(") - i32::from(token == ")");
        depth == 0 && token == "{"
    })?;
    let mut rest = tokens[begin..].iter().map(String::as_str).peekable();
    let fields = selection(&mut rest)?;
    rest.next().is_none().then_some(fields)
}

/// What is asked for of `value`; none where it has no such field, or where not said what of it.
pub fn project(value: &Value, fields: &[Field]) -> Option<Value> {
    match value {
        Value::Array(items) => items.iter().map(|item| project(item, fields)).collect::<Option<Vec<_>>>().map(Value::Array),
        Value::Object(object) if !fields.is_empty() => {
            let parts = fields.iter().map(|field| Some((field.name.clone(), project(object.get(&field.name)?, &field.of_it)?)));
            parts.collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        Value::Object(_) => None,
        Value::Null => Some(Value::Null),
        plain => fields.is_empty().then(|| plain.clone()),
    }
}

fn selection<'a>(tokens: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> Option<Vec<Field>> {
    tokens.next_if_eq(&"{")?;
    let mut fields = Vec::new();
    while tokens.next_if_eq(&"}").is_none() {
        let name = tokens.next().filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))?.to_owned();
        if tokens.next_if_eq(&"(").is_some() {
            let mut depth = 1;
            while depth > 0 {
                let token = tokens.next()?;
                depth += i32::from(token == "(") - i32::from(token == ")");
            }
        }
        let of_it = if tokens.peek() == Some(&"{") { selection(tokens)? } else { Vec::new() };
        fields.push(Field { name, of_it });
    }
    (!fields.is_empty()).then_some(fields)
}

fn tokens(query: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in query.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        if !c.is_whitespace() {
            tokens.push(c.to_string());
        }
    }
    tokens
}
