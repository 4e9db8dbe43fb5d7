import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What a process of its own writes on standard error, which is no terminal. */
describe('the logger', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-logger-'));
  const script = join(folder, 'logs.mjs');

  beforeAll(async () => {
    const { build } = await import('esbuild');
    await build({
      stdin: {
        contents: `
          import { createLogger } from './logger';
          const [verbosity, format] = process.argv.slice(2);
          const logger = createLogger('agents', Number(verbosity), format);
          logger.debug('looked', { key: 'a/b' });
          logger.with({ component: 'scheduler' }).with({ pod: 'p' }).info('bound', { node: 'n 1' });
          logger.warn('not written', { error: new Error('disk is full') });
        `,
        resolveDir: import.meta.dirname,
        loader: 'ts',
      },
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      alias: { pino: createRequire(import.meta.url).resolve('pino') },
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const logged = (...args: readonly string[]): string[] => {
    const file = join(folder, 'stderr');
    execFileSync('/bin/sh', ['-c', '"$0" "$@" 2> "$FILE"', process.execPath, script, ...args], {
      env: { FILE: file },
    });
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  };
  const read = (line: string): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>;

  it('writes JSON where nobody looks on, with what -v lets through', () => {
    expect(logged('0').map(read)).toEqual([
      { level: 40, time: expect.any(Number), component: 'agents', error: 'disk is full', msg: 'not written' },
    ]);
    expect(logged('1').map((line) => read(line)['msg'])).toEqual(['bound', 'not written']);
    expect(logged('9').map((line) => read(line)['msg'])).toEqual(['looked', 'bound', 'not written']);
    expect(read(logged('2').at(-1) ?? '')['error']).toMatch(/^Error: disk is full\n +at /);
  });

  it('writes each field once, the newest of those that were bound', () => {
    const [line = ''] = logged('1', 'json');
    expect(line.match(/"component"/g)).toHaveLength(1);
    expect(read(line)).toMatchObject({ component: 'scheduler', pod: 'p', node: 'n 1' });
  });

  it('writes text when asked to, one line each, without colours where there is no terminal', () => {
    const lines = logged('2', 'text').map((line) =>
      line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, '<time> '),
    );
    expect(lines.slice(0, 2)).toEqual([
      '<time> DEBUG agents: looked key=a/b',
      '<time> INFO  scheduler: bound pod=p node="n 1"',
    ]);
    expect(lines[2]).toMatch(/^<time> WARN {2}agents: not written error="Error: disk is full\\n +at /);
    expect(lines).toHaveLength(3);
  });
});
