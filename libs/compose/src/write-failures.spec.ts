import { type Logger, fakeClock } from '@reckon/kernel';
import { type Revision, StorageError } from '@reckon/store/contract';
import { describe, expect, it } from 'vitest';
import { writeFailures } from './write-failures';

const full = new StorageError('LogWriteFailed', 'the disk is full', {
  hint: 'Free disk space.',
  data: { cause: 'SQLITE_FULL' },
});

function failures() {
  const clock = fakeClock();
  const told: unknown[] = [];
  const storage = { revision: 7 as Revision };
  const silent = (): void => undefined;
  const logger: Logger = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (message, fields) => told.push([message, fields]),
    with: () => logger,
  };
  return { clock, told, storage, ...writeFailures({ storage, monotonic: clock, logger }) };
}

describe('changes that cannot be written', () => {
  it('are told once, with what to do, however many there are', async () => {
    const { note, told, clock } = failures();
    for (let i = 0; i < 100; i++) note(full);
    expect(told).toEqual([
      [
        'changes are refused: they cannot be written to the log',
        { reason: 'the disk is full', hint: 'Free disk space.', cause: 'SQLITE_FULL' },
      ],
    ]);
    await clock.advance(60_000);
    note(full);
    expect(told).toHaveLength(2);
  });

  it('are why the server is not ready, until one is written', () => {
    const { note, current, storage } = failures();
    expect(current()).toBeUndefined();
    note(full);
    expect(current()).toBe('the disk is full');
    storage.revision = 8 as Revision;
    expect(current()).toBeUndefined();
  });

  it('are forgotten where nobody has tried again', async () => {
    const { note, current, clock } = failures();
    note(full);
    await clock.advance(29_999);
    expect(current()).toBe('the disk is full');
    await clock.advance(1);
    expect(current()).toBeUndefined();
  });

  it('are not other failures', () => {
    const { note, current, told } = failures();
    note(new Error('the disk is full'));
    note(new StorageError('Closed', 'closed'));
    note(undefined);
    expect([current(), told]).toEqual([undefined, []]);
  });
});
