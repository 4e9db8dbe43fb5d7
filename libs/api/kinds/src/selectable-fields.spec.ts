import { describe, expect, it } from 'vitest';
import { createKindRegistry } from './kind-registry';
import { selectableFields, type SelectableFields } from './selectable-fields';

const registry = createKindRegistry();
const of = (group: string, resource: string): SelectableFields =>
  selectableFields(registry.resource(group, 'v1', resource)!);

describe('selectableFields', () => {
  it('of a pod', () => {
    const pod = {
      metadata: { name: 'p', namespace: 'd' },
      spec: { nodeName: 'n', hostNetwork: true, restartPolicy: 'Always' },
      status: { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }, { ip: '::1' }] },
    };
    expect(of('', 'pods').fieldsOf(pod)).toEqual({
      'metadata.name': 'p',
      'metadata.namespace': 'd',
      'spec.host': 'n',
      'spec.nodeName': 'n',
      'spec.restartPolicy': 'Always',
      'spec.schedulerName': '',
      'spec.serviceAccountName': '',
      'spec.hostNetwork': 'true',
      'status.phase': 'Running',
      'status.podIP': '10.0.0.1',
      'status.nominatedNodeName': '',
    });
    expect(of('', 'pods').fieldsOf({ metadata: {} })['spec.hostNetwork']).toBe('false');
  });

  it('of an event, by the names of both groups', () => {
    const event = {
      metadata: {},
      involvedObject: { name: 'p', kind: 'Pod' },
      reportingComponent: 'kubelet',
      source: {},
    };
    for (const group of ['', 'events.k8s.io']) {
      expect(of(group, 'events').fieldsOf(event)).toMatchObject({
        'involvedObject.name': 'p',
        'regarding.kind': 'Pod',
        source: 'kubelet',
        reportingController: 'kubelet',
      });
    }
  });

  it('of numbers and booleans as text', () => {
    expect(of('batch', 'jobs').fieldsOf({ metadata: {}, status: { succeeded: 3 } })['status.successful']).toBe('3');
    expect(of('batch', 'jobs').fieldsOf({ metadata: {} })['status.successful']).toBe('0');
    expect(of('', 'nodes').fieldsOf({ metadata: {}, spec: { unschedulable: true } })['spec.unschedulable']).toBe(
      'true',
    );
  });

  it.each([
    ['', 'configmaps', 'data.i', '"data.i" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    ['', 'pods', 'spec.nope', 'field label not supported: spec.nope'],
    ['', 'nodes', 'metadata.namespace', 'field label not supported: metadata.namespace'],
    ['', 'events', 'regarding.kind', 'field label not supported: regarding.kind'],
    ['events.k8s.io', 'events', 'involvedObject.kind', 'field label not supported: involvedObject.kind'],
    ['batch', 'jobs', 'x', 'field label "x" not supported for Job'],
  ])('%s %s refuses %s', (group, resource, name, message) => {
    expect(() => {
      of(group, resource).check(['metadata.name', name]);
    }).toThrow(message);
  });

  it('takes what the kind knows', () => {
    of('', 'pods').check(['metadata.namespace', 'spec.nodeName', 'status.podIPs', 'spec.host']);
    of('', 'secrets').check(['type']);
    of('rbac.authorization.k8s.io', 'clusterroles').check(['metadata.namespace']);
    expect(of('', 'namespaces').names).toEqual(['metadata.name', 'status.phase']);
  });
});
