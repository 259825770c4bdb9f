//! What the members of a workspace say about themselves in their manifests joins what the workspace says.
//!
//! Only known once the workspace was discovered; what was typed still comes last.

use std::borrow::Cow;

use crate::cli::{Error, Request};
use crate::config::member;
use crate::source::{self, Problem, ProblemKind, Sources};

/// Larger manifests are not read.
const LIMIT: u64 = 1 << 20;

/// The request with the tables of all members; the sources with a problem for each word that means nothing there.
pub(super) fn joined<'r>(request: &'r Request, sources: &mut Sources) -> Result<Cow<'r, Request>, Error> {
    if sources.speaking.is_empty() || !request.config.reads_members {
        return Ok(Cow::Borrowed(request));
    }
    let mut request = request.clone();
    for speaking in &sources.speaking {
        let path = source::shown(&sources.root, &speaking.manifest);
        let text = source::read_text(&speaking.manifest, &sources.root, LIMIT);
        let Some(Ok(text)) = text else { continue };
        let said = member::read(&speaking.package, &path, &text).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Error::Usage(errors.join("\nerror: "))
        })?;
        for assignment in &said.levels {
            // Names were looked up when the manifest was read.
            let _known = request.levels.assign(assignment);
        }
        request.config.join(&said);
        let words = said.ignored.iter().map(|key| {
            format!("`{key}` in `[package.metadata.asynclint]` of a member is about a whole run: write it at the root")
        });
        let unknown = said.unknown.iter().map(|unknown| {
            let hint = unknown.nearest.first().map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("there is no rule, kind or group `{}`{hint}", unknown.name)
        });
        let all = words.chain(unknown).map(|text| Problem::at_path(ProblemKind::BadManifest, path.clone(), text));
        sources.problems.extend(all);
    }
    Ok(Cow::Owned(request))
}
