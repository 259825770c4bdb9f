//! The built-in catalogue holds what the schema promises.
use super::*;

#[test]
fn loads() {
    let start = std::time::Instant::now();
    let catalog = Catalog::load(None).unwrap();
    let (functions, types) = (catalog.functions().len(), catalog.types().len());
    eprintln!("{functions} functions and {types} types in {:?}", start.elapsed());
}

#[test]
fn every_type_in_a_type_expression_is_known() {
    let catalog = Catalog::builtin();
    let mut unknown = BTreeSet::new();
    for func in catalog.functions() {
        let params = func.runs.iter().flat_map(|r| &r.params);
        for expr in func.returns.iter().chain(params) {
            expr.walk(&mut |e| {
                if let TypeExpr::Path { name, .. } = e
                    && catalog.ty(*name).is_none()
                {
                    unknown.insert((func.path, *name));
                }
            });
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn paths_have_one_canonical_form() {
    let catalog = Catalog::builtin();
    for (path, canonical) in [
        ("tokio::spawn", "tokio::task::spawn"),
        ("fs_err::read", "std::fs::read"),
        ("fs_err::tokio::read", "tokio::fs::read"),
        ("core::time::Duration::from_secs", "std::time::Duration::from_secs"),
        ("std::path::Path", "std::path::Path"),
    ] {
        assert_eq!(catalog.canonical(Name::new(path)), Name::new(canonical));
    }
}
