//! Requests, responses and options that are sent nowhere.
use crate::requests::{fields, no_trailers};
use futures::future::join;
use wasip3::http::types::{
    ErrorCode, Fields, HeaderError, Method, Request, RequestOptions, RequestOptionsError, Response, Scheme,
};
use wasip3::{wit_future, wit_stream};

pub async fn check() {
    let (request, _) = Request::new(fields(&[("a", "1")]), None, no_trailers(), None);
    methods(&request);
    targets(&request);
    immutable(&request.get_headers());
    options();
    statuses();
    within().await;
    dropped().await;
}

fn methods(request: &Request) {
    assert!(matches!(request.get_method(), Method::Get));
    request.set_method(&Method::Other("PUT".to_string())).unwrap();
    assert!(matches!(request.get_method(), Method::Put));
    request.set_method(&Method::Other("put".to_string())).unwrap();
    assert!(matches!(request.get_method(), Method::Other(name) if name == "put"));
    for wrong in ["", "A B", "Ä"] {
        assert!(request.set_method(&Method::Other(wrong.to_string())).is_err());
    }
}

fn targets(request: &Request) {
    assert_eq!(request.get_path_with_query(), None);
    for (path, kept) in [("", "/"), ("/a?b", "/a?b"), ("?b", "?b"), ("/a#c", "/a"), ("/\u{e9}", "/\u{e9}")] {
        request.set_path_with_query(Some(path)).unwrap();
        assert_eq!(request.get_path_with_query().as_deref(), Some(kept));
    }
    for wrong in ["a b", "/a b", "/\n"] {
        assert!(request.set_path_with_query(Some(wrong)).is_err(), "{wrong}");
    }
    assert!(request.get_scheme().is_none());
    request.set_scheme(Some(&Scheme::Other("https".to_string()))).unwrap();
    assert!(matches!(request.get_scheme(), Some(Scheme::Https)));
    request.set_scheme(Some(&Scheme::Other("ftp".to_string()))).unwrap();
    assert!(matches!(request.get_scheme(), Some(Scheme::Other(name)) if name == "ftp"));
    assert!(request.set_scheme(Some(&Scheme::Other("a b".to_string()))).is_err());
    request.set_scheme(None).unwrap();
    for right in ["a", "a:80", "1.2.3.4:65535", "[::1]", "[::1]:80", "u@a", "u:p@a:1"] {
        request.set_authority(Some(right)).unwrap();
        assert_eq!(request.get_authority().as_deref(), Some(right));
    }
    for wrong in ["", "a:", "a:b", "a:65536", "a/b", "::", "@", "[::1", "u:p@a"] {
        assert!(request.set_authority(Some(wrong)).is_err(), "{wrong}");
    }
}

fn immutable(headers: &Fields) {
    assert!(matches!(headers.append("b", b""), Err(HeaderError::Immutable)));
    assert!(matches!(headers.set("a", &[]), Err(HeaderError::Immutable)));
    assert!(matches!(headers.delete("a"), Err(HeaderError::Immutable)));
    assert!(matches!(headers.get_and_delete("a"), Err(HeaderError::Immutable)));
    assert!(matches!(headers.append("a b", b""), Err(HeaderError::InvalidSyntax)));
    let copy = headers.clone();
    copy.append("b", b"").unwrap();
    assert!(headers.has("a") && !headers.has("b"));
}

fn options() {
    let options = RequestOptions::new();
    assert_eq!(options.get_connect_timeout(), None);
    options.set_connect_timeout(Some(1)).unwrap();
    options.set_first_byte_timeout(Some(u64::MAX)).unwrap();
    options.set_between_bytes_timeout(Some(0)).unwrap();
    options.set_between_bytes_timeout(None).unwrap();
    let (request, _) = Request::new(Fields::new(), None, no_trailers(), Some(options));
    let kept = request.get_options().unwrap();
    assert_eq!(kept.get_connect_timeout(), Some(1));
    assert_eq!(kept.get_first_byte_timeout(), Some(u64::MAX));
    assert_eq!(kept.get_between_bytes_timeout(), None);
    assert!(matches!(kept.set_connect_timeout(None), Err(RequestOptionsError::Immutable)));
    let copy = kept.clone();
    copy.set_connect_timeout(Some(2)).unwrap();
    assert_eq!(kept.get_connect_timeout(), Some(1));
}

fn statuses() {
    let (response, _) = Response::new(fields(&[("a", "1")]), None, no_trailers());
    assert_eq!(response.get_status_code(), 200);
    for status in [100, 418, 599] {
        response.set_status_code(status).unwrap();
        assert_eq!(response.get_status_code(), status);
    }
    for wrong in [0, 99, 600, 1000] {
        assert!(response.set_status_code(wrong).is_err());
    }
    immutable(&response.get_headers());
}

/// What the guest makes it can read itself; but for trailers, which a component must not pass to itself.
async fn within() {
    let (mut writer, contents) = wit_stream::new();
    let (response, transmission) = Response::new(Fields::new(), Some(contents), no_trailers());
    let (handled, outcome) = wit_future::new(|| Ok(()));
    let (contents, _) = Response::consume_body(response, outcome);
    let write = async {
        assert!(writer.write_all(b"to myself".to_vec()).await.is_empty());
        drop(writer);
    };
    let (bytes, ()) = join(contents.collect(), write).await;
    assert_eq!(bytes, b"to myself");
    handled.write(Err(ErrorCode::LoopDetected)).await.unwrap();
    assert!(matches!(transmission.await, Err(ErrorCode::LoopDetected)));

    let (request, _) = Request::new(Fields::new(), None, no_trailers(), None);
    let (_, outcome) = wit_future::new(|| Ok(()));
    let (contents, _) = Request::consume_body(request, outcome);
    assert!(contents.collect().await.is_empty());
}

/// What nobody sends tells its writer.
async fn dropped() {
    let (mut writer, contents) = wit_stream::new();
    let (trailers, reader) = wit_future::new(|| Ok(None));
    let (request, transmission) = Request::new(Fields::new(), Some(contents), reader, None);
    drop(request);
    assert_eq!(writer.write_all(b"abc".to_vec()).await, b"abc");
    assert!(trailers.write(Ok(None)).await.is_err());
    transmission.await.unwrap();
}
