//! What people write with wstd: /hello, /echo (streams), /sleep (10 ms), and the names of the headers at /headers.
use wstd::http::body::Body;
use wstd::http::{Error, Request, Response, StatusCode};
use wstd::task::sleep;
use wstd::time::Duration;

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    match request.uri().path() {
        "/hello" => Ok(Response::new("Hello, World!\n".to_string().into())),
        "/echo" => Ok(Response::new(request.into_body())),
        "/sleep" => {
            sleep(Duration::from_millis(10)).await;
            Ok(Response::new("slept\n".to_string().into()))
        }
        "/headers" => {
            let names: Vec<&str> = request.headers().keys().map(|name| name.as_str()).collect();
            Ok(Response::new(format!("{} {}\n{}\n", request.method(), request.uri(), names.join("\n")).into()))
        }
        _ => Ok(Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty())?),
    }
}
