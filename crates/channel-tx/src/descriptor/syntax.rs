//! From the text to something the descriptor library reads: what is wrong with the writing is named by place, and
//! mended where only one thing can be meant, so that the meaning can be judged as well.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bitcoin::Network;
use miniscript::descriptor::checksum::{self, verify_checksum};
use miniscript::expression::{FromTree, Parens, Tree, TreeIterItem};
use miniscript::{Descriptor, ParseTreeError};

use super::{FundingKey, Participants, SyntaxFault, key};

/// The longest text that is looked at; two extended keys with origins take some 350 bytes.
pub(super) const MAX_BYTES: usize = 4096;
/// The longest lock `after` and `older` take.
const MAX_LOCK: u32 = 0x7fff_ffff;

/// A text, read as far as it can be.
#[derive(Debug)]
pub(super) struct Reading {
    /// What is wrong with the writing.
    pub(super) faults: Vec<SyntaxFault>,
    /// The descriptor without checksum, mended; absent when it cannot be told what is meant.
    pub(super) body: Option<String>,
    /// The same, parsed, keys being plain words.
    pub(super) descriptor: Option<Descriptor<String>>,
    /// The texts in it that stand where a private key was recognised.
    pub(super) private_at: Option<usize>,
    /// The parties a `musig()` names.
    pub(super) musig: Option<[String; 2]>,
}

impl Reading {
    /// Reads `text`; `network` is for the extended keys in a `musig()`.
    pub(super) fn new(text: &str, network: Network) -> Self {
        let mut reading =
            Self { faults: Vec::new(), body: None, descriptor: None, private_at: None, musig: None };
        reading.read(text, network);
        reading
    }

    fn read(&mut self, text: &str, network: Network) {
        if text.len() > MAX_BYTES {
            self.faults.push(SyntaxFault::TooLong { bytes: text.len(), max: MAX_BYTES });
            return;
        }
        let trimmed = text.trim_ascii();
        let base = text.len() - text.trim_ascii_start().len();
        if let Some((at, character)) = trimmed.char_indices().find(|(_, c)| !matches!(c, ' '..='~')) {
            self.faults.push(SyntaxFault::Character { character, position: base + at });
            return;
        }
        let Some(body) = self.without_checksum(trimmed, base) else { return };
        let closed = self.balanced(body, base);
        let tree = match Tree::from_str(&closed) {
            Ok(tree) => tree,
            Err(error) => {
                if self.faults.is_empty() {
                    self.faults.push(SyntaxFault::Refused { reason: error.to_string() });
                }
                return;
            }
        };
        let mut mender = Mender { base, network, faults: &mut self.faults, private_at: None, musig: None };
        let mended = mender.node(tree.root());
        (self.private_at, self.musig) = (mender.private_at, mender.musig);
        if let Some(mended) = mended
            && self.private_at.is_none()
        {
            self.parse(&mended, trimmed, base);
        }
    }

