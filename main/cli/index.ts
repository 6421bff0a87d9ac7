/** The terminal's door: finds the command, parses its options, prints errors as one sentence. */

import { prepareEnds } from '../runtime/processEnd.mjs';
import { runCommandLine } from './runCommandLine.ts';

prepareEnds();
process.exitCode = await runCommandLine(process.argv.slice(2));
