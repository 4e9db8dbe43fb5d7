import { systemClock } from '@reckon/kernel';
import { createAuthority, type Credential, issue } from '@reckon/pki';
import type { PeerCertificate } from '@reckon/serve/authn';
import { X509Certificate } from 'node:crypto';
import { get } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.suite';

const client = (authority: Credential): Credential =>
  issue(authority, { commonName: 'jane', organizations: ['dev', 'ops'], usages: ['client'], clock: systemClock });

const derOf = ({ certPem }: Credential): Buffer => new X509Certificate(certPem).raw;

describe('client certificates', () => {
  let server: TestServer;
  let seen: PeerCertificate | undefined;
  /** Read while the connection is there. */
  let beside: readonly Buffer[] = [];
  beforeAll(async () => {
    server = await startTestServer({
      authenticate: ({ peerCertificate }) => {
        seen = peerCertificate;
        beside = peerCertificate?.intermediates() ?? [];
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
    const nowMs = systemClock.wallMs();
    expect(nowMs - (seen?.notBeforeMs ?? NaN)).toBeGreaterThan(0);
    expect((seen?.notAfterMs ?? NaN) - nowMs).toBeGreaterThan(0);
  });

  it('of strangers are handed on too, marked as not verified: the refusal is a Status, not a broken connection', async () => {
    const stranger = createAuthority({ commonName: 'other', clock: systemClock });
    expect(await show(client(stranger))).toBe(200);
    expect([seen?.verified, seen?.subject.CN]).toEqual([false, 'jane']);
  });

  it('come with their issuers', async () => {
    const first = client(server.authority);
    expect(await show(first)).toBe(200);
    expect(beside.map((der) => der.equals(derOf(server.authority)))).toEqual([true]);
    const below = client(first);
    expect(await show({ certPem: `${below.certPem}${first.certPem}`, keyPem: below.keyPem })).toBe(200);
    // One that may not sign is no issuer.
    expect([seen?.verified, beside]).toEqual([false, []]);
  });

  it('need not be shown', async () => {
    expect(await show()).toBe(200);
    expect(seen).toBeUndefined();
  });
});
