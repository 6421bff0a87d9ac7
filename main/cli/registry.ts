/** The command table, in the order of the help. */

import type { Command } from './command.ts';
import { app } from './commands/app.ts';
import { baselines } from './commands/baselines.ts';
import { compare } from './commands/compare.ts';
import { compareMethods } from './commands/compareMethods.ts';
import { deleteRun } from './commands/delete.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { evaluate } from './commands/evaluate.ts';
import { exportRun } from './commands/export.ts';
import { importRuns } from './commands/import.ts';
import { inpaint } from './commands/inpaint.ts';
import { parity } from './commands/parity.ts';
import { presets } from './commands/presets.ts';
import { reconstruct } from './commands/reconstruct.ts';
import { resume } from './commands/resume.ts';
import { runs } from './commands/runs.ts';
import { show } from './commands/show.ts';
import { train } from './commands/train.ts';

export const commands: readonly Command[] = [
  app,
  demo,
  train,
  resume,
  runs,
  show,
  evaluate,
  reconstruct,
  inpaint,
  compare,
  compareMethods,
  baselines,
  presets,
  parity,
  doctor,
  exportRun,
  importRuns,
  deleteRun,
];
