/** What a folder of results says about itself: numbers of every picture, and the tables made of them. */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Provenance, provenanceSchema } from '../../shared/inpainting.ts';
import { type InpaintedRow, inpaintingCsv, inpaintingMarkdown } from '../reports/inpaintingTable.ts';
import { writeFileAtomically } from '../store/files/atomicFile.ts';

const decibels = z.number().nullable();
const recordSchema = z.object({
  /** As the table calls it. */
  name: z.string(),
  /** Absolute: what was inpainted. */
  file: z.string(),
  /** Names of its files in the folder, the result first. */
  files: z.array(z.string()),
  width: z.int(),
  height: z.int(),
  observed: z.int(),
  nfe: z.number(),
  tiles: z.number(),
  seconds: z.number(),
  peakBytes: z.number(),
  hasTruth: z.boolean(),
  scores: z.array(
    z.object({
      method: z.string(),
      psnr: decibels,
      psnrUnobserved: decibels,
      ssim: z.number().nullable(),
      seconds: z.number(),
    }),
  ),
  provenance: provenanceSchema,
});
export type InpaintRecord = z.infer<typeof recordSchema>;

const fileSchema = z.object({ pictures: z.array(recordSchema) });
const fileName = 'results.json';

/** The records of an earlier call; none where there is no such file or it is not one of ours. */
export function readRecords(folder: string): InpaintRecord[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(join(folder, fileName), 'utf8'))).pictures;
  } catch {
    return [];
  }
}

/** Numbers and tables; returns their paths. */
export function writeResults(
  folder: string,
  { records, title, notes }: { records: readonly InpaintRecord[]; title: string; notes: readonly string[] },
): string[] {
  const rows: readonly InpaintedRow[] = records;
  const files = [
    { name: 'results.md', text: inpaintingMarkdown(rows, { title, notes }) },
    { name: 'results.csv', text: inpaintingCsv(rows) },
    { name: fileName, text: `${JSON.stringify({ pictures: records }, null, 2)}\n` },
  ];
  mkdirSync(folder, { recursive: true });
  return files.map(({ name, text }) => {
    writeFileAtomically({ folder, name, bytes: Buffer.from(text) });
    return join(folder, name);
  });
}

/** Whether two results came about the same way. */
export function isSameOrigin(one: Provenance, other: Provenance): boolean {
  return canonical(one) === canonical(other);
}

/** Parsing brings the keys into the schema's order. */
function canonical(provenance: Provenance): string {
  return JSON.stringify(provenanceSchema.parse(provenance));
}
