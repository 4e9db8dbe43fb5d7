import { describe, expect, it } from 'vitest';
import { kubeletAttributes } from './kubelet-paths';
import { nodeNameOf, taintsOf } from './node-flags';

describe('the taints of a node', () => {
  it('are read as kubectl writes them', () => {
    expect(taintsOf(['a=b:NoSchedule', 'example.com/c:NoExecute', 'd=:PreferNoSchedule'])).toEqual([
      { key: 'a', value: 'b', effect: 'NoSchedule' },
      { key: 'example.com/c', effect: 'NoExecute' },
      { key: 'd', effect: 'PreferNoSchedule' },
    ]);
  });

  it.each(['a', 'a=b', 'a=b:Never', '=b:NoSchedule', ':NoSchedule'])('%s is none', (text) => {
    expect(() => taintsOf([text])).toThrow(`--register-with-taints: ${text} is not a taint`);
  });
});

it('the name of a node is made of the host’s, or refused', () => {
  expect(nodeNameOf(' My-Host.Local ', '--hostname-override')).toBe('my-host.local');
  for (const bad of ['', 'a_b', '-a', 'a..b', 'x'.repeat(254)])
    expect(() => nodeNameOf(bad, '--hostname-override')).toThrow('cannot be the name of a node');
});

it.each([
  ['GET', '/metrics', 'get', 'metrics'],
  ['GET', '/metrics/cadvisor', 'get', 'metrics'],
  ['GET', '/healthz/ping', 'get', 'healthz'],
  ['GET', '/configz', 'get', 'configz'],
  ['GET', '/pods', 'get', 'pods'],
  ['GET', '/containerLogs/ns/p/c', 'get', 'proxy'],
  ['POST', '/exec/ns/p/c', 'create', 'proxy'],
])('%s %s of a kubelet is %s of nodes/%s', (method, path, verb, subresource) => {
  expect(kubeletAttributes('n1')(method, path)).toMatchObject({ verb, subresource, resource: 'nodes', name: 'n1' });
});
