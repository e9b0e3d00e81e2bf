//! Where gates keep what they build for longer than one clone lives.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use thiserror::Error;

/// There is no folder to keep anything in.
#[derive(Debug, Error)]
#[error("neither XDG_CACHE_HOME nor HOME is set, so there is no place to keep {name}")]
pub(crate) struct NoCache {
    name: &'static str,
}

/// The folder of this workspace called `name`, outside any clone. It may not exist yet.
pub(crate) fn folder(name: &'static str) -> Result<PathBuf, NoCache> {
    let base = base(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")).ok_or(NoCache { name })?;
    Ok(base.join(name))
}

/// XDG's folder, or else the usual one; a relative path is no path (XDG Base Directory Specification).
fn base(xdg: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |value: OsString| Some(PathBuf::from(value)).filter(|path| path.is_absolute());
    let base = xdg.and_then(absolute).or_else(|| home.and_then(absolute).map(|home| home.join(".cache")))?;
    Some(base.join("taproot-channels"))
}

#[cfg(test)]
mod tests {
    use super::base;
    use std::path::PathBuf;

    #[test]
    fn the_cache_is_outside_the_clone() {
        let expected = Some(PathBuf::from("/home/a/.cache/taproot-channels"));
        assert_eq!(base(None, Some("/home/a".into())), expected);
        assert_eq!(base(Some("relative".into()), Some("/home/a".into())), expected);
        let xdg = Some(PathBuf::from("/var/cache/taproot-channels"));
        assert_eq!(base(Some("/var/cache".into()), Some("/home/a".into())), xdg);
        assert_eq!(base(None, None), None);
    }
}
