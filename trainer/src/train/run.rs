//! The loop: stages, epochs, steps, and what is kept of them.

use super::begin::{Begun, begin};
use super::checkpoint::{BEST, LATEST, Resume, model_file, state_file};
use super::control::{Control, Ending};
use super::course::Course;
use super::stage::Learns;
use super::suspect;
use super::validation::{self, Validation};
use crate::Error;
use crate::experiment::Experiment;
use crate::optimiser::{Verdict, clip_norm};
use crate::record::{EpochRecord, Figure, Phase, Position, Progress, Sample, StepRecord, notify};
use crate::shot::Batch;
use headroom::model::{Dtype, Model};
use headroom_frame::write_whole;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use toml::Value;

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Order {
    /// What to follow; a run that is resumed follows its own, and `settings`.
    pub experiment: Experiment,
    /// What was set by hand.
    pub settings: Vec<(String, Value)>,
    /// Where to go on.
    pub resume: Option<Resume>,
    /// Epochs that count as done, instead of the checkpoint's.
    pub start_epoch: Option<usize>,
}

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Done {
    /// Why it ended.
    pub ending: Ending,
    /// Its folder.
    pub folder: PathBuf,
    /// Mean loss of the last epoch that was finished; none before the first.
    pub loss: Option<f64>,
}

/// Trains, from the start or from a checkpoint, until it is done or told to stop. The last checkpoint
/// is written whatever ends it but an error, and even then the one before it is whole.
///
/// # Errors
/// When the experiment cannot be followed, nothing can be read, another process holds the run, or a
/// file cannot be written.
pub fn train(order: Order) -> Result<Done, Error> {
    let mut run = Loop::new(begin(order)?);
    let result = run.all();
    let text = match &result {
        Ok(ending) => ending.text().to_owned(),
        Err(error) => format!("failed: {error}"),
    };
    run.progress.finish();
    let folder = run.begun.recorder.folder().path().to_owned();
    if let Some(url) = run.begun.experiment.record.notify_url() {
        let title = format!("headroom-train: {}", run.begun.recorder.folder().name());
        if let Err(error) = notify(&url, &title, &text) {
            log::warn!("{error}");
        }
    }
    // What stopped it is worth more than a report that cannot be written either.
    let closed = run.begun.recorder.event(&text).and_then(|()| run.begun.recorder.finish(&text));
    let ending = result?;
    closed?;
    Ok(Done { ending, folder, loss: run.last_loss })
}

/// A rate that is too high, or losses that punish light that is not there more than light that is missing, end here.
const ADDS_NOTHING: &str = "the network adds nothing to any validation picture. Where it says less than nothing no \
                            gradient leads back: if it stays so, start again with a lower rate or other losses";

struct Loop {
    begun: Begun,
    control: Control,
    progress: Progress,
    started: Instant,
    saved: Instant,
    last_loss: Option<f64>,
}

impl Loop {
    fn new(begun: Begun) -> Self {
        let at = &begun.state.position;
        let at = Position { epoch: at.epoch, step: at.step };
        let style = begun.experiment.record.progress;
        let progress = Progress::new(style, begun.epochs(), begun.steps_per_epoch(), at);
        let control = Control::new(begun.recorder.folder().path());
        let now = Instant::now();
        Self { begun, control, progress, started: now, saved: now, last_loss: None }
    }

    fn all(&mut self) -> Result<Ending, Error> {
        while self.begun.state.position.stage < self.begun.stages.len() {
            let course = Course::new(&mut self.begun)?;
            let ending = self.stage(&course)?;
            let last = self.begun.state.position.stage + 1 == self.begun.stages.len();
            match ending {
                Ending::Finished | Ending::OutOfPatience if !last => self.next_stage(&course)?,
                ending => return Ok(ending),
            }
        }
        Ok(Ending::Finished)
    }

    fn next_stage(&mut self, course: &Course) -> Result<(), Error> {
        let position = &mut self.begun.state.position;
        position.stage += 1;
        position.stage_step = 0;
        position.waited = 0;
        // What was best is another thing in the next one.
        position.best = None;
        position.epoch = course.last_epoch;
        position.batch = 0;
        position.sums.clear();
        self.save(LATEST, course)
    }

    fn stage(&mut self, course: &Course) -> Result<Ending, Error> {
        let name = &course.plan.stage.name;
        let text = format!("stage {name}: {} steps", course.steps);
        self.begun.recorder.event(&text)?;
        loop {
            let position = &self.begun.state.position;
            // An epoch that was begun is closed, whatever it was interrupted by.
            let steps_done = position.stage_step >= course.steps && position.sums.is_empty();
            if steps_done || position.epoch >= course.last_epoch {
                return Ok(Ending::Finished);
            }
            if let Some(ending) = self.epoch(course)? {
                return Ok(ending);
            }
        }
    }

