import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceAccount, TokenSecret } from '../service-account-token/token-secret';
import { startControllersForTest } from '../testing/controller-test.suite';
import { legacyServiceAccountTokenCleaner } from './legacy-service-account-token-cleaner';
import { podSecrets } from './pod-secrets';
import { fateOf, isTrackedFor } from './unused-token';

const dayMs = 24 * 60 * 60 * 1000;
const nowMs = Date.UTC(2026, 5, 20, 12);
const periodMs = 10 * dayMs;
const lastUsed = 'kubernetes.io/legacy-token-last-used';
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

const account = (more: object = {}): ServiceAccount => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'default', name: 'robot', uid: 'u-1' },
  secrets: [{ name: 'other' }, { name: 'robot-token' }],
  ...more,
});
const secret = (labels: Record<string, string> = {}, more: object = {}, metadata: object = {}): TokenSecret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'kubernetes.io/service-account-token',
  metadata: {
    namespace: 'default',
    name: 'robot-token',
    creationTimestamp: timeText(nowMs - periodMs - 1000),
    annotations: { 'kubernetes.io/service-account.name': 'robot', 'kubernetes.io/service-account.uid': 'u-1' },
    labels,
    ...metadata,
  },
  ...more,
});

describe('a token in a Secret', () => {
  const fate = (of: TokenSecret, view: { account?: ServiceAccount | undefined; isMounted?: boolean } = {}): string =>
    fateOf(of, {
      account: 'account' in view ? view.account : account(),
      isMounted: () => view.isMounted ?? false,
      periodMs,
      nowMs,
    });

  it.each<[string, TokenSecret, string]>([
    ['was never used', secret(), 'mark'],
    ['was last used before the period', secret({ [lastUsed]: '2026-06-09' }), 'mark'],
    ['was last used on the first day of the period', secret({ [lastUsed]: '2026-06-10' }), 'keep'],
    ['tells the day of its use in a form of its own', secret({ [lastUsed]: '20260101' }), 'keep'],
    ['tells a day that never was', secret({ [lastUsed]: '2026-02-31' }), 'keep'],
    ['was marked within the period', secret({ [invalidSince]: '2026-06-10' }), 'keep'],
    ['was marked before the period', secret({ [invalidSince]: '2026-06-09' }), 'delete'],
    ['has a mark without a day', secret({ [invalidSince]: 'long ago' }), 'mark'],
    [
      'was marked before the period, and used in it',
      secret({ [invalidSince]: '2026-01-01', [lastUsed]: '2026-06-11' }),
      'keep',
    ],
    ['is as old as the period', secret({}, {}, { creationTimestamp: timeText(nowMs - periodMs) }), 'keep'],
    ['is going away', secret({}, {}, { deletionTimestamp: timeText(nowMs) }), 'keep'],
    ['is of another type', secret({}, { type: 'Opaque' }), 'keep'],
    [
      'does not tell the uid of its account',
      secret({}, {}, { annotations: { 'kubernetes.io/service-account.name': 'robot' } }),
      'mark',
    ],
    [
      'is of an account that was there before',
      secret(
        {},
        {},
        {
          annotations: { 'kubernetes.io/service-account.name': 'robot', 'kubernetes.io/service-account.uid': 'u-0' },
        },
      ),
      'keep',
    ],
  ])('that %s', (_, of, expected) => {
    expect(fate(of)).toBe(expected);
  });

  it('stays where its account is gone or does not list it, and where a pod mentions it', () => {
    expect(fate(secret(), { account: undefined })).toBe('keep');
    expect(fate(secret(), { account: account({ secrets: [{ name: 'other' }] }) })).toBe('keep');
    expect(fate(secret(), { account: account({ secrets: undefined }) })).toBe('keep');
    expect(fate(secret(), { isMounted: true })).toBe('keep');
  });
});

it.each([
  ['2026-06-09', true],
  ['2026-06-10', false],
  ['2026-06-19', false],
  ['tomorrow', undefined],
  ['2026-6-1', undefined],
])('uses that are written down since %s are so for the whole period: %s', (since, expected) => {
  expect(isTrackedFor(since, periodMs, nowMs)).toBe(expected);
});

