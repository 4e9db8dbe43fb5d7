import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import tsconfig from '../../tsconfig.base.json' with { type: 'json' };
import { drivers, layers } from './layers.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const RULE = '@nx/enforce-module-boundaries';

/** `store-log` → `@reckon/store/log`, for the layers that have one; a further entry (`…/suites`) is not the lib's own. */
const aliases = new Map(
  Object.entries(tsconfig.compilerOptions.paths)
    .filter(([, [target]]) => target!.endsWith('/index.ts'))
    .map(([alias, [target]]) => [layerAt(path.join(root, target!)), alias]),
);

function layerAt(file: string): string {
  const folder = path.join(path.relative(root, file), '../..');
  const row = layers.find((candidate) => candidate.root === folder);
  if (row === undefined) throw new Error(`tsconfig.base.json names ${folder}, which has no row in layers.mjs`);
  return row.layer;
}

/** The real configuration, reduced to the one rule and freed of type information, which that rule does not use. */
const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) => ruleId === RULE,
  overrideConfig: {
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    languageOptions: { parserOptions: { projectService: false } },
  },
});

async function violations(layer: string, imported: string, file = 'index.ts'): Promise<string[]> {
  const row = layers.find((candidate) => candidate.layer === layer)!;
  const folder = layer === 'tools' ? row.root : `${row.root}/src`;
  const code = `import * as imported from '${imported}';\nexport const used = imported;\n`;
  const [result] = await eslint.lintText(code, { filePath: path.join(root, folder, file) });
  for (const message of result!.messages) expect(message.ruleId, message.message).toBe(RULE);
  return result!.messages.map((message) => message.message);
}

const importable = layers.filter(({ layer }) => aliases.has(layer));

describe('the layer table', () => {
  it('has a project with exactly the tag of each row, and an alias for each lib', () => {
    for (const { layer, root: folder } of layers) {
      const file = path.join(root, folder === 'tools' ? '.' : folder, 'project.json');
      const project = JSON.parse(readFileSync(file, 'utf8')) as { name: string; tags: string[] };
      expect(project.tags, file).toEqual([`layer:${layer}`]);
      if (folder.startsWith('libs/')) {
        expect(project.name, file).toBe(layer);
        expect(existsSync(path.join(root, folder, 'src/index.ts')), folder).toBe(true);
        expect(aliases.get(layer), layer).toBe(folder.replace('libs/', '@reckon/'));
      }
    }
  });

  it('names only layers that exist, and has no cycle', () => {
    const seen = new Set<string>();
    const visit = (layer: string, trail: readonly string[]): void => {
      expect(trail, `cycle: ${[...trail, layer].join(' → ')}`).not.toContain(layer);
      if (seen.has(layer)) return;
      const row = layers.find((candidate) => candidate.layer === layer);
      expect(row, `unknown layer ${layer} in ${trail.at(-1) ?? 'the table'}`).toBeDefined();
      for (const next of row!.may) visit(next, [...trail, layer]);
      for (const extra of row!.inTests) expect(layers.map((candidate) => candidate.layer)).toContain(extra);
      seen.add(layer);
    };
    for (const { layer } of layers) visit(layer, []);
  });

  it('keeps the server plane and the client plane apart', () => {
    const isServer = (layer: string): boolean => /^(store|registry|serve)-/.test(layer);
    const isClient = (layer: string): boolean => /^(client|control|node)-/.test(layer);
    for (const { layer, may } of layers) {
      if (isServer(layer)) expect(may.filter(isClient), layer).toEqual([]);
      if (isClient(layer)) expect(may.filter(isServer), layer).toEqual([]);
    }
  });
});

describe('the boundary rule', () => {
  it.each(layers)('reports a forbidden import of $layer', async ({ layer, may, inTests }) => {
    const allowed = new Set([layer, ...may, ...inTests]);
    const forbidden = importable.find((candidate) => !allowed.has(candidate.layer));
    expect(forbidden, `${layer} may import every other layer`).toBeDefined();
    const alias = aliases.get(forbidden!.layer)!;
    const said = [`layer:${layer}"`, 'depend on'];
    for (const file of ['index.ts', 'index.spec.ts']) {
      const messages = await violations(layer, alias, file);
      expect(messages, `${file} imports ${alias}`).toHaveLength(1);
      for (const words of said) expect(messages[0]).toContain(words);
    }
  });

  it.each(layers.filter(({ may }) => may.length > 0))('lets $layer import what its row grants', async (row) => {
    for (const granted of row.may) expect(await violations(row.layer, aliases.get(granted)!)).toEqual([]);
  });

  it.each(layers.filter(({ inTests }) => inTests.length > 0))(
    'lets only the tests of $layer import more',
    async ({ layer, inTests }) => {
      for (const extra of inTests) {
        const alias = aliases.get(extra)!;
        expect(await violations(layer, alias)).toHaveLength(1);
        expect(await violations(layer, alias, 'index.spec.ts')).toEqual([]);
      }
    },
  );

  it('reports a relative import that reaches into another lib', async () => {
    const messages = await violations('store-view', '../../log/src/index');
    expect(messages).toHaveLength(1);
  });

  it.each(drivers)('keeps $package to its owners', async ({ package: driver, owners }) => {
    const strangers = layers.filter(({ layer }) => !owners.includes(layer));
    expect(strangers.length).toBeGreaterThan(0);
    for (const { layer } of strangers) {
      const messages = await violations(layer, driver);
      expect(messages, `${layer} imports ${driver}`).toHaveLength(1);
      expect(messages[0]).toContain('not allowed to import');
    }
    for (const layer of owners) expect(await violations(layer, driver)).toEqual([]);
  });

  it('sees a driver that is loaded on first use, or by its types only', async () => {
    const filePath = path.join(root, 'libs/serve/http/src/index.ts');
    for (const code of [
      `export const driver = () => import('better-sqlite3');\n`,
      `export type { Database } from 'better-sqlite3';\n`,
      `import type { Database } from 'better-sqlite3';\nexport type Used = Database;\n`,
    ]) {
      const [result] = await eslint.lintText(code, { filePath });
      expect(
        result!.messages.map(({ ruleId }) => ruleId),
        code,
      ).toEqual([RULE]);
    }
  });
});
