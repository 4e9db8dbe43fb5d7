import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import type { Seat } from './seat';
import { RetryAfter } from './retry-after';
import { ask, everythingOf, flowFixture, groupOf, queued, schema, user } from './testing/flow-fixture.suite';

/** Of a peer that stays. */
const stays = (): AbortSignal => new AbortController().signal;
const everybody = groupOf('system:authenticated');
const two = { queues: 2, handSize: 1, queueLengthLimit: 2 };

/** Seats of catch-all are 5 shares of the sum: with 5 more for `name` each has half of the server's. */
async function oneLevel(queuing: typeof two | undefined, options: Parameters<typeof flowFixture>[0] = {}) {
  const fixture = flowFixture({ serverSeats: 4, ...options });
  fixture.put(queued('mine', 5, queuing));
  fixture.put(schema('mine', 'mine', everythingOf(everybody)));
  await fixture.settled();
  return fixture;
}

describe('a cluster without objects of flow control', () => {
  it('still has the mandatory levels', () => {
    const { flows } = flowFixture();
    const admin = flows.admit(ask('admin', {}, ['system:masters']));
    expect([admin.use.schema, admin.level.spec.name, admin.state]).toEqual(['exempt', 'exempt', 'executing']);
    const other = flows.admit(ask('jane'));
    expect([other.use.schema, other.level.spec.name, other.state]).toEqual(['catch-all', 'catch-all', 'executing']);
  });
  it('takes a user in no group at all for the catch-all', () => {
    const { flows } = flowFixture();
    expect(flows.admit(ask('', {}, [])).use.schema).toBe('catch-all');
  });
});

describe('flow schemas', () => {
  it('match by precedence, then by name', async () => {
    const fixture = flowFixture();
    for (const [name, matchingPrecedence] of [
      ['b', 500],
      ['a', 500],
      ['late', 501],
    ] as const)
      fixture.put(schema(name, 'catch-all', everythingOf(user('*')), { matchingPrecedence }));
    await fixture.settled();
    expect(fixture.flows.admit(ask('jane')).use.schema).toBe('a');
    fixture.put(schema('late', 'catch-all', everythingOf(user('*')), { matchingPrecedence: 2 }));
    await fixture.settled();
    expect(fixture.flows.admit(ask('jane')).use.schema).toBe('late');
    fixture.remove('schema', 'late');
    await fixture.settled();
    expect(fixture.flows.admit(ask('jane')).use.schema).toBe('a');
  });
  it('that name a level which is not there are passed over, until it is', async () => {
    const fixture = flowFixture();
    fixture.put(schema('dangling', 'gone', everythingOf(user('*'))));
    await fixture.settled();
    expect(fixture.flows.admit(ask('jane')).use.schema).toBe('catch-all');
    fixture.put(queued('gone', 1, undefined));
    await fixture.settled();
    expect(fixture.flows.admit(ask('jane')).use.schema).toBe('dangling');
  });
  it('tell their classification by uids, not by names', async () => {
    const { flows } = await oneLevel(two);
    expect(flows.admit(ask('jane')).headers).toEqual([
      'X-Kubernetes-Pf-Flowschema-Uid',
      'mine-schema',
      'X-Kubernetes-Pf-Prioritylevel-Uid',
      'mine-level',
    ]);
  });
  it('remember users by name and groups: the same name with other groups is another', async () => {
    const fixture = flowFixture();
    fixture.put(schema('boss', 'exempt', everythingOf(groupOf('bosses')), { matchingPrecedence: 10 }));
    await fixture.settled();
    expect(fixture.flows.admit(ask('jane', {}, ['bosses'])).use.schema).toBe('boss');
    expect(fixture.flows.admit(ask('jane')).use.schema).toBe('catch-all');
  });
});

