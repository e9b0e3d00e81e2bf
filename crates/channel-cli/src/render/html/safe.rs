//! Text that cannot be markup.

use std::fmt;

use crate::text;

/// Shows a text escaped for HTML, in an element or in a quoted attribute.
pub(in crate::render) struct Safe<'a>(pub(in crate::render) &'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in text::clean(self.0).chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_attribute_ends_are_escaped() {
        let evil = "<script>alert('1')</script>\" onload=\"x\u{202e}&amp;\u{1b}[2J";
        assert_eq!(
            Safe(evil).to_string(),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onload=&quot;x&amp;amp;[2J"
        );
    }
}
