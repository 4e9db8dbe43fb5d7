import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { type Claim, type Pod, usesClaim } from './claim-use';

const namespace = 'team';
const deletionTimestamp = '2026-01-01T00:00:00Z';

describe('a pod', () => {
  const asClaim = (name: string, owner?: string): Claim => ({
    metadata: {
      namespace,
      name,
      ...(owner && {
        ownerReferences: [{ controller: true, uid: owner, kind: 'Pod', name: 'p', apiVersion: 'v1' }],
      }),
    },
  });
  const volumes: corev1.Volume[] = [
    { name: 'tmp', ephemeral: {} },
    { name: 'd', persistentVolumeClaim: { claimName: 'c' } },
  ];
  const asPod = (metadata: object = {}, spec: object = { nodeName: 'n' }): Pod => ({
    metadata: { namespace, name: 'p', uid: 'u', ...metadata },
    spec: { containers: [], ...spec, volumes },
  });

  it.each<[string, Pod, Claim, boolean]>([
    ['uses the claim that it names', asPod(), asClaim('c'), true],
    ['does not while it has no node', asPod({}, {}), asClaim('c'), false],
    ['does not use another', asPod(), asClaim('d'), false],
    ['uses the claim that was made for it', asPod(), asClaim('p-tmp', 'u'), true],
    ['does not use one of that name that was made for another', asPod(), asClaim('p-tmp', 'v'), false],
    [
      'does not use its own once it is shut down, whatever it still waits for',
      asPod({ deletionTimestamp, deletionGracePeriodSeconds: 0 }),
      asClaim('p-tmp', 'u'),
      false,
    ],
  ])('%s', (_what, user, used, isUsed) => {
    expect(usesClaim(user, used)).toBe(isUsed);
  });
});