    /// The rest of an epoch; what ended training, if anything did.
    fn epoch(&mut self, course: &Course) -> Result<Option<Ending>, Error> {
        let started = Instant::now();
        let (epoch, first) = (self.begun.state.position.epoch, self.begun.state.position.batch);
        let accumulate = self.begun.experiment.optimiser.accumulate.max(1);
        let batches = self.begun.data.batches_per_epoch();
        let data = self.begun.data.clone();
        let mut loader = data.loader(epoch, first);
        let mut at = first;
        while at < batches && self.begun.state.position.stage_step < course.steps {
            let mut together = Vec::new();
            let wanted = accumulate.min(batches - at);
            for _ in 0..wanted {
                let batch = loader
                    .next()
                    .ok_or_else(|| Error::failed("the data ended before its epoch did"))?;
                together.push(batch?);
            }
            at += wanted;
            self.begun.state.position.batch = at;
            self.step(course, &together)?;
            if let Some(ending) = self.ending() {
                self.save(LATEST, course)?;
                return Ok(Some(ending));
            }
            self.save_now_and_then(course)?;
        }
        drop(loader);
        self.close_epoch(course, started)
    }

    fn ending(&self) -> Option<Ending> {
        let minutes = self.begun.experiment.train.minutes;
        let over = minutes > 0.0 && self.started.elapsed().as_secs_f64() > 60.0 * minutes;
        self.control.ending().or(over.then_some(Ending::Time))
    }

    /// One step of the optimiser over some batches.
    fn step(&mut self, course: &Course, batches: &[Batch]) -> Result<(), Error> {
        let started = Instant::now();
        let b = &mut self.begun;
        let step = b.state.position.step;
        course.learner.give(&b.state.weights)?;
        let mut gradient = vec![0.0; b.layout.len()];
        let names = course.learner.terms();
        let mut terms = vec![0.0; names.len()];
        let share = 1.0 / batches.len() as f64;
        for (i, batch) in (0..).zip(batches) {
            let draw = (step << 8) | i;
            let scale = share * b.state.scaler.scale();
            let values = course.learner.learn(batch, draw, scale, &mut gradient)?;
            terms.iter_mut().zip(values).for_each(|(to, value)| *to += share * value);
        }
        course.learner.rest(&mut gradient);
        let loss = course.learner.total(&terms);
        let finite = b.state.scaler.unscale(&mut gradient);
        let norm = clip_norm(&mut gradient, b.experiment.optimiser.clip);
        let overflown = loss.is_finite() && !finite && b.state.scaler.explains();
        b.state.scaler.update(finite);
        let verdict =
            if overflown { Verdict::Skip } else { b.state.guard.judge(loss.is_finite(), finite) };
        let rate = course.schedule.rate(b.state.position.stage_step, course.steps);
        let rate = rate * b.state.guard.factor();
        match verdict {
            Verdict::Go => {
                b.state.adam.step(&mut b.state.weights, &gradient, rate, &b.pool);
                b.state.position.add(loss, &terms);
            }
            // The scale found its limit: as it should.
            Verdict::Skip if overflown => {}
            Verdict::Skip | Verdict::BackOff(_) => {
                let text = suspect::text(step + 1, loss, b.state.guard.state());
                log::warn!("{text}");
                b.recorder.event(&text)?;
            }
            Verdict::Stop => {
                let folder = b.recorder.folder().path().join(suspect::FOLDER);
                suspect::write_batches(&folder, batches)?;
                let text = suspect::text(step + 1, loss, b.state.guard.state());
                let folder = folder.display();
                return Err(Error::failed(format!("{text}; its pictures are in {folder}")));
            }
        }
        b.state.position.step += 1;
        b.state.position.stage_step += 1;
        let pictures = batches.iter().map(|batch| batch.shots().count()).sum();
        b.recorder.step(&StepRecord {
            epoch: b.state.position.epoch + 1,
            step: b.state.position.step,
            loss,
            terms: names.into_iter().zip(terms).collect(),
            rate,
            gradient_norm: norm,
            seconds: started.elapsed().as_secs_f64(),
            pictures,
        })?;
        self.progress.step(loss, pictures);
        Ok(())
    }

