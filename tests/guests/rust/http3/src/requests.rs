//! Requests without bodies, and what the others are made with.
use futures::future::{join, join_all};
use wasip3::cli::stdout;
use wasip3::http::client::send;
use wasip3::http::types::{ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme};
use wasip3::wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamWriter};
use wasip3::{wit_future, wit_stream};

pub type Trailers = Result<Option<Fields>, ErrorCode>;
pub type Transmission = FutureReader<Result<(), ErrorCode>>;

/// A request whose body is written while it is sent.
pub struct Outgoing {
    pub request: Request,
    pub writer: StreamWriter<u8>,
    pub trailers: FutureWriter<Trailers>,
    pub transmission: Transmission,
}

pub fn fields(entries: &[(&str, &str)]) -> Fields {
    let list: Vec<_> = entries.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    Fields::from_list(&list).unwrap()
}

fn aimed(request: Request, method: &Method, peer: &str, path: &str) -> Request {
    request.set_method(method).unwrap();
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(peer)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    request
}

pub fn no_trailers() -> FutureReader<Trailers> {
    let (_, reader) = wit_future::new(|| Ok(None));
    reader
}

pub fn get(peer: &str, path: &str) -> (Request, Transmission) {
    get_with(peer, path, &[], None)
}

pub fn get_with(
    peer: &str,
    path: &str,
    headers: &[(&str, &str)],
    options: Option<RequestOptions>,
) -> (Request, Transmission) {
    let (request, transmission) = Request::new(fields(headers), None, no_trailers(), options);
    (aimed(request, &Method::Get, peer, path), transmission)
}

pub fn post(peer: &str, path: &str, headers: &[(&str, &str)]) -> Outgoing {
    let (writer, contents) = wit_stream::new();
    let (trailers, reader) = wit_future::new(|| Ok(None));
    let (request, transmission) = Request::new(fields(headers), Some(contents), reader, None);
    Outgoing { request: aimed(request, &Method::Post, peer, path), writer, trailers, transmission }
}

/// A request whose body is somebody else's.
pub fn post_stream(
    peer: &str,
    path: &str,
    contents: StreamReader<u8>,
    trailers: FutureReader<Trailers>,
    headers: &[(&str, &str)],
) -> (Request, Transmission) {
    let (request, transmission) = Request::new(fields(headers), Some(contents), trailers, None);
    (aimed(request, &Method::Post, peer, path), transmission)
}

/// The contents and trailers of a response that is received without complaint.
pub fn body_of(response: Response) -> (StreamReader<u8>, FutureReader<Trailers>) {
    let (_, handled) = wit_future::new(|| Ok(()));
    Response::consume_body(response, handled)
}

pub async fn text_of(response: Response) -> String {
    let (contents, trailers) = body_of(response);
    let bytes = contents.collect().await;
    assert!(trailers.await.unwrap().is_none());
    String::from_utf8(bytes).unwrap()
}

pub fn header(response: &Response, name: &str) -> Vec<String> {
    let values = response.get_headers().get(name);
    values.into_iter().map(|value| String::from_utf8_lossy(&value).into_owned()).collect()
}

pub async fn ask(peer: &str) -> Result<(), ()> {
    let (request, _) = get(peer, "/hello");
    let line = match send(request).await {
        Ok(response) => format!("{}\n", response.get_status_code()),
        Err(error) => format!("{error:?}\n"),
    };
    let (mut writer, reader) = wit_stream::new();
    let written = stdout::write_via_stream(reader);
    assert!(writer.write_all(line.into_bytes()).await.is_empty());
    drop(writer);
    written.await.map_err(|_| ())
}

/// The server has seen what is asserted in the test.
pub async fn hello(peer: &str) {
    let headers = Fields::new();
    for (name, value) in [("X-Asked", &b"one"[..]), ("x-asked", b"two"), ("x-bytes", b"caf\xe9")] {
        headers.append(name, value).unwrap();
    }
    let (request, transmission) = Request::new(headers, None, no_trailers(), None);
    let response = send(aimed(request, &Method::Get, peer, "/hello?a=b#c")).await.unwrap();
    assert_eq!(response.get_status_code(), 203);
    assert_eq!(header(&response, "set-cookie"), ["a=1", "b=2"]);
    assert_eq!(header(&response, "X-ANSWER"), ["yes"]);
    assert_eq!(response.get_headers().get("x-bytes"), [b"caf\xe9".to_vec()]);
    // The connection's own.
    assert!(!response.get_headers().has("connection"));
    assert_eq!(text_of(response).await, "hello");
    transmission.await.unwrap();
}

/// By TLS.
pub async fn secure(peer: &str) {
    let (request, transmission) = get(peer, "/hello");
    request.set_scheme(None).unwrap();
    assert_eq!(text_of(send(request).await.unwrap()).await, "hello");
    transmission.await.unwrap();
    let Outgoing { request, mut writer, trailers, transmission } = post(peer, "/echo", &[]);
    request.set_scheme(Some(&Scheme::Https)).unwrap();
    let write = async {
        assert!(writer.write_all(vec![b'x'; 1_000_000]).await.is_empty());
        drop(writer);
        trailers.write(Ok(None)).await.unwrap();
    };
    let (response, ()) = join(async { text_of(send(request).await.unwrap()).await }, write).await;
    assert_eq!(response, "x".repeat(1_000_000));
    transmission.await.unwrap();
}

pub async fn heads(peer: &str) {
    for (path, status) in [("/status/204", 204), ("/status/302", 302), ("/zipped", 200), ("/early", 200)] {
        let (request, _) = get(peer, path);
        assert_eq!(send(request).await.unwrap().get_status_code(), status, "{path}");
    }
    for method in [Method::Delete, Method::Patch, Method::Other("PURGE".to_string())] {
        let (request, transmission) = Request::new(Fields::new(), None, no_trailers(), None);
        let response = send(aimed(request, &method, peer, "/method")).await.unwrap();
        let name = format!("{method:?}").to_uppercase();
        assert!(name.contains(&text_of(response).await), "{name}");
        transmission.await.unwrap();
    }
}

pub async fn pathless(peer: &str) {
    let (request, _) = get(peer, "/");
    request.set_path_with_query(None).unwrap();
    assert_eq!(text_of(send(request).await.unwrap()).await, "root");
}

/// Requests at once, each with a connection of its own.
pub async fn many(peer: &str) {
    let asked = (0..30).map(|_| async {
        let (request, transmission) = get(peer, "/hello");
        let text = text_of(send(request).await.unwrap()).await;
        transmission.await.unwrap();
        text
    });
    assert!(join_all(asked).await.iter().all(|text| text == "hello"));
}
