import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Entry } from '@reckon/store/contract';
import { Drafter, pod } from '@reckon/store/contract/suites';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BatchEncoder } from '../batch';
import { writerStatements } from '../statements';
import { BatchCommitter } from './commit-batch';
import { openDatabase } from './open-database';

const folder = mkdtempSync(path.join(tmpdir(), 'reckon-commit-'));
let count = 0;

function rig() {
  const { db } = openDatabase({
    file: path.join(folder, `${String(count++)}.db`),
    failpoints: '',
    newId: 'test',
    maxPages: undefined,
  });
  const encoder = new BatchEncoder();
  const committer = new BatchCommitter(db, writerStatements(db), 0);
  let commits = 0;
  const commit = (
    ...batches: readonly { readonly appends: readonly (readonly Entry[])[]; readonly generation: number }[]
  ) => {
    commits++;
    return committer
      .commit(batches.map(({ appends, generation }) => encoder.encode(appends, generation)))
      .map(({ committed, failure }) => [committed, failure?.code]);
  };
  const revisions = (): unknown => db.prepare('SELECT revision FROM entries ORDER BY revision').pluck().all();
  return { db, commit, revisions, commits: () => commits, draft: new Drafter(0) };
}

describe('BatchCommitter', () => {
  let all: ReturnType<typeof rig>;
  beforeEach(() => {
    all = rig();
  });
  afterEach(() => {
    all.db.close();
    if (count > 3) rmSync(folder, { recursive: true, force: true });
  });
  const one = (name: string, actor = 'alice'): readonly Entry[] => all.draft.entries({ key: pod(name), actor });

  it('answers each batch of a commit', () => {
    const { commit, revisions } = all;
    const outcome = commit(
      { appends: [one('a'), one('b')], generation: 0 },
      { appends: [one('c', 'bob')], generation: 0 },
      { appends: [one('d', 'bob')], generation: 0 },
    );
    expect(outcome).toEqual([
      [2, undefined],
      [1, undefined],
      [1, undefined],
    ]);
    expect(revisions()).toEqual([1, 2, 3, 4]);
    const who = all.db.prepare('SELECT actor FROM entries JOIN who USING (who_id) ORDER BY revision').pluck().all();
    expect(who).toEqual(['alice', 'alice', 'bob', 'bob']);
  });

  it('keeps what comes before a loser, in whatever batch, and lets fall what comes after it', () => {
    const { commit, revisions } = all;
    const batches = [[one('a')], [one('b'), one('a'), one('c')], [one('d')]];
    // Made as a create although it exists.
    const loser =
      batches[1]?.[1]?.map((entry): Entry => ({ ...entry, verb: 'create', previous: 0 as Entry['previous'] })) ?? [];
    const appends = [batches[0] ?? [], [batches[1]?.[0] ?? [], loser, batches[1]?.[2] ?? []], batches[2] ?? []];
    expect(commit(...appends.map((each) => ({ appends: each, generation: 0 })))).toEqual([
      [1, undefined],
      [1, 'Conflict'],
      [0, undefined],
    ]);
    expect(revisions()).toEqual([1, 2]);
  });

  it('lets what left before the failure was known fall, and takes what was numbered anew', () => {
    const { commit, revisions } = all;
    const [a, wrong, late] = [one('a'), one('a'), one('b')];
    const loser = wrong.map((entry): Entry => ({ ...entry, verb: 'create', previous: 0 as Entry['previous'] }));
    expect(commit({ appends: [a, loser], generation: 0 })).toEqual([[1, 'Conflict']]);
    const again = late.map((entry): Entry => ({ ...entry, revision: 2 as Entry['revision'] }));
    expect(commit({ appends: [late], generation: 0 }, { appends: [again], generation: 1 })).toEqual([
      [0, undefined],
      [1, undefined],
    ]);
    expect(revisions()).toEqual([1, 2]);
  });
});
