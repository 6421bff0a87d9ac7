/** Binds the requests of the contract to a transport: checks input, wraps errors, never throws. */

import type { z } from 'zod';
import {
  type ParsedInput,
  type RequestName,
  requestNames,
  type RequestOutput,
  requests,
} from '../../shared/contract.ts';
import type { Answer } from '../../shared/failure.ts';
import { RequestFailure, toFailure } from './failure.ts';
import type { Log } from './log.ts';
import type { Transport } from './parts.ts';

type Handler<Name extends RequestName> = (
  input: ParsedInput<Name>,
) => Promise<RequestOutput<Name>> | RequestOutput<Name>;

/** One handler for each request of the contract. */
export type Handlers = { readonly [Name in RequestName]: Handler<Name> };
/** The handlers of one group of requests. */
export type HandlersOf<Group> = Pick<Handlers, keyof Group & RequestName>;

/** Lets `transport` answer every request. Unexpected errors are logged with their stack. */
export function registerRequests(
  transport: Transport,
  handlers: Handlers,
  context: { readonly version: string; readonly log: Log },
): void {
  for (const channel of requestNames) {
    transport.handle(channel, (input) => answerRequest({ channel, input }, handlers, context));
  }
}

async function answerRequest(
  { channel, input }: { channel: RequestName; input: unknown },
  handlers: Handlers,
  { version, log }: { readonly version: string; readonly log: Log },
): Promise<Answer<unknown>> {
  try {
    const parsed = parseInput(channel, input);
    // The table pairs each handler with its input type, which a loop over all names cannot express.
    const handle = handlers[channel] as (input: unknown) => unknown;
    return { ok: true, value: await handle(parsed) };
  } catch (error) {
    const failure = toFailure(error, { channel, version });
    if (failure.code === 'failed') log.write('error', `${channel}: ${stackOf(error)}`);
    return { ok: false, failure };
  }
}

function parseInput(channel: RequestName, input: unknown): unknown {
  const schema: z.ZodType = requests[channel].input;
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new RequestFailure('invalid', `${describeIssues(result.error.issues)}. Correct it and try again.`);
}

/** Returns the first issue; unknown keys come first, because they usually explain the others. */
function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const isKey = ({ code }: z.core.$ZodIssue) => code === 'unrecognized_keys';
  const sorted = [...issues.filter(isKey), ...issues.filter((issue) => !isKey(issue))];
  const [first] = sorted.map(({ path, message }) =>
    path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message,
  );
  return first;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
