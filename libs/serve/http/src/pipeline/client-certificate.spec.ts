import { systemClock } from '@reckon/kernel';
import { createAuthority, type Credential, issue } from '@reckon/pki';
import type { PeerCertificate } from '@reckon/serve/authn';
import { get } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.suite';

const client = (authority: Credential): Credential =>
  issue(authority, { commonName: 'jane', organizations: ['dev', 'ops'], usages: ['client'], clock: systemClock });

describe('client certificates', () => {
  let server: TestServer;
  let seen: PeerCertificate | undefined;
  beforeAll(async () => {
    server = await startTestServer({
      authenticate: ({ peerCertificate }) => {
        seen = peerCertificate;
        return { user: { name: 'x', groups: [] } };
      },
    });
  });
  afterAll(async () => {
    await server.close();
  });

  const show = (credential?: Credential): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = get(
        {
          host: '127.0.0.1',
          port: server.port,
          path: '/version',
          ca: server.caPem,
          agent: false,
          ...(credential === undefined ? {} : { cert: credential.certPem, key: credential.keyPem }),
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on('error', reject);
    });

  it('are handed to authentication, verified', async () => {
    expect(await show(client(server.authority))).toBe(200);
    expect([seen?.verified, seen?.subject.CN, seen?.subject.O]).toEqual([true, 'jane', ['dev', 'ops']]);
    expect(seen?.raw.length).toBeGreaterThan(100);
  });

  it('of strangers are handed on too, marked as not verified: the refusal is a Status, not a broken connection', async () => {
    const stranger = createAuthority({ commonName: 'other', clock: systemClock });
    expect(await show(client(stranger))).toBe(200);
    expect([seen?.verified, seen?.subject.CN]).toEqual([false, 'jane']);
  });

  it('need not be shown', async () => {
    expect(await show()).toBe(200);
    expect(seen).toBeUndefined();
  });
});
