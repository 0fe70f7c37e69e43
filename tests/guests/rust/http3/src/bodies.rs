//! Bodies, both ways.
use crate::requests::{Outgoing, body_of, fields, get, header, post, post_stream, text_of};
use futures::future::{join, join3};
use wasip3::http::client::send;
use wasip3::http::types::ErrorCode;
use wasip3::wit_bindgen::{StreamReader, StreamResult};

/// As many bytes as `/large` sends, each its index modulo 256.
const LARGE: usize = 16 << 20;

/// Piece by piece: each comes back before the next is sent.
pub async fn echo(peer: &str) {
    let Outgoing { request, mut writer, trailers, transmission } = post(peer, "/echo", &[]);
    let (mut contents, received) = body_of(send(request).await.unwrap());
    for piece in [&b"one"[..], b"2", &[b'3'; 100_000]] {
        let read = async {
            let mut bytes = Vec::new();
            while bytes.len() < piece.len() {
                let (result, more) = contents.read(Vec::with_capacity(piece.len() - bytes.len())).await;
                assert!(matches!(result, StreamResult::Complete(_)));
                bytes.extend(more);
            }
            bytes
        };
        let (rest, bytes) = join(writer.write_all(piece.to_vec()), read).await;
        assert!(rest.is_empty() && bytes == piece);
    }
    drop(writer);
    trailers.write(Ok(None)).await.unwrap();
    assert!(contents.collect().await.is_empty());
    assert!(received.await.unwrap().is_none());
    transmission.await.unwrap();
}

pub async fn large_up(peer: &str) {
    for headers in [&[][..], &[("content-length", "16777216")]] {
        let Outgoing { request, mut writer, trailers, transmission } = post(peer, "/count", headers);
        let write = async {
            for _ in 0..16 {
                assert!(writer.write_all(vec![b'x'; 1 << 20]).await.is_empty());
            }
            drop(writer);
            trailers.write(Ok(None)).await.unwrap();
        };
        let (response, (), transmitted) = join3(send(request), write, transmission.into_future()).await;
        assert_eq!(text_of(response.unwrap()).await, "16777216");
        transmitted.unwrap();
    }
}

async fn assert_large(mut contents: StreamReader<u8>) {
    let mut length = 0;
    loop {
        let (result, bytes) = contents.read(Vec::with_capacity(100_000)).await;
        assert!(bytes.iter().enumerate().all(|(i, byte)| usize::from(*byte) == (length + i) & 0xff));
        length += bytes.len();
        if result == StreamResult::Dropped {
            break;
        }
    }
    assert_eq!(length, LARGE);
}

pub async fn large_down(peer: &str) {
    let (request, _) = get(peer, "/large");
    let (contents, received) = body_of(send(request).await.unwrap());
    assert_large(contents).await;
    assert!(received.await.unwrap().is_none());
}

/// What comes from one exchange goes into the next, its trailers too, and the guest sees none of it.
pub async fn splice(peer: &str) {
    let (request, _) = get(peer, "/large");
    let (contents, received) = body_of(send(request).await.unwrap());
    let (request, transmission) = post_stream(peer, "/echo", contents, received, &[]);
    let (contents, received) = body_of(send(request).await.unwrap());
    let (request, second) = post_stream(peer, "/echo", contents, received, &[("content-length", "16777216")]);
    let (contents, received) = body_of(send(request).await.unwrap());
    assert_large(contents).await;
    assert!(received.await.unwrap().is_none());
    transmission.await.unwrap();
    second.await.unwrap();

    let (request, _) = get(peer, "/with-trailers");
    let (contents, received) = body_of(send(request).await.unwrap());
    let (request, transmission) = post_stream(peer, "/trailers", contents, received, &[("trailer", "x-sum")]);
    let response = send(request).await.unwrap();
    assert_eq!(header(&response, "x-seen"), ["passed on"]);
    drop(response);
    transmission.await.unwrap();

    // What was promised of it does not hold.
    for (promised, sent) in [("3", 5), ("9", 5)] {
        let (request, _) = get(peer, "/hello");
        let (contents, received) = body_of(send(request).await.unwrap());
        let headers = [("content-length", promised)];
        let (request, transmission) = post_stream(peer, "/echo", contents, received, &headers);
        drop(send(request).await);
        assert!(matches!(transmission.await, Err(ErrorCode::HttpRequestBodySize(Some(size))) if size == sent));
    }
}

