//! An HTTP server with wstd: `/` greets, `/echo` sends back what it gets, piece by piece.
use wstd::http::body::Body;
use wstd::http::{Error, Request, Response, StatusCode};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    match request.uri().path() {
        "/" => Ok(Response::new("Hello, World!\n".to_string().into())),
        "/echo" => Ok(Response::new(request.into_body())),
        _ => Ok(Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty())?),
    }
}
