import { refs } from '@reckon/client/rest';
import { eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../stages/next-stage';
import { annotations } from '../stages/annotations';
import { type KubeletRig, startKubeletRig } from '../testing/kubelet-rig.suite';

let r: KubeletRig;
beforeEach(async () => {
  r = await startKubeletRig();
  r.place('web', { spec: { containers: [{ name: 'main', image: 'nginx', command: ['größer'] }] } });
  await eventually(() => {
    expect(r.pod('web')?.status?.phase).toBe('Running');
  });
});
afterEach(() => r.stop());

const logs = '/containerLogs/default/web/main';
const line = 'simulated container main of default/web started: image nginx, command größer\n';

describe('the server of a kubelet', () => {
  it('shows the log of a container', async () => {
    const answer = await r.ask(logs);
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(await answer.text()).toBe(line);
  });

  it('cuts the log as the reader asks, in bytes', async () => {
    const text = async (query: string): Promise<string> => (await r.ask(`${logs}?${query}`)).text();
    expect(await text('tailLines=0')).toBe('');
    expect(await text('tailLines=5')).toBe(line);
    expect(await text('limitBytes=9')).toBe(line.slice(0, 9));
    const bytes = await (await r.ask(`${logs}?limitBytes=75`)).arrayBuffer();
    expect(bytes.byteLength).toBe(75);
    expect(await text('sinceTime=2999-01-01T00:00:00Z')).toBe('');
    expect(await text('timestamps=true')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z simulated container main/);
  });

  it('follows a log to the end of the run', async () => {
    const following = r.ask(`${logs}?follow=true`).then((answer) => answer.text());
    await new Promise((resolve) => setTimeout(resolve, 300));
    const pod = r.pod('web') as Pod;
    r.api.store.put(refs.pods, {
      ...pod,
      metadata: { ...pod.metadata, annotations: { [annotations.completeAfter]: '0ms', [annotations.exitCode]: '4' } },
      spec: { ...pod.spec, restartPolicy: 'Never' },
    });
    expect(await following).toBe(`${line}simulated container main ended with exit code 4\n`);
  });

  it('ends a followed log when the pod is gone', async () => {
    const following = r.ask(`${logs}?follow=true`).then((answer) => answer.text());
    await new Promise((resolve) => setTimeout(resolve, 100));
    r.api.store.delete(refs.pods, 'default', 'web', { gracePeriodSeconds: 0 });
    expect(await following).toBe(line);
  });

  it('ends a followed log when the kubelet stops', async () => {
    const following = r.ask(`${logs}?follow=true`).then((answer) => answer.text());
    await new Promise((resolve) => setTimeout(resolve, 100));
    await r.kubelet.stop();
    await expect(following).rejects.toThrow();
  });

  it('lets nobody in without the token, but says that it is well', async () => {
    const refused = await r.ask(logs, 'wrong');
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized' });
    const health = await fetch(`http://127.0.0.1:${String(r.kubelet.port)}/healthz`);
    expect([health.status, await health.text()]).toEqual([200, 'ok']);
  });

  it.each([
    ['/containerLogs/default/web/none', 400, 'container "none" in pod "web" is not available'],
    [`${logs}?previous=true`, 400, 'previous terminated container "main" in pod "web" not found'],
    [`${logs}?tailLines=many`, 400, 'tailLines: must be a whole number of at least 0'],
    ['/containerLogs/default/gone/main', 404, 'pods "gone" not found'],
    ['/containerLogs/default/%zz/main', 400, 'the path has a bad escape: %zz'],
    ['/exec/default/web/main', 501, 'exec needs a running container'],
    ['/elsewhere', 404, 'the kubelet has no path /elsewhere'],
  ])('answers %s with a Status', async (path, code, message) => {
    const answer = await r.ask(path);
    expect(answer.status).toBe(code);
    const status = (await answer.json()) as { kind: string; message: string };
    expect(status.kind).toBe('Status');
    expect(status.message).toContain(message);
  });

  it('lists its pods, and not those of other nodes', async () => {
    r.place('theirs', { node: 'elsewhere' });
    const list = (await (await r.ask('/pods')).json()) as { kind: string; items: Pod[] };
    expect(list.kind).toBe('PodList');
    expect(list.items.map((p) => p.metadata.name)).toEqual(['web']);
  });
});
