//! Requests that fail.
use crate::requests::{Outgoing, Transmission, body_of, get, no_trailers, post, text_of};
use futures::future::{Either, join, select};
use std::pin::pin;
use wasip3::http::client::send;
use wasip3::http::types::{ErrorCode, Fields, Request, Response, Scheme};

/// The error, which the transmission tells, too.
async fn failing((request, transmission): (Request, Transmission)) -> ErrorCode {
    let error = send(request).await.err().expect("it fails");
    assert!(transmission.await.is_err());
    error
}

pub async fn refusals() {
    let (request, transmission) = get("127.0.0.1:1", "/");
    request.set_scheme(Some(&Scheme::Other("ftp".to_string()))).unwrap();
    assert!(matches!(failing((request, transmission)).await, ErrorCode::HttpProtocolError));
    let (request, transmission) = Request::new(Fields::new(), None, no_trailers(), None);
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_path_with_query(Some("/")).unwrap();
    assert!(matches!(failing((request, transmission)).await, ErrorCode::HttpRequestUriInvalid));

    // Whoever writes its body is told.
    let Outgoing { request, mut writer, trailers, transmission } = post("127.0.0.1:1", "/", &[]);
    request.set_authority(None).unwrap();
    assert!(send(request).await.is_err());
    assert_eq!(writer.write_all(b"abc".to_vec()).await, b"abc");
    assert!(trailers.write(Ok(None)).await.is_err());
    assert!(transmission.await.is_err());
}

/// Nobody listens at the peer's address.
pub async fn refused(peer: &str) {
    assert!(matches!(failing(get(peer, "/")).await, ErrorCode::ConnectionRefused));
    assert!(matches!(failing(get("nobody.invalid", "/")).await, ErrorCode::DnsError(_)));
    let Outgoing { request, mut writer, transmission, .. } = post(peer, "/", &[]);
    let (response, rest) = join(send(request), writer.write_all(vec![0; 1_000_000])).await;
    assert!(matches!(response, Err(ErrorCode::ConnectionRefused)));
    assert!(!rest.is_empty());
    assert!(matches!(transmission.await, Err(ErrorCode::ConnectionRefused)));
}

/// The contents end, and the trailers say why.
async fn broken(response: Response) -> (Vec<u8>, ErrorCode) {
    let (contents, received) = body_of(response);
    (contents.collect().await, received.await.err().expect("it is broken"))
}

pub async fn check(peer: &str) {
    for path in ["/garbage", "/hang-up"] {
        let (request, _) = get(peer, path);
        assert!(matches!(send(request).await, Err(ErrorCode::HttpProtocolError)), "{path}");
    }
    let (request, _) = get(peer, "/short");
    let (bytes, error) = broken(send(request).await.unwrap()).await;
    assert_eq!(bytes, b"abc");
    assert!(matches!(error, ErrorCode::HttpProtocolError));
    // A chunk at a time, one byte in a packet.
    let (request, _) = get(peer, "/dribble");
    let (contents, received) = body_of(send(request).await.unwrap());
    assert_eq!(contents.collect().await, b"helloworld");
    assert_eq!(received.await.unwrap().unwrap().get("x-end"), [b"here".to_vec()]);
}

pub async fn trailer_error(peer: &str) {
    let Outgoing { request, mut writer, trailers, transmission } = post(peer, "/echo", &[("trailer", "x-sum")]);
    let write = async {
        assert!(writer.write_all(b"partial".to_vec()).await.is_empty());
        drop(writer);
        trailers.write(Err(ErrorCode::LoopDetected)).await.unwrap();
    };
    let exchange = async {
        match send(request).await {
            Ok(response) => broken(response).await.1,
            Err(error) => error,
        }
    };
    let (error, ()) = join(exchange, write).await;
    assert!(matches!(error, ErrorCode::LoopDetected | ErrorCode::HttpProtocolError));
    assert!(matches!(transmission.await, Err(ErrorCode::LoopDetected | ErrorCode::HttpProtocolError)));
}

/// A request that is given up ends its connection.
pub async fn cancelled(peer: &str) {
    {
        let (request, _) = get(peer, "/silent");
        let silent = pin!(send(request));
        let asked = pin!(told(peer, "/when-silent-is-asked"));
        let Either::Right((text, _)) = select(silent, asked).await else { panic!("the silent answers") };
        assert_eq!(text, "asked");
    }
    assert_eq!(told(peer, "/when-silent-is-closed").await, "closed");
}

async fn told(peer: &str, path: &str) -> String {
    let (request, _) = get(peer, path);
    text_of(send(request).await.unwrap()).await
}
