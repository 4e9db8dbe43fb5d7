import type { HealthCheck } from '@reckon/serve/http';
import { describe, expect, it } from 'vitest';
import { type ServerHealth, serverHealth } from './server-health';

const well: ServerHealth = {
  logFailure: () => undefined,
  writeFailure: () => undefined,
  isBootstrapped: () => true,
  isCertificateValid: () => true,
};

/** Name and message of each check that fails. */
function failing(health: ServerHealth): [string, string][] {
  return serverHealth(health).flatMap(({ name, check }): [string, string][] => {
    try {
      void check();
      return [];
    } catch (error) {
      return [[name, (error as Error).message]];
    }
  });
}

const asked = (endpoint: 'livez' | 'readyz' | 'healthz'): string[] =>
  serverHealth(well)
    .filter((check: HealthCheck) => check.endpoints?.includes(endpoint) ?? true)
    .map(({ name }) => name);

describe('the health of the apiserver', () => {
  it('is asked under names that are upstream’s, each once', () => {
    for (const endpoint of ['livez', 'readyz', 'healthz'] as const)
      expect(new Set(asked(endpoint)).size).toBe(asked(endpoint).length);
    expect(new Set(serverHealth(well).map(({ name }) => name)).size).toBe(34);
    expect(asked('livez')).toEqual(asked('healthz'));
    expect(asked('livez').slice(0, 3)).toEqual([
      'loopback-serving-certificate',
      'etcd',
      'poststarthook/start-apiserver-admission-initializer',
    ]);
    expect(asked('readyz').slice(0, 2)).toEqual([
      'informer-sync',
      'poststarthook/start-apiserver-admission-initializer',
    ]);
    expect(asked('readyz')).not.toContain('etcd');
    expect(asked('livez').at(-1)).toBe('poststarthook/apiservice-openapiv3-controller');
  });

  it('is good when all parts are', () => {
    expect(failing(well)).toEqual([]);
  });

  it('is not ready before bootstrap has made what every cluster has', () => {
    const names = failing({ ...well, isBootstrapped: () => false });
    expect(names).toContainEqual(['poststarthook/rbac/bootstrap-roles', 'not finished']);
    expect(names).toContainEqual(['poststarthook/scheduling/bootstrap-system-priority-classes', 'not finished']);
    expect(names).toContainEqual(['autoregister-completion', 'not finished']);
    expect(names.map(([name]) => name)).not.toContain('etcd');
  });

  it('stands and falls with the log', () => {
    expect(failing({ ...well, logFailure: () => 'disk I/O error' })).toEqual([
      ['etcd', 'disk I/O error'],
      ['poststarthook/storage-readiness', 'disk I/O error'],
      ['poststarthook/storage-readiness', 'disk I/O error'],
    ]);
  });

  it('is not ready, but alive, while the disk is full', () => {
    const failed = serverHealth({ ...well, writeFailure: () => 'the disk is full' }).filter(({ check }) => {
      try {
        void check();
        return false;
      } catch {
        return true;
      }
    });
    expect(failed.map(({ name, endpoints }) => [name, endpoints])).toEqual([
      ['poststarthook/storage-readiness', ['readyz']],
    ]);
  });

  it('knows when the certificate has run out', () => {
    expect(failing({ ...well, isCertificateValid: () => false })).toEqual([
      ['loopback-serving-certificate', 'the serving certificate has expired'],
    ]);
  });
});
