import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const key = 'coordination.k8s.io/leases';
const given = {
  metadata: { name: 'leader', namespace: 'team' },
  spec: { holderIdentity: 'me', leaseDurationSeconds: 15, leaseTransitions: 0 },
};
const coordinated = { 'spec.strategy': 'OldestEmulationVersion', 'spec.preferredHolder': 'you' };

describe('a lease', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ spec: undefined }],
    [{ 'spec.leaseDurationSeconds': 0 }, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
    [{ 'spec.leaseTransitions': -1 }, 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
  ])('with %j', (changes, ...messages) => {
    const { object, refusals } = runCreate(key, changed(given, changes));
    expect(refusals).toEqual(messages);
    expect(runUpdate(key, given, object).refusals).toEqual(messages);
  });

  it('takes no part in coordinated elections', () => {
    const old = runCreate(key, changed(given, { 'spec.strategy': 'x', 'spec.preferredHolder': 'you' }));
    expect(old).toMatchObject({ object: given, refusals: [] });
    expect(runUpdate(key, old.object, changed(old.object, coordinated)).object).toEqual(given);
  });

  const elected = changed(given, coordinated);
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.strategy': 'example.com/mine' }],
    [
      { 'spec.strategy': 'x' },
      'spec.strategy.strategy: Unsupported value: "x": supported values: "OldestEmulationVersion"',
    ],
    [
      { 'spec.strategy': 'example.com/' },
      'spec.strategy.strategy: Invalid value: "example.com/": name part must be non-empty',
      expect.stringContaining('spec.strategy.strategy: Invalid value: "example.com/": name part must consist') as never,
    ],
    [{ 'spec.strategy': undefined }, 'spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined'],
  ])('that took part already may change with %j', (changes, ...messages) => {
    expect(runUpdate(key, elected, changed(elected, changes)).refusals).toEqual(messages);
  });
});
