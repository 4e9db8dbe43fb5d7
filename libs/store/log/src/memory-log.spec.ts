import { eventLogGuarantees } from '@reckon/store/contract/suites';
import type { LogFixture } from '@reckon/store/contract/suites';
import { describe, expect, it } from 'vitest';
import { memoryLog, unknownOutcome } from './memory-log';

async function open(): Promise<LogFixture> {
  let fails = false;
  const beforeCommit = (): void => {
    if (fails) throw new Error('full');
  };
  let log = memoryLog({ beforeCommit });
  return {
    log,
    async reopen() {
      await log.close();
      log = memoryLog({ beforeCommit, from: log.snapshot() });
      return log;
    },
    async failCommits() {
      fails = true;
      return async () => {
        fails = false;
      };
    },
    dispose: () => log.close(),
  };
}

describe('memoryLog', () => {
  for (const [name, test] of Object.entries(eventLogGuarantees))
    describe(name, () => {
      test(open);
    });

  it('leaves appends pending and tells once when the outcome is unknown', async () => {
    const log = memoryLog({
      beforeCommit: () => {
        throw unknownOutcome;
      },
    });
    const errors: Error[] = [];
    log.onFatal((error) => errors.push(error));
    let settled = false;
    const object = Buffer.from('{}');
    const who = { actor: '', agent: '', manager: '', request: '' };
    const entry = { revision: 1, key: '/core/pods/a/b', previous: 0, verb: 'create', object, at: 1, ...who } as never;
    void log.append([entry]).finally(() => (settled = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    expect(errors).toEqual([unknownOutcome]);
    log.onFatal((error) => errors.push(error));
    expect(errors).toHaveLength(2);
    await log.close();
  });
});
