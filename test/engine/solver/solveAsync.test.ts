import { describe, expect, it } from 'vitest';
import { countEvaluations, findRoute, type SamplingPlan } from '../../../main/engine/solver/route.ts';
import { velocityOf, diffusionOf } from '../../../main/engine/solver/fieldView.ts';
import {
  type AnswerFn,
  type Answers,
  type Question,
  solveAsync,
} from '../../../main/engine/solver/solveAsync.ts';
import { type SamplerConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

const shape: [number, number, number] = [1, 6, 3];
const pathOf = (solver: SamplerConfig['solver']) =>
  runConfigSchema.parse({
    path: solver === 'dopri5' || solver === 'euler' ? {} : { kind: 'cosine', prediction: 'v' },
  }).path;

/** A network in closed form: a curved velocity, and ends that depend on the state. */
function readings(state: InstanceType<typeof tf.Tensor>, time: number) {
  return {
    velocity: tf.sub(tf.mul(tf.sin(state), 1 + time), 0.2),
    data: tf.tanh(state),
    start: tf.mul(state, 0.5),
  };
}

const drawNoise = (draw: number) => wave(`draw ${draw}`, shape);

async function solveLater(
  plan: SamplingPlan,
  onAsk: (question: Question, time: number) => void = () => undefined,
) {
  const path = pathOf(plan.solver);
  const start = wave('start', shape);
  const steps: { index: number; count: number | null; time: number }[] = [];
  const answer: AnswerFn = async (question, { state, time }) => {
    await new Promise((resolve) => setImmediate(resolve));
    onAsk(question, time);
    return tf.tidy(() => {
      const { velocity, data, start: from } = readings(state, time);
      const answers: Answers = { velocity: { velocity }, ends: { data, start: from } };
      return answers[question];
    });
  };
  const problem = { path, context: {}, start, drawNoise };
  const onStep = ({ index, count, time }: { index: number; count: number | null; time: number }) =>
    steps.push({ index, count, time });
  try {
    const found = await solveAsync(findRoute(path, plan), { problem, answer, onStep });
    const values = numbersOf(found);
    found.dispose();
    return { values, steps };
  } finally {
    start.dispose();
  }
}

/** The same solution without asynchronous evaluations. */
function solveAtOnce(plan: SamplingPlan): number[] {
  const path = pathOf(plan.solver);
  const { solver, grid, endsOnData } = findRoute(path, plan);
  const view = {
    read: readings,
    readRows: (state: Parameters<typeof readings>[0], [time]: readonly number[]) => readings(state, time),
  };
  return tf.tidy(() => {
    const start = wave('start', shape);
    const problem = { path, context: {}, drawNoise };
    const found =
      solver.kind === 'velocity'
        ? solver.integrate(velocityOf(view), start, grid)
        : solver.integrate(diffusionOf(view, problem), start, grid);
    return numbersOf(endsOnData ? readings(found, grid[grid.length - 1]).data : found);
  }) as unknown as number[];
}

describe('a solver with asynchronous evaluations', () => {
  it.each(solverNames)('gives the same result as the synchronous %s', async (solver) => {
    const plan = { solver, steps: 3, eta: 0.7, tolerance: 1e-3 } as const;
    const { values } = await solveLater(plan);
    expectClose(values, solveAtOnce(plan), 1e-5);
  });

  it.each(solverNames.filter((name) => name !== 'dopri5'))(
    'evaluates the network as often as predicted for %s',
    async (solver) => {
      let asked = 0;
      await solveLater({ solver, steps: 3 }, () => (asked += 1));
      expect(asked).toBe(countEvaluations(pathOf(solver), { solver, steps: 3 }));
    },
  );

  it('reports every step once, with their number', async () => {
    const { steps } = await solveLater({ solver: 'heun', steps: 3 });
    expect(steps.map(({ index, count }) => [index, count])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(steps.at(-1)?.time).toBe(1);
    const { steps: found } = await solveLater({ solver: 'dopri5', steps: 4 });
    expect(found.every(({ count }) => count === null)).toBe(true);
    expect(found.at(-1)?.time).toBe(1);
  });

  it('cannot predict the evaluations of an adaptive solver', () => {
    expect(countEvaluations(pathOf('dopri5'), { solver: 'dopri5', steps: 4 })).toBeNull();
  });

  it('leaves no tensor behind, even if an evaluation fails', async () => {
    await solveLater({ solver: 'heun', steps: 2 });
    const before = tf.memory().numTensors;
    for (const solver of solverNames) await solveLater({ solver, steps: 2, eta: 0.5 });
    for (const solver of solverNames) {
      let asked = 0;
      const giveUp = () => {
        asked += 1;
        if (asked === 2) throw new Error('enough');
      };
      await expect(solveLater({ solver, steps: 4, eta: 0.5 }, giveUp)).rejects.toThrow('enough');
    }
    expect(countEvaluations(pathOf('langevin'), { solver: 'langevin', steps: 2 })).toBeGreaterThan(2);
    // The noise of the draws is the test's own.
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(0);
  });
});
