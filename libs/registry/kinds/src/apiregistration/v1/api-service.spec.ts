import type { apiregistrationv1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const key = 'apiregistration.k8s.io/apiservices';
const given = {
  metadata: { name: 'v1.example.com' },
  spec: {
    group: 'example.com',
    version: 'v1',
    groupPriorityMinimum: 100,
    versionPriority: 10,
    service: { name: 's', namespace: 'n' },
  },
};
const create = (changes: Record<string, unknown>): ReturnType<typeof runCreate> =>
  runCreate(key, changed<object>(given, changes));

describe('an APIService', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.service': undefined }],
    [{ metadata: { name: 'v1.' }, spec: { version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } }],
    [
      { 'metadata.name': 'v2.example.com' },
      'metadata.name: Invalid value: "v2.example.com": must be `spec.version+"."+spec.group`: "v1.example.com"',
    ],
    [
      { metadata: { name: 'a-x7k2p', generateName: 'a-' } },
      'metadata.generateName: Invalid value: "a-": must be `spec.version+"."+spec.group`: "v1.example.com"',
      'metadata.name: Invalid value: "a-x7k2p": must be `spec.version+"."+spec.group`: "v1.example.com"',
    ],
    // The machinery has refused such a name.
    [{ 'metadata.name': 'a/b' }],
    [
      { metadata: { name: 'v2.' }, 'spec.group': undefined, 'spec.version': 'v2' },
      'spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
    ],
    [
      { metadata: { name: '1.A' }, 'spec.group': 'A', 'spec.version': '1' },
      "spec.group: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "spec.version: Invalid value: \"1\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
    [
      { 'spec.groupPriorityMinimum': 20_001, 'spec.versionPriority': 0 },
      'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
    ],
    [{ 'spec.groupPriorityMinimum': 20_000, 'spec.versionPriority': 1000 }],
    [
      { 'spec.service': undefined, 'spec.caBundle': 'AAAA', 'spec.insecureSkipTLSVerify': true },
      'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
    [
      { 'spec.service': { port: 0 } },
      'spec.service.namespace: Required value',
      'spec.service.name: Required value',
      'spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
    ],
    [
      { 'spec.caBundle': 'AAAA', 'spec.insecureSkipTLSVerify': true },
      'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(create(changes).refusals).toEqual(messages);
  });

  it('of this server is available from the first', () => {
    const { object } = create({ 'spec.service': undefined, status: { conditions: [{ type: 'X', status: 'True' }] } });
    expect(object['status']).toEqual({
      conditions: [
        {
          type: 'Available',
          status: 'True',
          lastTransitionTime: '2026-01-01T00:00:00Z',
          reason: 'Local',
          message: 'Local APIServices are always available',
        },
      ],
    });
  });

  it('of another server waits to be found', () => {
    const { object } = create({});
    expect(object).toMatchObject({ status: {}, spec: { service: { port: 443 } } });
    expect((object['status'] as apiregistrationv1.APIServiceStatus).conditions).toBeUndefined();
  });

  it('keeps spec and status apart', () => {
    const old = create({}).object;
    const conditions = [{ type: 'Available', status: 'False' }];
    const both = changed(old, {
      'spec.versionPriority': 11,
      'status.conditions': conditions,
      'metadata.labels': { a: 'b' },
    });
    expect(runUpdate(key, old, both).object).toMatchObject({
      metadata: { labels: { a: 'b' } },
      spec: { versionPriority: 11 },
      status: {},
    });
    const reported = runUpdate(key, old, both, 'status').object;
    expect(reported).toMatchObject({ spec: { versionPriority: 10 }, status: { conditions } });
    expect(reported.metadata.labels).toBeUndefined();
  });

  it('is available, not available or nobody knows', () => {
    const old = create({}).object;
    const report = (status: string): readonly string[] =>
      runUpdate(key, old, changed(old, { 'status.conditions': [{ type: 'Available', status }] }), 'status').refusals;
    expect(report('Unknown')).toEqual([]);
    expect(report('Perhaps')).toEqual([
      'status.conditions[0].status: Unsupported value: "Perhaps": supported values: "True", "False", "Unknown"',
    ]);
  });
});
