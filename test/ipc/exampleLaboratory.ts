/** A laboratory in a temporary folder that tests use as a page does: with requests and events. */

import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventName, Events, RequestInput, RequestName, RequestOutput } from '../../shared/contract.ts';
import type { Answer, Failure } from '../../shared/failure.ts';
import { type Laboratory, openLaboratory } from '../../main/ipc/laboratory.ts';
import type { Desktop, LaboratoryOptions } from '../../main/ipc/parts.ts';
import { openLog } from '../../main/ipc/log.ts';
import { createFakeHost, type FakeHost } from '../jobs/fakeHost.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

export interface ExampleLaboratory {
  readonly laboratory: Laboratory;
  readonly folder: string;
  readonly hosts: readonly FakeHost[];
  /** Returns the value of a request, which is expected to succeed. */
  ask<Name extends RequestName>(name: Name, input: RequestInput<Name>): Promise<RequestOutput<Name>>;
  /** Returns the failure of a request, which is expected to fail. */
  expectFailure<Name extends RequestName>(name: Name, input: RequestInput<Name>): Promise<Failure>;
  /** Sends any input to a channel and returns the answer, success or failure. */
  answer(name: string, input: unknown): Promise<Answer<unknown>>;
  /** Returns the payloads of all events of one name that were sent so far. */
  sentEvents<Name extends EventName>(name: Name): readonly Events[Name][];
}

/** Returns the functions of a desktop that has no updates and prints nothing, except for the given ones. */
export function createFakeDesktop(changes: Partial<Desktop> = {}): Desktop {
  const state = { kind: 'unavailable', reason: 'A fake has no updates.' } as const;
  return {
    chooseFolder: () => Promise.resolve(null),
    openFolder: () => Promise.resolve(),
    printPdf: () => Promise.reject(new Error('A fake prints nothing.')),
    updates: {
      state: () => state,
      check: () => Promise.resolve(state),
      install: () => Promise.resolve(state),
      restart: () => Promise.resolve(state),
      onChange: () => () => undefined,
    },
    ...changes,
  };
}

export async function openExampleLaboratory(
  options: Partial<LaboratoryOptions> = {},
  folder = makeTemporaryFolder(),
): Promise<ExampleLaboratory> {
  const hosts: FakeHost[] = [];
  const events: { name: EventName; payload: unknown }[] = [];
  const channels = new Map<string, (input: unknown) => Promise<Answer<unknown>>>();
  const laboratory = await openLaboratory({
    dataFolder: folder,
    cacheFolder: join(folder, 'cache'),
    configFolder: join(folder, 'config'),
    createHost() {
      const host = createFakeHost();
      hosts.push(host);
      return host;
    },
    version: '1.2.3',
    mode: 'browser',
    desktop: null,
    log: openLog(join(folder, 'logs')),
    ...options,
  });
  onTestFinished(() => laboratory.close());
  laboratory.connect({
    handle: (channel, answer) => void channels.set(channel, answer),
    send: (name, payload) => void events.push({ name, payload }),
  });
  const answer = (name: string, input: unknown) => {
    const handle = channels.get(name);
    if (!handle) throw new Error(`No handler is registered for ${name}.`);
    return handle(input);
  };
  return {
    laboratory,
    folder,
    hosts,
    answer,
    async ask<Name extends RequestName>(name: Name, input: RequestInput<Name>) {
      const result = await answer(name, input);
      if (!result.ok) throw new Error(`${name}: ${result.failure.code}: ${result.failure.message}`);
      return result.value as RequestOutput<Name>;
    },
    async expectFailure(name, input) {
      const result = await answer(name, input);
      if (result.ok) throw new Error(`${name} was expected to fail.`);
      return result.failure;
    },
    sentEvents: <Name extends EventName>(name: Name) =>
      events.filter((event) => event.name === name).map(({ payload }) => payload as Events[Name]),
  };
}

/** Waits until `check` returns true; the limit is generous because the machine may be busy. */
export async function waitUntil(check: () => boolean, seconds = 120): Promise<void> {
  for (let turn = 0; !check(); turn++) {
    if (turn > seconds * 50) throw new Error(`The condition was not met within ${seconds} seconds.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
