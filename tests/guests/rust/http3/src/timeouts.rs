//! wasi:http/types.request-options, as they are kept to.
use crate::requests::{body_of, get_with};
use wasip3::http::client::send;
use wasip3::http::types::{ErrorCode, RequestOptions};

const MS: u64 = 1_000_000;

pub async fn check(peer: &str) {
    let options = RequestOptions::new();
    options.set_first_byte_timeout(Some(50 * MS)).unwrap();
    let (request, _) = get_with(peer, "/silent", &[], Some(options));
    assert!(matches!(send(request).await, Err(ErrorCode::ConnectionReadTimeout)));

    let options = RequestOptions::new();
    options.set_between_bytes_timeout(Some(50 * MS)).unwrap();
    let (request, _) = get_with(peer, "/half", &[], Some(options));
    let (contents, received) = body_of(send(request).await.unwrap());
    assert_eq!(contents.collect().await, b"half");
    assert!(matches!(received.await, Err(ErrorCode::ConnectionReadTimeout)));
}