pub async fn trailers(peer: &str) {
    let Outgoing { request, mut writer, trailers, transmission } = post(peer, "/trailers", &[("trailer", "x-sum")]);
    let write = async {
        // They may be known before the contents are over.
        trailers.write(Ok(Some(fields(&[("x-sum", "15"), ("x-other", "not announced")])))).await.unwrap();
        assert!(writer.write_all(b"body".to_vec()).await.is_empty());
        drop(writer);
    };
    let (response, ()) = join(send(request), write).await;
    let response = response.unwrap();
    assert_eq!(header(&response, "x-seen"), ["15"]);
    let (contents, received) = body_of(response);
    assert_eq!(contents.collect().await, b"passed over");
    let received = received.await.unwrap().unwrap();
    assert_eq!(received.get("x-end"), [b"here".to_vec()]);
    assert!(received.append("a", b"").is_err());
    transmission.await.unwrap();

    // Whoever wants no more of the contents is told of no trailers.
    let (request, _) = get(peer, "/with-trailers");
    let (contents, received) = body_of(send(request).await.unwrap());
    drop(contents);
    assert!(received.await.unwrap().is_none());
}

/// The answer is there, and dropped, before the request is sent: the rest of it is sent nevertheless.
pub async fn early_answer(peer: &str) {
    let Outgoing { request, mut writer, trailers, transmission } = post(peer, "/early-answer", &[]);
    let response = send(request).await.unwrap();
    assert_eq!(response.get_status_code(), 202);
    drop(response);
    for _ in 0..100 {
        assert!(writer.write_all(vec![b'x'; 10_000]).await.is_empty());
    }
    drop(writer);
    trailers.write(Ok(None)).await.unwrap();
    transmission.await.unwrap();
    let (request, _) = get(peer, "/when-early-is-over");
    assert_eq!(text_of(send(request).await.unwrap()).await, "1000000");
}

/// Bodies of other sizes than they promise.
pub async fn sizes(peer: &str) {
    let length = [("content-length", "11")];
    for (text, size) in [("msg", 3), ("more than 11 bytes", 18)] {
        let Outgoing { request, mut writer, trailers, transmission } = post(peer, "/echo", &length);
        let write = async {
            let rest = writer.write_all(text.as_bytes().to_vec()).await;
            assert_eq!(rest.len(), if size > 11 { text.len() } else { 0 });
            trailers.write(Ok(None)).await.unwrap();
            drop(writer);
        };
        let (_, (), transmitted) = join3(send(request), write, transmission.into_future()).await;
        assert!(matches!(transmitted, Err(ErrorCode::HttpRequestBodySize(Some(sent))) if sent == size));
    }
    let Outgoing { request, mut writer, trailers, transmission } = post(peer, "/echo", &length);
    let write = async {
        assert!(writer.write_all(b"long enough".to_vec()).await.is_empty());
        drop(writer);
        trailers.write(Ok(None)).await.unwrap();
    };
    let (response, ()) = join(send(request), write).await;
    assert_eq!(text_of(response.unwrap()).await, "long enough");
    transmission.await.unwrap();
}

/// Of a body that never stops only some is read.
pub async fn abandoned(peer: &str) {
    for _ in 0..20 {
        let (request, _) = get(peer, "/large");
        let (mut contents, received) = body_of(send(request).await.unwrap());
        let (_, bytes) = contents.read(Vec::with_capacity(10)).await;
        assert!(!bytes.is_empty());
        drop(contents);
        assert!(received.await.unwrap().is_none());
    }
}
