/** lab app */

import { runApp } from '../appSession.ts';
import type { Command } from '../command.ts';
import { dataFolderOf } from '../lab.ts';
import { flagOption, readFlag, readPort, valueOption } from '../options.ts';

export const app: Command = {
  name: 'app',
  summary: 'The application: a window where there is a display, else the same page for your browser.',
  usage: '[--browser] [--port N]',
  options: {
    browser: flagOption('Serve the page for a browser, on this machine only, and print its link.'),
    port: valueOption('N', 'The port of the page, with --browser (default: 4780, or the next that is free).'),
  },
  positionals: { min: 0, max: 0 },
  run: (invocation) => {
    const { values, output } = invocation;
    const port = readPort(values, 'port') ?? null;
    const isBrowser = readFlag(values, 'browser') || port !== null;
    return runApp({ dataFolder: dataFolderOf(invocation), isBrowser, port }, output);
  },
};
