import Database from 'better-sqlite3';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listCheckpointRows } from '../../../main/store/runs/checkpoints.ts';
import { readComparedRun, listEvaluations, setImageSheets } from '../../../main/store/runs/evaluations.ts';
import { openDatabase, type LabDatabase } from '../../../main/store/database/database.ts';
import { listDatasets } from '../../../main/store/datasets.ts';
import { listInpaintings, getMask } from '../../../main/store/inpaintings/inpaintings.ts';
import { readMetrics } from '../../../main/store/runs/metrics.ts';
import { migrations } from '../../../main/store/database/migrate.ts';
import { listPreviews } from '../../../main/store/runs/previews.ts';
import { readQueue } from '../../../main/store/queue.ts';
import { listRunPage } from '../../../main/store/runs/runList.ts';
import { readMarks } from '../../../main/store/runs/runMarks.ts';
import { listSegments } from '../../../main/store/runs/segments.ts';
import { runQuerySchema } from '../../../shared/runList.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

const golden = join(import.meta.dirname, 'golden');
/** Schemas with a stored database; that of schema 1 is in migrate.test.ts. */
const versions = readdirSync(golden).map((name) => Number(/^schema(\d+)\.sql$/.exec(name)?.[1]));
const id = 'abcdefg2';
const imageSheets = {
  images: 2,
  columns: 2,
  imageSize: 32,
  sheets: ['truth', 'known', 'thin plate', 'flow · mean of 2 samples'],
  // Evaluations from before states were stored have none.
  states: [],
};

function openGolden(version: number): { db: LabDatabase; file: string } {
  const file = join(makeTemporaryFolder(), 'lab.sqlite');
  const old = new Database(file);
  old.exec(readFileSync(join(golden, `schema${version}.sql`), 'utf8'));
  old.close();
  const { db } = openDatabase(file);
  onTestFinished(() => void db.close());
  return { db, file };
}

/** Returns every table with its columns, and every index. */
function describeSchema(db: LabDatabase): unknown {
  const columns = `SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || coalesce(c.dflt_value, '')
    FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY 1`;
  const indices = "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY 1";
  return [columns, indices].map((query) => db.prepare(query).pluck().all());
}

describe.each(versions)('a database of schema %i', (version) => {
  it('is copied and migrated to the schema of a new one', () => {
    const { db, file } = openGolden(version);
    const { db: fresh } = openDatabase(join(makeTemporaryFolder(), 'lab.sqlite'));
    onTestFinished(() => void fresh.close());
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(describeSchema(db)).toEqual(describeSchema(fresh));
    const backups = readdirSync(dirname(file)).filter((name) => name.includes('.backup-'));
    expect(backups).toHaveLength(version < migrations.length ? 1 : 0);
  });

  it('keeps its run with all related rows', () => {
    const { db } = openGolden(version);
    const query = runQuerySchema.parse({ view: 'archived' });
    const [row] = listRunPage(db, query, { offset: 0, limit: 10 }).rows;
    expect(row).toMatchObject({
      id,
      name: 'golden',
      status: 'paused',
      step: 20,
      bestPsnr: 22.5,
      bestSsim: 0.75,
      loss: 0.5,
      tags: ['thesis'],
      hasNote: true,
      archived: true,
      field: 'perceiver',
      method: 'flow',
    });
    expect(readMarks(db, id)).toEqual({
      tags: ['thesis'],
      archivedAt: '2026-01-03T00:00:00.000Z',
      note: 'keep this',
      branchedFrom: { runId: 'hijklmn3', step: 10 },
    });
    expect(readMetrics(db, id, { names: ['loss'] }).map(({ value }) => value)).toEqual([0.5, NaN]);
    expect(listCheckpointRows(db, id)).toMatchObject([{ step: 20, sha256: 'ff', isBest: true }]);
    expect(listPreviews(db, id)).toMatchObject([{ step: 20, file: 'preview-20.png' }]);
    expect(listSegments(db, id)).toMatchObject([{ fromStep: 0, toStep: 20 }]);
    expect(readQueue(db)).toMatchObject([{ runId: id, kind: 'evaluation', request: { images: 4 } }]);
    expect(listDatasets(db)).toMatchObject([{ source: 'folder:/home/me/birds', trainImages: 9 }]);
  });

  it('keeps its evaluations, with null for what was not measured and infinite numbers in place of old nulls', () => {
    const { db } = openGolden(version);
    const [oldest, newer] = listEvaluations(db, id).toReversed();
    expect(oldest).toMatchObject({
      step: 20,
      imageSheets: null,
      protocol: { metricVersion: 1, noiseSeed: null },
    });
    expect(oldest.rows).toMatchObject([{ method: 'nearest', psnr: null, perImage: null, sampling: null }]);
    expect(readComparedRun(db, id).evaluations).toHaveLength(version === 2 ? 1 : 2);
    if (version === 2) return;
    expect(newer).toMatchObject({ id: 2, imageSheets: version >= 4 ? imageSheets : null });
    expect(newer.rows[1]).toMatchObject({
      solver: 'heun',
      solverSteps: 10,
      sampling: null,
      psnrInterval: [22, 23],
      distribution: { spreadSkill: Infinity, coverage90: 0.88 },
      perImage: { psnr: [22, Infinity] },
    });
    setImageSheets(db, 1, imageSheets);
    expect(listEvaluations(db, id).at(-1)?.imageSheets).toEqual(imageSheets);
  });

  it.skipIf(version < 3)('keeps the history of inpaintings', () => {
    const { db } = openGolden(version);
    const { total, entries } = listInpaintings(db, { text: 'LAKE', offset: 0, limit: 10 });
    expect(total).toBe(1);
    expect(entries[0]).toMatchObject({
      id: 'opqrstu4',
      status: 'finished',
      runName: 'golden',
      times: [0, 0.5, 1],
      image: { width: 640, height: 480 },
      request: { samples: 2 },
      result: { observed: 61_440 },
    });
    expect(getMask(db, 'fedcba9876543210')).toMatchObject({ observed: 61_440 });
  });
});

it('Every schema before the current one has a stored database', () => {
  const old = migrations.slice(1, -1).map(({ version }) => version);
  expect(versions).toEqual(expect.arrayContaining(old));
});
