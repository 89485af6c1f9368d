//! Axes: where values lie, and which are marked.

/// An axis from a value to a position.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    /// Lowest and highest value.
    pub(super) values: [f64; 2],
    /// Where these lie, in pixels.
    pub(super) places: [f64; 2],
    /// Whether equal factors are equally far apart.
    pub(super) log: bool,
}

impl Scale {
    /// An axis that holds all values, with a little room where it is not one of epochs.
    pub(super) fn over(
        values: impl Iterator<Item = f64>,
        places: [f64; 2],
        log: bool,
        room: f64,
    ) -> Self {
        let usable = values.filter(|&v| v.is_finite() && (!log || v > 0.0));
        let (low, high) = usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let values = match (low <= high, log) {
            (false, true) => [0.1, 1.0],
            (false, false) => [0.0, 1.0],
            (true, true) => {
                let more = (libm::log10(high / low) * room).max(0.02);
                [low / libm::pow(10.0, more), high * libm::pow(10.0, more)]
            }
            (true, false) => {
                let least = (low.abs().max(high.abs()) * 1e-3).max(1e-9);
                let more = if high > low { (high - low) * room } else { least };
                [low - more, high + more]
            }
        };
        Self { values, places, log }
    }

    /// Where a value lies; nothing for what has no place.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let [low, high] = self.values;
        let share = if self.log {
            libm::log(value / low) / libm::log(high / low)
        } else {
            (value - low) / (high - low)
        };
        share.is_finite().then(|| self.places[0] + share * (self.places[1] - self.places[0]))
    }

    /// Values to mark, with their texts: about `count` of them, round in decimal.
    pub(super) fn ticks(&self, count: usize, whole: bool) -> Vec<(f64, String)> {
        let [low, high] = self.values;
        if self.log && high / low > 3.0 {
            let steps: &[f64] = match libm::log10(high / low) {
                decades if decades < 1.0 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
                decades if decades < 2.5 => &[1.0, 2.0, 5.0],
                _ => &[1.0],
            };
            let decades =
                libm::floor(libm::log10(low)) as i32..=libm::ceil(libm::log10(high)) as i32;
            let every = (decades.clone().count() / 10 + 1) as i32;
            return decades
                .filter(|decade| decade % every == 0)
                .flat_map(|decade| {
                    steps.iter().map(move |s| s * libm::pow(10.0, f64::from(decade)))
                })
                .filter(|value| (low..=high).contains(value))
                .map(|value| (value, shown(value, value)))
                .collect();
        }
        let rough = (high - low) / count.max(1) as f64;
        let unit = libm::pow(10.0, libm::floor(libm::log10(rough)));
        let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * unit >= rough);
        let mut step = factor.unwrap_or(10.0) * unit;
        if whole {
            step = step.max(1.0);
        }
        let first = libm::ceil(low / step - 1e-9) as i64;
        let last = libm::floor(high / step + 1e-9) as i64;
        (first..=last.min(first + 50))
            .map(|index| index as f64 * step)
            .map(|value| (value, shown(value, step)))
            .collect()
    }
}

/// A value with as many digits as a step between neighbours needs.
fn shown(value: f64, step: f64) -> String {
    let size = value.abs().max(step.abs());
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e5).contains(&size) {
        format!("{value:.1e}").replace(".0e", "e").replace('-', "\u{2212}")
    } else {
        let digits = (-libm::floor(libm::log10(step.abs()) + 1e-9)).max(0.0) as usize;
        let text = format!("{value:.digits$}");
        // A tick of 1.5 on a logarithmic axis has a step of its own size.
        let text = if (value * 10.0).fract() == 0.0 && value.fract() != 0.0 && digits == 0 {
            format!("{value:.1}")
        } else {
            text
        };
        text.replace('-', "\u{2212}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: [f64; 2], log: bool, whole: bool) -> Vec<String> {
        let scale = Scale { values, places: [0.0, 100.0], log };
        scale.ticks(5, whole).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(texts([0.0, 10.0], false, true), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(texts([0.0, 2.0], false, true), ["0", "1", "2"]);
        assert_eq!(texts([27.3, 28.9], false, false), ["27.5", "28.0", "28.5"]);
        assert_eq!(
            texts([0.02, 3.0], true, false),
            ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]
        );
        assert_eq!(texts([0.9e-5, 1.2], true, false).len(), 6);
        assert_eq!(texts([-0.2, 0.2], false, false)[0], "\u{2212}0.2");
    }

    #[test]
    fn values_that_have_no_place_get_none() {
        let scale = Scale::over([1.0, 100.0, f64::NAN, -1.0].into_iter(), [0.0, 100.0], true, 0.0);
        assert!((scale.place(10.0).unwrap() - 50.0).abs() < 0.1);
        assert_eq!((scale.place(0.0), scale.place(f64::NAN)), (None, None));
        assert!(Scale::over(std::iter::empty(), [0.0, 1.0], true, 0.0).place(0.5).is_some());
        assert!(Scale::over([2.0].into_iter(), [0.0, 1.0], false, 0.1).place(2.0).is_some());
    }
}
