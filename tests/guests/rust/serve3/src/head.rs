//! A request's head as text, and headers as a request asks for them.
use std::fmt::Write;
use wasip3::http::types::{Fields, HeaderError, Method, Request, Scheme};

/// What of the request reaches the guest, a line each; bytes that are not printable ASCII as \xNN.
pub fn describe(request: &Request) -> String {
    let mut page = match request.get_method() {
        Method::Other(name) => format!("method: other {}\n", escape(name.as_bytes())),
        method => format!("method: {}\n", format!("{method:?}").trim_start_matches("Method::").to_lowercase()),
    };
    let line = |page: &mut String, name: &str, value: Option<String>| match value {
        Some(value) => writeln!(page, "{name}: {}", escape(value.as_bytes())).unwrap(),
        None => writeln!(page, "no {name}").unwrap(),
    };
    line(&mut page, "path", request.get_path_with_query());
    let scheme = request.get_scheme().map(|scheme| match scheme {
        Scheme::Http => "http".to_string(),
        Scheme::Https => "https".to_string(),
        Scheme::Other(name) => format!("other {name}"),
    });
    line(&mut page, "scheme", scheme);
    line(&mut page, "authority", request.get_authority());
    for (name, value) in request.get_headers().copy_all() {
        writeln!(page, "| {}: {}", escape(name.as_bytes()), escape(&value)).unwrap();
    }
    page
}

fn escape(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        match byte {
            b'\\' | 0..0x20 | 0x7f.. => write!(text, "\\x{byte:02x}").unwrap(),
            _ => text.push(char::from(byte)),
        }
        text
    })
}

/// Adds `NAME=VALUE` of each request header `x-give`, with %NN for what a request cannot carry. Returns a line for each that is
/// refused.
pub fn give(request: &Request, headers: &Fields) -> String {
    let mut refused = String::new();
    for given in request.get_headers().get("x-give") {
        let equals = given.iter().position(|&byte| byte == b'=').expect("NAME=VALUE");
        let name = String::from_utf8(unescape(&given[..equals])).expect("UTF-8");
        match headers.append(&name, &unescape(&given[equals + 1..])) {
            Ok(()) => {}
            Err(HeaderError::Forbidden) => writeln!(refused, "{name}: forbidden").unwrap(),
            Err(HeaderError::InvalidSyntax) => writeln!(refused, "{name}: invalid-syntax").unwrap(),
            Err(error) => writeln!(refused, "{name}: {error:?}").unwrap(),
        }
    }
    refused
}

fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        let digits = (*first == b'%').then(|| behind.get(..2)).flatten();
        let byte = digits.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        text.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    text
}
