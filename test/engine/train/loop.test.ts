import { describe, expect, it } from 'vitest';
import { createCadence } from '../../../main/engine/train/cadence.ts';
import { type LoopControl, type LoopOptions, runTraining } from '../../../main/engine/train/loop.ts';
import { createTrainingClock } from '../../../main/engine/train/trainingClock.ts';
import { type StepFn, type Stepper, eagerStepper } from '../../../main/engine/train/step.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { createScalarBatch } from './smallRun.ts';
import { tf } from '../../support/backend.ts';

/** Returns a step whose state is the number of completed steps, and whose loss is `lossAt` that number. */
function createCountingStep(lossAt: (step: number) => number = () => 1): StepFn {
  return (state, batch) => {
    const done = tf.add(state[0], batch.update.stepSize);
    const loss = tf.scalar(lossAt(done.dataSync()[0]));
    return { state: [done], report: { loss, gradNorm: tf.scalar(0.5) } };
  };
}

interface Recording {
  readonly log: string[];
  readonly control: LoopControl;
  readonly options: LoopOptions;
}

interface Changes extends Partial<LoopOptions> {
  readonly stepFn?: StepFn;
  readonly onStep?: (step: number) => void;
}

/** Returns the options of a loop of 10 steps that logs its hooks: evaluation every 3 steps, preview every 5, checkpoint every 4. */
function createRecording({ stepFn = createCountingStep(), onStep, ...changes }: Changes = {}): Recording {
  const log: string[] = [];
  const control: LoopControl = { requested: null };
  const note =
    (name: string) => async (state: readonly { dataSync(): ArrayLike<number> }[], step: number) => {
      log.push(`${name} ${step} (state ${state[0].dataSync()[0]})`);
      return false;
    };
  const options: LoopOptions = {
    stepper: eagerStepper(stepFn, [tf.scalar(changes.fromStep ?? 0)]),
    batchAt: (step) => ({
      batch: createScalarBatch({ shape: [], values: Float32Array.of(1) }),
      learningRate: step,
    }),
    cadence: runConfigSchema.parse({
      train: { evaluateEverySteps: 3, previewEverySteps: 5, checkpointEverySteps: 4 },
    }).train,
    fromStep: 0,
    totalSteps: 10,
    clock: createTrainingClock(0),
    control,
    hooks: {
      onStep: (result) => onStep?.(result.step),
      evaluate: note('evaluate'),
      preview: async (state, step) => void (await note('preview')(state, step)),
      checkpoint: async (state, step) => void (await note('checkpoint')(state, step)),
    },
    ...changes,
  };
  return { log, control, options };
}

const createMinutes = (minutes: number) =>
  runConfigSchema.parse({ train: { minutes, evaluateEverySteps: 0, previewEverySteps: 0 } }).train;

describe('the cadence of a training loop', () => {
  it('previews at the start, then calls each hook at its own interval, and saves the last step once', async () => {
    const { log, options } = createRecording();
    expect(await runTraining(options)).toEqual({ end: 'finished', step: 10 });
    expect(log).toEqual([
      'preview 0 (state 0)',
      'evaluate 3 (state 3)',
      'checkpoint 4 (state 4)',
      'preview 5 (state 5)',
      'evaluate 6 (state 6)',
      'checkpoint 8 (state 8)',
      'evaluate 9 (state 9)',
      'preview 10 (state 10)',
      'checkpoint 10 (state 10)',
      'evaluate 10 (state 10)',
    ]);
  });

  it('evaluates before it saves, and saves the last step once even if a checkpoint is due there', async () => {
    const { log, options } = createRecording({ totalSteps: 12 });
    await runTraining(options);
    expect(log.filter((line) => line.includes(' 12 '))).toEqual([
      'evaluate 12 (state 12)',
      'checkpoint 12 (state 12)',
      'preview 12 (state 12)',
    ]);
  });

  it('counts from the step it resumes from', async () => {
    const { log, options } = createRecording({ fromStep: 7 });
    await runTraining(options);
    expect(log.map((line) => line.split(' (')[0])).toEqual([
      'checkpoint 8',
      'evaluate 9',
      'preview 10',
      'checkpoint 10',
      'evaluate 10',
    ]);
  });

  it('never calls a hook whose interval is 0, and saves nothing if no step is left', async () => {
    const { log, options } = createRecording({ cadence: createMinutes(1), fromStep: 10 });
    expect(await runTraining(options)).toEqual({ end: 'finished', step: 10 });
    expect(log).toEqual([]);
  });

  it('reports every step with its loss, gradient norm and learning rate', async () => {
    const { options } = createRecording({ stepFn: createCountingStep((step) => 1 / step), totalSteps: 3 });
    const seen: unknown[] = [];
    const hooks = { ...options.hooks, onStep: (result: unknown) => seen.push(result) };
    await runTraining({ ...options, hooks });
    expect(seen).toMatchObject([
      { step: 1, loss: 1, gradNorm: 0.5, learningRate: 0 },
      { step: 2, loss: 0.5, gradNorm: 0.5, learningRate: 1 },
      { step: 3, loss: expect.closeTo(1 / 3, 6), gradNorm: 0.5, learningRate: 2 },
    ]);
  });
});

