import type { AuthzAttributes } from '@reckon/serve/authz';
import { describe, expect, it } from 'vitest';
import { admissionFixture, rowOf } from '../testing/admission-fixture.suite';

const row = rowOf('resource.k8s.io', 'v1', 'resourceclaims');
const onNode = (name: string) => ({
  nodeSelector: {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
  },
});
const device = (driver: string, conditions: object[] = []) => ({ driver, pool: 'p', device: 'd', conditions });
const plugin = {
  name: 'system:serviceaccount:default:driver',
  groups: [],
  extra: { 'authentication.kubernetes.io/node-name': ['a'] },
};

/** What came of it, and what was asked. */
async function asked(status: object, old: object, may: readonly string[] = [], verb = 'update') {
  const questions: string[] = [];
  const told = ({ verb: v, subresource, namespace, name }: AuthzAttributes) =>
    `${v} ${subresource} ${namespace}/${name}`;
  const fixture = await admissionFixture({
    authorizer: {
      authorize(attributes) {
        questions.push(told(attributes));
        return Promise.resolve({ allowed: may.includes(told(attributes)), reason: '' });
      },
    },
  });
  const claim = (its: object): object => ({ metadata: { namespace: 'default', name: 'c' }, spec: {}, status: its });
  const answer = await fixture.ask({
    ...{ row, operation: 'UPDATE', subresource: 'status', name: 'c', user: plugin, ctx: { verb } },
    ...{ object: claim(status), oldObject: claim(old) },
  });
  return { answer: typeof answer === 'string' ? answer : 'admitted', questions };
}

describe('the status of a claim', () => {
  it.each([
    ['an allocation', { allocation: onNode('a') }],
    ['a reservation', { reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] }],
  ])('takes the right to bind for %s', async (_, status) => {
    const question = 'update binding /';
    expect(await asked(status, {}, [question])).toEqual({ answer: 'admitted', questions: [question] });
    expect((await asked(status, {})).answer).toBe(
      '422 ResourceClaim.resource.k8s.io "c" is invalid: status: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="update" permission: resourceclaims.resource.k8s.io is forbidden: User "system:serviceaccount:default:driver" cannot update resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope',
    );
    expect((await asked(status, {}, [], 'patch')).questions).toEqual(['patch binding /']);
    expect((await asked({}, status)).questions).toEqual([question]);
    expect(await asked(status, status)).toEqual({ answer: 'admitted', questions: [] });
  });

  it.each<readonly [string, string, object, object, readonly string[], string, readonly string[]]>([
    [
      'its own node',
      'a',
      {},
      {},
      ['associated-node:update driver default/x'],
      'admitted',
      ['associated-node:update driver default/x'],
    ],
    [
      'its own node, as anywhere',
      'a',
      {},
      {},
      ['arbitrary-node:update driver default/x'],
      'admitted',
      ['associated-node:update driver default/x', 'arbitrary-node:update driver default/x'],
    ],
    [
      'another node',
      'b',
      {},
      {},
      ['arbitrary-node:update driver default/x'],
      'admitted',
      ['arbitrary-node:update driver default/x'],
    ],
    [
      'another node, with the right for its own',
      'b',
      {},
      {},
      ['associated-node:update driver default/x'],
      '422 ResourceClaim.resource.k8s.io "c" is invalid: status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[arbitrary-node:update]" permission: resourceclaims.resource.k8s.io "x" is forbidden: User "system:serviceaccount:default:driver" cannot arbitrary-node:update resource "resourceclaims/driver" in API group "resource.k8s.io" in the namespace "default"',
      ['arbitrary-node:update driver default/x'],
    ],
  ])('takes the right of the driver for devices on %s', async (_, node, more, before, may, answer, questions) => {
    const allocation = onNode(node);
    const now = { allocation, devices: [device('x')], ...more };
    expect(await asked(now, { allocation, ...before }, may)).toEqual({ answer, questions });
    // What is taken away is changed too.
    expect(await asked({ allocation, ...before }, now, may)).toEqual({ answer, questions });
  });

  it('asks for each driver of which something changed, and for no other', async () => {
    const allocation = onNode('b');
    const { questions } = await asked(
      { allocation, devices: [device('same'), device('new'), device('changed', [{ type: 'Ready' }])] },
      { allocation, devices: [device('same'), device('changed'), device('gone')] },
    );
    expect(questions).toEqual(['changed', 'gone', 'new'].map((name) => `arbitrary-node:update driver default/${name}`));
  });
});
