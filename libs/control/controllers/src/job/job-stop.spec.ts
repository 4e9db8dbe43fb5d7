import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testOptions } from '../testing/controller-test.suite';
import { jobController } from './job-controller';
import { JobPlay } from './testing/job-test.suite';

let harness: ClientHarness;
const play = new JobPlay(() => harness);
beforeEach(async () => {
  harness = await startClientHarness();
});
afterEach(() => harness.stop());

/** More than a client has connections, and than are begun at once. */
const many = 300;

const writes = (isOurs: (method: string, path: string) => boolean): number =>
  harness.api.requests.filter(({ method, path }) => isOurs(method, path)).length;
const creates = (): number => writes((method, path) => method === 'POST' && path.endsWith('/pods'));
const removals = (): number =>
  writes((method, path) => ['DELETE', 'PATCH'].includes(method) && path.includes('/pods/'));

describe('a Job controller that is told to stop', () => {
  it('makes no more pods', async () => {
    const controller = jobController.start({ ...harness, options: testOptions });
    harness.informers.start();
    let seen = 0;
    const stopped = new Promise<void>((resolve, reject) => {
      harness.api.store.subscribe(({ type, ref }) => {
        if (ref.kind === 'Pod' && type === 'ADDED' && ++seen === 20) controller.stop().then(resolve, reject);
      });
    });
    play.create({ parallelism: many, completions: many });
    await stopped;
    const made = creates();
    expect(made).toBeLessThan(150);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(creates()).toBe(made);
  });

  it('takes no more away', async () => {
    const controller = jobController.start({ ...harness, options: testOptions });
    harness.informers.start();
    play.create({ parallelism: many, completions: many });
    await eventually(() => {
      expect(play.active()).toHaveLength(many);
    });
    let seen = 0;
    const stopped = new Promise<void>((resolve, reject) => {
      harness.api.store.subscribe(({ type, ref }) => {
        if (ref.kind === 'Pod' && type !== 'ADDED' && ++seen === 20) controller.stop().then(resolve, reject);
      });
    });
    play.change({ suspend: true });
    await stopped;
    const removed = removals();
    expect(removed).toBeLessThan(200);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(removals()).toBe(removed);
    expect(harness.api.store.list(refs.pods).length).toBeGreaterThan(0);
  });
});
