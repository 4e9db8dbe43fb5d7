import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { findKubeconfig } from './history-kubeconfig';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-kubeconfig-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, server: string, current = 'x'): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    stringify({
      'current-context': current,
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority': 'ca.pem' } }],
      users: [{ name: `u-${name}`, user: { tokenFile: '/abs/token' } }],
      contexts: [
        { name: 'x', context: { cluster: 'c', user: `u-${name}` } },
        { name: `only-${name}`, context: { cluster: 'c', user: `u-${name}`, namespace: 'ns' } },
      ],
    }),
  );
  return file;
}
const serverOf = (found: ReturnType<typeof findKubeconfig>): unknown =>
  (found.config.clusters[0]?.['cluster'] as { server: string }).server;

describe('the kubeconfig that is found', () => {
  it('is that of the flag, else of KUBECONFIG, else that of the home folder', () => {
    const [flag, env] = [write('flag', 'https://flag'), write('env', 'https://env')];
    mkdirSync(join(folder, '.kube'));
    write('.kube/config', 'https://home');
    expect(serverOf(findKubeconfig({ kubeconfig: flag }, { KUBECONFIG: env, HOME: folder }))).toBe('https://flag');
    expect(serverOf(findKubeconfig({}, { KUBECONFIG: env, HOME: folder }))).toBe('https://env');
    expect(serverOf(findKubeconfig({}, { HOME: folder }))).toBe('https://home');
  });

  it('is one context with absolute paths; of several files the first that says something counts', () => {
    const list = [join(folder, 'none'), write('a', 'https://a', ''), write('b', 'https://b', 'only-b')].join(delimiter);
    const { config } = findKubeconfig({}, { KUBECONFIG: list });
    expect(config).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'only-b',
      contexts: [{ name: 'only-b', context: { cluster: 'c', user: 'u-b', namespace: 'ns' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://a', 'certificate-authority': join(folder, 'ca.pem') } }],
      users: [{ name: 'u-b', user: { tokenFile: '/abs/token' } }],
    });
    expect(findKubeconfig({ context: 'only-a' }, { KUBECONFIG: list }).config['current-context']).toBe('only-a');
  });

  it('is missed by name', () => {
    const file = write('a', 'https://a');
    expect(() => findKubeconfig({ kubeconfig: '/none' }, {})).toThrow('cannot read kubeconfig /none');
    expect(() => findKubeconfig({ kubeconfig: file, context: 'y' }, {})).toThrow(`${file} has no context named "y"`);
    writeFileSync(file, '{');
    expect(() => findKubeconfig({ kubeconfig: file }, {})).toThrow(`${file} is not YAML`);
    writeFileSync(file, '7');
    expect(() => findKubeconfig({ kubeconfig: file }, {})).toThrow(`${file} is not a kubeconfig`);
    writeFileSync(file, '{}');
    expect(() => findKubeconfig({ kubeconfig: file }, {})).toThrow(`${file} names no current context`);
  });
});
