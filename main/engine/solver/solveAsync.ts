/**
 * Runs any solver with a network whose evaluations are asynchronous. Solvers call it synchronously: where one needs an
 * evaluation that is not there yet, it is interrupted by an exception, and its step starts again once the answer has
 * arrived. All other work of a step is negligible.
 */

import * as tf from '@tensorflow/tfjs-core';
import { mapTensors } from '../tensors.ts';
import {
  diffusionOf,
  type DiffusionProblem,
  type PathEnds,
  type FieldValue,
  velocityOf,
} from './fieldView.ts';
import type { Route } from './route.ts';
import type { SolverStep, TimeGrid } from './solver.ts';

/** The two questions that a solver can ask, with the record [B, N, 3] that answers each: dx/dt, or the two ends of the path. */
export interface Answers {
  readonly velocity: Pick<FieldValue, 'velocity'>;
  readonly ends: PathEnds;
}
export type Question = keyof Answers;

/** The point of an evaluation; `step` is how far the solver moves straight ahead from there (see `VelocityFn`). */
export interface EvaluationPoint {
  readonly state: tf.Tensor;
  readonly time: number;
  readonly step?: number;
}

/** Evaluates the network once. The state remains the solver's; the answer passes to the solver. */
export type AnswerFn = <Asked extends Question>(
  question: Asked,
  at: EvaluationPoint,
) => Promise<Answers[Asked]>;

export interface AsyncProblem extends DiffusionProblem {
  /** x₀ [B, N, 3]; remains the caller's. */
  readonly start: tf.Tensor;
}

export interface AsyncOptions {
  readonly problem: AsyncProblem;
  readonly answer: AnswerFn;
  /** Awaited before the next step. */
  readonly onStep?: (step: SolverStep) => Promise<void> | void;
}

/**
 * Returns the same x₁ as `sampleField`; the caller owns it. Disposes every other tensor, also when an evaluation or the
 * observer throws.
 */
export async function solveAsync(route: Route, options: AsyncOptions): Promise<tf.Tensor> {
  const { grid, endsOnData, solver } = route;
  const isAdaptive = solver.kind === 'velocity' && solver.isAdaptive;
  const count = isAdaptive ? null : grid.length - 1 + Number(endsOnData);
  let at: Position = { index: 0, time: grid[0], state: tf.clone(options.problem.start), draws: 0 };
  let rest = grid;
  try {
    while (rest.length > 1) {
      const from = at;
      at = await withAnswers(options, (ask) => takeStep({ route, from, rest, ask }, options));
      from.state.dispose();
      await options.onStep?.({ ...at, count });
      rest = isAdaptive ? restOf(grid, at) : grid.slice(at.index);
    }
    if (!endsOnData) return at.state;
    const step = solver.kind === 'velocity' && solver.passesStepSize ? 1 - at.time : 0;
    const { data, start } = await options.answer('ends', { ...at, step });
    tf.dispose([start, at.state]);
    at = { ...at, index: at.index + 1, time: 1, state: data };
    await options.onStep?.({ ...at, count: count ?? at.index });
    return at.state;
  } catch (error) {
    at.state.dispose();
    throw error;
  }
}

/** The position of a solver between two steps; `draws` counts the noise it has drawn. */
interface Position {
  readonly index: number;
  readonly time: number;
  readonly state: tf.Tensor;
  readonly draws: number;
  readonly nextLength?: number;
}

function restOf(grid: TimeGrid, { time, nextLength = 0 }: Position): TimeGrid {
  const end = grid[grid.length - 1];
  return time < end ? [time, Math.min(time + nextLength, end), end] : [];
}

/** Returns an answer that has arrived, or throws an Interruption. */
type Ask = <Asked extends Question>(question: Asked, at: EvaluationPoint) => Answers[Asked];

/** Thrown through a solver that needs an answer which has not arrived. */
class Interruption extends Error {
  readonly question: Question;
  readonly at: EvaluationPoint;
  constructor(question: Question, at: EvaluationPoint) {
    super('The evaluation has not finished yet.');
    this.question = question;
    this.at = at;
  }
}

type AnyAnswer = Answers[Question];

/** Repeats an attempt, each time with one more answer, until it has all the answers it needs. */
async function withAnswers<Result>(
  { answer }: AsyncOptions,
  attempt: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const answers: AnyAnswer[] = [];
  try {
    for (;;) {
      const outcome = await tryWith(answers, attempt);
      if ('result' in outcome) return outcome.result;
      try {
        answers.push(await answer(outcome.question, outcome.at));
      } finally {
        outcome.at.state.dispose();
      }
    }
  } finally {
    answers.forEach((answered) => tf.dispose(answered));
  }
}

async function tryWith<Result>(
  answers: readonly AnyAnswer[],
  attempt: (ask: Ask) => Promise<Result>,
): Promise<{ result: Result } | Interruption> {
  let asked = 0;
  const ask: Ask = <Asked extends Question>(question: Asked, at: EvaluationPoint) => {
    // The solver may be inside a tidy, which would dispose the state when the attempt ends.
    if (asked === answers.length)
      throw new Interruption(question, { ...at, state: tf.keep(tf.clone(at.state)) });
    // A repeated attempt asks the same questions in the same order.
    const known = answers[asked++] as Answers[Asked];
    return copyAnswer(known);
  };
  try {
    return { result: await attempt(ask) };
  } catch (error) {
    if (error instanceof Interruption) return error;
    throw error;
  }
}

function copyAnswer<Answer extends AnyAnswer>(answer: Answer): Answer {
  return mapTensors<AnyAnswer>(answer, (tensor) => tf.clone(tensor)) as Answer;
}

/** Thrown by the observer of an attempt after its first step: every step is an attempt of its own. */
class StepTaken extends Error {
  readonly at: Position;
  constructor(at: Position) {
    super('The step is complete.');
    this.at = at;
  }
}

async function takeStep(
  by: { route: Route; from: Position; rest: TimeGrid; ask: Ask },
  { problem }: AsyncOptions,
): Promise<Position> {
  const { solver } = by.route;
  const { from, rest, ask } = by;
  let { draws } = from;
  const onStep = ({ time, state, nextLength }: SolverStep) => {
    throw new StepTaken({ index: from.index + 1, time, state: tf.clone(state), draws, nextLength });
  };
  try {
    if (solver.kind === 'velocity') {
      const velocity = velocityOf({
        read: (state, time, step) => ask('velocity', { state, time, step }),
        // A batch of one image has a single row.
        readRows: (state, [time]) => ask('velocity', { state, time }),
      });
      await solver.integrate(velocity, from.state, rest, { onStep });
    } else {
      const read = (state: tf.Tensor, time: number) => ask('ends', { state, time });
      const draw = problem.drawNoise;
      const drawNoise = draw && (() => draw(draws++));
      solver.integrate(diffusionOf({ read }, { ...problem, drawNoise }), from.state, rest, { onStep });
    }
  } catch (error) {
    if (error instanceof StepTaken) return error.at;
    throw error;
  }
  throw new Error(`The solver integrated from t = ${from.time} without reporting a step.`);
}