    /// The text before `#`, if there is one that can be a descriptor.
    fn without_checksum<'t>(&mut self, text: &'t str, base: usize) -> Option<&'t str> {
        let (body, given) = match text.rsplit_once('#') {
            Some((body, given)) => (body, Some(given)),
            None => (text, None),
        };
        if !body.contains(['(', '{']) {
            let word = if key::is_private(body) { String::new() } else { body.to_owned() };
            self.private_at = key::is_private(body).then_some(base);
            self.faults.push(SyntaxFault::NotDescriptor { word });
            return None;
        }
        if let Some(at) = body.find('#') {
            self.faults.push(SyntaxFault::Character { character: '#', position: base + at });
            return None;
        }
        if let Some(given) = given
            && verify_checksum(text).is_err()
        {
            let position = base + body.len() + 1;
            if key::is_private(given) {
                self.private_at = Some(position);
                return None;
            }
            let expected = checksum_of(body);
            self.faults.push(SyntaxFault::Checksum { given: given.to_owned(), expected, position });
        }
        Some(body)
    }

    /// The text with its parentheses in pairs: missing ones are added at the end, spare ones there taken away.
    fn balanced(&mut self, body: &str, base: usize) -> String {
        let mut open = Vec::new();
        for (at, character) in body.char_indices() {
            let position = base + at;
            match character {
                '(' | '{' => open.push((character, position)),
                ')' | '}' => match (open.pop(), character) {
                    (Some(('(', _)), ')') | (Some(('{', _)), '}') => {}
                    (None, _) => {
                        self.faults.push(SyntaxFault::Unbalanced { character, position });
                        return body[..at].to_owned();
                    }
                    (Some((character, position)), _) => {
                        self.faults.push(SyntaxFault::Unbalanced { character, position });
                        return String::new();
                    }
                },
                _ if open.is_empty() && body[..at].ends_with([')', '}']) => {
                    self.faults.push(SyntaxFault::Unexpected { character, position });
                    return body[..at].to_owned();
                }
                _ => {}
            }
        }
        if let Some((character, position)) = open.last().copied() {
            self.faults.push(SyntaxFault::Unbalanced { character, position });
        }
        let closing = open.iter().rev().map(|(character, _)| if *character == '(' { ')' } else { '}' });
        body.chars().chain(closing).collect()
    }

    fn parse(&mut self, mended: &str, original: &str, base: usize) {
        // Not `parse`, which also wants a sane script: what is not sane is to be explained, not hidden.
        let parsed = Tree::from_str(mended).and_then(|tree| Descriptor::<String>::from_tree(tree.root()));
        match parsed {
            Ok(descriptor) => {
                self.body = Some(mended.to_owned());
                self.descriptor = Some(descriptor);
            }
            // The faults found before say it with a place.
            Err(_) if self.faults.iter().any(|fault| !matches!(fault, SyntaxFault::Checksum { .. })) => {}
            Err(error) => self.faults.push(refusal(&error, original, base)),
        }
    }
}

/// The checksum of a descriptor without one (BIP 380).
pub(super) fn checksum_of(body: &str) -> String {
    let mut engine = checksum::Engine::new();
    // Only characters outside of the descriptor set are an error, and they were refused before.
    match engine.input(body) {
        Ok(()) => engine.checksum(),
        Err(_) => String::new(),
    }
}

/// Where the word `name` stands in `text`, not as a part of a longer word.
pub(super) fn position_of(text: &str, name: &str) -> Option<usize> {
    let inside = |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    text.match_indices(name).map(|(at, _)| at).find(|at| {
        !inside(text[..*at].chars().next_back()) && !inside(text[at + name.len()..].chars().next())
    })
}

fn refusal(error: &miniscript::Error, original: &str, base: usize) -> SyntaxFault {
    use miniscript::{Error, ParseError};
    match error {
        Error::Parse(ParseError::Tree(ParseTreeError::UnknownName { name })) => SyntaxFault::UnknownName {
            name: name.clone(),
            position: position_of(original, name).map(|at| base + at),
        },
        error => SyntaxFault::Refused { reason: error.to_string() },
    }
}

/// Writes a tree anew without what is wrong in it.
struct Mender<'f> {
    base: usize,
    network: Network,
    faults: &'f mut Vec<SyntaxFault>,
    private_at: Option<usize>,
    musig: Option<[String; 2]>,
}

