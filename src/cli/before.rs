//! Flags about what was there before: the baseline, an earlier revision, a patch.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::baseline::FILE_NAME;
use crate::vcs::{Patch, Since};

/// Where the baseline is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BaselineFile {
    /// None is used.
    None,
    /// This file of the analysis root, if it is there: the usual one, or the one of the configuration.
    IfThere(String),
    /// This one.
    At(PathBuf),
}

impl Default for BaselineFile {
    fn default() -> Self {
        Self::IfThere(FILE_NAME.to_owned())
    }
}

/// What was there before, as a run is asked to know it.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// The baseline.
    pub baseline: BaselineFile,
    /// The revision since which findings are new.
    pub since: Option<Since>,
    /// The change in which findings are new.
    pub patch: Option<Patch>,
}

/// Flags of `check` about what is not reported because it was there before.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What is new")]
pub struct BeforeArgs {
    /// The file with findings that are not reported again [default: asynclint-baseline.json at the root, if it is there]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Report what the baseline holds, too
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,
    /// Remove from the baseline what is gone, once the rest was checked
    #[arg(long, conflicts_with_all = ["no_baseline", "new_from_rev", "new_from_merge_base", "new_from_patch"])]
    pub prune_baseline: bool,
    /// Report only what is not found in this revision; it is read from git and analysed, too
    #[arg(long, value_name = "REV", allow_hyphen_values = true)]
    pub new_from_rev: Option<String>,
    /// The same with the revision in which this branch and the current one parted
    #[arg(long, value_name = "BRANCH", conflicts_with = "new_from_rev", allow_hyphen_values = true)]
    pub new_from_merge_base: Option<String>,
    /// Report only what stands, or calls what stands, on a line that this patch adds; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub new_from_patch: Option<PathBuf>,
}

impl BeforeArgs {
    /// Reads the patch; the rest is for the engine. `configured` is the baseline that the configuration names.
    pub(super) fn read(&self, configured: Option<String>) -> Result<Before, String> {
        let since = self.new_from_rev.clone().map(Since::Revision);
        Ok(Before {
            baseline: match &self.baseline {
                Some(path) => BaselineFile::At(path.clone()),
                None if self.no_baseline => BaselineFile::None,
                None => configured.map_or_else(BaselineFile::default, BaselineFile::IfThere),
            },
            since: since.or_else(|| self.new_from_merge_base.clone().map(Since::MergeBase)),
            patch: self.new_from_patch.as_deref().map(patch).transpose()?,
        })
    }
}

fn patch(path: &Path) -> Result<Patch, String> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.map_err(|error| format!("cannot read the patch `{}`: {error}", path.display()))?;
    // Lines of other encodings may stand in a patch; only their numbers count.
    Patch::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| format!("the patch `{}`: {error}", path.display()))
}
