//! What waiting on a reader or writer means: a disk, a socket, a child, a terminal.
//!
//! Wrappers are looked through to what they wrap; memory and async types wait for nothing.

use crate::catalog::Category;
use crate::hir::ty::Ty;

use super::super::types::project;
use super::Linked;

/// What reading from or writing to a value of this type blocks on; wrappers (`BufReader<File>`) are looked through.
pub fn io_category(linked: Linked<'_>, ty: Ty) -> Option<Category> {
    use crate::catalog::Io;
    let mut ty = ty.peel_refs();
    for _ in 0..8 {
        let entry = ty.path().and_then(|p| linked.world.catalog.ty(p))?;
        if let Some(through) = &entry.io_through {
            ty = project::eval(linked.world, through, project::Holes::of(ty)).peel_refs();
            continue;
        }
        match entry.io {
            Some(Io::Fs) => return Some(Category::Fs),
            Some(Io::Net) => return Some(Category::Net),
            Some(Io::Process) => return Some(Category::Process),
            Some(Io::Stdio) => return Some(Category::Stdio),
            Some(Io::Sync) => return Some(Category::Sync),
            Some(Io::Memory | Io::Tokio | Io::Futures) => return None,
            None => ty = project::deref(linked.world, ty)?.peel_refs(),
        }
    }
    None
}