it('a pod mentions Secrets in containers, volumes and for its images', () => {
  const env = (name: string) => ({ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } });
  const spec = {
    imagePullSecrets: [{ name: 'pull' }, {}],
    initContainers: [{ name: 'i', env: [env('init'), { name: 'PLAIN', value: 'x' }] }],
    containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'all' } }, { configMapRef: { name: 'no' } }] }],
    ephemeralContainers: [{ name: 'e', env: [env('debug')] }],
    volumes: [
      { name: 'a', secret: { secretName: 'plain' } },
      { name: 'b', azureFile: { secretName: 'azure', shareName: 's' } },
      { name: 'c', cephfs: { monitors: [], secretRef: { name: 'ceph' } } },
      { name: 'd', cinder: { volumeID: 'v', secretRef: { name: 'cinder' } } },
      { name: 'e', flexVolume: { driver: 'd', secretRef: { name: 'flex' } } },
      { name: 'f', rbd: { monitors: [], image: 'i', secretRef: { name: 'rbd' } } },
      { name: 'g', scaleIO: { gateway: 'g', system: 's', secretRef: { name: 'scale' } } },
      { name: 'h', iscsi: { targetPortal: 't', iqn: 'i', lun: 0, secretRef: { name: 'iscsi' } } },
      { name: 'i', storageos: { secretRef: { name: 'storageos' } } },
      { name: 'j', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi' } } },
      { name: 'k', projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'no' } }] } },
      { name: 'l', emptyDir: {} },
    ],
  } satisfies corev1.PodSpec;
  expect([...podSecrets({ spec })].sort()).toEqual(
    'all azure ceph cinder csi debug flex init iscsi plain projected pull rbd scale storageos'.split(' '),
  );
  expect([...podSecrets({})]).toEqual([]);
});

describe('the cleaner', () => {
  let harness: ClientHarness;
  afterEach(() => harness.stop());

  const start = async (since: string | undefined): Promise<ReturnType<typeof fakeClock>> => {
    const time = fakeClock(nowMs - periodMs);
    harness = await startControllersForTest([legacyServiceAccountTokenCleaner], {
      time,
      controllers: { legacyTokenCleanUpPeriodMs: 2 * dayMs },
      prepare: ({ api }) => {
        if (since !== undefined)
          api.store.create(refs.configMaps, 'kube-system', {
            metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking' },
            ...(since === '' ? {} : { data: { since } }),
          });
        const { uid } = api.store.create(refs.serviceAccounts, 'default', {
          metadata: { name: 'robot' },
          secrets: ['unused', 'mounted'].map((name) => ({ name })),
        }).metadata;
        for (const name of ['unused', 'mounted', 'manual'])
          api.store.create(refs.secrets, 'default', {
            ...secret(),
            metadata: {
              name,
              annotations: {
                'kubernetes.io/service-account.name': 'robot',
                'kubernetes.io/service-account.uid': uid ?? '',
              },
            },
          });
        const volumes = [{ name: 'v', secret: { secretName: 'mounted' } }];
        api.store.create(refs.pods, 'default', { metadata: { name: 'p' }, spec: { containers: [], volumes } });
      },
    });
    await eventually(() => {
      expect(sweeps()).toBe(1);
    });
    return time;
  };
  /** Those that have ended, the next one planned. */
  const sweeps = (): number =>
    Number(
      /^reckon_reconcile_total{[^}]*legacy_serviceaccount_token_cleaner[^}]*requeue_after[^}]*} (\d+)$/m.exec(
        harness.registry.render(),
      )?.[1] ?? 0,
    );
  /** Day by day, each when the sweep of the day before has ended. */
  async function days(time: ReturnType<typeof fakeClock>, count: number): Promise<void> {
    for (let day = 0; day < count; day++) {
      const before = sweeps();
      await time.advance(dayMs);
      await eventually(() => {
        expect(sweeps()).toBe(before + 1);
      });
    }
  }
  const marks = (): Record<string, string | undefined> =>
    Object.fromEntries(
      harness.api.store
        .list(refs.secrets)
        .map(({ metadata: { name = '', labels } }) => [name, labels?.[invalidSince]] as const),
    );
  const untouched = { unused: undefined, mounted: undefined, manual: undefined };

  it('marks what a controller made and nobody uses, and deletes it a period later', async () => {
    const time = await start('2026-06-01');
    const [retired, over] = [
      { ...untouched, unused: '2026-06-13' },
      { mounted: undefined, manual: undefined },
    ];
    // The Secrets are of the 10th, at noon.
    await days(time, 2);
    expect(marks()).toEqual(untouched);
    await days(time, 1);
    expect(marks()).toEqual(retired);
    await days(time, 2);
    expect(marks()).toEqual(retired);
    await days(time, 1);
    expect(marks()).toEqual(over);
  });

  it.each([
    ['the apiserver does not say since when', undefined],
    ['it names no day', ''],
    ['it names what is no day', 'soon'],
    ['it has not tracked for long', '2026-06-13'],
  ])('touches nothing where %s', async (_, since) => {
    await days(await start(since), 4);
    expect(marks()).toEqual(untouched);
  });
});
