import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seededRandom } from '@reckon/kernel';
import type { Random } from '@reckon/kernel';
import { collect } from '@reckon/store/contract/suites';
import { describe, expect, it } from 'vitest';
import { checkLog } from './check-log';
import type { EncryptionOptions } from './encryption/encryption-options';
import { openBundledLog } from './testing/sqlite-fixture';
import { workers } from './testing/worker-bundle';

interface Death {
  /** Newest revision that the child said was acknowledged. */
  readonly acknowledged: number;
  readonly signal: string | null;
}

/** Runs a child that appends without end, until it is killed: by us after `killAfter` acknowledgements, or by its failpoint. */
async function live(
  file: string,
  seed: number,
  how: { killAfter?: number; killAfterMs?: number; failpoints?: string; keys?: string },
): Promise<Death> {
  const script = [
    workers.crashChild,
    file,
    workers.writer,
    workers.reader,
    String(seed),
    how.failpoints ?? '',
    how.keys ?? '',
  ];
  const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'pipe'] });
  let acknowledged = 0;
  let said = 0;
  let rest = '';
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'open') {
        if (how.killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), how.killAfterMs);
        continue;
      }
      acknowledged = Math.max(acknowledged, Number(line));
      if (++said === how.killAfter) child.kill('SIGKILL');
    }
  });
  const [[, signal]] = await Promise.all([once(child, 'exit'), once(child.stdout, 'close')]);
  expect(complaints).toBe('');
  return { acknowledged, signal };
}

/** Opens what the dead left and proves it: every acknowledged write is there, no half batch, nothing missing. Returns the head. */
async function expectSound(file: string, acknowledged: number, encryption?: EncryptionOptions): Promise<number> {
  const log = await openBundledLog(file, encryption === undefined ? {} : { encryption });
  expect(log.head).toBeGreaterThanOrEqual(acknowledged);
  const entries = await collect(log.read({ after: log.floorOf('') }));
  const batches = new Map<number, { size: number; found: number }>();
  for (const { object, key } of entries) {
    if (!key.startsWith('/core/')) continue;
    const { batch, size } = JSON.parse(object.toString()) as { batch: number; size: number };
    const seen = batches.get(batch) ?? { size, found: 0 };
    seen.found++;
    batches.set(batch, seen);
  }
  // A batch is `size` entries from revision `batch` on: the last one must be whole too.
  const { head } = log;
  for (const [batch, { size }] of batches) expect(batch + size - 1).toBeLessThanOrEqual(head);
  await log.close();
  const report = await checkLog(file, { keys: encryption?.keys ?? [] });
  expect(report.unread).toBeUndefined();
  expect(report.problems).toEqual([]);
  expect(report.head).toBe(head);
  return head;
}

async function inScratch(test: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'reckon-crash-'));
  try {
    await test(path.join(folder, 'log.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Set to draw something else. */
const seed = Number(process.env['RECKON_SEED'] ?? 1);

describe(`kill -9 under load (RECKON_SEED=${seed})`, () => {
  it('loses nothing acknowledged, life after life of one log', () =>
    inScratch(async (file) => {
      const random: Random = seededRandom(seed);
      let newest = 0;
      for (let life = 0; life < 6; life++) {
        const how = random.int(2) === 0 ? { killAfter: 1 + random.int(300) } : { killAfterMs: random.int(150) };
        const { acknowledged, signal } = await live(file, random.int(2 ** 31), how);
        expect(signal).toBe('SIGKILL');
        const head = await expectSound(file, Math.max(newest, acknowledged));
        newest = head;
      }
    }));

  it('loses nothing acknowledged of what is encrypted, while each life rotates the key', () =>
    inScratch(async (file) => {
      let newest = 0;
      for (const [life, names] of ['a', 'b,a', 'c,b,a', 'd,c,b,a'].entries()) {
        // The second dies while it wraps the data keys of the first.
        const how = life === 1 ? { failpoints: 'log.rewrapBeforeCommit=exit' } : { killAfter: 60 + 30 * life };
        const { acknowledged, signal } = await live(file, seed + life, { ...how, keys: names });
        expect(signal).toBe('SIGKILL');
        const keys = names.split(',').map((name) => ({
          provider: 'aesgcm' as const,
          name,
          secret: createHash('sha256').update(name).digest(),
        }));
        newest = await expectSound(file, Math.max(newest, acknowledged), { rules: [], keys });
      }
    }));

  for (const name of ['log.beforeCommit', 'log.afterCommit', 'log.compactionBeforeCommit'])
    it(`is sound after a death at ${name}`, () =>
      inScratch(async (file) => {
        const first = await live(file, seed, { killAfter: 40 });
        const head = await expectSound(file, first.acknowledged);
        const second = await live(file, seed + 1, { failpoints: `${name}=exit` });
        expect(second.signal).toBe('SIGKILL');
        const after = await expectSound(file, Math.max(head, second.acknowledged));
        if (name === 'log.beforeCommit') expect(after).toBe(head);
        if (name === 'log.afterCommit') expect(after).toBeGreaterThan(head);
      }));
});
