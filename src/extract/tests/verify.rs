//! The invariants of an arena, checked node by node.

use crate::base::id::Id;
use crate::facts::{Body, ExprId, FileFacts, ItemKind, LocalId, PatKind, RegionId};

/// Checks every body, scope and item of a file.
pub(super) fn verify_file(facts: &FileFacts, text: &str) {
    for body in facts.bodies.iter() {
        verify(body, text);
        assert!(facts.items.get(body.owner).is_some());
    }
    for (id, scope) in facts.scopes.iter_ids() {
        assert!(scope.parent.is_none_or(|p| p < id), "scopes open inside older ones");
        for item in &scope.items {
            assert_eq!(facts.items[*item].scope, id);
        }
    }
    for (id, item) in facts.items.iter_ids() {
        let (start, end) = item.span;
        assert!(start <= end && text.get(start as usize..end as usize).is_some(), "{item:?}");
        let (a, b) = item.name_span;
        assert!(text.get(a as usize..b as usize).is_some(), "{item:?}");
        if let Some(parent) = item.parent {
            let members = match &facts.items[parent].kind {
                ItemKind::Impl(i) => &i.items,
                ItemKind::Trait(t) => &t.items,
                other => panic!("parent {other:?}"),
            };
            assert!(members.contains(&id));
        }
    }
    for problem in &facts.problems {
        assert!(text.get(problem.span.0 as usize..problem.span.1 as usize).is_some(), "{problem:?}");
    }
}

/// Checks one body.
pub(super) fn verify(body: &Body, text: &str) {
    let mut parents = vec![0; body.exprs.len()];
    for (id, expr) in body.exprs.iter_ids() {
        let mut first = id;
        let mut before: Option<ExprId> = None;
        expr.kind.for_each_child(&body.regions, |child| {
            assert!(child < id, "children come before parents");
            assert!(before.is_none_or(|b| b < body.exprs[child].first), "children stand in evaluation order");
            assert_eq!(body.exprs[child].parent, Some(id));
            parents[child.index()] += 1;
            first = first.min(body.exprs[child].first);
            before = Some(child);
        });
        assert_eq!(expr.first, first, "{:?}", expr.kind);
        let (start, end) = expr.span;
        assert!(start <= end && text.get(start as usize..end as usize).is_some(), "{:?}", expr.kind);
        assert!(body.regions.get(expr.region).is_some());
    }
    for (id, count) in parents.iter().enumerate() {
        let is_root = ExprId::from_index(id) == body.root;
        assert_eq!(*count, i32::from(!is_root), "every expression but the root has one parent");
    }
    assert_eq!(body.root.index() + 1, body.exprs.len());
    verify_regions(body);
    verify_patterns(body, text);
}

fn verify_regions(body: &Body) {
    for (id, region) in body.regions.iter_ids() {
        assert_eq!(region.parent.is_none(), id == RegionId(0));
        assert!(region.parent.is_none_or(|p| p < id), "regions open inside older ones");
        assert!(body.is_inside(region.body, region.expr));
        if let Some(parent) = region.parent {
            if region.body != region.expr {
                assert_eq!(body.exprs[region.body].region, id);
            }
            assert_eq!(body.exprs[region.expr].region, parent);
        }
        for param in &region.params {
            assert!(body.pats.get(param.pat).is_some());
        }
    }
}

fn verify_patterns(body: &Body, text: &str) {
    let mut bound = vec![false; body.locals.len()];
    for pat in body.pats.iter() {
        assert!(text.get(pat.span.0 as usize..pat.span.1 as usize).is_some(), "{pat:?}");
        if let PatKind::Bind { local, .. } = pat.kind {
            bound[local.index()] = true;
        }
    }
    for (i, is_bound) in bound.iter().enumerate() {
        let local = &body.locals[LocalId::from_index(i)];
        assert_eq!(*is_bound, local.name != "self", "{local:?}");
        assert_eq!(local.pat.is_some(), local.name != "self");
        let (start, end) = local.span;
        let written = text[start as usize..end as usize].trim_start_matches("r#");
        assert_eq!(local.name, *written);
    }
}
