//! Searches in token streams: what a macro is given is not parsed by the compiler's grammar, so rules read its tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Calls `visit` with each run of neighbouring trees, in this stream and in every group inside it.
///
/// `visit` is given the trees of one level and the index it stands at.
pub(crate) fn walk(tokens: &TokenStream, visit: &mut dyn FnMut(&[TokenTree], usize)) {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (index, tree) in trees.iter().enumerate() {
        visit(&trees, index);
        if let TokenTree::Group(group) = tree {
            walk(&group.stream(), visit);
        }
    }
}

/// The name of the macro called at `index`, with what it is given.
pub(crate) fn macro_call(trees: &[TokenTree], index: usize) -> Option<(String, TokenStream)> {
    match (trees.get(index)?, trees.get(index + 1)?, trees.get(index + 2)?) {
        (TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(group))
            if bang.as_char() == '!' =>
        {
            Some((name.to_string(), group.stream()))
        }
        _ => None,
    }
}

/// The name of the function or method called at `index`, turbofish or not.
pub(crate) fn call(trees: &[TokenTree], index: usize) -> Option<String> {
    let TokenTree::Ident(name) = trees.get(index)? else { return None };
    let mut next = index + 1;
    if is_punct(trees.get(next), ':')
        && is_punct(trees.get(next + 1), ':')
        && is_punct(trees.get(next + 2), '<')
    {
        next = after_angles(trees, next + 2)?;
    }
    is_group(trees.get(next), Delimiter::Parenthesis).then(|| name.to_string())
}

/// True when `.name()` with nothing inside stands with its name at `index`.
pub(crate) fn is_empty_method_call(trees: &[TokenTree], index: usize, name: &str) -> bool {
    let named = matches!(&trees[index], TokenTree::Ident(ident) if ident == name);
    let dotted = index > 0 && is_punct(trees.get(index - 1), '.');
    let empty = matches!(trees.get(index + 1), Some(TokenTree::Group(group))
        if group.delimiter() == Delimiter::Parenthesis && group.stream().is_empty());
    named && dotted && empty
}

/// True when an attribute whose path is `name` stands with its `#` at `index`.
pub(crate) fn is_attribute(trees: &[TokenTree], index: usize, name: &str) -> bool {
    let opened = is_punct(trees.get(index), '#');
    opened
        && matches!(trees.get(index + 1), Some(TokenTree::Group(group))
            if group.delimiter() == Delimiter::Bracket
                && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(ident)) if ident == name))
}

pub(crate) fn is_punct(tree: Option<&TokenTree>, character: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

pub(crate) fn is_group(tree: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(tree, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

/// The arguments of a macro, cut at its top-level commas, as text.
pub(crate) fn arguments(tokens: &TokenStream) -> Vec<String> {
    let mut arguments = vec![TokenStream::new()];
    for tree in tokens.clone() {
        if is_punct(Some(&tree), ',') {
            arguments.push(TokenStream::new());
        } else if let Some(last) = arguments.last_mut() {
            last.extend([tree]);
        }
    }
    arguments.iter().map(ToString::to_string).collect()
}

/// The index after the angle brackets that open at `start`.
fn after_angles(trees: &[TokenTree], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, tree) in trees.iter().enumerate().skip(start) {
        let arrow = index > 0 && is_punct(trees.get(index - 1), '-');
        if is_punct(Some(tree), '<') {
            depth += 1;
        } else if is_punct(Some(tree), '>') && !arrow {
            depth -= 1;
            if depth == 0 {
                return Some(index + 1);
            }
        }
    }
    None
}
