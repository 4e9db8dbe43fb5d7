import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate, testStrategies } from '../../testing/run-strategy';

const key = 'node.k8s.io/runtimeclasses';
const given = { metadata: { name: 'kata' }, handler: 'kata-qemu' };
const make = (changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(key, changed(given, changes));
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

describe('a RuntimeClass', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ handler: '' }, `handler: Invalid value: "": ${label}`],
    [{ handler: undefined }, `handler: Invalid value: "": ${label}`],
    [{ handler: 'No' }, `handler: Invalid value: "No": ${label}`],
    [{ overhead: {} }],
    [{ overhead: { podFixed: { cpu: '100m', memory: '120Mi' } } }],
    [
      { overhead: { podFixed: { cpu: '-1' } } },
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      { overhead: { podFixed: { nope: '1' } } },
      'overhead.limits[nope]: Invalid value: "nope": must be a standard resource type or fully qualified',
      'overhead.limits[nope]: Invalid value: "nope": must be a standard resource for containers',
    ],
    [
      { overhead: { podFixed: { 'hugepages-2Mi': '3Mi', cpu: '1' } } },
      'overhead.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    ],
    [{ scheduling: {} }],
    [{ scheduling: { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'a', operator: 'Exists' }] } }],
    [
      {
        scheduling: {
          tolerations: [
            { key: 'a', operator: 'Exists' },
            { key: 'a', operator: 'Exists', effect: 'NoSchedule' },
          ],
        },
      },
    ],
    [
      {
        scheduling: {
          tolerations: [
            { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
            { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 },
          ],
        },
      },
      'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"NoExecute","TolerationSeconds":2}',
    ],
    [
      { scheduling: { nodeSelector: { disk: '-' } } },
      expect.stringContaining(
        'scheduling.nodeSelector: Invalid value: "-": a valid label must be an empty string',
      ) as never,
    ],
    [
      { scheduling: { tolerations: [{ operator: 'Equal', value: 'x' }] } },
      expect.stringContaining('scheduling.tolerations[0].operator: Invalid value: "Equal"') as never,
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('warns of labels of nodes that have a newer name', () => {
    const nodeSelector = { disk: 'ssd', 'beta.kubernetes.io/os': 'linux' };
    const warning = 'scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead';
    const { object, warnings } = make({ scheduling: { nodeSelector } });
    expect(warnings).toEqual([warning]);
    expect(runUpdate(key, object, object).warnings).toEqual([warning]);
    expect(make({ scheduling: {} }).warnings).toEqual([]);
  });

  it('rounds its overhead', () => {
    expect(make({ overhead: { podFixed: { cpu: '100u' } } }).object).toMatchObject({
      overhead: { podFixed: { cpu: '1m' } },
    });
  });

  it('always has the same handler', () => {
    const old = make().object;
    expect(runUpdate(key, old, changed(old, { handler: 'other' })).refusals).toEqual([
      'handler: Invalid value: "other": field is immutable',
    ]);
    expect(runUpdate(key, old, changed(old, { scheduling: { nodeSelector: { a: 'b' } } })).refusals).toEqual([]);
  });

  it('is made by a PUT too, but only replaced by one that knows its version', () => {
    const strategy = testStrategies().of('node.k8s.io', 'runtimeclasses')?.strategy;
    expect([strategy?.allowCreateOnUpdate, strategy?.allowUnconditionalUpdate]).toEqual([true, false]);
  });
});