    /// Figures, samples, checkpoints and patience at the end of an epoch.
    fn close_epoch(&mut self, course: &Course, started: Instant) -> Result<Option<Ending>, Error> {
        let b = &mut self.begun;
        let position = &mut b.state.position;
        let (loss, terms) = position.means();
        position.epoch += 1;
        position.batch = 0;
        position.sums.clear();
        let (epoch, step) = (position.epoch, position.step);
        let rate = course.schedule.rate(position.stage_step.saturating_sub(1), course.steps);
        self.last_loss = Some(loss);
        let names = course.learner.terms();
        b.recorder.epoch(&EpochRecord {
            epoch,
            step,
            phase: Phase::Train,
            loss,
            terms: names.iter().cloned().zip(terms).collect(),
            seconds: started.elapsed().as_secs_f64(),
            rate,
        })?;
        let over = epoch >= course.last_epoch || position.stage_step >= course.steps;
        let due = epoch.is_multiple_of(b.experiment.eval.every) || over;
        let mut line = format!("epoch {epoch}: loss {loss:.5}");
        let mut out_of_patience = false;
        let mut best = false;
        if due && course.plan.learns == Learns::Result && b.data.validation() > 0 {
            let value = self.validate(course, epoch, step, rate)?;
            let b = &mut self.begun;
            let main = b.experiment.eval.main()?;
            line += &format!(", {} {value:.3}", main.id());
            let position = &mut b.state.position;
            best = position.best.is_none_or(|old| old.is_nan() || main.better(value, old));
            if best {
                (position.best, position.best_epoch, position.waited) = (Some(value), epoch, 0);
                line += " (best)";
            } else {
                position.waited += b.experiment.eval.every;
            }
            let patience = b.experiment.train.patience;
            out_of_patience = patience > 0 && position.waited >= patience;
        }
        self.save(LATEST, course)?;
        if best {
            self.save(BEST, course)?;
        }
        self.begun.recorder.finish("running")?;
        self.progress.epoch_line(&line);
        Ok(out_of_patience.then_some(Ending::OutOfPatience))
    }

    /// Measures the averaged network on whole frames; gives the main metric.
    fn validate(
        &mut self,
        course: &Course,
        epoch: usize,
        step: u64,
        rate: f64,
    ) -> Result<f64, Error> {
        let started = Instant::now();
        let b = &mut self.begun;
        let weights = b.layout.weights(b.state.average());
        let settings = &b.experiment.eval;
        let samples =
            if b.experiment.record.samples_due(epoch) { b.experiment.record.samples } else { 0 };
        let recorder = &mut b.recorder;
        let mut written = Ok(());
        let Validation { summary, terms, adds_nothing } = validation::run(
            &b.built,
            &weights,
            &b.data,
            settings,
            course.learner.objective(),
            &b.pool,
            &mut |index, shot, prediction| {
                if index < samples && written.is_ok() {
                    let sample = Sample {
                        name: &shot.name,
                        size: shot.size,
                        code: &shot.code,
                        prediction,
                        truth: &shot.truth,
                    };
                    written = recorder.sample(epoch, step, index, &sample);
                }
            },
        )?;
        written?;
        if adds_nothing {
            log::warn!("{ADDS_NOTHING}");
            b.recorder.event(ADDS_NOTHING)?;
        }
        let figures: Vec<Figure> = summary
            .measures()
            .iter()
            .enumerate()
            .map(|(i, measure)| {
                let found = summary.at(i);
                Figure { metric: measure.id(), mean: found.mean, deviation: found.deviation }
            })
            .collect();
        b.recorder.metrics(epoch, step, &figures)?;
        let names = course.learner.objective().terms().iter().map(|term| term.name.clone());
        b.recorder.epoch(&EpochRecord {
            epoch,
            step,
            phase: Phase::Validation,
            loss: course.learner.objective().total(&terms),
            terms: names.zip(terms).collect(),
            seconds: started.elapsed().as_secs_f64(),
            rate,
        })?;
        Ok(summary.get(&settings.main()?.id()).map_or(f64::NAN, |found| found.mean))
    }

    fn save_now_and_then(&mut self, course: &Course) -> Result<(), Error> {
        let minutes = self.begun.experiment.train.checkpoint_minutes;
        if minutes > 0.0 && self.saved.elapsed() > Duration::from_secs_f64(60.0 * minutes) {
            self.save(LATEST, course)?;
        }
        Ok(())
    }

    /// Writes a checkpoint, and the averaged network beside it.
    fn save(&mut self, name: &str, course: &Course) -> Result<(), Error> {
        self.saved = Instant::now();
        let b = &self.begun;
        let folder = b.recorder.folder().checkpoints();
        let checkpoint = b.state.checkpoint(b.experiment.to_json()?, b.network_json())?;
        checkpoint.write(&state_file(&folder, name))?;
        let header = course.header(b);
        let weights = b.layout.weights(b.state.average());
        let bytes = Model::to_bytes(&header, &b.built.network, &weights, Dtype::F32)?;
        Ok(write_whole(&model_file(&folder, name), &[bytes])?)
    }
}