impl Mender<'_> {
    /// The node as it should be written; nothing, if it should not be there.
    fn node(&mut self, node: TreeIterItem<'_>) -> Option<String> {
        match node.parens() {
            Parens::None => self.terminal(node),
            Parens::Curly if node.name().is_empty() => self.branch(node),
            Parens::Curly => {
                let children = self.children(node);
                Some(format!("{}{{{}}}", node.name(), children.join(",")))
            }
            Parens::Round if node.name().is_empty() => {
                let position = self.opening(node);
                self.faults.push(SyntaxFault::NamelessParentheses { position });
                let children = self.children(node);
                (!children.is_empty()).then(|| children.join(","))
            }
            Parens::Round if is_musig(node.name()) => Some(self.musig(node)),
            Parens::Round => {
                self.lock_range(node);
                let children = self.children(node);
                Some(format!("{}({})", node.name(), children.join(",")))
            }
        }
    }

    fn terminal(&mut self, node: TreeIterItem<'_>) -> Option<String> {
        let position = self.base + node.name_pos();
        if node.name().is_empty() {
            // Braces around nothing are named by the braces.
            let alone =
                node.parent().is_some_and(|above| above.n_children() == 1 && above.parens() == Parens::Curly);
            if !alone {
                self.faults.push(SyntaxFault::EmptyArgument { position });
            }
            return None;
        }
        if key::is_private(node.name()) {
            self.private_at.get_or_insert(position);
        }
        Some(node.name().to_owned())
    }

    fn branch(&mut self, node: TreeIterItem<'_>) -> Option<String> {
        let position = self.opening(node);
        let children = self.children(node);
        match (children.as_slice(), node.n_children()) {
            ([], _) => {
                self.faults.push(SyntaxFault::EmptyBraces { position });
                None
            }
            ([only], _) => {
                self.faults.push(SyntaxFault::SingleLeafBraces { position });
                Some(only.clone())
            }
            ([left, right], _) => Some(format!("{{{left},{right}}}")),
            (many, _) => {
                self.faults.push(SyntaxFault::BranchOf { children: many.len(), position });
                Some(nested(many))
            }
        }
    }

    fn children(&mut self, node: TreeIterItem<'_>) -> Vec<String> {
        node.children().filter_map(|child| self.node(child)).collect()
    }

    /// Where the parenthesis of a node opens.
    fn opening(&self, node: TreeIterItem<'_>) -> usize {
        self.base + node.name_pos() + node.name().len()
    }

    /// Names a `musig()`, and puts the aggregate in its place where the keys are known.
    fn musig(&mut self, node: TreeIterItem<'_>) -> String {
        let position = self.base + node.name_pos();
        let keys = self.children(node);
        self.faults.push(SyntaxFault::MuSig { keys: keys.clone(), position });
        let written = format!("{}({})", node.name(), keys.join(","));
        let Ok([first, second]) = <[String; 2]>::try_from(keys) else { return written };
        let read = |text: &str| key::read(text, position, self.network).ok();
        let aggregate = match (read(&first), read(&second)) {
            (Some(first @ FundingKey::Whole(_)), Some(second @ FundingKey::Whole(_))) => {
                Participants::new(first, second).ok().and_then(|parties| parties.aggregate())
            }
            _ => None,
        };
        self.musig = Some([first, second]);
        aggregate.map_or(written, |aggregate| aggregate.internal_key().to_string())
    }

    /// Names a lock whose number is none, which the library would refuse without a place.
    fn lock_range(&mut self, node: TreeIterItem<'_>) {
        let fragment = match node.name().rsplit(':').next() {
            Some("after") => "after",
            Some("older") => "older",
            _ => return,
        };
        let Some(number) = node.first_child().filter(|_| node.n_children() == 1) else { return };
        let value = number.name();
        let plain = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
        if !plain || !value.parse().is_ok_and(|value: u32| value <= MAX_LOCK) {
            let position = self.base + number.name_pos();
            self.faults.push(SyntaxFault::LockRange { fragment, value: value.to_owned(), position });
        }
    }
}

fn is_musig(name: &str) -> bool {
    name.eq_ignore_ascii_case("musig") || name.eq_ignore_ascii_case("musig2")
}

/// Pairs from the right: `{X,{Y,Z}}`.
fn nested(children: &[String]) -> String {
    match children {
        [] => String::new(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{{{first},{}}}", nested(rest)),
    }
}
