import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issue } from '@reckon/pki';
import { systemClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { componentStatuses, healthy, runningProbe } from './component-statuses';
import { probeHealthPage } from './probe-health-page';

describe('the statuses of components', () => {
  const statuses = componentStatuses({
    scheduler: runningProbe(() => true),
    'controller-manager': runningProbe(() => false),
  });
  const scheduler = {
    metadata: { name: 'scheduler' },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  };

  it('tell how each is at the moment', async () => {
    expect(await statuses.list()).toEqual([
      scheduler,
      {
        metadata: { name: 'controller-manager' },
        conditions: [{ type: 'Healthy', status: 'False', message: 'not running' }],
      },
      { metadata: { name: 'etcd-0' }, conditions: [{ type: 'Healthy', ...healthy }] },
    ]);
    expect(await statuses.get('scheduler')).toEqual(scheduler);
  });

  it('know nothing of others', async () => {
    await expect(statuses.get('kubelet')).rejects.toMatchObject({
      message: 'Component not found: kubelet',
      status: { code: 500, status: 'Failure' },
    });
  });
});

describe('a health page', () => {
  const authority = createAuthority({ commonName: 'nobody', clock: systemClock });
  const tls = issue(authority, { commonName: 'page', organizations: [], usages: ['server'], clock: systemClock });

  async function asked(code: number, text: string): Promise<unknown> {
    const server = createServer({ cert: tls.certPem, key: tls.keyPem }, (_, response) => {
      response.writeHead(code).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await probeHealthPage((server.address() as AddressInfo).port);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it.each([
    [200, 'ok', { status: 'True', message: 'ok' }],
    [302, '', { status: 'True', message: '' }],
    [500, 'leader election lost', { status: 'False', message: 'HTTP probe failed with statuscode: 500' }],
  ])('that answers %s %s', async (code, text, expected) => {
    expect(await asked(code, text)).toEqual(expected);
  });

  it('where nobody listens', async () => {
    expect(await probeHealthPage(1)).toEqual({
      status: 'False',
      message: 'Get "https://127.0.0.1:1/healthz": dial tcp 127.0.0.1:1: connect: connection refused',
    });
  });
});
