import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, '.github', 'workflows');
const names = readdirSync(folder).filter((name) => name.endsWith('.yml'));

// GitHub's own parser imports a JSON file without the attribute that Node requires.
const hooks = registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } =
  await import('@actions/workflow-parser');
hooks.deregister();

/** Returns the errors of a workflow, of its syntax, its keys and the expressions in it, and the names of its jobs. */
async function parseAsGitHub(name: string, content: string) {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  // A workflow with errors of syntax has no jobs.
  const isReadable = value !== undefined && context.errors.count === 0;
  const template = isReadable ? await convertWorkflowTemplate(context, value) : null;
  return {
    errors: context.errors.getErrors().map(({ message }) => message),
    jobs: template?.jobs.map(({ id }) => id.toString()),
  };
}

const stepSchema = z.looseObject({ uses: z.string().optional(), run: z.string().optional() });
const workflowSchema = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.looseObject({
      uses: z.string().optional(),
      permissions: z.record(z.string(), z.string()),
      'timeout-minutes': z.number().optional(),
      steps: z.array(stepSchema).default([]),
    }),
  ),
});

describe.each(names)('the workflow %s', (name) => {
  const content = readFileSync(join(folder, name), 'utf8');
  const workflow = workflowSchema.parse(parse(content));
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  it('has only keys, values and expressions that GitHub accepts', async () => {
    expect(await parseAsGitHub(name, content)).toEqual({ errors: [], jobs: Object.keys(workflow.jobs) });
  });

  it('uses each action at a commit, and names its version', () => {
    const uses = content.split('\n').filter((line) => /^\s*(?:- )?uses: (?!\.\/)/.test(line));
    expect(uses.length).toBe(steps.filter((step) => step.uses !== undefined).length);
    for (const line of uses) expect(line).toMatch(/uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('has no permission but to read the sources, and that to write only where a release is created', () => {
    expect(workflow.permissions).toEqual({});
    for (const [id, { permissions }] of Object.entries(workflow.jobs))
      expect([id, permissions]).toEqual([id, { contents: id === 'publish' ? 'write' : 'read' }]);
  });

  it('ends each job after a limited time', () => {
    const unlimited = Object.entries(workflow.jobs).filter(([, job]) => !job.uses && !job['timeout-minutes']);
    expect(unlimited.map(([id]) => id)).toEqual([]);
  });

  it('calls scripts that exist in package.json, with no logic of its own', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const allowed =
      /^(?:sudo sysctl -w [\w.=]+|npm ci [-\w ]+|gh release create .*|(?:xvfb-run --auto-servernum )?npm (?:run ([\w:]+)|test)(?: -- .*| > out\/notes\.md)?)$/;
    for (const { run } of steps) {
      if (run === undefined) continue;
      const script = allowed.exec(run);
      expect(script, run).not.toBeNull();
      if (script?.[1] !== undefined) expect(Object.keys(manifest.scripts)).toContain(script[1]);
    }
  });

  it('installs the packages before the first script that needs them', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const installs = (name: string): boolean => {
      const before = scripts[`pre${name}`] ?? '';
      return (
        before.includes('setup.mjs') || (/^npm run ([\w:]+)/.exec(before)?.slice(1).some(installs) ?? false)
      );
    };
    for (const { steps } of Object.values(workflow.jobs)) {
      const first = steps.flatMap(({ run = '' }) => /npm (?:run )?([\w:]+)/.exec(run)?.[1] ?? []).at(0);
      if (first !== undefined && first !== 'ci') expect([first, installs(first)]).toEqual([first, true]);
    }
  });

  it('puts no text of an event into a command, where it could be one itself', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });

  it('calls only workflows that exist', () => {
    for (const { uses } of Object.values(workflow.jobs))
      if (uses !== undefined) expect(existsSync(join(root, uses)), uses).toBe(true);
  });
});

describe('the check of workflows', () => {
  const start = 'on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n';

  it.each([
    ['an unknown key', `${start}      - runs: npm test\n`, /runs/],
    ['an unknown variable in an expression', `${start}      - run: echo \${{ matrx.a }}\n`, /matrx/],
    ['an unknown function', `${start}      - run: npm test\n        if: succes()\n`, /succes/],
    ['an unknown event', start.replace('push', 'pushed'), /pushed/],
  ])('finds %s', async (_fault, content, message) => {
    const { errors } = await parseAsGitHub('one.yml', content);
    expect(errors.join('\n')).toMatch(message);
  });
});
