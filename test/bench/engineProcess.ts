/**
 * The engine in a process of its own, so that its peak memory is its own. Reads one JSON object a line on standard
 * input, answers one a line on standard output; the first is `{"setup": EngineSetup}`.
 */

import { createInterface } from 'node:readline';

import { describeError } from '../../shared/text/describeError.ts';
import { type EngineSession, type EngineSetup, openEngine } from './engineSession.ts';

type Question = {
  readonly [Name in keyof EngineSession]?: Parameters<EngineSession[Name]>[0];
} & { readonly setup?: EngineSetup };

let session: EngineSession | null = null;
for await (const line of createInterface(process.stdin)) {
  const answer = await answerTo(JSON.parse(line) as Question).catch((error: unknown) => ({
    error: describeError(error),
  }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);

async function answerTo(question: Question): Promise<object> {
  if (question.setup) {
    session = await openEngine(question.setup);
    return {};
  }
  if (!session) throw new Error('The first question must be "setup".');
  if (question.train) return session.train(question.train);
  if (question.sample) return session.sample(question.sample);
  if (question.loop) return session.loop(question.loop);
  if ('describe' in question) return session.describe();
  if ('memory' in question) return session.memory();
  if ('count' in question) return session.count();
  return session.product();
}
