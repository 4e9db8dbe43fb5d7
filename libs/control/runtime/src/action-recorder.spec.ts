import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type FakeClock, fakeClock, seededRandom } from '@reckon/kernel';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Action, ActionBroadcaster } from './action-recorder';

let harness: ClientHarness;
let time: FakeClock;
let recorder: ActionBroadcaster;
beforeEach(async () => {
  time = fakeClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  harness = await startClientHarness({ time });
  recorder = harness.add(
    new ActionBroadcaster({
      ...harness,
      random: seededRandom(1),
      reportingController: 'tester',
      reportingInstance: 'tester-here',
    }),
  );
});
afterEach(() => harness.stop());

const pod = (resourceVersion = '7'): KubeObject => ({
  metadata: { namespace: 'work', name: 'web', uid: 'u1', resourceVersion },
});
const failed: Action = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: 'no room' };
const tell = (object = pod(), action: Action = failed): void => {
  recorder.acted({ object, ref: refs.pods }, action);
};
const events = (): KubeObject[] => harness.api.store.list(refs.eventsV1);
const writes = (): string[] => harness.api.requests.filter((q) => q.method !== 'GET').map((q) => q.method);
const oneWritten = (): Promise<void> =>
  eventually(() => {
    expect(events()).toHaveLength(1);
  });

describe('the recorder of actions', () => {
  it('writes an Event of events.k8s.io/v1', async () => {
    const victim = { metadata: { namespace: 'work', name: 'victim', uid: 'u2' } };
    recorder.acted(
      { object: victim, ref: refs.pods },
      { type: 'Normal', reason: 'Preempted', action: 'Preempting', note: 'by web' },
      { object: pod(), ref: refs.pods },
    );
    await oneWritten();
    expect(harness.api.requests[0]?.path).toBe('/apis/events.k8s.io/v1/namespaces/work/events');
    expect(events()[0]).toMatchObject({
      metadata: { namespace: 'work', name: expect.stringMatching(/^victim\.[0-9a-f]{16}$/) as unknown },
      eventTime: '2026-01-02T03:04:05.000000Z',
      reportingController: 'tester',
      reportingInstance: 'tester-here',
      action: 'Preempting',
      reason: 'Preempted',
      type: 'Normal',
      note: 'by web',
      regarding: { kind: 'Pod', apiVersion: 'v1', namespace: 'work', name: 'victim', uid: 'u2' },
      related: { kind: 'Pod', apiVersion: 'v1', namespace: 'work', name: 'web', uid: 'u1', resourceVersion: '7' },
    });
    expect(events()[0]).not.toHaveProperty('series');
  });

  it('makes a series of what is repeated: the second is written at once, the rest when it is over', async () => {
    tell();
    await oneWritten();
    await time.advance(1_000);
    tell(pod(), { ...failed, note: 'still no room' });
    await eventually(() => {
      expect(events()[0]?.['series']).toEqual({ count: 2, lastObservedTime: '2026-01-02T03:04:06.000000Z' });
    });
    for (let i = 0; i < 5; i++) tell();
    await time.advance(1_000);
    expect(writes()).toEqual(['POST', 'PATCH']);
    await time.advance(12 * 60_000);
    await eventually(() => {
      expect(events()[0]?.['series']).toEqual({ count: 7, lastObservedTime: '2026-01-02T03:04:06.000000Z' });
    });
    tell();
    await eventually(() => {
      expect(events()).toHaveLength(2);
    });
  });

  it('writes a series that goes on every half hour', async () => {
    for (let minute = 0; minute < 68; minute++) {
      tell();
      await time.advance(60_000);
    }
    await eventually(() => {
      expect(events()).toHaveLength(1);
      expect(writes()).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH']);
    });
  });

  it('tells apart what is done to another version of an object', async () => {
    tell();
    tell(pod('8'));
    await eventually(() => {
      expect(events()).toHaveLength(2);
    });
  });

  it('makes the Event anew when it is gone before its series is written', async () => {
    tell();
    await oneWritten();
    harness.api.store.delete(refs.eventsV1, 'work', events()[0]?.metadata.name ?? '');
    tell();
    await eventually(() => {
      expect(events()[0]?.['series']).toMatchObject({ count: 2 });
    });
  });

  it('gives up what the server refuses and tries again what it could not be asked', async () => {
    harness.api.refuse((q) => (q.method === 'POST' ? statusErrors.forbidden(refs.events, 'x', 'no') : undefined));
    tell();
    await eventually(() => {
      expect(writes()).toEqual(['POST']);
    });
    await time.advance(60_000);
    expect(writes()).toEqual(['POST']);
    harness.api.refuse(() => undefined);
    const { request } = harness.rest;
    let failures = 0;
    harness.rest.request = () => (failures++, Promise.reject(new Error('connection refused')));
    tell(pod('8'));
    await eventually(() => {
      expect(failures).toBe(1);
    });
    harness.rest.request = request;
    await eventually(async () => {
      await time.advance(13_000);
      expect(events()).toHaveLength(1);
    });
  });

  it('still writes what waits when it is stopped', async () => {
    for (let i = 0; i < 5; i++) tell(pod(String(i)));
    await recorder.stop();
    expect(events()).toHaveLength(5);
  });
});
