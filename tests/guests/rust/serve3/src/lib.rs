//! Answers by the first segment of the request's path, by wasi:http/handler of 0.3. The same paths as tests/guests/http/serve.c.
mod head;

use std::sync::atomic::{AtomicU64, Ordering};
use wasip3::cli::{stderr, stdout};
use wasip3::clocks::monotonic_clock::{now, wait_for};
use wasip3::http::client;
use wasip3::http::types::{ErrorCode, Fields, Method, Request, Response, Scheme, Trailers};
use wasip3::wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter, spawn_local};
use wasip3::{wit_future, wit_stream};

const MILLISECOND: u64 = 1_000_000;
const PIECE: usize = 64 * 1024;

type End = Result<Option<Trailers>, ErrorCode>;

struct Guest;

wasip3::http::service::export!(Guest);

impl wasip3::exports::http::handler::Guest for Guest {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let path = path.split('?').next().unwrap();
        let mut segments = path.split('/').skip(1);
        let name = segments.next().unwrap_or_default();
        let numbers: Vec<u64> = segments.map_while(|text| text.parse().ok()).collect();
        let number = |i: usize| numbers.get(i).copied().unwrap_or(0);
        Ok(match name {
            "hello" => text(200, "Hello, World!\n"),
            "hello-length" => hello_length(),
            "echo" => echo(request),
            "pass" => pass(request),
            "headers" => text(200, &head::describe(&request)),
            "header-echo" => header_echo(&request),
            "status" => text(number(0) as u16, "a body\n"),
            "trailers" => trailers(),
            "counter" => counter(),
            "sleep" => {
                wait_for(number(0) * MILLISECOND).await;
                text(200, "slept\n")
            }
            "busy" => {
                let until = now() + number(0) * MILLISECOND;
                while now() < until {}
                text(200, "was busy\n")
            }
            "after" => after(number(0)),
            "print" => {
                print("a line").await;
                print("two lines\nat once").await;
                text(200, "printed\n")
            }
            "trap" => core::arch::wasm32::unreachable(),
            "panic" => panic!("as asked"),
            "late-trap" => late_trap(),
            "error" => return Err(ErrorCode::InternalError(Some("as asked".to_string()))),
            "late-error" => late_error(),
            "stream" => stream(number(0), number(1) as usize),
            "upload" => upload(request).await,
            "ignore-body" => text(200, "ignored\n"),
            "until-gone" => until_gone(),
            "forward" => return forward(request).await,
            _ => text(404, "no such path\n"),
        })
    }
}

/// An answer with that body, whose end comes later.
fn response(status: u16, headers: Fields, body: StreamReader<u8>, end: FutureReader<End>) -> Response {
    let (response, sent) = Response::new(headers, Some(body), end);
    response.set_status_code(status).expect("a status");
    drop(sent);
    response
}

