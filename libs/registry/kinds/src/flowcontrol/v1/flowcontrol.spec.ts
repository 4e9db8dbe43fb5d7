import type { flowcontrolv1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from './mandatory';
import { suggestedFlowSchemas, suggestedPriorityLevels } from './suggested';

const group = 'flowcontrol.apiserver.k8s.io';

/** Messages are compared up to the length of what is expected. */
function expectRefusals(refusals: readonly string[], messages: readonly string[]): void {
  expect(refusals.map((text, index) => text.slice(0, messages[index]?.length ?? text.length))).toEqual(messages);
}

describe('a flow schema', () => {
  const key = `${group}/flowschemas`;
  const resourceRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['team'] };
  const given = {
    metadata: { name: 'fs' },
    spec: {
      matchingPrecedence: 900,
      priorityLevelConfiguration: { name: 'plc' },
      rules: [{ subjects: [{ kind: 'User', user: { name: 'jane' } }], resourceRules: [resourceRule] }],
    },
  };
  const subject = (one: object): Record<string, unknown> => ({ 'spec.rules.0.subjects': [one] });
  const resource = (changes: object): Record<string, unknown> => ({
    'spec.rules.0.resourceRules': [{ ...resourceRule, ...changes }],
  });
  const url = (...nonResourceURLs: readonly string[]): Record<string, unknown> => ({
    'spec.rules.0.nonResourceRules': [{ verbs: ['get'], nonResourceURLs }],
  });
  const rule = 'spec.rules[0]';
  const verbs =
    'supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"';
  const urls = `${rule}.nonResourceRules[0].nonResourceURLs`;

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.matchingPrecedence': -1 }, 'spec.matchingPrecedence: Invalid value: -1: must be a positive value'],
    [
      { 'spec.matchingPrecedence': 10_001 },
      'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
    ],
    [
      { 'spec.matchingPrecedence': 1 },
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
    [{ 'spec.distinguisherMethod': { type: 'ByUser' } }],
    [
      { 'spec.distinguisherMethod': { type: 'ByHair' } },
      'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByHair"}: supported values: "ByNamespace", "ByUser"',
    ],
    [
      { 'spec.priorityLevelConfiguration.name': '' },
      'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
    ],
    [
      { 'spec.priorityLevelConfiguration.name': 'A' },
      'spec.priorityLevelConfiguration.name: Invalid value: "A": a lowercase RFC 1123 subdomain',
    ],
    [{ 'spec.rules': undefined }],
    [
      { 'spec.rules': [{}] },
      `${rule}.subjects: Required value: subjects must contain at least one value`,
      `${rule}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty`,
    ],
    [subject({ kind: 'Group', group: { name: 'g' } })],
    [subject({ kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: '*' } })],
    [
      subject({ kind: 'Robot' }),
      `${rule}.subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"`,
    ],
    [
      subject({ kind: 'User', group: { name: 'g' }, serviceAccount: { namespace: 'n', name: 'a' } }),
      `${rule}.subjects[0].user: Required value: user is required when subject kind is 'User'`,
      `${rule}.subjects[0].serviceAccount: Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'`,
      `${rule}.subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'`,
    ],
    [
      subject({ kind: 'Group', group: { name: '' }, user: { name: 'u' } }),
      `${rule}.subjects[0].group.name: Required value`,
      `${rule}.subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'`,
    ],
    [
      subject({ kind: 'Group' }),
      `${rule}.subjects[0].group: Required value: group is required when subject kind is 'Group'`,
    ],
    [
      subject({ kind: 'ServiceAccount' }),
      `${rule}.subjects[0].serviceAccount: Required value: serviceAccount is required when subject kind is 'ServiceAccount'`,
    ],
    [
      subject({ kind: 'ServiceAccount', serviceAccount: { namespace: '', name: '' } }),
      `${rule}.subjects[0].serviceAccount.name: Required value`,
      `${rule}.subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account`,
    ],
    [
      subject({ kind: 'ServiceAccount', serviceAccount: { namespace: 'N', name: 'A' } }),
      `${rule}.subjects[0].serviceAccount.name: Invalid value: "A": a lowercase RFC 1123 subdomain`,
      `${rule}.subjects[0].serviceAccount.namespace: Invalid value: "N": a lowercase RFC 1123 label`,
    ],
    [resource({ verbs: [] }), `${rule}.resourceRules[0].verbs: Required value: verbs must contain at least one value`],
    [
      resource({ verbs: ['*', 'get'] }),
      `${rule}.resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
    ],
    [resource({ verbs: ['get', 'eat'] }), `${rule}.resourceRules[0].verbs: Unsupported value: ["get","eat"]: ${verbs}`],
    [
      resource({ apiGroups: [], resources: [], namespaces: [] }),
      `${rule}.resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group`,
      `${rule}.resourceRules[0].resources: Required value: resource rules must supply at least one resource`,
      `${rule}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
    ],
    [resource({ apiGroups: ['*'], resources: ['*'], namespaces: ['*'] })],
    [resource({ namespaces: undefined, clusterScope: true })],
    [
      resource({ apiGroups: ['*', 'a'], resources: ['*', 'b'], namespaces: ['*', 'c'] }),
      `${rule}.resourceRules[0].apiGroups: Invalid value: ["*","a"]: if '*' is present, must not specify other api groups`,
      `${rule}.resourceRules[0].resources: Invalid value: ["*","b"]: if '*' is present, must not specify other resources`,
      `${rule}.resourceRules[0].namespaces: Invalid value: ["*","c"]: if '*' is present, must not specify other namespaces`,
    ],
    [
      resource({ namespaces: ['N'] }),
      `${rule}.resourceRules[0].namespaces[0]: Invalid value: "N": each member of this list must be '*' or a DNS-1123 label; a lowercase RFC 1123 label`,
    ],
    [url('/', '/a', '/a/*')],
    [url('*')],
    [url(), `${urls}: Required value: nonResourceURLs must contain at least one value`],
    [url('*', '/a'), `${urls}: Invalid value: ["*","/a"]: if '*' is present, must not specify other non-resource URLs`],
    [
      url('', 'a', '/a b', '//', '/*/*', '/a*'),
      `${urls}[0]: Invalid value: "": must not be empty`,
      `${urls}[1]: Invalid value: "a": must start with slash`,
      `${urls}[2]: Invalid value: "/a b": must not contain white-space`,
      `${urls}[3]: Invalid value: "//": must not contain double slash`,
      `${urls}[4]: Invalid value: "/*/*": wildcard can only do suffix matching`,
      `${urls}[5]: Invalid value: "/a*": wildcard can only do suffix matching`,
    ],
  ])('with %j', (changes, ...messages) => {
    expectRefusals(runCreate(key, changed(given, changes)).refusals, messages);
  });

  it('has a precedence, a generation and a status of its own', () => {
    const old = runCreate(key, changed(given, { 'spec.matchingPrecedence': 0, status: { conditions: [{}] } })).object;
    expect(old).toMatchObject({ metadata: { generation: 1 }, spec: { matchingPrecedence: 1000 }, status: {} });
    const conditions = [{ type: 'Dangling', status: 'False' }];
    const both = changed(old, { 'spec.matchingPrecedence': 7, status: { conditions }, 'metadata.labels': { a: 'b' } });
    expect(runUpdate(key, old, both).object).toMatchObject({ metadata: { generation: 2 }, status: {} });
    expect(runUpdate(key, old, both, 'status').object).toEqual({ ...old, status: { conditions } });
    const twice = changed(old, { status: { conditions: [...conditions, ...conditions, { status: 'True' }] } });
    expect(runUpdate(key, old, twice, 'status').refusals).toEqual([
      'status.conditions[1].type: Duplicate value: "Dangling"',
      'status.conditions[2].type: Required value',
    ]);
  });

  it('cannot be other than it must be', () => {
    const exempt = mandatoryFlowSchemas.get('exempt') as flowcontrolv1.FlowSchema;
    expect(runUpdate(key, exempt, exempt).refusals).toEqual([]);
    const { refusals } = runUpdate(key, exempt, changed(exempt, { 'spec.distinguisherMethod': { type: 'ByUser' } }));
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatch(/^spec: Invalid value: \{"PriorityLevelConfiguration":\{"Name":"exempt"\},"Match/);
    expect(refusals[0]).toContain(
      '"Subjects":[{"Kind":"Group","User":null,"Group":{"Name":"system:masters"},"ServiceAccount":null}]',
    );
    expect(refusals[0]).toMatch(/: spec of 'exempt' must equal the fixed value$/);
  });
});

