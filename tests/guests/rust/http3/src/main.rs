//! wasi:http 0.3 by the wasip3 crate, as a client. Topics, by the first argument; all assert inside, and print nothing unless they
//! say so:
//!
//!   fields, messages          what the functions of wasi:http/types answer, without a peer
//!   refusals                  requests that go nowhere
//!   TOPIC AUTHORITY           requests to a server at AUTHORITY (tests/e2e/http-server.ts)
//!   ask AUTHORITY             a line: the status, or the error
mod bodies;
mod failures;
mod fields;
mod messages;
mod requests;
mod timeouts;

use wasip3::cli::environment::get_arguments;

struct Guest;

wasip3::cli::command::export!(Guest);

impl wasip3::exports::cli::run::Guest for Guest {
    async fn run() -> Result<(), ()> {
        let arguments = get_arguments();
        let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
        match words[..] {
            ["fields"] => fields::check(),
            ["messages"] => messages::check().await,
            ["refusals"] => failures::refusals().await,
            ["ask", peer] => return requests::ask(peer).await,
            ["hello", peer] => requests::hello(peer).await,
            ["secure", peer] => requests::secure(peer).await,
            ["heads", peer] => requests::heads(peer).await,
            ["pathless", peer] => requests::pathless(peer).await,
            ["many", peer] => requests::many(peer).await,
            ["echo", peer] => bodies::echo(peer).await,
            ["large-up", peer] => bodies::large_up(peer).await,
            ["large-down", peer] => bodies::large_down(peer).await,
            ["splice", peer] => bodies::splice(peer).await,
            ["trailers", peer] => bodies::trailers(peer).await,
            ["early-answer", peer] => bodies::early_answer(peer).await,
            ["sizes", peer] => bodies::sizes(peer).await,
            ["abandoned", peer] => bodies::abandoned(peer).await,
            ["failures", peer] => failures::check(peer).await,
            ["refused", peer] => failures::refused(peer).await,
            ["trailer-error", peer] => failures::trailer_error(peer).await,
            ["cancelled", peer] => failures::cancelled(peer).await,
            ["timeouts", peer] => timeouts::check(peer).await,
            _ => panic!("no topic {words:?}"),
        }
        Ok(())
    }
}

fn main() {
    panic!("this is the run of WASI 0.2");
}
