//! Which networks and losses pictures may be recoded for (`data.camera.recoded`).

use crate::Error;
use crate::experiment::Experiment;
use crate::loss::Objective;
use headroom::model::Domain;

/// Asked before data is read.
pub(super) fn check(experiment: &Experiment, domain: Domain) -> Result<(), Error> {
    let objective = Objective::new(&experiment.loss, domain)?;
    let data = &experiment.data;
    for (name, camera) in [("camera", &data.camera), ("val_camera", &data.val_camera)] {
        if camera.recoded {
            may_be_recoded(name, domain, &objective)?;
        }
    }
    Ok(())
}

/// Whether a network can be trained on recoded pictures: one of stops, by losses that ask for no curve, which is found in
/// pictures as they are.
fn may_be_recoded(camera: &str, domain: Domain, objective: &Objective) -> Result<(), Error> {
    let field = format!("data.{camera}.recoded");
    let refused = |expected: &str| Err(Error::setting(&field, true, expected));
    if domain != Domain::Stops {
        return refused("false for a network that gives light");
    }
    if objective.needs().tone {
        return refused(
            "false with the loss `tone`, for the curve is found in pictures as they are",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Settings, Term};

    #[test]
    fn recoded_pictures_are_for_stops_and_not_for_the_curve() {
        let objective = |name: &str, domain| {
            let terms = vec![Term::new(name, 1.0)];
            Objective::new(&Settings { terms }, domain).expect("a loss")
        };
        assert!(
            may_be_recoded("camera", Domain::Stops, &objective("clip_pu21", Domain::Stops)).is_ok()
        );
        let refused = |domain, loss| {
            let error =
                may_be_recoded("camera", domain, &objective(loss, domain)).expect_err("refused");
            assert_eq!(error.code(), 2);
            error.to_string()
        };
        let error = refused(Domain::Stops, "tone");
        assert!(error.contains("data.camera.recoded") && error.contains("`tone`"), "{error}");
        assert!(refused(Domain::Linear, "clip_pu21").contains("gives light"));
    }
}
