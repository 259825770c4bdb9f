//! Words for people: names of functions and types as they appear in messages and the dump.

use crate::hir::names::{BodyId, Res};
use crate::hir::ty::{Bound, FutureOrigin, Ty, TyKind};

use super::Program;

impl Program {
    /// Path of the fn that holds a body, crate name first.
    pub fn function_name(&self, body: BodyId) -> String {
        self.names.def_path(self.names.body_owner(body))
    }

    /// Code that shows or proves something and serves nobody: a file, folder or package called demo, test, bench or the like, in what is shipped.
    pub fn is_for_show(&self, body: BodyId) -> bool {
        const NAMES: [&str; 16] = [
            "bench",
            "benches",
            "benchmark",
            "benchmarks",
            "demo",
            "demos",
            "example",
            "examples",
            "test",
            "tests",
            "testing",
            "test_util",
            "test_utils",
            "test_support",
            "test_helpers",
            "testutil",
        ];
        const SHOWS: [&str; 6] = ["tests", "examples", "bench", "benches", "benchmark", "benchmarks"];
        let package = self.package(body);
        let is_package =
            package.is_some_and(|package| package.name.as_str().split(['-', '_']).any(|word| SHOWS.contains(&word)));
        let says_so = |part: &str| part.split(['-', '_']).any(|word| SHOWS.contains(&word));
        let dir = package.map_or("", |package| package.dir.as_str());
        let path = self.path(self.file_of(body));
        let below = path.strip_prefix(dir).unwrap_or(path);
        is_package
            || dir.split('/').any(says_so)
            || below.trim_end_matches(".rs").split('/').any(|part| NAMES.contains(&part) || says_so(part))
    }

    /// Last segment of a type's name, for messages: `MutexGuard`.
    pub fn short_type(&self, ty: Ty) -> String {
        let ty = ty.peel_refs();
        match ty.kind() {
            TyKind::Foreign(path, ..) => last(path.as_str()).to_owned(),
            TyKind::Adt(def, _) => last(&self.names.def_path(*def)).to_owned(),
            _ => self.describe(ty),
        }
    }

    /// A type with its arguments, canonical paths written out.
    pub fn describe(&self, ty: Ty) -> String {
        let list = |tys: &[Ty]| tys.iter().map(|t| self.describe(*t)).collect::<Vec<_>>().join(", ");
        let generic = |head: String, args: &[Ty]| {
            if args.is_empty() { head } else { format!("{head}<{}>", list(args)) }
        };
        match ty.kind() {
            TyKind::Unknown => "_".to_owned(),
            TyKind::Prim(name) => name.to_string(),
            TyKind::Adt(def, args) => generic(self.names.def_path(*def), args),
            TyKind::Foreign(path, tag, args) => {
                let tag = tag.map_or(String::new(), |t| format!("#{t}"));
                generic(format!("{path}{tag}"), args)
            }
            TyKind::Ref(true, inner) => format!("&mut {}", self.describe(*inner)),
            TyKind::Ref(false, inner) => format!("&{}", self.describe(*inner)),
            TyKind::Ptr(inner) => format!("*{}", self.describe(*inner)),
            TyKind::Tuple(elems) => format!("({})", list(elems)),
            TyKind::Slice(inner) => format!("[{}]", self.describe(*inner)),
            TyKind::Array(inner, Some(len)) => format!("[{}; {len}]", self.describe(*inner)),
            TyKind::Array(inner, None) => format!("[{}; _]", self.describe(*inner)),
            TyKind::FnPtr(params, ret) => format!("fn({}) -> {}", list(params), self.describe(*ret)),
            TyKind::FnDef(res) => format!("fn {}", self.describe_res(*res)),
            TyKind::Closure(_) => "closure".to_owned(),
            TyKind::Future(output, origin) => {
                let of = match origin {
                    FutureOrigin::Fn(def) => format!(" of {}", self.names.def_path(*def)),
                    FutureOrigin::Api(path) => format!(" of {path}"),
                    FutureOrigin::Region(_) | FutureOrigin::Opaque => String::new(),
                };
                format!("future<{}>{of}", self.describe(*output))
            }
            TyKind::Opaque(bounds) => format!("impl {}", self.bounds(bounds)),
            TyKind::Dyn(bounds) => format!("dyn {}", self.bounds(bounds)),
            TyKind::Param(_, _, name) => name.to_string(),
            TyKind::TraitSelf(_) => "Self".to_owned(),
            TyKind::Projection(base, name) => format!("{}::{name}", self.describe(*base)),
            TyKind::Never => "!".to_owned(),
        }
    }

    fn bounds(&self, bounds: &[Bound]) -> String {
        bounds.iter().map(|b| self.describe_res(b.trait_)).collect::<Vec<_>>().join(" + ")
    }

    /// What a path resolves to, as text.
    pub fn describe_res(&self, res: Res) -> String {
        match res {
            Res::Def(def) | Res::SelfType(def) => self.names.def_path(def),
            Res::Variant(def, at) => format!("{}#{at}", self.names.def_path(def)),
            Res::Foreign(path) => path.to_string(),
            Res::Prim(name) => name.to_string(),
            Res::Param(_, at) => format!("parameter {at}"),
            Res::Module(_) => "module".to_owned(),
            Res::Unknown => "unknown".to_owned(),
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
