import path from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const untyped = /^(no-|max-lines|reckon\/)/;

/** The real configuration, without the rules that need types: those are the plugin's own business. */
const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) => untyped.test(ruleId),
  overrideConfig: {
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    languageOptions: { parserOptions: { projectService: false } },
  },
});

async function reported(file: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
  return result!.messages.map(({ ruleId }) => ruleId);
}

const clocks = [
  'export const x = Date.now();',
  'export const x = new Date();',
  'export const x = Math.random();',
  'export const x = crypto.randomUUID();',
  `export { randomUUID } from 'node:crypto';\nimport { randomUUID } from 'node:crypto';`,
];
const timers = [
  'setTimeout(() => {}, 1);',
  'setInterval(() => {}, 1);',
  'setImmediate(() => {});',
  'export const x = performance.now();',
  `import { setTimeout as wait } from 'node:timers/promises';\nexport { wait };`,
];

describe('time and chance', () => {
  it.each([...clocks, ...timers])('are forbidden in a lib: %s', async (code) => {
    expect(await reported('libs/serve/http/src/index.ts', code)).toHaveLength(1);
  });

  it.each([...clocks, ...timers])('are the business of the kernel and of the tools: %s', async (code) => {
    expect(await reported('libs/kernel/src/index.ts', code)).toEqual([]);
    expect(await reported('tools/bench/main.ts', code)).toEqual([]);
  });

  it('let a test wait, but not depend on the date or on chance', async () => {
    for (const code of timers) expect(await reported('libs/serve/http/src/x.spec.ts', code)).toEqual([]);
    for (const code of clocks) expect(await reported('libs/serve/http/src/x.spec.ts', code)).toHaveLength(1);
  });

  it('let a given time be read', async () => {
    expect(await reported('libs/serve/http/src/index.ts', 'export const at = (ms: number) => new Date(ms);')).toEqual(
      [],
    );
  });
});

describe('files', () => {
  it.each([
    'someFile.ts',
    'Some.ts',
    'snake_case.ts',
    'utils.ts',
    'http-x/helpers/a.ts',
    'common.spec.ts',
    'misc/a.ts',
  ])('may not be named %s', async (name) => {
    expect(await reported(`libs/pki/src/${name}`, 'export {};')).toEqual(['reckon/file-names']);
  });

  it.each(['a.ts', 'apps/v1/deployment.strategy.ts', 'writer.entry.ts', 'x-y2.suite.ts'])(
    'may be named %s',
    async (name) => {
      expect(await reported(`libs/pki/src/${name}`, 'export {};')).toEqual([]);
    },
  );

  it('end at 400 lines, tests at 800', async () => {
    const lines = (count: number) => 'export {};\n'.repeat(count);
    expect(await reported('libs/pki/src/a.ts', lines(400))).toEqual([]);
    expect(await reported('libs/pki/src/a.ts', lines(401))).toEqual(['max-lines']);
    expect(await reported('libs/pki/src/a.spec.ts', lines(800))).toEqual([]);
    expect(await reported('libs/pki/src/a.spec.ts', lines(801))).toEqual(['max-lines']);
  });

  it('have no default export and print only in apps and tools', async () => {
    expect(await reported('libs/pki/src/a.ts', 'export default 1;')).toEqual(['no-restricted-exports']);
    expect(await reported('libs/pki/src/a.ts', 'console.log(1);')).toEqual(['no-console']);
    expect(await reported('apps/reckon/src/main.ts', 'console.log(1);')).toEqual([]);
  });
});
