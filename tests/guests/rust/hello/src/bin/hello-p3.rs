//! The same line, by WASI 0.3.
use wasip3::cli::stdout;
use wasip3::wit_stream;

struct Guest;

wasip3::cli::command::export!(Guest);

impl wasip3::exports::cli::run::Guest for Guest {
    async fn run() -> Result<(), ()> {
        let (mut writer, reader) = wit_stream::new();
        let written = stdout::write_via_stream(reader);
        let rest = writer.write_all(b"Hello, WASI!\n".to_vec()).await;
        assert!(rest.is_empty());
        drop(writer);
        written.await.map_err(|_| ())
    }
}

fn main() {
    unreachable!("`run` of 0.3 is called");
}
