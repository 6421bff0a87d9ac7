/** Entry point of the terminal commands. */

import { prepareEnds } from '../runtime/processEnd.mjs';
import { runCommandLine } from './runCommandLine.ts';

prepareEnds();
process.exitCode = await runCommandLine(process.argv.slice(2));
