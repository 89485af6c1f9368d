//! Least squares by their normal equations.

/// Gauss-Jordan elimination of symmetric equations, a number at a time; one that the others already tell (next to
/// nothing is left of its pivot) is left out, and is 0.
pub(crate) fn solve<const N: usize>(mut rows: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    let before: [f64; N] = std::array::from_fn(|i| rows[i][i]);
    let mut used = [false; N];
    for i in 0..N {
        if rows[i][i].is_nan() || rows[i][i] <= 1e-9 * before[i] {
            continue;
        }
        used[i] = true;
        let (pivot, of_pivot) = (rows[i], right[i]);
        for (j, (row, right)) in rows.iter_mut().zip(&mut right).enumerate() {
            if j != i {
                let factor = row[i] / pivot[i];
                for (value, p) in row.iter_mut().zip(pivot) {
                    *value -= factor * p;
                }
                *right -= factor * of_pivot;
            }
        }
    }
    std::array::from_fn(|i| if used[i] { right[i] / rows[i][i] } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::solve;

    #[test]
    fn equations_are_solved_and_what_is_told_twice_is_left_out() {
        // x + y = 3, x + 2 y = 5.
        assert_eq!(solve([[1.0, 1.0], [1.0, 2.0]], [3.0, 5.0]), [1.0, 2.0]);
        assert_eq!(solve([[4.0, 4.0], [4.0, 4.0]], [8.0, 8.0]), [2.0, 0.0]);
        assert_eq!(solve([[0.0; 3]; 3], [0.0; 3]), [0.0; 3]);
    }
}
