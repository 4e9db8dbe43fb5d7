import type { corev1 } from '@reckon/api/types';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture } from '../../testing/admission-fixture.suite';

let fixture: AdmissionFixture;

const accounts = { group: '', resource: 'serviceaccounts' };
const account = (name: string, more: object = {}, metadata: object = {}) =>
  fixture.put(accounts, { metadata: { namespace: 'default', name, ...metadata }, ...more });
const containers = [{ name: 'c', image: 'i' }];
const refused = (text: string) => `403 pods "p" is forbidden: ${text}`;
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

beforeEach(async () => {
  fixture = await admissionFixture();
});

describe('ServiceAccount', () => {
  it('gives a pod the default account and its token, as upstream', async () => {
    const spec = (await fixture.pod({ containers, initContainers: [{ name: 'i', image: 'i' }] })) as corev1.PodSpec;
    expect([spec.serviceAccountName, spec.serviceAccount]).toEqual(['default', 'default']);
    const name = spec.volumes?.[0]?.name ?? '';
    expect(name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(spec.volumes).toEqual([
      {
        name,
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            {
              downwardAPI: {
                items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
              },
            },
          ],
          defaultMode: 420,
        },
      },
    ]);
    const mounts = [{ name, readOnly: true, mountPath }];
    expect(spec.containers[0]?.volumeMounts).toEqual(mounts);
    expect(spec.initContainers?.[0]?.volumeMounts).toEqual(mounts);
    expect(spec).not.toHaveProperty('imagePullSecrets');
  });

  it('mounts no token where the pod, then the account, does not want it or where something is mounted', async () => {
    await account('shy', { automountServiceAccountToken: false });
    expect(await fixture.pod({ containers, automountServiceAccountToken: false })).not.toHaveProperty('volumes');
    expect(await fixture.pod({ containers, serviceAccountName: 'shy' })).not.toHaveProperty('volumes');
    expect(
      await fixture.pod({ containers, serviceAccountName: 'shy', automountServiceAccountToken: true }),
    ).toHaveProperty('volumes');
    const mounted = [{ ...containers[0], volumeMounts: [{ name: 'mine', mountPath }] }];
    expect(await fixture.pod({ containers: mounted })).not.toHaveProperty('volumes');
    const volumes = [{ name: 'kube-api-access-mine', emptyDir: {} }];
    expect(await fixture.pod({ containers, volumes })).toMatchObject({
      volumes,
      containers: [{ volumeMounts: [{ name: 'kube-api-access-mine' }] }],
    });
  });

  it('hands on the pull secrets of the account to pods that have none', async () => {
    await account('puller', { imagePullSecrets: [{ name: 'reg' }] });
    expect(await fixture.pod({ containers, serviceAccountName: 'puller' })).toHaveProperty('imagePullSecrets', [
      { name: 'reg' },
    ]);
    const own = [{ name: 'own' }];
    expect(await fixture.pod({ containers, serviceAccountName: 'puller', imagePullSecrets: own })).toHaveProperty(
      'imagePullSecrets',
      own,
    );
  });

  it('refuses an account that is not there, by its old field name too', async () => {
    const text = refused('error looking up service account default/none: serviceaccount "none" not found');
    expect(await fixture.pod({ containers, serviceAccountName: 'none' })).toBe(text);
    expect(await fixture.pod({ containers, serviceAccount: 'none' })).toBe(text);
  });

  it('waits a little for the default account of a new namespace', async () => {
    await fixture.remove({ ...accounts, namespace: 'default', name: 'default' });
    const late = fixture.pod({ containers });
    await fixture.clock.advance(400);
    await account('default');
    await fixture.clock.advance(200);
    expect(await late).toMatchObject({ serviceAccountName: 'default' });
    await fixture.remove({ ...accounts, namespace: 'default', name: 'default' });
    const never = fixture.pod({ containers });
    await fixture.clock.advance(2500);
    expect(await never).toBe(
      refused('error looking up service account default/default: serviceaccount "default" not found'),
    );
  });

  it('lets pods of a strict account use only the secrets that it lists', async () => {
    const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' };
    await account('strict', { secrets: [{ name: 'ok' }], imagePullSecrets: [{ name: 'reg' }] }, { annotations });
    const pod = (spec: object) => fixture.pod({ containers, serviceAccountName: 'strict', ...spec });
    const tail = 'is not allowed because service account strict does not reference that';
    const env = (name: string) => [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }];
    expect(await pod({ volumes: [{ name: 'v', secret: { secretName: 'ok' } }] })).toHaveProperty('volumes');
    expect(await pod({ volumes: [{ name: 'v', secret: { secretName: 'no' } }] })).toBe(
      refused(`volume with secret.secretName="no" ${tail} secret`),
    );
    expect(await pod({ containers: [{ name: 'c', env: env('no') }] })).toBe(
      refused(`container c with envVar E referencing secret.secretName="no" ${tail} secret`),
    );
    expect(await pod({ initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 'no' } }] }] })).toBe(
      refused(`init container i with envFrom referencing secret.secretName="no" ${tail} secret`),
    );
    expect(await pod({ imagePullSecrets: [{ name: 'no' }] })).toBe(
      refused(`imagePullSecrets[0].name="no" ${tail} imagePullSecret`),
    );
    const spec = { serviceAccountName: 'strict', containers, ephemeralContainers: [{ name: 'e', env: env('no') }] };
    const object = { metadata: { name: 'p' }, spec };
    expect(
      await fixture.ask({ operation: 'UPDATE', subresource: 'ephemeralcontainers', object, oldObject: object }),
    ).toBe(refused(`ephemeral container e with envVar E referencing secret.secretName="no" ${tail} secret`));
    expect(await fixture.ask({ operation: 'UPDATE', object, oldObject: object })).toMatchObject({
      spec: { containers },
    });
  });

  it('leaves mirror pods as they are, and lets them refer to nothing', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'hash' };
    const mirror = (spec: object) => fixture.pod({ containers, ...spec }, { annotations });
    expect(await mirror({})).not.toHaveProperty('serviceAccountName');
    expect(await mirror({ serviceAccountName: 'default' })).toBe(
      refused('a mirror pod may not reference service accounts'),
    );
    expect(await mirror({ volumes: [{ name: 'v', secret: {} }] })).toBe(
      refused('a mirror pod may not reference secrets'),
    );
    const sources = [{ serviceAccountToken: { path: 'token' } }];
    expect(await mirror({ volumes: [{ name: 'v', projected: { sources } }] })).toBe(
      refused('a mirror pod may not use ServiceAccountToken volume projections'),
    );
  });
});
