//! Values that can be named at a place: locals, parameters and fields of `self`, by the role of their type.

use crate::catalog::{Role, TypeRole};
use crate::facts::expr::Stmt;
use crate::facts::{ExprKind, LocalId, LocalKind, PatId, PatKind};
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::Ty;

use super::Program;

/// A value that code at a place can name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visible {
    /// How it is written there: `tracker`, `self.tracker`.
    pub path: String,
    /// Its type.
    pub ty: Ty,
}

impl Program {
    /// The nearest value whose type has the role.
    pub fn visible(&self, place: Place, role: TypeRole) -> Option<Visible> {
        let body = self.body(place.body);
        let locals = body.locals.iter_ids().map(|(id, _)| id).filter(|l| self.is_in_scope(place, *l));
        let found: Vec<LocalId> = locals.collect();
        let by_role = |ty: Ty| self.type_role(ty) == Some(role);
        let direct = found.iter().rev().find(|l| by_role(self.local_ty(place.body, **l)));
        if let Some(local) = direct {
            let path = body.locals[*local].name.to_string();
            return Some(Visible { path, ty: self.local_ty(place.body, *local) });
        }
        let own = found.iter().find(|l| body.locals[**l].kind == LocalKind::SelfValue)?;
        let fields = self.fields_of(self.local_ty(place.body, *own));
        let (name, ty) = fields.into_iter().find(|(_, ty)| by_role(*ty))?;
        Some(Visible { path: format!("self.{name}"), ty })
    }

    /// The method by which a value of this type takes a task, as the catalogue says; `spawn` where it says nothing.
    pub fn spawn_method(&self, ty: Ty) -> &'static str {
        let path = ty.peel_refs().path();
        let takes = |role| matches!(role, Role::Spawn | Role::SpawnLocal | Role::TaskSetSpawn);
        let mut own = self.catalog.functions().iter().filter(|entry| path.is_some() && entry.owner == path);
        own.find(|entry| entry.role.is_some_and(takes)).map_or("spawn", |entry| entry.name.as_str())
    }

    /// The initialiser of a local that a plain `let` declares.
    pub fn initialiser(&self, body: BodyId, local: LocalId) -> Option<Place> {
        let facts = self.body(body);
        facts.exprs.iter().find_map(|e| match &e.kind {
            ExprKind::Block(block) => block.stmts.iter().find_map(|stmt| match stmt {
                Stmt::Let { pat, init: Some(init), .. } => match facts.pats[*pat].kind {
                    PatKind::Bind { local: l, .. } if l == local => Some(Place { body, expr: *init }),
                    _ => None,
                },
                _ => None,
            }),
            _ => None,
        })
    }

    /// The call that makes both ends of a channel, one of which `local` is: `let (tx, rx) = channel(8)`.
    pub fn made_in_a_pair(&self, body: BodyId, local: LocalId) -> Option<Place> {
        let facts = self.body(body);
        let binds = |pat: &PatId| matches!(facts.pats[*pat].kind, PatKind::Bind { local: own, .. } if own == local);
        facts.exprs.iter().find_map(|e| match &e.kind {
            ExprKind::Block(block) => block.stmts.iter().find_map(|stmt| match stmt {
                Stmt::Let { pat, init: Some(init), .. } => match &facts.pats[*pat].kind {
                    PatKind::Tuple(ends) if ends.iter().any(binds) => Some(Place { body, expr: *init }),
                    _ => None,
                },
                _ => None,
            }),
            _ => None,
        })
    }

    fn is_in_scope(&self, place: Place, local: LocalId) -> bool {
        let body = self.body(place.body);
        let decl = &body.locals[local];
        match decl.kind {
            LocalKind::SelfValue | LocalKind::Param => {
                body.region_chain(body.exprs[place.expr].region).any(|r| r == decl.region)
            }
            LocalKind::Let => {
                decl.span.1 <= body.exprs[place.expr].span.0
                    && body.ancestors(place.expr).any(|e| match &body.exprs[e].kind {
                        ExprKind::Block(block) => block.stmts.iter().any(|stmt| match stmt {
                            Stmt::Let { pat, .. } => {
                                let at = body.pats[*pat].span;
                                at.0 <= decl.span.0 && decl.span.1 <= at.1
                            }
                            Stmt::Expr { .. } | Stmt::Item(_) => false,
                        }),
                        _ => false,
                    })
            }
            LocalKind::Arm | LocalKind::For => false,
        }
    }
}
