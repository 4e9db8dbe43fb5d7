import { describe, expect, it } from 'vitest';
import { byRevision, maxRevision } from './revision';
import { patchHash, revisionName } from './revision-name';
import { holdsTemplate, templateOf, templatePatch } from './template-patch';

/** A template as the apiserver completes it, and the hash that kube-controller-manager v1.36 gave it. */
const template = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'nginx:1.27',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  },
};

describe('the history of a controller', () => {
  it('names a template as v1.36 does', () => {
    expect(patchHash(templatePatch(template), 0)).toBe('77d479549c');
    expect(patchHash(templatePatch(template), 1)).not.toBe('77d479549c');
    expect(revisionName('sts', '77d479549c')).toBe('sts-77d479549c');
    expect(revisionName('x'.repeat(250), 'abc')).toBe(`${'x'.repeat(223)}-abc`);
  });

  it('writes the patch that brings a template back with sorted keys', () => {
    expect(JSON.stringify(templatePatch({ spec: { nodeName: 'b', containers: [] }, metadata: {} }))).toBe(
      '{"spec":{"template":{"$patch":"replace","metadata":{},"spec":{"containers":[],"nodeName":"b"}}}}',
    );
    expect(templateOf({ data: templatePatch(template) })).toEqual(template);
  });

  it('gives a different name to a template that only differs in what Go escapes', () => {
    const withText = (text: string) => templatePatch({ ...template, metadata: { annotations: { text } } });
    expect(patchHash(withText('a<b'), 0)).not.toBe(patchHash(withText('a>b'), 0));
  });

  it('knows a template whatever the order of its keys, and none in data of another kind', () => {
    const patch = templatePatch(template);
    expect(
      holdsTemplate({ data: { spec: { template: { spec: template.spec, metadata: template.metadata } } } }, patch),
    ).toBe(true);
    expect(holdsTemplate({ data: { spec: { template: { ...template, spec: { containers: [] } } } } }, patch)).toBe(
      false,
    );
    for (const data of [undefined, null, 'x', {}, { spec: 1 }]) expect(holdsTemplate({ data }, patch)).toBe(false);
  });

  it('orders revisions by number, age and name', () => {
    const revision = (name: string, number: number, creationTimestamp: string) => ({
      metadata: { name, creationTimestamp },
      revision: number,
    });
    const all = [revision('d', 3, '1'), revision('c', 2, '2'), revision('b', 2, '1'), revision('a', 2, '2')];
    expect(all.sort(byRevision).map((r) => r.metadata.name)).toEqual(['b', 'a', 'c', 'd']);
    expect([maxRevision(all), maxRevision([])]).toEqual([3, 0]);
  });
});
