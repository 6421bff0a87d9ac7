/** The terminal commands. `start.mjs` starts them, because compiled modules have to be enabled before this one is loaded. */

import { prepareEnds } from '../runtime/processEnd.mjs';

// Before the other modules are loaded, which takes a while.
prepareEnds();
const { runCommandLine } = await import('./runCommandLine.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
