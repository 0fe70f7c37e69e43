//! `regexes N`: N times a few expressions over a text of 1 MB.
use regex::Regex;

const EXPRESSIONS: [&str; 5] = [
    r"[a-z]+@[a-z]+\.(?:com|org)",
    r"\b(\w+)\s+(\w+)\s+(\w+)ing\b",
    r"(?i)the\s+quick|lazy\s+dog",
    r"\d{1,3}(?:\.\d{1,3}){3}",
    r"[\p{L}&&[^aeiou]]{4,}",
];

fn main() {
    let rounds: usize = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    let line = "The quick brown fox is jumping over somebody@example.org at 10.0.0.17, running lazily; größer\n";
    let text: String = (0..10_000).map(|i| format!("{i} {line}")).collect();
    let expressions: Vec<Regex> = EXPRESSIONS.iter().map(|each| Regex::new(each).expect("an expression")).collect();
    let mut found = 0;
    for _ in 0..rounds {
        for each in &expressions {
            found += each.captures_iter(&text).map(|captures| captures[0].len()).sum::<usize>();
        }
    }
    println!("{found}");
}
