import { describe, expect, it } from 'vitest';
import { isSameTemplate, podTemplateHash } from './pod-template-hash';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };

/** A container's template as a v1.36 apiserver completes it. */
const complete = (app: string, image: string, more: object = {}, ofContainer: object = {}): object => ({
  metadata: { labels: { app } },
  spec: {
    containers: [
      {
        name: 'main',
        image,
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
        ...ofContainer,
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...more,
  },
});

describe('the hash of a pod template', () => {
  it.each([
    ['84cdc6fbf4', complete('web', 'nginx:1.27')],
    ['bbcc95868', complete('web', 'nginx:1.27', { nodeSelector: { none: 'such' } })],
    ['6fc4849bf7', complete('app', 'a:1', {}, { env: [{ name: 'A', value: '1' }] })],
  ])('is Go’s: %s', (hash, given) => {
    expect(podTemplateHash(given, undefined)).toBe(hash);
  });

  it('is the same for the same template, however its fields are ordered', () => {
    const hash = podTemplateHash(template, undefined);
    expect(
      podTemplateHash(
        { spec: { containers: [{ image: 'web:1', name: 'web' }] }, metadata: { labels: { app: 'web' } } },
        undefined,
      ),
    ).toBe(hash);
  });

  it('changes with the template and with each collision', () => {
    const other = { ...template, spec: { containers: [{ name: 'web', image: 'web:2' }] } };
    const hashes = [
      podTemplateHash(template, undefined),
      podTemplateHash(template, 0),
      podTemplateHash(template, 1),
      podTemplateHash(other, undefined),
    ];
    expect(new Set(hashes).size).toBe(4);
  });

  it('is no part of what makes templates equal', () => {
    const marked = { ...template, metadata: { labels: { app: 'web', 'pod-template-hash': 'x' } } };
    expect(isSameTemplate(template, marked)).toBe(true);
    expect(
      isSameTemplate(
        { spec: template.spec },
        { spec: template.spec, metadata: { labels: { 'pod-template-hash': 'x' } } },
      ),
    ).toBe(true);
    expect(isSameTemplate(template, { ...marked, metadata: { labels: { app: 'x', 'pod-template-hash': 'x' } } })).toBe(
      false,
    );
  });
});
