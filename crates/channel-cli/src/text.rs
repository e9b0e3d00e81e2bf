//! Text that others wrote (aliases above all), made safe to print and measured in terminal columns.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// `text` without what could move the cursor, hide or reorder other text: control characters (a line break becomes a
/// space), bidirectional and zero-width formatting, tags, variation selectors, private use.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().filter_map(|c| match c {
        '\n' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c => is_harmless(c).then_some(c),
    });
    Cow::Owned(replaced.collect())
}

fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// The columns a text takes on a terminal, character by character (a joined emoji is counted by its parts, so never
/// too low).
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The longest start of `text` that takes at most `width` columns.
pub(crate) fn start(text: &str, width: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > width
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// `text` in at most `width` columns, its end replaced by `…` where it does not fit.
pub(crate) fn fitted(text: &str, width: usize) -> Cow<'_, str> {
    match (columns(text) <= width, width) {
        (true, _) => Cow::Borrowed(text),
        (false, 0) => Cow::Borrowed(""),
        (false, _) => Cow::Owned(format!("{}…", start(text, width - 1))),
    }
}

/// `text` broken at spaces into lines of at most `width` columns; a longer word is cut.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if columns(&line) + c.width().unwrap_or(0) > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A shell command broken at spaces outside quotes, each line but the last ending in ` \`, so that it can be copied
/// as it stands. A single word is never cut.
pub(crate) fn wrapped_command(command: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in shell_words(command) {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(word) + 2 <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(line) => {
                line.push_str(" \\");
                lines.push(format!("  {word}"));
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The parts of a command between spaces that are not quoted.
fn shell_words(command: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut quote) = (0, None);
    for (at, c) in command.char_indices() {
        match (quote, c) {
            (None, ' ') => {
                words.push(&command[start..at]);
                start = at + 1;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    words.push(&command[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_reordering_are_taken_out() {
        assert_eq!(clean("\u{1b}[31mred\u{7}"), "[31mred");
        assert_eq!(clean("evil\u{202e}txt.exe"), "eviltxt.exe");
        assert_eq!(clean("a\u{200b}b\u{2066}c\u{feff}"), "abc");
        assert_eq!(clean("two\nlines\r"), "two lines");
        assert_eq!(clean("\u{9b}31m"), "31m");
        assert!(matches!(clean("Sunny ☀ 🇨🇭 ợ"), Cow::Borrowed(_)));
    }

    #[test]
    fn wide_characters_are_counted_and_cut_whole() {
        assert_eq!(columns("漢字"), 4);
        assert_eq!(fitted("漢字漢字", 8), "漢字漢字");
        assert_eq!(fitted("漢字漢字", 6), "漢字…");
        assert_eq!(columns(&fitted("漢字漢字", 7)), 7);
        assert_eq!(fitted("abc", 0), "");
        assert_eq!(fitted("abcd", 1), "…");
    }

    #[test]
    fn wrapping_keeps_every_word() {
        let text = "one two three four five";
        for width in 3..30 {
            let lines = wrapped(text, width);
            assert!(lines.iter().all(|line| columns(line) <= width), "{width}");
            let joined: String = lines.concat().chars().filter(|c| *c != ' ').collect();
            assert_eq!(joined, text.replace(' ', ""));
        }
        assert!(wrapped("", 10).is_empty());
    }

    #[test]
    fn commands_break_outside_quotes_only() {
        let command = "lncli updatechanpolicy --note 'two words here' --fee_rate_ppm 120 --chan_point abc:1";
        let lines = wrapped_command(command, 40);
        assert!(lines.len() > 1 && lines[..lines.len() - 1].iter().all(|line| line.ends_with(" \\")));
        assert!(lines.iter().all(|line| columns(line) <= 40));
        assert!(lines.iter().any(|line| line.contains("'two words here'")));
        let joined: Vec<&str> = lines.iter().map(|line| line.trim_end_matches('\\').trim()).collect();
        assert_eq!(joined.join(" "), command);
    }
}
