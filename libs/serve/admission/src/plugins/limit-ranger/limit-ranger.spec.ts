import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, rowOf } from '../../testing/admission-fixture.suite';

let fixture: AdmissionFixture;

const range = (...limits: object[]) =>
  fixture.put(
    { group: '', resource: 'limitranges' },
    { metadata: { name: 'lr', namespace: 'default' }, spec: { limits } },
  );
const container = (name: string, resources?: object, more: object = {}) => ({
  name,
  image: 'i',
  ...(resources === undefined ? {} : { resources }),
  ...more,
});
const cpu = (requests?: string, limits?: string) => ({
  ...(requests === undefined ? {} : { requests: { cpu: requests } }),
  ...(limits === undefined ? {} : { limits: { cpu: limits } }),
});
const pod = (containers: object[], initContainers: object[] = [], more: object = {}) =>
  fixture.pod({ containers, ...(initContainers.length === 0 ? {} : { initContainers }), ...more });
const refused = (text: string) => `403 pods "p" is forbidden: ${text}`;

beforeEach(async () => {
  fixture = await admissionFixture();
});

describe('LimitRanger', () => {
  it('fills what containers leave out and notes it', async () => {
    await range({ type: 'Container', default: { cpu: '500m', memory: '1Gi' }, defaultRequest: { cpu: '100m' } });
    const object = {
      metadata: { name: 'p', namespace: 'default' },
      spec: {
        containers: [container('a'), container('b', { requests: { cpu: '1' }, limits: { cpu: '1', memory: '1Mi' } })],
        initContainers: [container('i', cpu('1'))],
      },
    };
    expect(await fixture.ask({ object })).toMatchObject({
      metadata: {
        annotations: {
          'kubernetes.io/limit-ranger':
            'LimitRanger plugin set: cpu request for container a; cpu, memory limit for container a; cpu, memory limit for init container i',
        },
      },
      spec: {
        containers: [
          { resources: { requests: { cpu: '100m' }, limits: { cpu: '500m', memory: '1Gi' } } },
          { resources: { requests: { cpu: '1' }, limits: { cpu: '1', memory: '1Mi' } } },
        ],
        initContainers: [{ resources: { requests: { cpu: '1' }, limits: { cpu: '500m', memory: '1Gi' } } }],
      },
    });
    expect(await fixture.ask({ object, operation: 'UPDATE', oldObject: object })).not.toHaveProperty(
      'metadata.annotations',
    );
  });

  it('leaves other namespaces alone, and adds no empty lists', async () => {
    await fixture.put(
      { group: '', resource: 'limitranges' },
      {
        metadata: { name: 'lr', namespace: 'other' },
        spec: { limits: [{ type: 'Container', default: { cpu: '1' }, max: { cpu: '1' } }] },
      },
    );
    expect(await pod([container('a', cpu('9', '9'))])).toMatchObject({ containers: [{ resources: cpu('9', '9') }] });
    await range({ type: 'Container', min: { cpu: '1m' } }, { type: 'Pod', max: { memory: '9Gi' } });
    expect(await pod([container('a', { requests: { cpu: '1' }, limits: { memory: '1Gi' } })])).toMatchObject({
      containers: [{ resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } } }],
    });
  });

  it('bounds each container', async () => {
    await range({ type: 'Container', min: { cpu: '100m' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '4' } });
    expect(await pod([container('a', cpu('1', '2'))])).toMatchObject({ containers: [{}] });
    expect(await pod([container('a', cpu('50m', '3'))])).toBe(
      refused(
        '[minimum cpu usage per Container is 100m, but request is 50m, maximum cpu usage per Container is 2, but limit is 3, cpu max limit to request ratio per Container is 4, but provided ratio is 60.000000]',
      ),
    );
    expect(await pod([container('a', cpu('1', '2'))], [container('i', cpu('3', '2'))])).toBe(
      refused('maximum cpu usage per Container is 2, but request is 3'),
    );
    expect(await pod([container('a', cpu('200m', '50m'))])).toMatch(
      /minimum cpu usage per Container is 100m, but limit is 50m/,
    );
    expect(await pod([container('a')])).toBe(
      refused(
        '[minimum cpu usage per Container is 100m.  No request is specified, maximum cpu usage per Container is 2.  No limit is specified, cpu max limit to request ratio per Container is 4, but no request is specified or request is 0]',
      ),
    );
    expect(await pod([container('a', cpu('1'))])).toMatch(/but no limit is specified or limit is 0/);
  });

  it('bounds the pod as a whole, with its init containers and sidecars', async () => {
    await range({ type: 'Pod', max: { cpu: '3' } });
    const one = container('a', cpu('1', '1'));
    expect(await pod([one, container('b', cpu('2', '2'))])).toMatchObject({ containers: [{}, {}] });
    expect(await pod([one, container('b', cpu('2', '2500m'))])).toBe(
      refused('maximum cpu usage per Pod is 3, but limit is 3500m'),
    );
    expect(await pod([one], [container('i', cpu('3', '3'))])).toMatchObject({ containers: [{}] });
    const sidecar = container('s', cpu('1', '1'), { restartPolicy: 'Always' });
    expect(await pod([one], [sidecar, container('i', cpu('3', '3'))])).toBe(
      refused('maximum cpu usage per Pod is 3, but limit is 4'),
    );
    expect(await pod([one], [container('i', cpu('3', '3')), sidecar])).toMatchObject({ containers: [{}] });
    expect(await pod([one], [], { resources: cpu('4', '4') })).toBe(
      refused('maximum cpu usage per Pod is 3, but limit is 4'),
    );
  });

  it('bounds claims by what they request', async () => {
    await range({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } });
    const row = rowOf('', 'v1', 'persistentvolumeclaims');
    const claim = (requests: object, operation: 'CREATE' | 'UPDATE' = 'CREATE') =>
      fixture.ask({ row, operation, object: { metadata: { name: 'c' }, spec: { resources: { requests } } } });
    const text = '403 persistentvolumeclaims "c" is forbidden: ';
    expect(await claim({ storage: '1Gi' })).toMatchObject({ metadata: { name: 'c' } });
    expect(await claim({ storage: '500Mi' })).toBe(
      `${text}minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi`,
    );
    expect(await claim({ storage: '3Gi' }, 'UPDATE')).toBe(
      `${text}maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi`,
    );
    expect(await claim({})).toBe(
      `${text}[minimum storage usage per PersistentVolumeClaim is 1Gi.  No request is specified, maximum storage usage per PersistentVolumeClaim is 2Gi.  No request is specified]`,
    );
  });

  it('bounds a pod that is resized', async () => {
    await range({ type: 'Container', max: { cpu: '2' } });
    const object = { metadata: { name: 'p' }, spec: { containers: [container('a', cpu('1', '3'))] } };
    expect(await fixture.ask({ operation: 'UPDATE', subresource: 'resize', object, oldObject: object })).toBe(
      refused('maximum cpu usage per Container is 2, but limit is 3'),
    );
  });
});
