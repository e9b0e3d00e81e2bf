//! A sign of life on stderr for work that takes over a second, on a terminal only.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How long work may take before it shows.
const PATIENCE: Duration = Duration::from_secs(1);

/// A spinner that shows itself after [`PATIENCE`] and clears itself when dropped.
pub(crate) struct Progress {
    steps: Option<Sender<String>>,
    painter: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts waiting; does nothing where stderr is no terminal.
    pub(crate) fn start(step: &str) -> Self {
        if !io::stderr().is_terminal() {
            return Self { steps: None, painter: None };
        }
        let (steps, inbox) = mpsc::channel::<String>();
        let mut current = step.to_owned();
        let painter = std::thread::spawn(move || {
            let wait = std::time::Instant::now();
            loop {
                match inbox.recv_timeout(PATIENCE.saturating_sub(wait.elapsed())) {
                    Ok(step) => current = step,
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => break,
                }
            }
            let bar = ProgressBar::new_spinner().with_message(current);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            for step in inbox {
                bar.set_message(step);
            }
            bar.finish_and_clear();
        });
        Self { steps: Some(steps), painter: Some(painter) }
    }

    /// Names what is being done now.
    pub(crate) fn step(&self, step: &str) {
        if let Some(steps) = &self.steps {
            // The painter only ends after this sender; a failed send would mean there is nothing to paint on.
            let _ = steps.send(step.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.steps.take());
        if let Some(painter) = self.painter.take() {
            // A painter that panicked has nothing left to clear.
            let _ = painter.join();
        }
    }
}
