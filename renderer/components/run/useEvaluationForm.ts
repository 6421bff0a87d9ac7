/** The fields of what an evaluation is to measure, and what is wrong with them. */

import { computed, reactive, type ComputedRef } from 'vue';
import type { RunConfig, SamplerConfig } from '../../../shared/config.ts';
import { evaluationRequestSchema } from '../../../shared/contract/training.ts';

const settingsSchema = evaluationRequestSchema.omit({ id: true });

export interface EvaluationFieldValues {
  images: string;
  samples: string;
  solver: SamplerConfig['solver'];
  steps: string;
  keepRatio: string;
  maskSeed: string;
}

export interface UseEvaluationFormReturn {
  readonly fields: EvaluationFieldValues;
  /** null while something is wrong. */
  readonly settings: ComputedRef<ReturnType<typeof settingsSchema.parse> | null>;
  /** By the name of the field. */
  readonly problems: ComputedRef<Readonly<Record<string, string>>>;
  readonly cost: ComputedRef<string>;
  /** Solver and mask as a run was set up. */
  begin(config: RunConfig): void;
}

export function useEvaluationForm(config: () => RunConfig): UseEvaluationFormReturn {
  const fields = reactive<EvaluationFieldValues>({
    ...{ images: '100', samples: '1', solver: 'heun', steps: '10', keepRatio: '', maskSeed: '' },
  });
  const parsed = computed(() =>
    settingsSchema.safeParse({
      solver: fields.solver,
      images: toNumber(fields.images),
      samples: toNumber(fields.samples),
      steps: toNumber(fields.steps),
      keepRatio: toNumber(fields.keepRatio),
      maskSeed: toNumber(fields.maskSeed),
    }),
  );
  return {
    fields,
    settings: computed(() => parsed.value.data ?? null),
    problems: computed(() =>
      Object.fromEntries(
        (parsed.value.error?.issues ?? []).map(({ path, message }) => [
          String(path[0]),
          message.replace('Invalid input: ', ''),
        ]),
      ),
    ),
    cost: computed(() => describeCost(fields, config().sampler.correctorSteps)),
    begin({ sampler, mask }) {
      Object.assign(fields, {
        solver: sampler.solver,
        steps: String(sampler.steps),
        keepRatio: String(mask.keepRatio),
        maskSeed: String(mask.seed),
      });
    },
  };
}

function describeCost({ solver, steps }: EvaluationFieldValues, correctorSteps: number): string {
  const each = evaluationsPerStep(solver, correctorSteps);
  const count = each
    ? `At most ${(toNumber(steps) ?? 0) * each} function evaluations a sample.`
    : 'As many function evaluations as its tolerance takes.';
  return `${count} Runs when the machine is free.`;
}

/** null: the solver finds its own steps. */
function evaluationsPerStep(solver: SamplerConfig['solver'], correctorSteps: number): number | null {
  if (solver === 'dopri5') return null;
  if (solver === 'rk4') return 4;
  // Its steps are corrected as the run was set up.
  if (solver === 'langevin') return 1 + correctorSteps;
  return solver === 'heun' || solver === 'midpoint' ? 2 : 1;
}

/** Empty: left to the main side. */
function toNumber(text: string): number | undefined {
  return text.trim() === '' ? undefined : Number(text);
}
