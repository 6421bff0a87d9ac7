/** lab resume */

import { applyBudget, budgetOptions } from '../budget.ts';
import type { Command } from '../command.ts';
import { runOf, withStore } from '../lab.ts';
import { followTraining, reportEnd } from '../trainingSession.ts';

export const resume: Command = {
  name: 'resume',
  summary: 'Go on with a paused, interrupted or finished run from its newest good checkpoint.',
  usage: '<run> [--steps N | --epochs N | --minutes M]',
  options: budgetOptions,
  positionals: { min: 1, max: 1 },
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const run = runOf(store, invocation);
      const config = applyBudget(run.config, invocation.values);
      return reportEnd(
        await followTraining(store, { id: run.id, config }, invocation.output),
        invocation.output,
      );
    }),
};
