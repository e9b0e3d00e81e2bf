//! Which source is test code: whole files by their folder or by `#[cfg(test)] mod name;`, items by their attributes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quote::ToTokens as _;
use syn::{Attribute, File, Item, ItemMod};

use super::TidyError;

/// Folders of a package whose files are tests or are shown to readers.
const TEST_FOLDERS: [&str; 3] = ["tests", "benches", "examples"];
const SOURCE_FOLDER: &str = "src";

/// One parsed file.
pub(crate) struct Source {
    /// From the workspace root.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) file: File,
}

impl Source {
    pub(crate) fn parse(path: PathBuf, text: String) -> Result<Self, TidyError> {
        match syn::parse_file(&text) {
            Ok(file) => Ok(Self { path, text, file }),
            Err(source) => Err(TidyError::Parse { path, source }),
        }
    }

    /// The folder of the package the file belongs to: what stands before `src` or a test folder.
    pub(crate) fn package(&self) -> PathBuf {
        let is_inside =
            |part: &std::ffi::OsStr| part == SOURCE_FOLDER || TEST_FOLDERS.iter().any(|name| part == *name);
        self.path.iter().take_while(|part| !is_inside(part)).collect()
    }
}

/// The files that hold test code only.
pub(crate) struct TestScope {
    files: BTreeSet<PathBuf>,
    /// Folders of the modules below such files.
    folders: BTreeSet<PathBuf>,
}

impl TestScope {
    pub(crate) fn of(sources: &[Source]) -> Self {
        let mut scope = Self { files: BTreeSet::new(), folders: BTreeSet::new() };
        for source in sources {
            if source.file.attrs.iter().any(is_test_only) {
                scope.add_module(&source.path);
            }
            let beside = source.path.parent().unwrap_or_else(|| Path::new(""));
            scope.add_modules(beside, &module_folder(&source.path), &source.file.items);
        }
        scope
    }

    pub(crate) fn contains(&self, path: &Path) -> bool {
        let before_source = path.iter().take_while(|part| *part != SOURCE_FOLDER);
        let in_test_folder =
            before_source.into_iter().any(|part| TEST_FOLDERS.iter().any(|name| part == *name));
        in_test_folder
            || self.files.contains(path)
            || path.ancestors().any(|folder| self.folders.contains(folder))
    }

    /// Takes in the modules of `items` that are test-only and stand in files of their own: in `folder` by their name,
    /// or where a stated path leads to from `beside`, the folder of the file itself.
    fn add_modules(&mut self, beside: &Path, folder: &Path, items: &[Item]) {
        for item in items {
            let Item::Mod(module) = item else { continue };
            match &module.content {
                Some((_, inner)) => {
                    let folder = folder.join(module.ident.to_string());
                    self.add_modules(&folder, &folder, inner);
                }
                None if module.attrs.iter().any(is_test_only) => self.add_outlined(beside, folder, module),
                None => {}
            }
        }
    }

    fn add_outlined(&mut self, beside: &Path, folder: &Path, module: &ItemMod) {
        if let Some(path) = stated_path(module) {
            self.add_module(&beside.join(path));
            return;
        }
        let name = module.ident.to_string();
        self.add_module(&folder.join(format!("{name}.rs")));
        self.add_module(&folder.join(name).join("mod.rs"));
    }

    fn add_module(&mut self, file: &Path) {
        self.folders.insert(module_folder(file));
        self.files.insert(file.to_owned());
    }
}

/// True for `#[cfg(test)]` and for `#[cfg(all(test, …))]`; `any` and `not` also build without tests.
pub(crate) fn is_test_only(attribute: &Attribute) -> bool {
    let condition = match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string(),
        _ => return false,
    };
    let condition: String = condition.split_whitespace().collect();
    is_test_condition(&condition)
}

/// The condition of a `cfg`, without spaces.
pub(crate) fn is_test_condition(condition: &str) -> bool {
    let inner = condition.strip_prefix("all(").and_then(|rest| rest.strip_suffix(')'));
    condition == "test"
        || inner.is_some_and(|inner| {
            let mut depth = 0_i32;
            inner
                .split(|character: char| {
                    depth += match character {
                        '(' => 1,
                        ')' => -1,
                        _ => 0,
                    };
                    character == ',' && depth == 0
                })
                .any(|part| part == "test")
        })
}

/// True for `#[test]`, `#[tokio::test]` and the like.
pub(crate) fn is_test_function(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
}

/// True when one of the attributes makes an item test code.
pub(crate) fn are_test_code(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| is_test_only(attribute) || is_test_function(attribute))
}

/// Where the out-of-line modules of a file lie.
fn module_folder(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    match file.file_stem().and_then(std::ffi::OsStr::to_str) {
        Some("mod" | "lib" | "main") | None => folder.to_owned(),
        Some(stem) => folder.join(stem),
    }
}

fn stated_path(module: &ItemMod) -> Option<PathBuf> {
    let attribute = module.attrs.iter().find(|attribute| attribute.path().is_ident("path"))?;
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    Some(PathBuf::from(pair.value.to_token_stream().to_string().trim_matches('"')))
}
