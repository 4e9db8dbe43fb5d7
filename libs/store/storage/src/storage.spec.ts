import { testRandomHistories, testStorage, testWatch } from '@reckon/store/contract/suites';
import { memoryLog } from '@reckon/store/log';
import { describe } from 'vitest';
import { fixtureOver } from './testing/open-fixture';

const open = fixtureOver(() => Promise.resolve({ log: memoryLog(), remove: () => Promise.resolve() }));

describe('a storage over the log in memory', () => {
  testStorage(open);
});

describe('watches over the log in memory', () => {
  testWatch(open);
});

describe('random histories over the log in memory', () => {
  testRandomHistories(open, { seeds: 30, steps: 60 });
});
