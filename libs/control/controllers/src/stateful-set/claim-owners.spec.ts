import type { OwnerReference } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../replica-set/pod-state';
import { areOwnersRight, isOfFormerPod, rightOwners } from './claim-owners';
import type { Claim, StatefulSet } from './stateful-set';

const setOf = (whenDeleted: string, whenScaled: string): StatefulSet => ({
  metadata: { name: 'web', uid: 'set' },
  spec: {
    replicas: 1,
    serviceName: '',
    template: {},
    persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
  },
});
const kept: Pod = { metadata: { name: 'web-0', uid: 'pod' } };
const surplus: Pod = { metadata: { name: 'web-1', uid: 'pod' } };
const claimOf = (...ownerReferences: OwnerReference[]): Claim => ({ metadata: { name: 'c', ownerReferences } });
const reference = (kind: 'StatefulSet' | 'Pod', name: string, uid: string): OwnerReference => ({
  apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});
const other: OwnerReference = { apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x' };

describe('the owner of a claim', () => {
  it.each([
    ['Retain', 'Retain', kept, []],
    ['Retain', 'Retain', surplus, []],
    ['Delete', 'Retain', kept, ['StatefulSet']],
    ['Delete', 'Retain', surplus, ['StatefulSet']],
    ['Retain', 'Delete', kept, []],
    ['Retain', 'Delete', surplus, ['Pod']],
    ['Delete', 'Delete', kept, ['StatefulSet']],
    ['Delete', 'Delete', surplus, ['Pod']],
  ])('when deleted: %s, when scaled: %s', (whenDeleted, whenScaled, pod, expected) => {
    const set = setOf(whenDeleted, whenScaled);
    const states = [
      claimOf(other),
      claimOf(other, reference('StatefulSet', 'web', 'set')),
      claimOf(other, reference('Pod', pod.metadata.name ?? '', 'pod')),
    ];
    for (const claim of states) {
      const owners = rightOwners(claim, set, pod);
      expect(owners.map((r) => r.kind)).toEqual(['X', ...expected]);
      expect(areOwnersRight(claimOf(...owners), set, pod)).toBe(true);
      expect(areOwnersRight(claim, set, pod)).toBe(JSON.stringify(claimOf(...owners)) === JSON.stringify(claim));
    }
  });

  it('becomes its controller', () => {
    const half = { ...reference('StatefulSet', 'web', 'set'), controller: false };
    const set = setOf('Delete', 'Retain');
    expect(areOwnersRight(claimOf(half), set, kept)).toBe(false);
    expect(rightOwners(claimOf(half), set, kept)).toEqual([reference('StatefulSet', 'web', 'set')]);
  });

  it('is not added to what another controls, and is taken off it', () => {
    const set = setOf('Delete', 'Retain');
    const foreign = { ...other, controller: true };
    expect(areOwnersRight(claimOf(foreign), set, kept)).toBe(true);
    const both = claimOf(foreign, reference('StatefulSet', 'web', 'set'));
    expect(areOwnersRight(both, set, kept)).toBe(false);
    expect(rightOwners(both, set, kept)).toEqual([foreign]);
  });

  it('is left alone where it is a former set or pod of the name', () => {
    const set = setOf('Delete', 'Delete');
    const former = claimOf(reference('Pod', 'web-0', 'former'));
    expect(areOwnersRight(former, set, kept)).toBe(true);
    expect(areOwnersRight(claimOf(reference('StatefulSet', 'web', 'former')), set, kept)).toBe(true);
    expect([isOfFormerPod(former, kept), isOfFormerPod(claimOf(reference('Pod', 'web-0', 'pod')), kept)]).toEqual([
      true,
      false,
    ]);
    expect(isOfFormerPod(former, { metadata: { name: 'web-0' } })).toBe(true);
  });
});
