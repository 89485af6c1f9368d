//! One step's gradient: a batch through the network, its losses, and back.

use super::dropout::Dropout;
use super::flat::Layout;
use super::frame::{check_whole, reduce};
use super::given::Wanted;
use super::judged::{Judged, Said};
use super::stage::{Learns, Plan, Stage};
use crate::Error;
use crate::loss::edit::Edit;
use crate::loss::{Frame, Objective};
use crate::model::Built;
use crate::shot::{Batch, Seer, Shot};
use candle_core::{DType, Device, Tensor};
use headroom::graph::{Extent, Graph, Place};
use headroom::model::inputs::{PICTURE, RESULT};
use headroom::model::{Network, Run, Sampler, diff_hdrtv, grid};
use headroom_candle::{Executor, Ops, Variables};
use headroom_kernel::Pool;
use std::collections::HashMap;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Tensors by name, as networks are given them.
pub type Tensors = HashMap<String, Tensor>;

/// A stage of training, ready to work through batches.
pub struct Learner {
    built: Built,
    plan: Plan,
    wanted: Wanted,
    layout: Layout,
    variables: Variables,
    executor: Executor,
    objective: Objective,
    /// Where the network estimates the camera's curve and a loss asks for it.
    tone: Option<Graph>,
    seer: Seer,
    seed: u64,
    pool: Arc<Pool>,
}

impl Learner {
    /// For a network whose weights all move, by the losses.
    ///
    /// # Errors
    /// When a loss asks for what the network does not give.
    pub fn of_all(
        built: &Built,
        objective: Objective,
        variables: &Variables,
        seer: Seer,
        pool: Arc<Pool>,
    ) -> Result<Self, Error> {
        let plan = Plan::new(&Stage::default(), 0, &built.network)?;
        Self::new(built, plan, objective, variables, seer, 0, pool)
    }

    pub(super) fn new(
        built: &Built,
        plan: Plan,
        objective: Objective,
        variables: &Variables,
        seer: Seer,
        seed: u64,
        pool: Arc<Pool>,
    ) -> Result<Self, Error> {
        let estimates = built.info.id == "grid" && plan.learns == Learns::Result;
        let tone = if estimates && objective.needs().tone {
            Some(grid::tone_graph().map_err(|error| Error::failed(error.to_string()))?)
        } else {
            None
        };
        let all = Network {
            encoding: built.network.encoding,
            domain: built.network.domain,
            stages: plan.before.stages.iter().chain(&plan.after.stages).cloned().collect(),
        };
        Ok(Self {
            wanted: Wanted::new(&all),
            layout: Layout::new(&built.network),
            executor: Executor::new(Ops::Fast, Arc::clone(&pool)),
            built: built.clone(),
            variables: variables.resting(|name| !plan.moves(name)),
            plan,
            objective,
            tone,
            seer,
            seed,
            pool,
        })
    }

    /// Names of the loss's terms, in the order that [`Self::learn`] gives their values.
    pub(super) fn terms(&self) -> Vec<String> {
        match self.plan.learns {
            Learns::Result => self.objective.terms().iter().map(|term| term.name.clone()).collect(),
            _ => vec![self.plan.stage.learns.clone()],
        }
    }

    /// The loss that is minimised, of its terms.
    #[must_use]
    pub fn total(&self, terms: &[f64]) -> f64 {
        match self.plan.learns {
            Learns::Result => self.objective.total(terms),
            _ => terms.iter().sum(),
        }
    }

    /// The losses.
    pub(super) fn objective(&self) -> &Objective {
        &self.objective
    }

    /// Hands weights to the network, as [`Layout`] orders them.
    ///
    /// # Errors
    /// When Candle fails.
    pub fn give(&self, flat: &[f32]) -> Result<(), Error> {
        self.layout.give(flat, &self.variables)
    }

