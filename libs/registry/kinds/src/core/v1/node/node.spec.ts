import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../../testing/run-strategy';

const old = runCreate('/nodes', { metadata: { name: 'n1' }, spec: { externalID: 'x' } }).object;

const map = { namespace: 'kube-system', name: 'kubelet', kubeletConfigKey: 'kubelet' };
const reported = { ...map, uid: 'u', resourceVersion: '1' };
const own = 'spec.configSource';
const assigned = 'status.config.assigned';

describe('a node that is told where its configuration is', () => {
  const update = (changes: Record<string, unknown>, subresource = ''): readonly string[] =>
    runUpdate('/nodes', old, changed(old, changes), subresource).refusals;

  it.each<[object, ...string[]]>([
    [{}, `${own}: Invalid value: {"ConfigMap":null}: exactly one reference subfield must be non-nil`],
    [
      { configMap: reported },
      `${own}.configMap.uid: Forbidden: uid must not be set in spec`,
      `${own}.configMap.resourceVersion: Forbidden: resourceVersion must not be set in spec`,
    ],
    [
      { configMap: { namespace: '', name: '', kubeletConfigKey: '' } },
      `${own}.configMap.namespace: Required value: namespace must be set`,
      `${own}.configMap.name: Required value: name must be set`,
      `${own}.configMap.kubeletConfigKey: Required value: kubeletConfigKey must be set`,
    ],
    [
      { configMap: { namespace: 'A', name: 'B', kubeletConfigKey: 'c d' } },
      `${own}.configMap.namespace: Invalid value: "A": a lowercase RFC 1123 label must consist of`,
      `${own}.configMap.name: Invalid value: "B": a lowercase RFC 1123 subdomain must consist of`,
      `${own}.configMap.kubeletConfigKey: Invalid value: "c d": a valid config key must consist of`,
    ],
  ])('by %j is refused', (configSource, ...messages) => {
    const refusals = update({ [own]: configSource });
    expect(refusals).toHaveLength(messages.length);
    for (const [index, message] of messages.entries()) expect(refusals[index]).toContain(message);
  });

  it('by a map is accepted, with a warning', () => {
    const run = runUpdate('/nodes', old, changed(old, { [own]: { configMap: map } }));
    expect(run.refusals).toEqual([]);
    expect(run.warnings).toContain(
      'spec.configSource: the spec.configSource field is deprecated since v1.22 and removed in v1.26',
    );
  });

  it('reports which version it has', () => {
    expect(update({ [assigned]: { configMap: reported } }, 'status')).toEqual([]);
    expect(update({ [assigned]: { configMap: map } }, 'status')).toEqual([
      `${assigned}.configMap.uid: Required value: uid must be set in status`,
      `${assigned}.configMap.resourceVersion: Required value: resourceVersion must be set in status`,
    ]);
  });
});

describe('the old id of a node', () => {
  it('stays, and is warned of', () => {
    expect(runUpdate('/nodes', old, changed(old, { 'spec.externalID': 'y' })).refusals).toEqual([
      'spec.externalID: Forbidden: may not be updated',
    ]);
    const kept = runUpdate('/nodes', old, changed(old, { 'metadata.labels': { a: 'b' } }));
    expect(kept.refusals).toEqual([]);
    expect(kept.warnings).toEqual(['spec.externalID: this field is deprecated, and is unused by Kubernetes']);
  });
});

describe('the addresses of a node', () => {
  it('are each told once', () => {
    const told = (...addresses: object[]): readonly string[] =>
      runUpdate('/nodes', old, changed(old, { 'status.addresses': addresses }), 'status').refusals;
    const address = { type: 'InternalIP', address: '10.0.0.1' };
    expect(told(address, { ...address, type: 'ExternalIP' })).toEqual([]);
    expect(told(address, address)).toEqual([
      'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}',
    ]);
  });
});
