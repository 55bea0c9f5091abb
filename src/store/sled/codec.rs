//! How values lie in the database: a version byte, then JSON. What the values mean is not its
//! business.

use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::keys::Key;
use serde::Deserialize;
use serde::Serialize;
use serde::de::Error;
use serde_json::value::RawValue;

/// The version that every value is written with.
const VERSION: u8 = 1;

/// A value as bytes.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(512);
    bytes.push(VERSION);
    serde_json::to_writer(&mut bytes, value).map_err(|error| StoreError::Failed(Box::new(error)))?;
    Ok(bytes)
}

/// A value that is JSON already as bytes.
pub(super) fn encode_json(json: &str) -> Vec<u8> {
    [&[VERSION], json.as_bytes()].concat()
}

/// The JSON of the value that stands at `key`.
pub(super) fn json_of<'b>(key: &Key, bytes: &'b [u8]) -> Result<&'b RawValue> {
    decode(key, bytes)
}

/// The value that stands at `key`.
pub(super) fn decode<'b, T: Deserialize<'b>>(key: &Key, bytes: &'b [u8]) -> Result<T> {
    let value = match bytes.split_first() {
        Some((&VERSION, json)) => serde_json::from_slice(json),
        Some((version, _)) => Err(serde_json::Error::custom(format_args!("its version is {version}"))),
        None => Err(serde_json::Error::custom("it is empty")),
    };
    value.map_err(|source| StoreError::Unreadable { kind: key.table().kind(), key: key.shown(), source })
}

#[cfg(test)]
mod tests {
    use super::decode;
    use super::encode;
    use crate::store::StoreError;
    use crate::store::sled::keys::Key;
    use crate::store::sled::keys::Table;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let key = Key::text(Table::Sharer, "@joy:a.example");
        assert_eq!(decode::<Vec<u8>>(&key, &encode(&vec![1_u8, 2]).unwrap()).unwrap(), vec![1, 2]);
    }

    #[test]
    fn what_cannot_be_read_is_named_without_its_content() {
        for bytes in [&b""[..], b"\x02[]", b"\x01{\"secret\":1"] {
            let error = decode::<Vec<u8>>(&Key::text(Table::Sharer, "@joy:a.example"), bytes).unwrap_err();
            assert!(matches!(error, StoreError::Unreadable { kind: "sharer", .. }));
            assert_eq!(error.to_string(), "the stored sharer @joy:a.example cannot be read");
        }
        let error = decode::<Vec<u8>>(&Key::number(Table::Delivery, 7), b"").unwrap_err();
        assert_eq!(error.to_string(), "the stored delivery 7 cannot be read");
    }
}
