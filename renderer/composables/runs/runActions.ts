/** Actions on runs. Each reports its result in a notice, with Undo where possible, and refreshes list and view. */

import { request } from '../../api/client.ts';
import type { RequestInput } from '../../../shared/contract.ts';
import type { Refusal } from '../../../shared/contract/runs.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { useConfirmStore } from '../../stores/confirm.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useRunStore } from '../../stores/runs/run.ts';
import { useRunFacetsStore } from '../../stores/runs/runFacets.ts';
import { useRunListStore } from '../../stores/runs/runList.ts';
import { useRunRowsStore } from '../../stores/runs/runRows.ts';

type Ids = readonly string[];

export type Budget = NonNullable<RequestInput<'training.start'>['budget']>;

/** A longer budget, how the learning rate continues, and whether changed images are accepted. */
export type Extension = Omit<RequestInput<'training.start'>, 'id'>;

/** Greatest number of IDs per request. */
const atOnce = 10_000;

/** Number of runs from which permanent deletion needs a typed confirmation. */
const many = 5;

export async function archiveRuns(ids: Ids, archived: boolean): Promise<void> {
  await attempt(
    `${describeRuns(ids)} could not be ${archived ? 'archived' : 'restored from the archive'}`,
    async () => {
      const message = `${describeRuns(ids)} ${verb(ids)} ${archived ? 'archived' : 'active again'}`;
      await inBatches(ids, (part) => request('runs.archive', { ids: part, archived }));
      await showChange();
      useNoticesStore().showUndoable(message, () => archiveRuns(ids, !archived));
    },
  );
}

/** Moves runs to the trash; returns the IDs of those that were moved. */
export async function deleteRuns(ids: Ids): Promise<Ids> {
  let deleted: Ids = [];
  await attempt(`${describeRuns(ids)} could not be deleted`, async () => {
    const name = nameOf(ids);
    const refusals = (await inBatches(ids, (part) => request('runs.delete', { ids: part }))).flat();
    deleted = without(ids, refusals);
    await showChange();
    reportRefusals(refusals, 'not deleted');
    if (deleted.length === 0) return;
    const message =
      deleted.length === 1
        ? `${name ?? '1 run'} is in the trash`
        : `${describeRuns(deleted)} are in the trash`;
    useNoticesStore().showUndoable(message, () => restoreRuns(deleted));
  });
  return deleted;
}

export async function restoreRuns(ids: Ids): Promise<void> {
  await attempt(`${describeRuns(ids)} could not be restored`, async () => {
    const message = `${describeRuns(ids)} ${verb(ids)} restored from the trash`;
    const refusals = (await inBatches(ids, (part) => request('runs.restore', { ids: part }))).flat();
    await showChange();
    reportRefusals(refusals, 'not restored');
    if (refusals.length < ids.length) useNoticesStore().show({ level: 'success', message });
  });
}

/** Deletes runs permanently after a confirmation. */
export async function purgeRuns(ids: Ids): Promise<void> {
  const isConfirmed = await useConfirmStore().ask({
    title: `Delete ${ids.length === 1 ? (nameOf(ids) ?? '1 run') : describeRuns(ids)} permanently?`,
    text: 'Checkpoints, previews, evaluations and curves are removed from the disk. This cannot be undone.',
    confirmLabel: 'Delete permanently',
    isDangerous: true,
    ...(ids.length >= many ? { typed: `delete ${ids.length}` } : {}),
  });
  if (!isConfirmed) return;
  await attempt(`${describeRuns(ids)} could not be deleted permanently`, async () => {
    const refusals = (await inBatches(ids, (part) => request('runs.purge', { ids: part }))).flat();
    await showChange();
    reportRefusals(refusals, 'not deleted permanently');
    const gone = without(ids, refusals).length;
    if (gone > 0) {
      const message = `${formatPlural(gone, 'run')} deleted permanently`;
      useNoticesStore().show({ level: 'success', message });
    }
  });
}

export async function renameRun(id: string, name: string): Promise<void> {
  await attempt('The run could not be renamed', async () => {
    const given = await request('runs.rename', { id, name });
    await showChange();
    if (given !== name) {
      useNoticesStore().show({
        message: `The name "${name}" is already in use, so the run is now called "${given}".`,
      });
    }
  });
}

export async function tagRuns(ids: Ids, add: readonly string[], remove: readonly string[]): Promise<void> {
  await attempt('The tags could not be changed', async () => {
    await inBatches(ids, (part) => request('runs.tag', { ids: part, add: [...add], remove: [...remove] }));
    await showChange();
    const changes = [...add.map((tag) => `+ ${tag}`), ...remove.map((tag) => `− ${tag}`)].join(', ');
    useNoticesStore().show({ level: 'success', message: `${describeRuns(ids)}: ${changes}` });
  });
}

/** Continues the training up to a longer budget, or adds it to the queue. */
export async function extendRun(id: string, extension: Extension): Promise<void> {
  await attempt('The run could not be extended', async () => {
    await request('training.start', { id, ...extension });
    await showChange();
  });
}

/** Returns whether the note was saved. */
export async function writeNote(id: string, text: string): Promise<boolean> {
  return attempt('The note could not be saved', async () => {
    await request('runs.note', { id, text });
    await showChange();
  });
}

/** `"flow-32"`, or `3 runs`. */
export function describeRuns(ids: Ids): string {
  return nameOf(ids) ?? formatPlural(ids.length, 'run');
}

/** Returns the quoted name of a single known run, else null. */
function nameOf(ids: Ids): string | null {
  if (ids.length !== 1) return null;
  const viewed = useRunStore().detail?.summary;
  const run = viewed?.id === ids[0] ? viewed : useRunRowsStore().get(ids[0]);
  return run && `"${run.name}"`;
}

function verb(ids: Ids): string {
  return ids.length === 1 ? 'is' : 'are';
}

function without(ids: Ids, refusals: readonly Refusal[]): Ids {
  const refused = new Set(refusals.map(({ id }) => id));
  return ids.filter((id) => !refused.has(id));
}

async function inBatches<Answer>(ids: Ids, ask: (part: string[]) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < ids.length; start += atOnce) {
    answers.push(await ask(ids.slice(start, start + atOnce)));
  }
  return answers;
}

/** Shows the effect of a user action immediately; only changes from other sources wait. */
async function showChange(): Promise<void> {
  await Promise.all([useRunListStore().refresh(), useRunFacetsStore().refresh(), useRunStore().reload()]);
}

function reportRefusals(refusals: readonly Refusal[], what: string): void {
  if (refusals.length === 0) return;
  const rest = refusals.length > 1 ? ` And ${refusals.length - 1} more for similar reasons.` : '';
  const message = `${formatPlural(refusals.length, 'run')} ${what}. ${refusals[0].message}${rest}`;
  const details = refusals.map((refusal) => `${refusal.id}: ${refusal.message}`).join('\n');
  useNoticesStore().show({ level: 'warning', message, details });
}

async function attempt(what: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    useNoticesStore().fail(error, what);
    return false;
  }
}