describe('a level that queues', () => {
  it('gives seats while it has them, then queues, then refuses', async () => {
    const { flows } = await oneLevel(two);
    const states = Array.from({ length: 7 }, () => flows.admit(ask('jane')).state);
    expect(states).toEqual(['executing', 'executing', 'queued', 'queued', 'refused', 'refused', 'refused']);
  });
  it('hands a seat on when it is given back, once', async () => {
    const { flows } = await oneLevel(two);
    const [first, , third, fourth] = Array.from({ length: 4 }, () => flows.admit(ask('jane')));
    const served = third?.wait(stays());
    first?.finish();
    first?.finish();
    expect(await served).toBe(true);
    expect([third?.state, fourth?.state]).toEqual(['executing', 'queued']);
  });
  it('refuses what has waited too long', async () => {
    const { flows, clock, metrics } = await oneLevel(two, { waitLimitMs: 1000 });
    const all = Array.from({ length: 3 }, () => flows.admit(ask('jane')));
    const served = all[2]?.wait(stays());
    await clock.advance(1001);
    expect(await served).toBe(false);
    expect(metrics.render()).toContain(
      'apiserver_flowcontrol_rejected_requests_total{priority_level="mine",flow_schema="mine",reason="time-out"} 1',
    );
  });
  it('lets a peer that goes away leave its queue', async () => {
    const { flows, metrics } = await oneLevel(two);
    const all = Array.from({ length: 3 }, () => flows.admit(ask('jane')));
    const peer = new AbortController();
    const served = all[2]?.wait(peer.signal);
    peer.abort();
    expect(await served).toBe(false);
    expect(flows.admit(ask('jane')).state).toBe('queued');
    expect(metrics.render()).toContain('reason="cancelled"} 1');
  });
  it('keeps a quiet flow going beside one that floods its queues', async () => {
    const fixture = await oneLevel({ queues: 64, handSize: 4, queueLengthLimit: 50 });
    const { flows, clock } = fixture;
    const running: Seat[] = [];
    const loud: Seat[] = [];
    for (let i = 0; i < 150; i++) {
      const seat = flows.admit(ask('loud'));
      if (seat.state === 'executing') running.push(seat);
      else loud.push(seat);
    }
    const quiet = flows.admit(ask('quiet'));
    expect(quiet.state).toBe('queued');
    // It comes after a few of those that came before it, not after all.
    let ended = 0;
    while (quiet.state === 'queued') {
      await clock.advance(3);
      running.shift()?.finish();
      ended++;
      running.push(...loud.filter((seat) => seat.state === 'executing' && !running.includes(seat)));
      expect(ended).toBeLessThan(12);
    }
    expect(loud.filter((seat) => seat.state === 'queued').length).toBeGreaterThan(130);
  });
  it('shares seats evenly between two flows that both want more', async () => {
    const { flows, clock } = await oneLevel({ queues: 64, handSize: 1, queueLengthLimit: 200 });
    const seats = Array.from({ length: 200 }, (_, i) => flows.admit(ask(i % 4 === 0 ? 'few' : 'many')));
    for (let round = 0; round < 40; round++) {
      await clock.advance(5);
      for (const seat of seats.filter(({ state }) => state === 'executing')) seat.finish();
    }
    const done = (name: string): number =>
      seats.filter(({ state, distinguisher }) => state === 'done' && distinguisher === name).length;
    expect(Math.abs(done('few') - done('many'))).toBeLessThan(6);
  });
});

describe('a level that refuses', () => {
  it('has no queue', async () => {
    const { flows, metrics } = await oneLevel(undefined);
    const states = Array.from({ length: 3 }, () => flows.admit(ask('jane')).state);
    expect(states).toEqual(['executing', 'executing', 'refused']);
    expect(metrics.render()).toContain('reason="concurrency-limit"} 1');
  });
  it('leaves other levels their seats: leader election goes on', async () => {
    const fixture = await oneLevel(undefined, { serverSeats: 6 });
    fixture.put(queued('election', 5, two));
    fixture.put(schema('election', 'election', everythingOf(user('leader')), { matchingPrecedence: 100 }));
    await fixture.settled();
    for (let i = 0; i < 100; i++) fixture.flows.admit(ask('flood'));
    expect(fixture.flows.admit(ask('flood')).state).toBe('refused');
    expect(fixture.flows.admit(ask('leader')).state).toBe('executing');
    expect(fixture.flows.admit(ask('admin', {}, ['system:masters'])).state).toBe('executing');
  });
});

