/**
 * A solver's way with a field that takes its time: every evaluation is awaited. Solvers themselves know nothing of it: one
 * is interrupted where it asks, and its step begun again once the answer is there; what a step computes besides is little.
 */

import * as tf from '@tensorflow/tfjs-core';
import { diffusionOf, type DiffusionProblem, type Ends, type Reading, velocityOf } from './fieldView.ts';
import type { Route } from './route.ts';
import type { SamplingProblem } from './sampleField.ts';
import type { SolverStep, TimeGrid } from './solver.ts';

/** What of the field is asked for: dx/dt, or the two ends of the path. */
export type Question = 'velocity' | 'ends';
export type Answer = Readonly<Record<string, tf.Tensor>>;

/** Where the field is asked; `step`: how far the solver goes straight from there (see VelocityFn). */
export interface Asked {
  readonly state: tf.Tensor;
  readonly time: number;
  readonly step?: number;
}

export interface TurnOptions {
  readonly problem: DiffusionProblem & Pick<SamplingProblem, 'start'>;
  /**
   * One evaluation of the field: `velocity`, or `data` and `start`. The state stays the solver's, the answer becomes its own.
   */
  readonly answer: (question: Question, at: Asked) => Promise<Answer>;
  readonly onStep?: (step: SolverStep) => void;
}

/** x₁ as sampleField finds it; the caller owns it. Nothing is left behind when an evaluation or the observer throws. */
export async function solveInTurns(route: Route, options: TurnOptions): Promise<tf.Tensor> {
  const { grid, lands, solver } = route;
  const isAdaptive = solver.sees === 'velocity' && solver.isAdaptive;
  const count = isAdaptive ? null : grid.length - 1 + Number(lands);
  let at: Position = { index: 0, time: grid[0], state: tf.clone(options.problem.start), draws: 0 };
  let rest = grid;
  try {
    while (rest.length > 1) {
      const from = at;
      at = await withAnswers(options, (ask) => takeStep({ route, from, rest, ask }, options));
      from.state.dispose();
      options.onStep?.({ ...at, count });
      rest = isAdaptive ? restOf(grid, at) : grid.slice(at.index);
    }
    if (!lands) return at.state;
    const step = solver.sees === 'velocity' && solver.tellsSteps ? 1 - at.time : 0;
    const { data, start } = await options.answer('ends', { ...at, step });
    tf.dispose([start, at.state]);
    at = { ...at, index: at.index + 1, time: 1, state: data };
    options.onStep?.({ ...at, count: count ?? at.index });
    return at.state;
  } catch (error) {
    at.state.dispose();
    throw error;
  }
}

/** Where a solver stands between two steps; `draws` counts the noise it has drawn. */
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

/** The answer, where it is there; else it ends the attempt. */
type Ask = (question: Question, at: Asked) => Answer;

/** Thrown through a solver: what it asked for is not there yet. */
class Interruption extends Error {
  readonly question: Question;
  readonly at: Asked;
  constructor(question: Question, at: Asked) {
    super('The field has not answered yet.');
    this.question = question;
    this.at = at;
  }
}

/** The attempt's result, repeated with one answer more until it has all it asks for. */
async function withAnswers<Result>({ answer }: TurnOptions, attempt: (ask: Ask) => Result): Promise<Result> {
  const answers: Answer[] = [];
  try {
    for (;;) {
      const interruption = tryWith(answers, attempt);
      if ('result' in interruption) return interruption.result;
      try {
        answers.push(await answer(interruption.question, interruption.at));
      } finally {
        interruption.at.state.dispose();
      }
    }
  } finally {
    answers.forEach((tensors) => tf.dispose(tensors));
  }
}

function tryWith<Result>(
  answers: readonly Answer[],
  attempt: (ask: Ask) => Result,
): { result: Result } | Interruption {
  let asked = 0;
  const ask: Ask = (question, at) => {
    // A solver may be within a tidy, which would take the state away as the attempt ends.
    if (asked === answers.length)
      throw new Interruption(question, { ...at, state: tf.keep(tf.clone(at.state)) });
    const known = answers[asked++];
    return Object.fromEntries(Object.entries(known).map(([name, tensor]) => [name, tf.clone(tensor)]));
  };
  try {
    return { result: attempt(ask) };
  } catch (error) {
    if (error instanceof Interruption) return error;
    throw error;
  }
}

/** Thrown by the observer of an attempt, with where its first step arrived: the rest comes in attempts of its own. */
class Arrival extends Error {
  readonly at: Position;
  constructor(at: Position) {
    super('A step is taken.');
    this.at = at;
  }
}

function takeStep(
  by: { route: Route; from: Position; rest: TimeGrid; ask: Ask },
  { problem }: TurnOptions,
): Position {
  const { solver } = by.route;
  const { from, rest, ask } = by;
  let { draws } = from;
  const onStep = ({ time, state, nextLength }: SolverStep) => {
    throw new Arrival({ index: from.index + 1, time, state: tf.clone(state), draws, nextLength });
  };
  try {
    if (solver.sees === 'velocity') {
      const velocity = velocityOf({
        read: (state, time, step) => ask('velocity', { state, time, step }) as unknown as Reading,
        // One image, so one row.
        readRows: (state, [time]) => ask('velocity', { state, time }) as unknown as Reading,
      });
      solver.integrate(velocity, from.state, rest, { onStep });
    } else {
      const read = (state: tf.Tensor, time: number) => ask('ends', { state, time }) as unknown as Ends;
      const draw = problem.drawNoise;
      const drawNoise = draw && (() => draw(draws++));
      solver.integrate(diffusionOf({ read }, { ...problem, drawNoise }), from.state, rest, { onStep });
    }
  } catch (error) {
    if (error instanceof Arrival) return error.at;
    throw error;
  }
  throw new Error(`The solver went from t = ${from.time} without a step.`);
}
