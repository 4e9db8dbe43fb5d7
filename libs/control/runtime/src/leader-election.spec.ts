import { failure, StatusError } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type FakeClock, fakeClock, silentLogger } from '@reckon/kernel';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeaderElector } from './leader-election';

let harness: ClientHarness;
let time: FakeClock;
let leading: string[];
let lost: string[];
let most: number;
let slow: number;
let warned: unknown[];

const candidate = (identity: string): LeaderElector =>
  new LeaderElector({
    rest: harness.rest,
    namespace: 'kube-system',
    name: 'test',
    identity,
    clock: time,
    timers: time,
    logger: { ...silentLogger, warn: (message, fields) => warned.push([message, fields]) },
    lead: async () => {
      leading.push(identity);
      most = Math.max(most, leading.length);
      return {
        stop: async () => {
          leading = leading.filter((l) => l !== identity);
        },
      };
    },
    onSlowRenewal: () => {
      slow++;
    },
    onLost: () => {
      lost.push(identity);
    },
  });
const holder = (): unknown =>
  (harness.api.store.find(refs.leases, 'kube-system', 'test')?.['spec'] as { holderIdentity?: string } | undefined)
    ?.holderIdentity;
/** Time passes in small steps, so that requests of either side are answered in between. */
const pass = async (seconds: number): Promise<void> => {
  for (let i = 0; i < seconds * 2; i++) {
    await time.advance(500);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
};

beforeEach(async () => {
  time = fakeClock();
  [leading, lost, most, slow, warned] = [[], [], 0, 0, []];
  harness = await startClientHarness({ time });
});
afterEach(() => harness.stop());

describe('leader election', () => {
  it('lets one of two lead, and the other when the first gives up', async () => {
    const [a, b] = [candidate('a'), candidate('b')];
    a.start();
    await eventually(() => {
      expect(leading).toEqual(['a']);
    });
    b.start();
    await pass(30);
    expect([leading, holder(), a.isLeader, b.isLeader]).toEqual([['a'], 'a', true, false]);
    await a.stop();
    expect([leading, holder()]).toEqual([[], '']);
    await pass(3);
    expect([leading, holder()]).toEqual([['b'], 'b']);
    expect(harness.api.store.get(refs.leases, 'kube-system', 'test')['spec']).toMatchObject({
      leaseTransitions: 1,
      leaseDurationSeconds: 15,
    });
    expect(most).toBe(1);
    await b.stop();
  });

  it('renews without reading the lease, unless somebody else has written it', async () => {
    const a = candidate('a');
    a.start();
    await pass(1);
    const reads = (): number => harness.api.requests.filter(({ method }) => method === 'GET').length;
    const before = reads();
    await pass(10);
    expect([reads(), slow, a.isLeader]).toEqual([before, 0, true]);
    const lease = harness.api.store.get(refs.leases, 'kube-system', 'test');
    harness.api.store.put(refs.leases, { ...lease, metadata: { ...lease.metadata, labels: { touched: 'yes' } } });
    await pass(3);
    expect([reads(), slow, a.isLeader]).toEqual([before + 1, 1, true]);
    const { renewTime } = harness.api.store.get(refs.leases, 'kube-system', 'test')['spec'] as { renewTime: string };
    await pass(3);
    expect(harness.api.store.get(refs.leases, 'kube-system', 'test')['spec']).not.toMatchObject({ renewTime });
    harness.api.store.put(refs.leases, { ...lease, metadata: { ...lease.metadata, labels: { touched: 'again' } } });
    await a.stop();
    expect([holder(), harness.api.store.get(refs.leases, 'kube-system', 'test').metadata.labels]).toEqual([
      '',
      { touched: 'again' },
    ]);
  });

  it('takes a lease only after it was seen unchanged for its whole duration', async () => {
    harness.api.store.create(refs.leases, 'kube-system', {
      metadata: { name: 'test' },
      // Its time says that it is long over: clocks of machines differ, that counts for nothing.
      spec: {
        holderIdentity: 'gone',
        leaseDurationSeconds: 15,
        renewTime: '2000-01-01T00:00:00.000000Z',
        leaseTransitions: 4,
      },
    });
    const b = candidate('b');
    b.start();
    await pass(14);
    expect(leading).toEqual([]);
    await pass(4);
    expect([leading, holder()]).toEqual([['b'], 'b']);
    await b.stop();
  });

  it('counts that duration from when it was told of the lease, not from when it asked', async () => {
    harness.api.store.create(refs.leases, 'kube-system', {
      metadata: { name: 'test' },
      spec: { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime: '2000-01-01T00:00:00.000000Z' },
    });
    const request = harness.rest.request.bind(harness.rest);
    let answer = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let isFirst = true;
    harness.rest.request = async (...args: Parameters<typeof request>) => {
      if (isFirst) {
        isFirst = false;
        await late;
      }
      return request(...args);
    };
    const b = candidate('b');
    b.start();
    await pass(10);
    answer();
    await pass(14);
    expect(leading).toEqual([]);
    await pass(4);
    expect([leading, holder()]).toEqual([['b'], 'b']);
    await b.stop();
  });

  it('gives the lease back as soon as nothing acts any more, before all has been told', async () => {
    const log: string[] = [];
    let told = (): void => undefined;
    const telling = new Promise<void>((resolve) => (told = resolve));
    const elector = new LeaderElector({
      rest: harness.rest,
      namespace: 'kube-system',
      name: 'test',
      identity: 'a',
      clock: time,
      timers: time,
      logger: silentLogger,
      lead: async () => ({
        quiet: async () => {
          log.push(`quiet, held by ${String(holder())}`);
        },
        stop: async () => {
          log.push(`stop, held by ${String(holder())}`);
          await telling;
        },
      }),
      onLost: () => undefined,
    });
    elector.start();
    await eventually(() => {
      expect(elector.isLeader).toBe(true);
    });
    const stopped = elector.stop();
    await eventually(() => {
      expect(holder()).toBe('');
    });
    told();
    await stopped;
    expect(log).toEqual(['quiet, held by a', 'stop, held by ']);
  });

  it('stops leading when it cannot renew in time, before another may lead', async () => {
    const [a, b] = [candidate('a'), candidate('b')];
    a.start();
    await eventually(() => {
      expect(leading).toEqual(['a']);
    });
    // Its requests hang for ever: the connection is there, nothing answers.
    const request = harness.rest.request.bind(harness.rest);
    let isCut = true;
    harness.rest.request = (...args: Parameters<typeof request>) =>
      isCut ? new Promise(() => undefined) : request(...args);
    await pass(9);
    expect(leading).toEqual(['a']);
    await pass(4);
    expect([leading, lost]).toEqual([[], ['a']]);
    isCut = false;
    b.start();
    await pass(18);
    expect([leading, holder(), most]).toEqual([['b'], 'b', 1]);
    await b.stop();
  });

  it('tells once of a lease that its user may not have, and leads when it may', async () => {
    const message = 'leases.coordination.k8s.io "test" is forbidden: User "eve" cannot get resource "leases"';
    harness.api.refuse(() => new StatusError(failure({ reason: 'Forbidden', message })));
    const a = candidate('a');
    a.start();
    await pass(9);
    expect(warned).toEqual([
      [
        'the lease of the leader is refused',
        { lease: 'test', namespace: 'kube-system', error: `StatusError: ${message}` },
      ],
    ]);
    // A server that is only busy, or ends, refuses nobody for good.
    harness.api.refuse(() => new StatusError(failure({ reason: 'ServiceUnavailable', message: 'ending' })));
    await pass(5);
    harness.api.refuse(undefined);
    await pass(3);
    expect([leading, warned.length]).toEqual([['a'], 1]);
    await a.stop();
  });
});