    /// No gradient for what does not move in this stage.
    pub(super) fn rest(&self, gradient: &mut [f32]) {
        for entry in self.layout.entries().iter().filter(|entry| !self.plan.moves(&entry.name)) {
            gradient[entry.range()].fill(0.0);
        }
    }

    /// Terms of the loss, means over the batch's frames; the gradient, times `scale`, is added to
    /// `to`. `step` tells draws apart.
    ///
    /// # Errors
    /// When the batch is empty or is not what the network or a loss can work on, or Candle fails.
    pub fn learn(
        &self,
        batch: &Batch,
        step: u64,
        scale: f64,
        to: &mut [f32],
    ) -> Result<Vec<f64>, Error> {
        let shots: Vec<&Shot> = batch.shots().collect();
        if shots.is_empty() {
            return Err(Error::failed("a batch without a picture"));
        }
        let (terms, surrogate) = match self.plan.learns {
            Learns::Result => self.result(batch, &shots, step, scale)?,
            Learns::Reference => self.reference(&shots, scale)?,
            Learns::Noise => self.noise(&shots, step, scale)?,
        };
        let gradients = surrogate.backward()?;
        self.layout.take(&gradients, &self.variables, to)?;
        Ok(terms)
    }

    /// By the losses.
    fn result(
        &self,
        batch: &Batch,
        shots: &[&Shot],
        step: u64,
        scale: f64,
    ) -> Result<(Vec<f64>, Tensor), Error> {
        let clips = (0..).zip(&batch.clips);
        let clips: Vec<usize> =
            clips.flat_map(|(i, clip)| clip.shots.iter().map(move |_| i)).collect();
        let said = self.run(shots, &clips, step)?;
        let mut seen = Judged::new(self.built.network.domain, shots, &said)?;
        let each = scale / shots.len() as f64;
        let mut terms = vec![0.0; self.objective.terms().len()];
        let needs = self.objective.needs();
        for (i, shot) in shots.iter().enumerate() {
            let frame = frame(shot, &seen.predictions[i], seen.tones.get(i).map(Vec::as_slice));
            let tone = seen.tone_gradients.get_mut(i).map(Vec::as_mut_slice);
            let values =
                self.objective.frame(&frame, each, &mut seen.gradients[i], tone, &self.pool);
            add(&mut terms, &values, scale);
        }
        if needs.clips {
            let mut first = 0;
            for clip in &batch.clips {
                let range = first..first + clip.shots.len();
                first = range.end;
                let frames: Vec<Frame<'_>> =
                    range.clone().map(|i| frame(shots[i], &seen.predictions[i], None)).collect();
                let share = scale / batch.clips.len() as f64;
                let values = self.objective.clip(&frames, share, &mut seen.gradients[range]);
                add(&mut terms, &values, scale);
            }
        }
        let mut other = None;
        if needs.edits {
            let edit = Edit::draw_for_camera(xxh3_64_with_seed(&step.to_le_bytes(), self.seed));
            let edited = self.edited(shots, &edit)?;
            let refs: Vec<&Shot> = edited.iter().collect();
            let said = self.run(&refs, &clips, step)?;
            let mut second = Judged::new(self.built.network.domain, &refs, &said)?;
            for i in 0..shots.len() {
                let a = frame(shots[i], &seen.predictions[i], None);
                let b = frame(refs[i], &second.predictions[i], None);
                let gradients = [&mut seen.gradients[i][..], &mut second.gradients[i][..]];
                let values = self.objective.edited(&edit, &a, &b, each, gradients);
                add(&mut terms, &values, scale);
            }
            other = Some(second.surrogate(&refs, &said)?);
        }
        let mut surrogate = seen.surrogate(shots, &said)?;
        if let Some(other) = other {
            surrogate = (surrogate + other)?;
        }
        Ok((terms, surrogate))
    }

