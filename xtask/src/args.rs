//! Words after the command's name.

use crate::run::Outcome;

/// The words that nobody has taken yet.
pub(crate) struct Args(Vec<String>);

impl Args {
    /// Takes over the words.
    pub(crate) fn new(words: impl Iterator<Item = String>) -> Self {
        Self(words.collect())
    }

    /// Takes a flag such as `--debug`; true if it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let end = self.0.iter().position(|word| word == "--").unwrap_or(self.0.len());
        let found = self.0[..end].iter().position(|word| word == name);
        found.map(|index| self.0.remove(index)).is_some()
    }

    /// Takes an option with its value, `--frames 100`.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>, String> {
        let Some(index) = self.0.iter().position(|word| word == name) else { return Ok(None) };
        if index + 1 >= self.0.len() {
            return Err(format!("{name} needs a value"));
        }
        self.0.remove(index);
        Ok(Some(self.0.remove(index)))
    }

    /// Everything left, for the program behind; a first `--` is dropped.
    pub(crate) fn rest(mut self) -> Vec<String> {
        if let Some(index) = self.0.iter().position(|word| word == "--") {
            self.0.remove(index);
        }
        self.0
    }

    /// Refuses words that nobody took.
    pub(crate) fn done(self) -> Outcome {
        match self.0.first() {
            Some(word) => Err(format!("does not know \"{word}\"")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_and_values_are_taken_once_and_the_rest_is_refused() {
        let mut words = args("--windows --frames 12 left");
        assert!(words.flag("--windows") && !words.flag("--windows"));
        assert_eq!(words.value("--frames"), Ok(Some("12".to_owned())));
        assert!(words.done().unwrap_err().contains("left"));
        assert!(args("--frames").value("--frames").is_err());
    }

    #[test]
    fn words_behind_two_dashes_belong_to_the_program_behind() {
        let mut words = args("-p x -- --debug");
        assert!(!words.flag("--debug"));
        assert_eq!(words.rest(), ["-p", "x", "--debug"]);
    }
}
