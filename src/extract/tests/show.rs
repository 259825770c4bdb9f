//! A body as one line of text, for tests. Locals carry their number, regions their kind.

use crate::facts::body::{Body, RegionId};
use crate::facts::expr::{ExprId, ExprKind, Lit, LoopKind, Select, Stmt};
use crate::facts::{PatId, PatKind, RegionKind};

pub(super) fn show(body: &Body) -> String {
    expr(body, body.root)
}

fn list(body: &Body, ids: &[ExprId]) -> String {
    ids.iter().map(|id| expr(body, *id)).collect::<Vec<_>>().join(", ")
}

#[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
fn expr(b: &Body, id: ExprId) -> String {
    let e = |id: &ExprId| expr(b, *id);
    let opt = |id: &Option<ExprId>| id.as_ref().map(|id| format!(" {}", expr(b, *id))).unwrap_or_default();
    match &b.exprs[id].kind {
        ExprKind::Lit(lit) => literal(lit),
        ExprKind::Local(local) => format!("{}#{}", b.locals[*local].name, local.0),
        ExprKind::Path { path, args } => {
            let text = b.paths.paths[*path].text();
            if args.is_empty() { text } else { format!("{text}<{}>", args.len()) }
        }
        ExprKind::QualifiedPath { name, trait_, .. } => {
            format!("<_{}>::{name}", trait_.map(|t| format!(" as {}", b.paths.paths[t].text())).unwrap_or_default())
        }
        ExprKind::Call { callee, args } => format!("{}({})", e(callee), list(b, args)),
        ExprKind::MethodCall { recv, name, args, .. } => format!("{}.{name}({})", e(recv), list(b, args)),
        ExprKind::Macro(call) => {
            let uses: String = call.uses.iter().map(|l| format!(" use {}#{}", b.locals[*l].name, l.0)).collect();
            let flow = if call.hidden_flow { " flow" } else { "" };
            format!("{:?}!({}{uses}{flow})", call.shape, list(b, &call.args))
        }
        ExprKind::Select(select) => show_select(b, select),
        ExprKind::Await(x) => format!("{}.await", e(x)),
        ExprKind::Try(x) => format!("{}?", e(x)),
        ExprKind::Field { base, name } => format!("{}.{name}", e(base)),
        ExprKind::Index { base, index } => format!("{}[{}]", e(base), e(index)),
        ExprKind::Ref { mutable, expr } => format!("&{}{}", if *mutable { "mut " } else { "" }, e(expr)),
        ExprKind::Deref(x) => format!("*{}", e(x)),
        ExprKind::Unary(op, x) => format!("{op:?}({})", e(x)),
        ExprKind::Binary { op, left, right } => format!("{op:?}({}, {})", e(left), e(right)),
        ExprKind::Cast(x, _) => format!("{} as", e(x)),
        ExprKind::Assign { target, value } => {
            format!("{} = {}", target.as_ref().map_or_else(|| "_".to_owned(), e), e(value))
        }
        ExprKind::AssignOp { target, value } => format!("{} op= {}", e(target), e(value)),
        ExprKind::Tuple(es) => format!("({})", list(b, es)),
        ExprKind::Array(es) => format!("[{}]", list(b, es)),
        ExprKind::Repeat { value, len } => format!("[{}; {}]", e(value), e(len)),
        ExprKind::Struct { path, fields, rest } => {
            let fields: String = fields.iter().map(|(n, v)| format!("{n}: {}, ", e(v))).collect();
            format!("{} {{ {fields}}}{}", b.paths.paths[*path].text(), opt(rest))
        }
        ExprKind::Range { start, end } => format!("({}..{})", opt(start).trim(), opt(end).trim()),
        ExprKind::Block(block) => {
            let label = block.label.map(|l| format!("'{l}: ")).unwrap_or_default();
            let stmts: String = block.stmts.iter().map(|s| stmt(b, s)).collect();
            format!("{label}{{ {stmts}{}}}", block.tail.map(|t| format!("{} ", e(&t))).unwrap_or_default())
        }
        ExprKind::Async(region) => format!("{} {}", kind(b, *region), e(&b.regions[*region].body)),
        ExprKind::Closure(region) => {
            let params: Vec<String> = b.regions[*region].params.iter().map(|p| pat(b, p.pat)).collect();
            format!("{} |{}| {}", kind(b, *region), params.join(", "), e(&b.regions[*region].body))
        }
        ExprKind::Let { pat: p, expr } => format!("let {} = {}", pat(b, *p), e(expr)),
        ExprKind::If { cond, then, else_ } => {
            format!("if {} {}{}", e(cond), e(then), else_.map(|x| format!(" else {}", e(&x))).unwrap_or_default())
        }
        ExprKind::Match { scrutinee, arms } => {
            let guard = |g: &Option<ExprId>| g.map(|g| format!(" if {}", e(&g))).unwrap_or_default();
            let arms: String =
                arms.iter().map(|a| format!("{}{} => {}, ", pat(b, a.pat), guard(&a.guard), e(&a.body))).collect();
            format!("match {} {{ {arms}}}", e(scrutinee))
        }
        ExprKind::Loop { kind, body, label } => {
            let label = label.map(|l| format!("'{l}: ")).unwrap_or_default();
            let head = match kind {
                LoopKind::Loop => "loop".to_owned(),
                LoopKind::While(cond) => format!("while {}", e(cond)),
                LoopKind::For { pat: p, iter, is_await } => {
                    format!("for {}{} in {}", if *is_await { "await " } else { "" }, pat(b, *p), e(iter))
                }
            };
            format!("{label}{head} {}", e(body))
        }
        ExprKind::Return(x) => format!("return{}", opt(x)),
        ExprKind::Break { label, value } => {
            format!("break{}{}", label.map(|l| format!(" '{l}")).unwrap_or_default(), opt(value))
        }
        ExprKind::Continue(label) => format!("continue{}", label.map(|l| format!(" '{l}")).unwrap_or_default()),
        ExprKind::Yield(x) => format!("yield{}", opt(x)),
        ExprKind::Opaque(es) => format!("opaque({})", list(b, es)),
        ExprKind::Item(_) => "item".to_owned(),
    }
}

