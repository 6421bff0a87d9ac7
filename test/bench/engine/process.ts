/**
 * The engine in a separate process, so that its peak memory can be measured. Reads one JSON object per line on standard
 * input and answers each with one on standard output; the first is `{"setup": EngineSetup}`.
 */

import { createInterface } from 'node:readline';

import { describeError } from '../../../shared/text/describeError.ts';
import { type EngineSession, type EngineSetup, openEngine } from './session.ts';

type Request = {
  readonly [Name in keyof EngineSession]?: Parameters<EngineSession[Name]>[0];
} & { readonly setup?: EngineSetup };

let session: EngineSession | null = null;
for await (const line of createInterface(process.stdin)) {
  const answer = await answerRequest(JSON.parse(line) as Request).catch((error: unknown) => ({
    error: describeError(error),
  }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);

async function answerRequest(request: Request): Promise<object> {
  if (request.setup) {
    session = await openEngine(request.setup);
    return {};
  }
  if (!session) throw new Error('The first request must be "setup".');
  if (request.train) return session.train(request.train);
  if (request.sample) return session.sample(request.sample);
  if (request.loop) return session.loop(request.loop);
  if (request.example) return session.example(request.example);
  if ('describe' in request) return session.describe();
  if ('memory' in request) return session.memory();
  if ('count' in request) return session.count();
  return session.product();
}