describe('lists', () => {
  it('take seats by the bytes that they go through', async () => {
    const fixture = await oneLevel(two, { serverSeats: 400 });
    fixture.counts = 1_000;
    const list = { verb: 'list', name: '' };
    const width = (info: Parameters<typeof ask>[1]): number => fixture.flows.admit(ask('jane', info)).width;
    expect(width(list)).toBe(10);
    expect(width({ ...list, query: 'limit=250' })).toBe(3);
    expect(width({ ...list, query: 'limit=250&labelSelector=a%3Db' })).toBe(3);
    expect(width({ ...list, name: 'one' })).toBe(1);
    // From no revision, a watch begins with a list.
    expect(width({ verb: 'watch', name: '' })).toBe(10);
    expect(width({ verb: 'watch', name: '', query: 'resourceVersion=0' })).toBe(10);
    expect(width({ verb: 'watch', name: '', query: 'resourceVersion=5' })).toBe(1);
    expect(width({ verb: 'watch', name: '', query: 'sendInitialEvents=true&watch=1' })).toBe(10);
    expect(width({ verb: 'create', name: '' })).toBe(1);
    // Sizes are looked at again after a minute.
    fixture.objectBytes = 200;
    expect(width(list)).toBe(10);
    await fixture.clock.advance(60_000);
    expect(width(list)).toBe(2);
    fixture.counts = 0;
    expect(width(list)).toBe(1);
  });

  it('take more where history is read, all of which selectors are held against', async () => {
    const fixture = await oneLevel(two, { serverSeats: 400 });
    fixture.counts = 1_000;
    fixture.objectBytes = 400;
    const width = (query: string): number => fixture.flows.admit(ask('jane', { verb: 'list', name: '', query })).width;
    for (const query of ['limit=100', 'limit=100&labelSelector=a', 'limit=100&resourceVersion=0&fieldSelector=a'])
      expect(width(query)).toBe(1);
    for (const of of ['continue=x', 'resourceVersion=7', 'resourceVersion=7&resourceVersionMatch=Exact']) {
      expect(width(`limit=100&${of}`)).toBe(1);
      expect(width(`limit=100&labelSelector=a&${of}`)).toBe(2);
    }
    expect(width('limit=100&labelSelector=a&resourceVersion=7&resourceVersionMatch=NotOlderThan')).toBe(1);
    fixture.objectBytes = 2_500;
    await fixture.clock.advance(60_000);
    // What is sent object by object is never there as a whole.
    expect([width(''), width('resourceVersion=7&resourceVersionMatch=Exact')]).toEqual([10, 25]);
  });

  it('never take more than a part of their level', async () => {
    const fixture = await oneLevel(two, { serverSeats: 40 });
    fixture.counts = 100_000;
    expect(fixture.flows.admit(ask('jane', { verb: 'list', name: '' })).width).toBe(3);
  });
});

describe('the refused', () => {
  it('are told to stay away for longer while many are refused, and for less when few are', () => {
    const told = new RetryAfter();
    const seconds: number[] = [];
    const refuse = (from: number, to: number, each: number): void => {
      for (let second = from; second < to; second++)
        for (let i = 0; i < each; i++) {
          told.count(second * 1000);
          if (i === 0) seconds.push(told.seconds);
        }
    };
    refuse(100, 140, 200);
    expect(seconds).toEqual([
      ...[1, 2, 2, 4, 4, 4, 4],
      ...Array.from({ length: 8 }, () => 8),
      ...Array.from({ length: 16 }, () => 16),
      ...Array.from({ length: 9 }, () => 32),
    ]);
    seconds.length = 0;
    // One each other second is few.
    for (let second = 200; second < 270; second += 2) refuse(second, second + 1, 1);
    expect(seconds.at(0)).toBe(31);
    expect(seconds.at(-1)).toBe(1);
  });
});

describe('lending', () => {
  it('gives idle seats to a level that wants more, and takes them back', async () => {
    const fixture = flowFixture({ serverSeats: 15 });
    const queuing = { queues: 1, handSize: 1, queueLengthLimit: 100 };
    const lends = { lendablePercent: 80 };
    fixture.put(queued('busy', 5, queuing, { borrowingLimitPercent: 200 }));
    fixture.put(queued('idle', 5, queuing, lends));
    fixture.put(schema('busy', 'busy', everythingOf(user('busy'))));
    fixture.put(schema('idle', 'idle', everythingOf(user('idle'))));
    await fixture.settled();
    const busy = Array.from({ length: 30 }, () => fixture.flows.admit(ask('busy')));
    const executing = (): number => busy.filter(({ state }) => state === 'executing').length;
    await fixture.clock.advance(10_000);
    expect(executing()).toBe(9);
    const idle = Array.from({ length: 5 }, () => fixture.flows.admit(ask('idle')));
    expect(idle.filter(({ state }) => state === 'executing')).toHaveLength(1);
    for (const seat of busy) seat.finish();
    await fixture.clock.advance(10_000);
    expect(idle.filter(({ state }) => state === 'executing')).toHaveLength(5);
  });
  it('tells its limits as metrics', async () => {
    const { metrics } = await oneLevel(two);
    const text = metrics.render();
    for (const line of [
      'apiserver_flowcontrol_nominal_limit_seats{priority_level="mine"} 2',
      'apiserver_flowcontrol_current_limit_seats{priority_level="mine"} 2',
      'apiserver_flowcontrol_upper_limit_seats{priority_level="mine"} 2',
      'apiserver_flowcontrol_nominal_limit_seats{priority_level="exempt"} 0',
    ])
      expect(text).toContain(`${line}\n`);
  });
});

