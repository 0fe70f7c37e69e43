//! `sqlite-guest N`: N times a table in memory is filled, indexed, joined with itself and sorted.
use rusqlite::{Connection, Result};

fn main() -> Result<()> {
    let rounds: i64 = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    let database = Connection::open_in_memory()?;
    let mut total = 0;
    for _ in 0..rounds {
        database.execute_batch(
            "DROP TABLE IF EXISTS item;
             CREATE TABLE item (id INTEGER PRIMARY KEY, kind INTEGER, name TEXT);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
               INSERT INTO item SELECT i, i * 7919 % 997, printf('item %d of %x', i, i * 31) FROM n;
             CREATE INDEX of_kind ON item (kind, name);",
        )?;
        total += database.query_row(
            "SELECT count(*) FROM item a JOIN item b ON a.kind = b.kind WHERE a.name < b.name AND a.name LIKE '%7%'",
            [],
            |row| row.get::<_, i64>(0),
        )?;
        total += database.query_row(
            "SELECT sum(length(name)) FROM (SELECT DISTINCT substr(name, 6) AS name FROM item ORDER BY name DESC)",
            [],
            |row| row.get::<_, i64>(0),
        )?;
    }
    println!("{total}");
    Ok(())
}
