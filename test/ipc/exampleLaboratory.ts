/** A laboratory in folders of its own, asked as a page asks, with every event it reports. */

import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventName, Events, RequestInput, RequestName, RequestOutput } from '../../shared/contract.ts';
import type { Answer, Failure } from '../../shared/failure.ts';
import { type Laboratory, openLaboratory } from '../../main/ipc/laboratory.ts';
import type { LaboratoryOptions } from '../../main/ipc/parts.ts';
import { openLog } from '../../main/ipc/log.ts';
import { createFakeHost, type FakeHost } from '../jobs/fakeHost.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

export interface ExampleLaboratory {
  readonly laboratory: Laboratory;
  readonly folder: string;
  readonly hosts: readonly FakeHost[];
  /** The value of a request that succeeds. */
  ask<Name extends RequestName>(name: Name, input: RequestInput<Name>): Promise<RequestOutput<Name>>;
  /** The failure of a request that does not. */
  fail<Name extends RequestName>(name: Name, input: RequestInput<Name>): Promise<Failure>;
  /** Whatever comes of any input. */
  answer(name: string, input: unknown): Promise<Answer<unknown>>;
  /** What was reported of one kind so far. */
  told<Name extends EventName>(name: Name): readonly Events[Name][];
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
    if (!handle) throw new Error(`Nobody answers ${name}.`);
    return handle(input);
  };
  return {
    laboratory,
    folder,
    hosts,
    answer,
    async ask(name, input) {
      const result = await answer(name, input);
      if (!result.ok) throw new Error(`${name}: ${result.failure.code}: ${result.failure.message}`);
      return result.value as never;
    },
    async fail(name, input) {
      const result = await answer(name, input);
      if (result.ok) throw new Error(`${name} was expected to fail.`);
      return result.failure;
    },
    told: (name) => events.filter((event) => event.name === name).map(({ payload }) => payload as never),
  };
}

/** Waits until `check` holds, as long as a busy machine may take. */
export async function waitUntil(check: () => boolean, seconds = 120): Promise<void> {
  for (let turn = 0; !check(); turn++) {
    if (turn > seconds * 50) throw new Error(`Nothing happened within ${seconds} seconds.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
