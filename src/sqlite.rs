//! Where keys are kept: the store of `matrix-sdk-sqlite`. It is opened by the program, not by the library, since
//! a crate below it (decancer) adds to `String` what the configuration's derive macro cannot live with.

use matrix_sdk_crypto::store::DynCryptoStore;
use matrix_sdk_crypto::store::IntoCryptoStore;
use matrix_sdk_sqlite::SqliteCryptoStore;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What opening comes to.
type Opening = Pin<Box<dyn Future<Output = Result<Arc<DynCryptoStore>, String>> + Send>>;

/// Opens the database in a directory, or makes it, sealed with `key`.
pub(crate) fn open(directory: PathBuf, key: Zeroizing<[u8; 32]>) -> Opening {
    Box::pin(async move {
        let store = SqliteCryptoStore::open_with_key(directory, Some(&key)).await;
        store.map(IntoCryptoStore::into_crypto_store).map_err(|error| error.to_string())
    })
}
