/** Binds the contract's requests to a transport: input checked, errors in an envelope, nothing thrown. */

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

/** One for each request of the contract. */
export type Handlers = { readonly [Name in RequestName]: Handler<Name> };
/** The part of the table that a group of requests fills. */
export type HandlersOf<Group> = Pick<Handlers, keyof Group & RequestName>;

/** Lets `transport` answer every request. What goes wrong unexpectedly is written to the log with its stack. */
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
    // The table pairs each handler with its own input; what ties both to one name is lost in a loop over all names.
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
  throw new RequestFailure('invalid', `${describeIssues(result.error.issues)}. Change it and try again.`);
}

/** Keys that the contract does not know come first: whoever sends one has mistaken the rest too. */
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
