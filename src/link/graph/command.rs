//! What the command line asks for: methods of the types that its parser fills, and functions of a program that are given nothing but such values.
//!
//! Knows declarations only; where a command is made to run is asked elsewhere.

use crate::base::Name;
use crate::hir::names::{DefId, TypeHead};
use crate::hir::ty::{Ty, TyKind};
use crate::link::derived::derives;

use super::Linked;
use super::entry::has_program;

const DERIVES: [&str; 5] = ["Parser", "Args", "Subcommand", "StructOpt", "FromArgs"];
const CRATES: [&str; 3] = ["clap", "structopt", "argh"];
/// How a type is called that is filled by hand from what the parser of the command line gives.
const ENDINGS: [&str; 4] = ["Flags", "Args", "Opts", "Cli"];
const POINTERS: [&str; 3] = ["std::sync::Arc", "std::rc::Rc", "std::boxed::Box"];

/// How the command line comes to a function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// `impl Import { async fn run(self) }` with `#[derive(Parser)] struct Import`.
    Parsed,
    /// `async fn pack(flags: Arc<Flags>, pack: PackFlags)` of a program.
    GivenFlags,
}

/// What the declaration of a function says.
pub(super) fn of(linked: Linked<'_>, def: DefId) -> Option<Command> {
    let owner = linked.world.parent(def).and_then(|imp| linked.world.names.impl_info(imp)).map(|info| info.head);
    match owner {
        Some(TypeHead::Def(owner)) => is_parsed(linked, owner).then_some(Command::Parsed),
        Some(_) => None,
        None => is_given_flags_alone(linked, def).then_some(Command::GivenFlags),
    }
}

fn is_parsed(linked: Linked<'_>, ty: DefId) -> bool {
    let (file, item) = linked.world.item(ty);
    derives(&linked.world.facts[file], item).any(|one| DERIVES.contains(&one)) && has_parser(linked, ty)
}

fn has_parser(linked: Linked<'_>, def: DefId) -> bool {
    let (file, _) = linked.world.item(def);
    CRATES.iter().any(|krate| linked.world.file_depends_on(file, Name::new(krate)))
}

fn is_given_flags_alone(linked: Linked<'_>, def: DefId) -> bool {
    let Some(sig) = linked.sigs.func(linked.world.names.item_ref(def)) else { return false };
    let flags = |ty: &Ty| match pointee(*ty).kind() {
        TyKind::Adt(def, _) => is_parsed(linked, *def) || is_named_for_flags(linked, *def),
        _ => false,
    };
    sig.receiver.is_none() && !sig.params.is_empty() && sig.params.iter().all(flags) && has_program(linked, def)
}

fn is_named_for_flags(linked: Linked<'_>, ty: DefId) -> bool {
    let name = linked.world.item(ty).1.name;
    ENDINGS.iter().any(|end| name.as_str().ends_with(end))
}

fn pointee(ty: Ty) -> Ty {
    let ty = ty.peel_refs();
    match ty.kind() {
        TyKind::Foreign(path, _, args) if POINTERS.contains(&path.as_str()) => {
            args.first().copied().map_or(ty, pointee)
        }
        _ => ty,
    }
}