describe('the end of a training loop', () => {
  it.each([
    { requested: 'pause', end: 'paused' },
    { requested: 'stop', end: 'stopped' },
  ] as const)(
    'comes right after a request to $requested, with a single checkpoint',
    async ({ requested, end }) => {
      for (const at of [2, 4]) {
        const { log, control, options } = createRecording({
          onStep: (step) => {
            if (step === at) control.requested = requested;
          },
        });
        expect(await runTraining(options)).toEqual({ end, step: at });
        expect(log.filter((line) => line.startsWith('checkpoint'))).toEqual([
          `checkpoint ${at} (state ${at})`,
        ]);
      }
    },
  );

  it('comes before the first step, after saving the initial state, if the request is already there', async () => {
    const { log, control, options } = createRecording();
    control.requested = 'pause';
    expect(await runTraining(options)).toEqual({ end: 'paused', step: 0 });
    expect(log.at(-1)).toBe('checkpoint 0 (state 0)');
  });

  it('comes after a request that arrives as a message while steps run', async () => {
    const { control, options } = createRecording({ totalSteps: 1e9, cadence: createMinutes(1) });
    setTimeout(() => (control.requested = 'stop'), 20);
    expect((await runTraining(options)).end).toBe('stopped');
  });

  it('counts as finished if the request comes with the last step', async () => {
    const { control, options } = createRecording({
      onStep: (step) => {
        if (step === 10) control.requested = 'pause';
      },
    });
    expect(await runTraining(options)).toEqual({ end: 'finished', step: 10 });
  });

  it('comes as soon as the training time of all segments is used up', async () => {
    const { log, options } = createRecording({
      totalSteps: 1e9,
      cadence: createMinutes(1),
      clock: createTrainingClock(59.97),
    });
    let seconds = 0;
    const checkpoint: LoopOptions['hooks']['checkpoint'] = async (_state, step, spent) => {
      seconds = spent;
      log.push(`checkpoint ${step}`);
    };
    const { end, step } = await runTraining({ ...options, hooks: { ...options.hooks, checkpoint } });
    expect(end).toBe('finished');
    expect(log.at(-1)).toBe(`checkpoint ${step}`);
    expect(seconds).toBeGreaterThanOrEqual(60);
    expect(seconds).toBeLessThan(65);
  });

  it('is divergence, without a checkpoint, if the loss or the gradient is not finite', async () => {
    const nan = createRecording({ stepFn: createCountingStep((step) => (step === 6 ? Number.NaN : 1)) });
    expect(await runTraining(nan.options)).toEqual({ end: 'diverged', step: 6 });
    expect(nan.log.at(-1)).toBe('preview 5 (state 5)');
    const infinite: StepFn = ([count]) => ({
      state: [tf.clone(count)],
      report: { loss: tf.scalar(1), gradNorm: tf.scalar(Number.POSITIVE_INFINITY) },
    });
    expect((await runTraining(createRecording({ stepFn: infinite }).options)).end).toBe('diverged');
  });

  it('is that divergence too if reports arrive steps later: nothing is saved after it, and every step is reported once', async () => {
    const lateBy = 3;
    const late = (lossAt: (step: number) => number): Stepper => {
      const inner = eagerStepper(createCountingStep(lossAt), [tf.scalar(0)]);
      return {
        ...inner,
        async step(batch) {
          const report = inner.step(batch);
          for (let turn = 0; turn < lateBy; turn++) await new Promise((resolve) => setImmediate(resolve));
          return report;
        },
      };
    };
    const reported: number[] = [];
    const onStep = (step: number) => reported.push(step);
    const { log, options } = createRecording({ stepper: late((step) => (step === 7 ? NaN : 1)), onStep });
    expect(await runTraining(options)).toEqual({ end: 'diverged', step: 7 });
    expect(log.at(-1)).toBe('evaluate 6 (state 6)');
    expect(reported).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const finite = createRecording({ stepper: late(() => 1) });
    expect(await runTraining(finite.options)).toEqual({ end: 'finished', step: 10 });
    expect(finite.log).toContain('checkpoint 8 (state 8)');
  });
});

