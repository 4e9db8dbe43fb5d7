import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { validatingAdmissionPolicyStatus } from './validating-admission-policy-status';

let harness: ClientHarness;
beforeEach(async () => {
  harness = await startControllersForTest([validatingAdmissionPolicyStatus]);
});
afterEach(() => harness.stop());

const { validatingAdmissionPolicies: ref } = refs;
const make = (name: string, spec: object): unknown =>
  harness.api.store.create(ref, '', { metadata: { name, generation: 1 }, spec });
const status = (name: string): unknown => harness.api.store.find(ref, '', name)?.['status'];
const validations = [{ expression: 'object.spec.replicas < 100' }];

describe('the status of validating admission policies', () => {
  it('says which generation was seen, and again when the policy changes', async () => {
    make('vap', { validations });
    await eventually(() => {
      expect(status('vap')).toEqual({ observedGeneration: 1, typeChecking: {} });
    });
    const policy = harness.api.store.get(ref, '', 'vap');
    harness.api.store.update(ref, '', { ...policy, spec: { validations: [] } });
    await eventually(() => {
      expect(status('vap')).toEqual({ observedGeneration: 2, typeChecking: {} });
    });
    expect(harness.api.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2);
  });

  it('goes by what the server says of the kinds that a policy names', async () => {
    const resourceRules = [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }];
    // Nobody describes the kind, so that nothing can be said against the expression.
    make('named', { validations, matchConstraints: { resourceRules }, paramKind: { apiVersion: 'v1', kind: 'X' } });
    await eventually(() => {
      expect(status('named')).toEqual({ observedGeneration: 1, typeChecking: {} });
    });
    const asked = harness.api.requests.map(({ path }) => path);
    expect(asked).toContain('/openapi/v3/apis/apps/v1');
    expect(asked).toContain('/openapi/v3/api/v1');
  });
});
