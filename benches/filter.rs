//! Leaves out the groups nobody asked for, so that one filter does not pay for the inputs of all the others.

/// What group names begin with.
const TOPICS: [&str; 5] = ["heuristic", "graph", "economic", "sign", "store"];

/// False when the command line names other topics only: `cargo bench -p benches -- sign` draws no fleets.
pub fn wanted(topic: &str) -> bool {
    wanted_by(topic, std::env::args().skip(1))
}

fn wanted_by(topic: &str, arguments: impl Iterator<Item = String>) -> bool {
    let topics: Vec<&str> =
        arguments.filter_map(|word| TOPICS.into_iter().find(|topic| word.starts_with(topic))).collect();
    topics.is_empty() || topics.contains(&topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(topic: &str, words: &[&str]) -> bool {
        wanted_by(topic, words.iter().map(ToString::to_string))
    }

    #[test]
    fn a_topic_is_left_out_when_others_are_named() {
        assert!(given("graph", &["--bench"]));
        assert!(given("graph", &["graph/import", "--bench"]));
        assert!(given("graph", &["sign", "graph"]));
        assert!(!given("graph", &["sign/inline", "--bench"]));
        assert!(given("graph", &["1000"]));
    }
}
