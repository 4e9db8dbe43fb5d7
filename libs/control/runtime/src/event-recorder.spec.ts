import type { KubeObject } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { fakeClock, silentLogger } from '@reckon/kernel';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { EventBroadcaster } from './event-recorder';

let harness: ClientHarness;
afterEach(() => harness.stop());
const events = (namespace = 'default'): KubeObject[] => harness.api.store.list(refs.events, namespace);
const pod: KubeObject = { metadata: { namespace: 'default', name: 'web', uid: 'u1', resourceVersion: '7' } };

describe('the event recorder', () => {
  it('writes an Event about an object', async () => {
    harness = await startClientHarness({ time: fakeClock(Date.UTC(2026, 0, 2, 3, 4, 5)) });
    harness.recorder('tester').event(pod, refs.pods, { type: 'Normal', reason: 'Pulled', message: 'Pulled it' });
    await eventually(() => {
      expect(events()).toHaveLength(1);
    });
    expect(events()[0]).toMatchObject({
      metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
      involvedObject: {
        kind: 'Pod',
        apiVersion: 'v1',
        namespace: 'default',
        name: 'web',
        uid: 'u1',
        resourceVersion: '7',
      },
      type: 'Normal',
      reason: 'Pulled',
      message: 'Pulled it',
      count: 1,
      firstTimestamp: '2026-01-02T03:04:05Z',
      lastTimestamp: '2026-01-02T03:04:05Z',
      source: { component: 'tester' },
      reportingComponent: 'tester',
    });
  });

  it('raises the count of an Event that is told again, and makes it anew when it is gone', async () => {
    const time = fakeClock();
    harness = await startClientHarness({ time });
    const recorder = harness.recorder('tester');
    const tell = (): void => {
      recorder.event(pod, refs.pods, { type: 'Warning', reason: 'BackOff', message: 'again' });
    };
    tell();
    await eventually(() => {
      expect(events()[0]).toMatchObject({ count: 1 });
    });
    await time.advance(60_000);
    tell();
    await eventually(() => {
      expect(events()[0]).toMatchObject({
        count: 2,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:01:00Z',
      });
    });
    harness.api.store.delete(refs.events, 'default', events()[0]?.metadata.name ?? '');
    tell();
    await eventually(() => {
      expect(events()[0]).toMatchObject({ count: 3 });
    });
    tell();
    await eventually(() => {
      expect(events()[0]).toMatchObject({ count: 4 });
    });
    expect(events()).toHaveLength(1);
  });

  it('puts Events about cluster-scoped objects into the default namespace', async () => {
    harness = await startClientHarness();
    harness.recorder('tester').event({ metadata: { name: 'node-1', uid: 'n' } }, refs.nodes, {
      type: 'Normal',
      reason: 'Starting',
      message: 'x',
    });
    await eventually(() => {
      expect(events('default')[0]?.['involvedObject']).toEqual({
        kind: 'Node',
        apiVersion: 'v1',
        name: 'node-1',
        uid: 'n',
      });
    });
  });

  it('still writes what waits when it is stopped', async () => {
    harness = await startClientHarness();
    const recorder = harness.recorder('tester');
    for (let i = 0; i < 5; i++)
      recorder.event(pod, refs.pods, { type: 'Normal', reason: 'R', message: `m${String(i)}` });
    await recorder.stop();
    expect(events()).toHaveLength(5);
  });

  it('does not hold up a stop for long: what a second does not suffice for is dropped', async () => {
    harness = await startClientHarness();
    let nowMs = 0;
    const clock = { nowMs: () => (nowMs += 600) };
    const { rest } = harness;
    const recorder = new EventBroadcaster({ rest, clock, logger: silentLogger, component: 'tester' });
    for (let i = 0; i < 50; i++)
      recorder.event(pod, refs.pods, { type: 'Normal', reason: 'R', message: `m${String(i)}` });
    await recorder.stop();
    expect(events().length).toBeGreaterThan(0);
    expect(events().length).toBeLessThan(5);
  });
});
