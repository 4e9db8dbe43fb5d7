import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fakeClock, systemTimers } from '@reckon/kernel';
import { webhookClient } from '@reckon/serve/authn';
import { foreignAuthority } from '@reckon/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture } from '../../testing/admission-fixture.suite';
import { imagePolicySettings } from './image-policy-configuration';

const authority = foreignAuthority('images');
let server: Server;
let url: string;
let asked: { spec: unknown }[];
let reply: { readonly code?: number; readonly body: string };
let fixtures: AdmissionFixture[] = [];

beforeAll(async () => {
  const { certPem, keyPem } = authority.issue({ commonName: 'i', ipAddresses: ['127.0.0.1'], usages: ['server'] });
  server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      asked.push(JSON.parse(text) as { spec: unknown });
      response.writeHead(reply.code ?? 200, { 'content-type': 'text/plain' }).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/images`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  reply = { body: '{"status":{"allowed":true}}' };
});
afterEach(() => {
  for (const { stop } of fixtures) stop();
  fixtures = [];
});

const clock = fakeClock();
async function fixture(settings: object = {}, at = url): Promise<AdmissionFixture> {
  const content = { imagePolicy: { kubeConfigFile: 'x', retryBackoff: 1, ...settings } };
  const made = await admissionFixture({
    timers: systemTimers,
    enable: ['ImagePolicyWebhook'],
    configurations: { ImagePolicyWebhook: { content, file: 'images.yaml' } },
    imagePolicy: { client: webhookClient({ server: at, caPem: authority.certPem }), clock },
  });
  fixtures.push(made);
  return made;
}
const spec = { containers: [{ name: 'a', image: 'nginx:1' }], initContainers: [{ name: 'i', image: 'busybox' }] };
const refusedOf = (answer: unknown): unknown =>
  typeof answer === 'string' ? answer.replace(url, '<url>').replace(/127\.0\.0\.1:\d+/, '<target>') : 'admitted';

describe('the ImagePolicyWebhook plugin', () => {
  it('asks for the images of a pod, with the annotations that are meant for it', async () => {
    const { pod } = await fixture();
    const annotations = { 'b.image-policy.k8s.io/ticket': '1', 'a.image-policy.k8s.io/x': '2', other: '3' };
    expect(refusedOf(await pod(spec, { annotations }))).toBe('admitted');
    expect(asked).toEqual([
      {
        kind: 'ImageReview',
        apiVersion: 'imagepolicy.k8s.io/v1alpha1',
        metadata: {},
        spec: {
          containers: [{ image: 'nginx:1' }, { image: 'busybox' }],
          annotations: { 'a.image-policy.k8s.io/x': '2', 'b.image-policy.k8s.io/ticket': '1' },
          namespace: 'default',
        },
        status: { allowed: false },
      },
    ]);
  });

  it('refuses what the backend refuses, with its reason and what it wants in the audit log', async () => {
    const annotated: string[] = [];
    const { ask, pod } = await fixture();
    reply = {
      body: JSON.stringify({ status: { allowed: false, reason: 'no latest', auditAnnotations: { why: 'x' } } }),
    };
    const annotate = (key: string, value: string): void => void annotated.push(`${key}=${value}`);
    const object = { metadata: { name: 'p', namespace: 'default' }, spec };
    expect(await ask({ object, ctx: { annotate } })).toBe(
      '403 pods "p" is forbidden: image policy webhook backend denied one or more images: no latest',
    );
    expect(annotated).toContain('imagepolicywebhook.image-policy.k8s.io/why=x');
    reply = { body: '{}' };
    expect(await pod({ containers: [{ name: 'b', image: 'other' }] })).toBe(
      '403 pods "p" is forbidden: one or more images rejected by webhook backend',
    );
  });

  it('keeps answers for their time, refusals for another', async () => {
    const { pod } = await fixture({ allowTTL: 60, denyTTL: 10 });
    await pod(spec);
    await pod(spec);
    expect(asked).toHaveLength(1);
    await clock.advance(60_000);
    reply = { body: '{"status":{"allowed":false}}' };
    for (const pause of [0, 9_999, 1]) {
      await clock.advance(pause);
      await pod(spec);
    }
    expect(asked).toHaveLength(3);
    const unkept = await fixture({ allowTTL: -1, denyTTL: -1 });
    await unkept.pod(spec);
    await unkept.pod(spec);
    expect(asked).toHaveLength(5);
  });

  it('lets nobody in while the backend gives no answer, unless it is told to', async () => {
    const nowhere = 'https://127.0.0.1:1/images';
    const closed = await fixture({}, nowhere);
    expect(await closed.pod(spec)).toBe(
      '403 pods "p" is forbidden: Post "https://127.0.0.1:1/images?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    const here = await fixture();
    reply = { body: 'broken', code: 500 };
    expect(refusedOf(await here.pod(spec))).toBe(
      '403 pods "p" is forbidden: an error on the server ("broken") has prevented the request from succeeding',
    );
    expect(asked).toHaveLength(5);
    reply = { body: 'nonsense' };
    expect(refusedOf(await here.pod(spec))).toMatch(/is no ImageReview$/);
    const annotated: string[] = [];
    const open = await fixture({ defaultAllow: true }, nowhere);
    const object = { metadata: { name: 'p', namespace: 'default' }, spec };
    const annotate = (key: string, value: string): void => void annotated.push(`${key}=${value}`);
    expect(await open.ask({ object, ctx: { annotate } })).toMatchObject({
      metadata: { annotations: { 'alpha.image-policy.k8s.io/failed-open': 'true' } },
    });
    expect(annotated).toContain('imagepolicywebhook.image-policy.k8s.io/failed-open=true');
  });

  it('looks at debugging containers alone where they are written, and at no other subresource', async () => {
    const { ask } = await fixture();
    const object = {
      metadata: { name: 'p', namespace: 'default' },
      spec: { ...spec, serviceAccountName: 'default', ephemeralContainers: [{ name: 'e', image: 'tools' }] },
    };
    const update = { operation: 'UPDATE', object, oldObject: object } as const;
    await ask({ ...update, subresource: 'ephemeralcontainers' });
    await ask({ ...update, subresource: 'status' });
    await ask({ ...update, operation: 'DELETE' });
    expect(asked.map(({ spec: of }) => of)).toEqual([{ containers: [{ image: 'tools' }], namespace: 'default' }]);
  });

  it('does not begin without a configuration that it understands', () => {
    const read = (content: unknown): unknown => {
      try {
        return imagePolicySettings({ content, file: 'images.yaml' });
      } catch (error) {
        return (error as Error).message.split('\n')[0];
      }
    };
    const start = '--admission-control-config-file: images.yaml: admission plugin ImagePolicyWebhook: ';
    expect(read(undefined)).toBe(`${start}no config specified`);
    expect(read({ imagePolicy: {} })).toMatch(/✖ Invalid input: expected string/);
    const settings = (of: object): unknown => read({ imagePolicy: { kubeConfigFile: 'k', ...of } });
    expect(settings({})).toEqual({
      kubeConfigFile: 'k',
      allowedMs: 300_000,
      refusedMs: 30_000,
      backoffMs: 500,
      allowsByDefault: false,
    });
    expect(settings({ allowTTL: 1 })).toBe(`${start}valid value is between 1s and 30m0s, got 1s`);
    expect(settings({ denyTTL: 1801 })).toBe(`${start}valid value is between 1s and 30m0s, got 1801s`);
    expect(settings({ retryBackoff: 300_001 })).toBe(`${start}valid value is between 1ns and 5m0s, got 300001ms`);
    expect(() => imagePolicySettings(undefined)).toThrow('no config specified');
  });
});