describe('changes of levels', () => {
  it('take effect on what waits', async () => {
    const fixture = await oneLevel(two);
    const all = Array.from({ length: 4 }, () => fixture.flows.admit(ask('jane')));
    fixture.put(queued('mine', 500, two));
    await fixture.settled();
    expect(all.map(({ state }) => state)).toEqual(['executing', 'executing', 'executing', 'executing']);
  });
  it('let a level that is gone end its work, then forget it', async () => {
    const fixture = await oneLevel(two);
    const first = fixture.flows.admit(ask('jane'));
    fixture.remove('level', 'mine');
    await fixture.settled();
    expect(fixture.flows.dumps['dump_priority_levels']?.(false)).toMatch(/mine, .*false, +true/);
    expect(fixture.flows.admit(ask('jane')).use.schema).toBe('catch-all');
    first.finish();
    await fixture.clock.advance(10_000);
    expect(fixture.flows.dumps['dump_priority_levels']?.(false)).not.toContain('mine');
  });
  it('with fewer queues drain the others', async () => {
    const fixture = await oneLevel({ queues: 8, handSize: 1, queueLengthLimit: 50 });
    const all = Array.from({ length: 20 }, (_, i) => fixture.flows.admit(ask(`user-${String(i)}`)));
    fixture.put(queued('mine', 5, { queues: 1, handSize: 1, queueLengthLimit: 50 }));
    await fixture.settled();
    for (let i = 0; i < 20; i++) {
      for (const seat of all) if (seat.state === 'executing') seat.finish();
    }
    expect(all.every(({ state }) => state === 'done')).toBe(true);
    expect(
      fixture.flows.dumps['dump_queues']?.(false)
        .split('\n')
        .filter((line) => line.startsWith('mine,')),
    ).toHaveLength(1);
  });
});

describe('the dumps', () => {
  it('show levels, queues and requests with commas in columns', async () => {
    const { flows } = await oneLevel(two);
    for (let i = 0; i < 3; i++) flows.admit(ask('jane'));
    expect(flows.dumps['dump_priority_levels']?.(false).split('\n').slice(0, 4)).toEqual([
      'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
      'catch-all,         0,            true,   false,       0,               0,                 0,                  0,                0,                0',
      'exempt,            0,            true,   false,       0,               0,                 0,                  0,                0,                0',
      'mine,              1,            false,  false,       1,               2,                 2,                  0,                0,                0',
    ]);
    const requests = flows.dumps['dump_requests']?.(true).split('\n') ?? [];
    expect(requests).toHaveLength(5);
    expect(requests[1]).toMatch(
      /^mine, +mine, +\d, +0, +jane, +2026-01-01T00:00:00Z, +1, +0, +0s, +0001-.*, +jane, +get, /,
    );
    expect(flows.dumps['dump_queues']?.(false)).toMatch(/\nmine, +0, /);
  });
});

describe('a random history', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'of seed %i never gives more seats than there are, nor lets one wait for a free one',
    async (seed) => {
      const fixture = await oneLevel(
        { queues: 4, handSize: 2, queueLengthLimit: 3 },
        { serverSeats: 16, waitLimitMs: 40 },
      );
      const random = seededRandom(seed);
      const all: Seat[] = [];
      const decided = new Map<Seat, boolean>();
      for (let i = 0; i < 1500; i++) {
        fixture.counts = random.int(1500);
        const what = random.int(10);
        if (what < 5) {
          const name = `user-${String(random.int(5))}`;
          const seat = fixture.flows.admit(random.int(3) === 0 ? ask(name, { verb: 'list', name: '' }) : ask(name));
          all.push(seat);
          if (seat.state === 'queued') void seat.wait(stays()).then((isServed) => decided.set(seat, isServed));
        } else if (what < 9) all[random.int(all.length + 1)]?.finish();
        else await fixture.clock.advance(random.int(20));
        const level = all[0]?.level;
        if (level === undefined) continue;
        expect(level.seatsInUse <= level.limit || level.executing === 1).toBe(true);
        expect(level.waiting === 0 || level.executing > 0).toBe(true);
        expect(all.filter(({ state }) => state === 'executing')).toHaveLength(level.executing);
        expect(all.filter(({ state }) => state === 'queued')).toHaveLength(level.waiting);
      }
      for (const seat of all) seat.finish();
      for (const seat of all) seat.finish();
      await fixture.settled();
      // Each that waited was told, once, what became of it.
      for (const [seat, isServed] of decided) expect(seat.state).toBe(isServed ? 'done' : 'refused');
      const level = all[0]?.level;
      expect([level?.seatsInUse, level?.executing, level?.waiting, level?.isIdle, level?.newest]).toEqual([
        0,
        0,
        0,
        true,
        undefined,
      ]);
      expect(
        level?.queues.map(({ executing, seatsInUse, seatsWaiting }) => executing + seatsInUse + seatsWaiting),
      ).toEqual([0, 0, 0, 0]);
      const { seatsInUse, queued: waiting, seatsQueued } = all[0]?.use ?? {};
      expect([seatsInUse, waiting, seatsQueued]).toEqual([0, 0, 0]);
    },
  );
});
