//! Pages of one listing put together: events that two pages share are kept once.

use std::collections::HashMap;
use std::hash::Hash;

/// Joins pages. An event that stands `n` times in one page and `m` times in another is kept `max(n, m)` times: pages
/// that overlap repeat events, while equal events within one page really happened twice.
pub(super) fn join<T: Eq + Hash + Clone>(mut pages: Vec<Vec<T>>) -> Vec<T> {
    if pages.len() < 2 {
        return pages.pop().unwrap_or_default();
    }
    let mut kept: HashMap<T, usize> = HashMap::new();
    let mut events = Vec::with_capacity(pages.iter().map(Vec::len).sum());
    for page in pages {
        let mut here: HashMap<T, usize> = HashMap::with_capacity(page.len());
        for event in page {
            let seen = here.entry(event.clone()).or_default();
            *seen += 1;
            let total = kept.entry(event.clone()).or_default();
            if *seen > *total {
                *total = *seen;
                events.push(event);
            }
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_kept_once_and_real_repeats_stay() {
        assert_eq!(join(vec![vec![1, 2, 2], vec![2, 3], vec![2, 2, 2]]), [1, 2, 2, 3, 2]);
        assert_eq!(join(vec![vec![4, 4]]), [4, 4]);
        assert!(join::<u8>(vec![]).is_empty());
    }
}