describe('the last state of a training loop', () => {
  /** Runs the loop until a request arrives with step 4, and returns what it did after that step. */
  const endAtFour = async (request: Partial<LoopControl>, changes: Changes = {}) => {
    const { log, control, options } = createRecording({
      cadence: runConfigSchema.parse({}).train,
      onStep: (step) => {
        if (step === 4) Object.assign(control, request);
      },
      ...changes,
    });
    await runTraining(options);
    return log.filter((line) => line.includes(' 4 ')).map((line) => line.split(' ')[0]);
  };

  it('is saved, then evaluated and previewed, wherever the intervals lie', async () => {
    const { log, options } = createRecording({ cadence: runConfigSchema.parse({}).train });
    await runTraining(options);
    expect(log.slice(1)).toEqual([
      'checkpoint 10 (state 10)',
      'evaluate 10 (state 10)',
      'preview 10 (state 10)',
    ]);
  });

  it('is scored where the budget in minutes ends', async () => {
    let now = 0;
    const { log, options } = createRecording({
      cadence: runConfigSchema.parse({ train: { minutes: 1 } }).train,
      clock: createTrainingClock(0, () => now),
      onStep: () => (now += 20_000),
    });
    expect(await runTraining(options)).toEqual({ end: 'finished', step: 3 });
    expect(log.slice(1).map((line) => line.split(' (')[0])).toEqual([
      'checkpoint 3',
      'evaluate 3',
      'preview 3',
    ]);
  });

  it('is scored at a pause or stop that allows it, and only saved at one that does not', async () => {
    const scored = ['checkpoint', 'evaluate', 'preview'];
    expect(await endAtFour({ requested: 'pause', scoresAtEnd: true })).toEqual(scored);
    expect(await endAtFour({ requested: 'stop', scoresAtEnd: true })).toEqual(scored);
    expect(await endAtFour({ requested: 'pause' })).toEqual(['checkpoint']);
    expect(await endAtFour({ requested: 'stop', scoresAtEnd: false })).toEqual(['checkpoint']);
  });

  it('is not scored again by a session that ends before its first step', async () => {
    const { log, control, options } = createRecording({ fromStep: 4 });
    Object.assign(control, { requested: 'pause', scoresAtEnd: true });
    await runTraining(options);
    expect(log).toEqual([]);
  });

  it('is saved again if it is the best, so that the checkpoint says so', async () => {
    const { log, options } = createRecording({ cadence: runConfigSchema.parse({}).train });
    const evaluate = async () => true;
    await runTraining({ ...options, hooks: { ...options.hooks, evaluate } });
    expect(log.slice(1)).toEqual([
      'checkpoint 10 (state 10)',
      'checkpoint 10 (state 10)',
      'preview 10 (state 10)',
    ]);
  });

  it('is not previewed if a hasty request arrives during its evaluation', async () => {
    const { log, control, options } = createRecording({ cadence: runConfigSchema.parse({}).train });
    const evaluate = async () => {
      control.requested = 'pause';
      return false;
    };
    expect(await runTraining({ ...options, hooks: { ...options.hooks, evaluate } })).toEqual({
      end: 'finished',
      step: 10,
    });
    expect(log.slice(1)).toEqual(['checkpoint 10 (state 10)']);
  });
});