    /// By the distance of a part's output from the truth at its size, in what the network works in.
    fn reference(&self, shots: &[&Shot], scale: f64) -> Result<(Vec<f64>, Tensor), Error> {
        let part = &self.plan.stage.learns;
        let (given, places) = self.given(shots)?;
        let mut made = self.after(&given, &places)?;
        let output = made
            .remove(part)
            .ok_or_else(|| Error::failed(format!("{part}: found no output of that name")))?;
        let wanted = self.clean(shots, [output.dim(1)?, output.dim(2)?])?;
        let wanted = Tensor::from_vec(wanted.concat(), output.dims(), &Device::Cpu)?;
        let wanted = wanted.to_device(self.variables.device())?;
        let loss = (output.to_dtype(DType::F32)? - wanted)?.abs()?.mean_all()?;
        let value = f64::from(loss.to_scalar::<f32>()?);
        Ok((vec![value], loss.affine(scale, 0.0)?))
    }

    /// By how well a sampler's network finds the noise in the truth.
    fn noise(&self, shots: &[&Shot], step: u64, scale: f64) -> Result<(Vec<f64>, Tensor), Error> {
        let Some((stage, sampler)) = self.plan.after.stages.iter().find_map(|s| match &s.run {
            Run::Sampler(sampler) => Some((s, sampler)),
            _ => None,
        }) else {
            return Err(Error::failed("a sampler's stage without a sampler"));
        };
        let (mut given, places) = self.given(shots)?;
        let sample = stage.graph.inputs().iter().find(|i| i.name == Sampler::SAMPLE);
        let shape = sample.map(|input| stage.graph.node(input.node).shape);
        let Some(Extent::Fixed(size)) = shape.map(|shape| shape.extent) else {
            return Err(Error::failed("a sampler whose sample has no size"));
        };
        let (mut samples, mut times, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (i, clean) in self.clean(shots, size)?.iter().enumerate() {
            let draw = xxh3_64_with_seed(&(step << 16 | i as u64).to_le_bytes(), self.seed);
            let lesson = sampler.lesson(draw, clean);
            samples.extend(lesson.sample);
            times.push(lesson.time as f32);
            wanted.extend(lesson.prediction);
        }
        let (n, device) = (shots.len(), self.variables.device());
        let tensor = |values: Vec<f32>, shape: (usize, usize, usize, usize)| {
            Tensor::from_vec(values, shape, &Device::Cpu)?.to_device(device)
        };
        let shape = (n, size[0], size[1], 3);
        let work = self.variables.dtype();
        given.insert(Sampler::SAMPLE.to_owned(), tensor(samples, shape)?.to_dtype(work)?);
        given.insert(Sampler::TIME.to_owned(), tensor(times, (n, 1, 1, 1))?.to_dtype(work)?);
        let made =
            self.executor.run(&stage.graph, &stage.name, &self.variables, &given, &places)?;
        let found = made
            .get(Sampler::PREDICTION)
            .ok_or_else(|| Error::failed("a sampler without a prediction"))?;
        let wanted = tensor(wanted, shape)?;
        let loss = (found.to_dtype(DType::F32)? - wanted)?.sqr()?.mean_all()?;
        let value = f64::from(loss.to_scalar::<f32>()?);
        Ok((vec![value], loss.affine(scale, 0.0)?))
    }

    /// What the reference and the prior should find, shot by shot.
    fn clean(&self, shots: &[&Shot], size: [usize; 2]) -> Result<Vec<Vec<f32>>, Error> {
        let wanted = diff_hdrtv::wanted(&self.built.config)
            .map_err(|error| Error::Usage(format!("model.{error}")))?;
        let mut all = Vec::new();
        for shot in shots {
            check_whole(shot, &self.plan.stage.learns)?;
            let code = reduce(&shot.code, shot.size, size);
            let truth = reduce(&shot.truth, shot.size, size);
            let pixels = code.as_chunks::<3>().0.iter().zip(truth.as_chunks::<3>().0);
            all.push(pixels.flat_map(|(code, truth)| wanted(*code, *truth)).collect());
        }
        Ok(all)
    }

    /// What the network says of shots, each of one of `clips`, in training.
    fn run(&self, shots: &[&Shot], clips: &[usize], step: u64) -> Result<Said, Error> {
        let (mut given, places) = self.given(shots)?;
        let dropout = Dropout { share: self.plan.stage.dropout, seed: self.seed, step };
        dropout.apply(&mut given, self.plan.found_before(), clips)?;
        let mut picture = given.get(PICTURE).cloned();
        let mut made = self.after(&given, &places)?;
        let result =
            made.remove(RESULT).ok_or_else(|| Error::failed("the network gives no result"))?;
        let tone = match &self.tone {
            None => None,
            Some(graph) => {
                made.extend(picture.take().map(|picture| (PICTURE.to_owned(), picture)));
                let mut light =
                    self.executor.run(graph, "tone", &self.variables, &made, &places)?;
                light.remove(RESULT)
            }
        };
        Ok(Said { result, tone })
    }

    /// Tensors that the stage's moving part is given of a batch, by name: samples, height, width,
    /// channels.
    ///
    /// # Errors
    /// When the batch does not fit the network, or Candle fails.
    pub fn inputs(&self, batch: &Batch) -> Result<Tensors, Error> {
        Ok(self.given(&batch.shots().collect::<Vec<_>>())?.0)
    }

    /// What the stage's moving part is given: the shots, and what the parts before make of them.
    fn given(&self, shots: &[&Shot]) -> Result<(Tensors, Vec<Place>), Error> {
        let (device, dtype) = (self.variables.device(), self.variables.dtype());
        let (given, places) = self.wanted.tensors(shots, device, dtype)?;
        if self.plan.before.stages.is_empty() {
            return Ok((given, places));
        }
        let frozen = self.variables.frozen();
        let made = self.executor.run_network(&self.plan.before, &frozen, &given, &places)?;
        Ok((made.into_iter().map(|(name, tensor)| (name, tensor.detach())).collect(), places))
    }

    fn after(&self, given: &Tensors, places: &[Place]) -> Result<Tensors, Error> {
        Ok(self.executor.run_network(&self.plan.after, &self.variables, given, places)?)
    }

    /// The same pictures as the camera would have given them after an edit of the scene.
    fn edited(&self, shots: &[&Shot], edit: &Edit) -> Result<Vec<Shot>, Error> {
        let one = |shot: &&Shot| -> Result<Shot, Error> {
            check_whole(shot, "the loss `edit`")?;
            let input = edit.input(&shot.base, &shot.clip).ok_or_else(|| {
                Error::failed(format!("{edit:?}: found no picture that a camera would have given"))
            })?;
            let seen = self.seer.see(shot.frame, &input.code, None, &self.pool)?;
            let pixels = input.code.as_chunks::<3>().0;
            let mut edited = (*shot).clone();
            edited.clip = pixels.iter().flat_map(|p| seen.clip(*p)).collect();
            edited.inside = seen.inside(&input.code, shot.size).into();
            (edited.code, edited.base) = (input.code.into(), input.base.into());
            edited.picture = edited.code.clone();
            edited.balance = [1.0; 3];
            edited.seen = Arc::new(seen);
            Ok(edited)
        };
        shots.iter().map(one).collect()
    }
}

fn frame<'a>(shot: &'a Shot, prediction: &'a [f32], tone: Option<&'a [f32]>) -> Frame<'a> {
    Frame {
        size: shot.size,
        prediction,
        truth: &shot.truth,
        base: &shot.base,
        balance: shot.balance,
        clip: &shot.clip,
        tone,
        before: shot.before,
    }
}

/// Adds values that were multiplied by `scale`.
fn add(terms: &mut [f64], values: &[f64], scale: f64) {
    for (to, value) in terms.iter_mut().zip(values) {
        *to += value / scale;
    }
}