fn literal(lit: &Lit) -> String {
    match lit {
        Lit::Bool(v) => v.to_string(),
        Lit::Int(v) => v.to_string(),
        Lit::Str(v) => format!("{:?}", v.as_str()),
        Lit::Other => "lit".to_owned(),
    }
}

fn kind(b: &Body, region: RegionId) -> String {
    let region = &b.regions[region];
    let name = match region.kind {
        RegionKind::AsyncBlock => "async",
        RegionKind::Closure => "closure",
        RegionKind::AsyncClosure => "async-closure",
        RegionKind::Stream => "stream",
        RegionKind::Fn | RegionKind::AsyncFn | RegionKind::Const | RegionKind::Opaque => "other",
    };
    format!("{name}{}", if region.is_move && region.kind != RegionKind::Stream { " move" } else { "" })
}

fn stmt(b: &Body, s: &Stmt) -> String {
    match s {
        Stmt::Let { pat: p, ty, init, else_, .. } => {
            let init = init.map(|i| format!(" = {}", expr(b, i))).unwrap_or_default();
            let else_ = else_.map(|i| format!(" else {}", expr(b, i))).unwrap_or_default();
            format!("let {}{}{init}{else_}; ", pat(b, *p), if ty.is_some() { ": _" } else { "" })
        }
        Stmt::Expr { expr: e, semi, .. } => format!("{}{} ", expr(b, *e), if *semi { ";" } else { "" }),
        Stmt::Item(_) => "item; ".to_owned(),
    }
}

fn show_select(b: &Body, s: &Select) -> String {
    let mut out = format!("{:?}-select{} {{ ", s.flavor, if s.biased { " biased" } else { "" });
    for arm in &s.arms {
        let guard = arm.guard.map(|g| format!(", if {}", expr(b, g))).unwrap_or_default();
        out += &format!("{} = {}{guard} => {}, ", pat(b, arm.pat), expr(b, arm.future), expr(b, arm.handler));
    }
    out += &s.else_.map(|e| format!("else => {}, ", expr(b, e))).unwrap_or_default();
    out += &s.default.map(|e| format!("default => {}, ", expr(b, e))).unwrap_or_default();
    out + "}"
}

fn pat(b: &Body, id: PatId) -> String {
    let all = |ids: &[PatId]| ids.iter().map(|p| pat(b, *p)).collect::<Vec<_>>().join(", ");
    match &b.pats[id].kind {
        PatKind::Wild => "_".to_owned(),
        PatKind::Bind { local, by_ref, sub } => {
            let by_ref = if *by_ref { "ref " } else { "" };
            let mutable = if b.locals[*local].mutable { "mut " } else { "" };
            let sub = sub.map(|s| format!(" @ {}", pat(b, s))).unwrap_or_default();
            format!("{by_ref}{mutable}{}#{}{sub}", b.locals[*local].name, local.0)
        }
        PatKind::Path(path) => b.paths.paths[*path].text(),
        PatKind::TupleStruct { path, elems } => format!("{}({})", b.paths.paths[*path].text(), all(elems)),
        PatKind::Struct { path, fields } => {
            let fields: String = fields.iter().map(|(n, p)| format!("{n}: {}, ", pat(b, *p))).collect();
            format!("{} {{ {fields}}}", b.paths.paths[*path].text())
        }
        PatKind::Tuple(elems) => format!("({})", all(elems)),
        PatKind::Slice(elems) => format!("[{}]", all(elems)),
        PatKind::Or(cases) => cases.iter().map(|p| pat(b, *p)).collect::<Vec<_>>().join(" | "),
        PatKind::Ref(inner) => format!("&{}", pat(b, *inner)),
        PatKind::Literal => "lit".to_owned(),
        PatKind::Rest => "..".to_owned(),
        PatKind::Opaque => "opaque".to_owned(),
    }
}