describe('a cadence of so many times a run', () => {
  const { train } = runConfigSchema.parse({ train: { timesPerRun: 4, checkpointEverySteps: 7 } });
  const listDue = (from: number, cadence = train) => {
    const dueAt = createCadence(cadence, { step: from, seconds: from, totalSteps: 10 });
    const due: string[] = [];
    for (let step = from + 1; step <= 10; step++) {
      const { evaluates, previews, saves } = dueAt(step, step);
      if (evaluates || previews || saves) due.push(`${step}${evaluates ? ' e' : ''}${previews ? ' p' : ''}`);
    }
    return due;
  };

  it('is spread evenly over the steps, with the checkpoints in between', () => {
    expect(listDue(0)).toEqual(['3 e p', '5 e p', '7', '8 e p', '10 e p']);
  });

  it('continues where a run resumes as if it had not been paused', () => {
    for (let from = 1; from < 10; from++)
      expect(listDue(from)).toEqual(listDue(0).filter((entry) => Number(entry.split(' ')[0]) > from));
  });

  it('is spread over the minutes if they end the run first', () => {
    expect(listDue(0, { ...train, minutes: 6 / 60 })).toEqual([
      '2 e p',
      '3 e p',
      '5 e p',
      '6 e p',
      '7',
      '8 e p',
      '9 e p',
    ]);
  });

  it('leaves most of a budget in minutes to training, however long an evaluation takes', () => {
    const run = (evaluationSeconds: number) => {
      const cadence = { ...train, timesPerRun: 20, minutes: 2, checkpointEverySteps: 1000 };
      const dueAt = createCadence(cadence, { step: 0, seconds: 0, totalSteps: 100_000 });
      let [step, seconds, evaluations] = [0, 0, 0];
      while (seconds < 120) {
        seconds += 0.5;
        step += 1;
        if (!dueAt(step, seconds).evaluates) continue;
        evaluations += 1;
        seconds += evaluationSeconds;
      }
      return { trained: step * 0.5, evaluations };
    };
    expect(run(0.1).evaluations).toBe(20);
    expect(run(10).trained).toBeGreaterThanOrEqual(0.75 * 120);
    expect(run(10).evaluations).toBeGreaterThanOrEqual(2);
  });

  it('keeps an interval of 0: never', () => {
    expect(listDue(0, { ...train, evaluateEverySteps: 0 })[0]).toBe('3 p');
    expect(listDue(0, { ...train, previewEverySteps: 0 })[0]).toBe('3 e');
  });
});

describe('the clock of a training', () => {
  it('starts after the first step of a process, takes off what was excluded, and keeps its time when it stops', () => {
    let now = 5000;
    const clock = createTrainingClock(60, () => now);
    now += 8000;
    expect(clock.seconds()).toBe(60);
    clock.exclude(3000);
    clock.countStep();
    expect(clock.seconds()).toBe(60);
    now += 2000;
    clock.countStep();
    expect(clock.seconds()).toBe(62);
    now += 3000;
    clock.exclude(2500);
    expect(clock.seconds()).toBe(62.5);
    clock.stop();
    now += 4000;
    clock.exclude(1000);
    expect(clock.seconds()).toBe(62.5);
  });
});

describe('the memory of a training loop', () => {
  it('holds the same number of tensors after each of 200 steps, and none at the end', async () => {
    const before = tf.memory().numTensors;
    const counts = new Set<number>();
    const { options } = createRecording({
      totalSteps: 200,
      onStep: () => counts.add(tf.memory().numTensors),
    });
    await runTraining(options);
    expect([...counts]).toEqual([before + 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is released if a step or a hook fails', async () => {
    const before = tf.memory().numTensors;
    const fail = () => {
      throw new Error('broken');
    };
    await expect(runTraining(createRecording({ stepFn: fail }).options)).rejects.toThrow('broken');
    await expect(runTraining(createRecording({ onStep: fail }).options)).rejects.toThrow('broken');
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the seconds trained before a step', () => {
  it('are passed to its batch, including those of earlier sessions', async () => {
    const seconds: number[] = [];
    const { options } = createRecording();
    const { batchAt } = options;
    await runTraining({
      ...options,
      clock: createTrainingClock(100),
      batchAt: (step, before) => {
        seconds.push(before);
        return batchAt(step, before);
      },
    });
    expect(seconds).toHaveLength(10);
    expect(seconds[0]).toBeGreaterThanOrEqual(100);
    expect(seconds).toEqual(seconds.toSorted((one, other) => one - other));
  });
});