describe('a priority level', () => {
  const key = `${group}/prioritylevelconfigurations`;
  const queuing = { queues: 64, handSize: 6, queueLengthLimit: 50 };
  const given = {
    metadata: { name: 'plc' },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Queue', queuing } } },
  };
  const exempt = { 'metadata.name': 'exempt', spec: { type: 'Exempt', exempt: {} } };
  const queue = 'spec.limited.limitResponse.queuing';

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [exempt],
    [{ ...exempt, spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 7, lendablePercent: 50 } } }],
    [
      { ...exempt, spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: -1, lendablePercent: 101 } } },
      'spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.exempt.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
    ],
    [
      { 'spec.type': 'Exempt' },
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
      'spec.limited: Forbidden: must be nil if the type is not Limited',
    ],
    [{ 'spec.exempt': {} }, 'spec.exempt: Forbidden: must be nil if the type is Limited'],
    [{ 'spec.limited': undefined }, 'spec.limited: Required value: must not be empty when type is Limited'],
    [{ 'spec.type': '' }, 'spec.type: Required value'],
    [{ 'spec.type': 'Free' }, 'spec.type: Unsupported value: "Free": supported values: "Exempt", "Limited"'],
    [{ 'spec.limited.nominalConcurrencyShares': 0 }],
    [
      {
        'spec.limited.nominalConcurrencyShares': -1,
        'spec.limited.lendablePercent': -1,
        'spec.limited.borrowingLimitPercent': -1,
      },
      'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.limited.lendablePercent: Invalid value: -1: must be between 0 and 100, inclusive',
      'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ],
    [{ 'spec.limited.limitResponse': { type: 'Reject' } }],
    [
      { 'spec.limited.limitResponse.type': 'Reject' },
      `${queue}: Forbidden: must be nil if limited.limitResponse.type is not Limited`,
    ],
    [
      { 'spec.limited.limitResponse': { type: 'Queue' } },
      `${queue}: Required value: must not be empty if limited.limitResponse.type is Limited`,
    ],
    [{ 'spec.limited.limitResponse': undefined }, 'spec.limited.limitResponse.type: Required value'],
    [
      { 'spec.limited.limitResponse.type': 'Wait' },
      'spec.limited.limitResponse.type: Unsupported value: "Wait": supported values: "Queue", "Reject"',
    ],
    [
      { 'spec.limited.limitResponse.queuing': { queues: -1, handSize: -1, queueLengthLimit: -1 } },
      `${queue}.queueLengthLimit: Invalid value: -1: must be positive`,
      `${queue}.queues: Invalid value: -1: must be positive`,
      `${queue}.handSize: Invalid value: -1: must be positive`,
    ],
    [
      { 'spec.limited.limitResponse.queuing': { ...queuing, queues: 10_000_001, handSize: 1 } },
      `${queue}.queues: Invalid value: 10000001: must not be greater than 10000000`,
    ],
    [
      { 'spec.limited.limitResponse.queuing': { ...queuing, handSize: 65 } },
      `${queue}.handSize: Invalid value: 65: should not be greater than queues (64)`,
    ],
    [{ 'spec.limited.limitResponse.queuing': { ...queuing, handSize: 10 } }],
    [
      { 'spec.limited.limitResponse.queuing': { ...queuing, handSize: 11 } },
      `${queue}.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60`,
    ],
    [
      { 'metadata.annotations': { 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares': '' } },
      "metadata.annotations: Forbidden: annotation 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares' is forbidden",
    ],
  ])('with %j', (changes, ...messages) => {
    expectRefusals(runCreate(key, changed(given, changes)).refusals, messages);
  });

  it('has what it does not say', () => {
    const limitResponse = { type: 'Queue', queuing: {} };
    expect(runCreate(key, changed(given, { 'spec.limited': { limitResponse } })).object).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        limited: {
          nominalConcurrencyShares: 30,
          lendablePercent: 0,
          limitResponse: { queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
        },
      },
      status: {},
    });
    expect(runCreate(key, changed(given, exempt)).object).toMatchObject({
      spec: { exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
    });
  });

  it('keeps spec and status apart', () => {
    const old = runCreate(key, given).object;
    const conditions = [{ type: 'a', status: 'True' }];
    const both = changed(old, { 'spec.limited.nominalConcurrencyShares': 9, status: { conditions } });
    expect(runUpdate(key, old, both).object).toMatchObject({ metadata: { generation: 2 }, status: {} });
    expect(runUpdate(key, old, both, 'status').object).toEqual({ ...old, status: { conditions } });
    expect(runUpdate(key, old, changed(old, { 'status.conditions': [{}] }), 'status').refusals).toEqual([
      'status.conditions[0].type: Required value',
    ]);
  });

  it('cannot be other than it must be', () => {
    const [catchAll, free] = ['catch-all', 'exempt'].map((name) => mandatoryPriorityLevels.get(name) ?? {});
    const shares = changed(catchAll ?? {}, { 'spec.limited.nominalConcurrencyShares': 6 });
    expectRefusals(runUpdate(key, catchAll ?? {}, shares).refusals, [
      'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":6,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'catch-all\' must equal the fixed value',
    ]);
    expect(runUpdate(key, free ?? {}, changed(free ?? {}, { 'spec.exempt.lendablePercent': 5 })).refusals).toEqual([]);
    expectRefusals(runUpdate(key, free ?? {}, changed(free ?? {}, { 'spec.limited': {} })).refusals, [
      'spec.limited: Forbidden: must be nil if the type is not Limited',
      'spec: Invalid value: {"Type":"Exempt","Limited":{',
    ]);
  });
});

describe('the objects of every cluster', () => {
  const all = [
    ...[...mandatoryPriorityLevels.values(), ...suggestedPriorityLevels].map(
      (object) => ['prioritylevelconfigurations', object.metadata.name ?? '', object] as const,
    ),
    ...[...mandatoryFlowSchemas.values(), ...suggestedFlowSchemas].map(
      (object) => ['flowschemas', object.metadata.name ?? '', object] as const,
    ),
  ];

  it.each(all)('%s %s is good and whole', (resource, _name, object) => {
    const run = runCreate(`${group}/${resource}`, object);
    expect(run.refusals).toEqual([]);
    expect(run.object['spec']).toEqual(object.spec);
  });

  it('refer to levels that there are', () => {
    const levels = new Set(all.flatMap(([resource, name]) => (resource === 'flowschemas' ? [] : [name])));
    for (const { spec } of [...mandatoryFlowSchemas.values(), ...suggestedFlowSchemas])
      expect(levels).toContain(spec?.priorityLevelConfiguration.name);
  });
});
