//! wasi:http/types.fields
use wasip3::http::types::{Fields, HeaderError};

/// What one may hold, bytes.
const LIMIT: usize = 131_072;

pub fn check() {
    changes();
    mistakes();
    limit();
}

fn changes() {
    let fields = Fields::new();
    fields.append("A", b"1").unwrap();
    fields.append("b", b"2").unwrap();
    fields.append("a", b"3").unwrap();
    assert_eq!(fields.get("a"), [b"1".to_vec(), b"3".to_vec()]);
    assert!(fields.has("B") && !fields.has("c") && !fields.has("no token"));
    assert!(fields.get("no token").is_empty());
    let all = fields.copy_all();
    let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "a", "b"]);

    let copy = fields.clone();
    fields.set("a", &[b"4".to_vec()]).unwrap();
    assert_eq!(fields.get_and_delete("A").unwrap(), [b"4".to_vec()]);
    assert!(fields.get_and_delete("a").unwrap().is_empty());
    fields.delete("b").unwrap();
    fields.set("c", &[]).unwrap();
    assert!(fields.copy_all().is_empty());
    assert_eq!(copy.copy_all(), all);
    assert_eq!(Fields::from_list(&all).unwrap().copy_all(), all);
}

fn mistakes() {
    let fields = Fields::new();
    for name in ["", "a b", "ä"] {
        assert!(matches!(fields.append(name, b""), Err(HeaderError::InvalidSyntax)));
        assert!(matches!(fields.set(name, &[]), Err(HeaderError::InvalidSyntax)));
        assert!(matches!(fields.delete(name), Err(HeaderError::InvalidSyntax)));
        assert!(matches!(fields.get_and_delete(name), Err(HeaderError::InvalidSyntax)));
    }
    for value in [&b"a\nb"[..], b"\0", b"\x7f"] {
        assert!(matches!(fields.append("a", value), Err(HeaderError::InvalidSyntax)));
    }
    for name in ["Host", "connection", "transfer-encoding", "upgrade"] {
        assert!(matches!(fields.append(name, b"a"), Err(HeaderError::Forbidden)));
        assert!(matches!(fields.get_and_delete(name), Err(HeaderError::Forbidden)));
        let list = [(name.to_string(), b"a".to_vec())];
        assert!(matches!(Fields::from_list(&list), Err(HeaderError::Forbidden)));
    }
    fields.append("content-length", b"007").unwrap();
    assert_eq!(fields.get("content-length"), [b"7".to_vec()]);
    assert!(matches!(fields.append("content-length", b"7"), Err(HeaderError::InvalidSyntax)));
    assert!(matches!(fields.set("content-length", &[b"+7".to_vec()]), Err(HeaderError::InvalidSyntax)));
}

/// Beyond it nothing changes.
fn limit() {
    let fields = Fields::new();
    let value = vec![b'x'; 1000];
    let mut count = 0;
    let error = loop {
        match fields.append("a", &value) {
            Ok(()) => count += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, HeaderError::SizeExceeded));
    assert!(count * value.len() <= LIMIT && count > 100);
    assert_eq!(fields.get("a").len(), count);
    let long = [vec![b'x'; LIMIT]];
    assert!(matches!(fields.set("b", &long), Err(HeaderError::SizeExceeded)));
    assert!(matches!(fields.set("a", &long), Err(HeaderError::SizeExceeded)));
    assert!(matches!(Fields::from_list(&[("a".to_string(), long[0].clone())]), Err(HeaderError::SizeExceeded)));
    assert_eq!(fields.get("a").len(), count);
    fields.delete("a").unwrap();
    fields.append("a", &value).unwrap();
}
