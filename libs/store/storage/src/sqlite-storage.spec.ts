import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemRandom } from '@reckon/kernel';
import { testRandomHistories, testStorage, testWatch } from '@reckon/store/contract/suites';
import { openSqliteLog } from '@reckon/store/log';
import { describe } from 'vitest';
import { fixtureOver } from './testing/open-fixture';

const dist = path.resolve(import.meta.dirname, '../../../../dist');
const workers = { writer: path.join(dist, 'log-writer.mjs'), reader: path.join(dist, 'log-reader.mjs') };

const open = fixtureOver(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'reckon-storage-'));
  const log = await openSqliteLog({ file: path.join(folder, 'log.db'), workers, random: systemRandom });
  return {
    log,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
});

describe('a storage over SQLite', () => {
  testStorage(open);
});

describe('watches over SQLite', () => {
  testWatch(open);
});

describe('random histories over SQLite', () => {
  testRandomHistories(open, { seeds: 9, steps: 60 });
});
