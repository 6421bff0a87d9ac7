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

/** Returns the predictions of a network in closed form: a curved velocity, and ends that depend on the state. */
function predictAt(state: InstanceType<typeof tf.Tensor>, time: number) {
  return {
    velocity: tf.sub(tf.mul(tf.sin(state), 1 + time), 0.2),
    data: tf.tanh(state),
    start: tf.mul(state, 0.5),
  };
}

const drawNoise = (draw: number) => wave(`draw ${draw}`, shape);

async function solveAsynchronously(
  plan: SamplingPlan,
  onEvaluate: (question: Question, time: number) => void = () => undefined,
) {
  const path = pathOf(plan.solver);
  const start = wave('start', shape);
  const steps: { index: number; count: number | null; time: number }[] = [];
  const answer: AnswerFn = async (question, { state, time }) => {
    await new Promise((resolve) => setImmediate(resolve));
    onEvaluate(question, time);
    return tf.tidy(() => {
      const { velocity, data, start: from } = predictAt(state, time);
      const answers: Answers = { velocity: { velocity }, ends: { data, start: from } };
      return answers[question];
    });
  };
  const problem = { path, context: {}, start, drawNoise };
  const onStep = ({ index, count, time }: { index: number; count: number | null; time: number }) =>
    void steps.push({ index, count, time });
  try {
    const found = await solveAsync(findRoute(path, plan), { problem, answer, onStep });
    const values = numbersOf(found);
    found.dispose();
    return { values, steps };
  } finally {
    start.dispose();
  }
}

/** Returns the same solution with evaluations that are there at once. */
async function solveDirectly(plan: SamplingPlan): Promise<number[]> {
  const path = pathOf(plan.solver);
  const { solver, grid, endsOnData } = findRoute(path, plan);
  const view = {
    read: predictAt,
    readRows: (state: Parameters<typeof predictAt>[0], [time]: readonly number[]) => predictAt(state, time),
  };
  const start = wave('start', shape);
  const problem = { path, context: {}, drawNoise };
  const found =
    solver.kind === 'velocity'
      ? await solver.integrate(velocityOf(view), start, grid)
      : solver.integrate(diffusionOf(view, problem), start, grid);
  return numbersOf(endsOnData ? predictAt(found, grid[grid.length - 1]).data : found);
}

describe('a solver with asynchronous evaluations', () => {
  it.each(solverNames)(
    'gives the same result as %s with evaluations that are there at once',
    async (solver) => {
      const plan = { solver, steps: 3, eta: 0.7, tolerance: 1e-3 } as const;
      const { values } = await solveAsynchronously(plan);
      expectClose(values, await solveDirectly(plan), 1e-5);
    },
  );

  it.each(solverNames.filter((name) => name !== 'dopri5'))(
    'evaluates the network as often as predicted for %s',
    async (solver) => {
      let evaluations = 0;
      await solveAsynchronously({ solver, steps: 3 }, () => (evaluations += 1));
      expect(evaluations).toBe(countEvaluations(pathOf(solver), { solver, steps: 3 }));
    },
  );

  it('reports every step once, with the total number of steps', async () => {
    const { steps } = await solveAsynchronously({ solver: 'heun', steps: 3 });
    expect(steps.map(({ index, count }) => [index, count])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(steps.at(-1)?.time).toBe(1);
    const { steps: found } = await solveAsynchronously({ solver: 'dopri5', steps: 4 });
    expect(found.every(({ count }) => count === null)).toBe(true);
    expect(found.at(-1)?.time).toBe(1);
  });

  it('predicts as many evaluations on a path that counts in local contrast', () => {
    const inContrast = {
      ...pathOf('ddim'),
      unit: 'local',
      measured: { residual: 0.5, images: 256 },
    } as const;
    expect(countEvaluations(inContrast, { solver: 'ddim', steps: 2 })).toBe(
      countEvaluations(pathOf('ddim'), { solver: 'ddim', steps: 2 }),
    );
  });

  it('cannot predict the evaluations of an adaptive solver', () => {
    expect(countEvaluations(pathOf('dopri5'), { solver: 'dopri5', steps: 4 })).toBeNull();
  });

  it('leaks no tensor, even if an evaluation fails', async () => {
    await solveAsynchronously({ solver: 'heun', steps: 2 });
    const before = tf.memory().numTensors;
    for (const solver of solverNames) await solveAsynchronously({ solver, steps: 2, eta: 0.5 });
    for (const solver of solverNames) {
      let evaluations = 0;
      const cancel = () => {
        evaluations += 1;
        if (evaluations === 2) throw new Error('cancelled');
      };
      await expect(solveAsynchronously({ solver, steps: 4, eta: 0.5 }, cancel)).rejects.toThrow('cancelled');
    }
    expect(countEvaluations(pathOf('langevin'), { solver: 'langevin', steps: 2 })).toBeGreaterThan(2);
    // The tensors of noise belong to this test.
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(0);
  });
});