/// An answer whose body a task writes. What the task returns is its end.
fn written<F>(status: u16, headers: Fields, write: impl FnOnce(StreamWriter<u8>) -> F + 'static) -> Response
where
    F: Future<Output = End> + 'static,
{
    let (writer, body) = wit_stream::new();
    let (end, ended) = wit_future::new(|| Ok(None));
    spawn_local(async move {
        let outcome = write(writer).await;
        // The client may be gone.
        let _ = end.write(outcome).await;
    });
    response(status, headers, body, ended)
}

fn text(status: u16, body: &str) -> Response {
    let body = body.as_bytes().to_vec();
    let headers = Fields::from_list(&[("content-type".to_string(), b"text/plain".to_vec())]).expect("headers");
    written(status, headers, |mut writer| async move {
        writer.write_all(body).await;
        Ok(None)
    })
}

fn hello_length() -> Response {
    let field = |name: &str, value: &str| (name.to_string(), value.as_bytes().to_vec());
    let fields = [field("content-type", "text/plain"), field("content-length", "14")];
    written(200, Fields::from_list(&fields).expect("headers"), |mut writer| async move {
        writer.write_all(b"Hello, World!\n".to_vec()).await;
        Ok(None)
    })
}

fn content_type(request: &Request) -> Fields {
    let headers = Fields::new();
    headers.set("content-type", &request.get_headers().get("content-type")).expect("a header");
    headers
}

/// The request's body, and what its end is told.
fn body_of(request: Request) -> (StreamReader<u8>, FutureReader<End>) {
    let (told, outcome) = wit_future::new(|| Ok(()));
    let body = Request::consume_body(request, outcome);
    drop(told);
    body
}

/// The body comes back through this guest's memory, with its content-type and its trailers.
fn echo(request: Request) -> Response {
    let headers = content_type(&request);
    let (mut body, end) = body_of(request);
    written(200, headers, |mut writer| async move {
        loop {
            let (result, bytes) = body.read(Vec::with_capacity(PIECE)).await;
            if !bytes.is_empty() && !writer.write_all(bytes).await.is_empty() {
                print_error("echo: client gone").await;
                break;
            }
            if !matches!(result, StreamResult::Complete(_)) {
                break;
            }
        }
        drop((writer, body));
        end.await
    })
}

/// The same, but host to host: this guest gives away what it was given.
fn pass(request: Request) -> Response {
    let headers = content_type(&request);
    let (body, end) = body_of(request);
    response(200, headers, body, end)
}

/// `x-give: NAME=VALUE` becomes a header of the response. The body says which were refused.
fn header_echo(request: &Request) -> Response {
    let headers = Fields::new();
    let refused = head::give(request, &headers);
    written(200, headers, |mut writer| async move {
        writer.write_all(refused.into_bytes()).await;
        Ok(None)
    })
}

fn trailers() -> Response {
    written(200, Fields::new(), |mut writer| async move {
        writer.write_all(b"before the trailers\n".to_vec()).await;
        drop(writer);
        let field = |name: &str, value: &[u8]| (name.to_string(), value.to_vec());
        let fields = [field("x-first", b"1"), field("x-second", b"2"), field("x-second", b"caf\xe9")];
        Ok(Some(Fields::from_list(&fields).expect("trailers")))
    })
}

/// How many requests this instance has had.
fn counter() -> Response {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    text(200, &format!("{}\n", COUNT.fetch_add(1, Ordering::Relaxed) + 1))
}

/// Goes on after its response, for so long.
fn after(milliseconds: u64) -> Response {
    spawn_local(async move {
        wait_for(milliseconds * MILLISECOND).await;
        print("after: went on").await;
    });
    text(200, "before\n")
}

fn late_trap() -> Response {
    written(200, Fields::new(), |mut writer| async move {
        writer.write_all(b"before the trap\n".to_vec()).await;
        wait_for(20 * MILLISECOND).await;
        core::arch::wasm32::unreachable()
    })
}

/// The body ends with an error.
fn late_error() -> Response {
    written(200, Fields::new(), |mut writer| async move {
        writer.write_all(b"before the error\n".to_vec()).await;
        drop(writer);
        Err(ErrorCode::InternalError(Some("as asked".to_string())))
    })
}

/// `/stream/N/SIZE`: N writes of SIZE bytes.
fn stream(count: u64, size: usize) -> Response {
    let piece: Vec<u8> = (0..size).map(|i| i as u8).collect();
    written(200, Fields::new(), move |mut writer| async move {
        for _ in 0..count {
            if !writer.write_all(piece.clone()).await.is_empty() {
                break;
            }
        }
        Ok(None)
    })
}

/// Reads the whole body and says how long it was.
async fn upload(request: Request) -> Response {
    let (mut body, end) = body_of(request);
    let (mut length, mut sum) = (0, 0u64);
    let mut buffer = Vec::with_capacity(PIECE);
    loop {
        let (result, bytes) = body.read(buffer).await;
        length += bytes.len();
        sum += bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        if !matches!(result, StreamResult::Complete(_)) {
            break;
        }
        buffer = bytes;
        buffer.clear();
    }
    drop(body);
    match end.await {
        Ok(_) => text(200, &format!("{length} bytes, sum {sum}\n")),
        Err(error) => {
            print_error(&format!("upload: {error:?}")).await;
            text(200, &format!("{length} bytes, sum {sum}, then an error\n"))
        }
    }
}

/// Writes until nobody listens any more, and says so.
fn until_gone() -> Response {
    written(200, Fields::new(), |mut writer| async move {
        while writer.write_all(vec![b'.'; PIECE]).await.is_empty() {}
        print_error("until-gone: client gone").await;
        Ok(None)
    })
}

/// Middleware: the request goes on to `x-to: AUTHORITY`, and its answer comes back, both host to host.
async fn forward(request: Request) -> Result<Response, ErrorCode> {
    let to = request.get_headers().get("x-to");
    let authority = String::from_utf8(to.into_iter().next().expect("x-to")).expect("UTF-8");
    let post = matches!(request.get_method(), Method::Post);
    let headers = content_type(&request);
    let (body, end) = body_of(request);
    let (outgoing, sent) = Request::new(headers, post.then_some(body), end, None);
    drop(sent);
    outgoing.set_method(if post { &Method::Post } else { &Method::Get }).expect("a method");
    outgoing.set_scheme(Some(&Scheme::Http)).expect("a scheme");
    outgoing.set_authority(Some(&authority)).expect("an authority");
    outgoing.set_path_with_query(Some("/forwarded")).expect("a path");
    client::send(outgoing).await
}

async fn print(line: &str) {
    let (mut writer, reader) = wit_stream::new();
    let written = stdout::write_via_stream(reader);
    writer.write_all(format!("{line}\n").into_bytes()).await;
    drop(writer);
    written.await.expect("stdout");
}

async fn print_error(line: &str) {
    let (mut writer, reader) = wit_stream::new();
    let written = stderr::write_via_stream(reader);
    writer.write_all(format!("{line}\n").into_bytes()).await;
    drop(writer);
    written.await.expect("stderr");
}
