import { X509Certificate, createPrivateKey } from 'node:crypto';
import { systemClock } from '@reckon/kernel';
import type { KubeObject } from '@reckon/api/machinery';
import { createAuthority, inspectCertificateRequest, newKeyPair, signRequest } from '@reckon/pki';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CertificateAsk,
  CertificateRefusedError,
  kubeletSigners,
  requestCertificate,
} from './request-certificate';

const ref = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  namespaced: false,
};
const ca = createAuthority({ commonName: 'kubernetes', clock: systemClock });
const { privateKey } = newKeyPair();
const ask: CertificateAsk = {
  wish: { commonName: 'system:node:n1', organizations: ['system:nodes'] },
  signerName: kubeletSigners.client,
  usages: ['digital signature', 'client auth'],
  privateKey,
  isRepeatable: false,
};

let h: ClientHarness;
beforeEach(async () => {
  h = await startClientHarness();
});
afterEach(() => h.stop());

const never = new AbortController().signal;
const asked = (): KubeObject[] => h.api.store.list(ref);
const isAsked = (): Promise<void> =>
  eventually(() => {
    expect(asked()).toHaveLength(1);
  });
const answer = (status: object): void => {
  h.api.store.update(ref, '', { ...(asked()[0] as KubeObject), status }, 'status');
};
const issue = (): void => {
  const { request } = asked()[0]?.['spec'] as { request: string };
  const inspected = inspectCertificateRequest(Buffer.from(request, 'base64').toString());
  const pem = signRequest(ca, inspected, { usages: ask.usages, lifetimeMs: 60_000, clock: systemClock });
  answer({ certificate: Buffer.from(pem).toString('base64') });
};

describe('a request for a certificate', () => {
  it('waits until it is issued', async () => {
    const waiting = requestCertificate(h, ask, never);
    await isAsked();
    expect(asked()[0]).toMatchObject({ spec: { signerName: ask.signerName, usages: ask.usages } });
    expect(asked()[0]?.metadata.name).toMatch(/^csr-/);
    answer({ conditions: [{ type: 'Approved', status: 'True' }] });
    issue();
    const { certPem, keyPem } = await waiting;
    expect(new X509Certificate(certPem).subject).toBe('O=system:nodes\nCN=system:node:n1');
    expect(new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
  });

  it('is the same when it is asked again with the same key', async () => {
    const repeatable = { ...ask, isRepeatable: true };
    const abort = new AbortController();
    const given = requestCertificate(h, repeatable, abort.signal);
    await isAsked();
    abort.abort(new Error('stopped'));
    await expect(given).rejects.toThrow('stopped');
    const waiting = requestCertificate(h, repeatable, never);
    await eventually(() => {
      expect(h.api.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
    });
    issue();
    expect((await waiting).certPem).toContain('BEGIN CERTIFICATE');
    expect(asked()[0]?.metadata.name).toMatch(/^node-csr-[-a-z0-9]{43}x$/);
  });

  it.each([
    ['Denied', 'was denied, reason: No: not you'],
    ['Failed', 'has failed, reason: No: not you'],
  ])('ends when it is %s', async (type, words) => {
    const waiting = requestCertificate(h, ask, never);
    const refused = expect(waiting).rejects.toThrow(words);
    await isAsked();
    answer({ conditions: [{ type, status: 'True', reason: 'No', message: 'not you' }] });
    await refused;
    await expect(waiting).rejects.toThrow(CertificateRefusedError);
  });

  it('ends when it is deleted', async () => {
    const waiting = requestCertificate(h, ask, never);
    const refused = expect(waiting).rejects.toThrow('was deleted before it was answered');
    await isAsked();
    await new Promise((resolve) => setTimeout(resolve, 100));
    h.api.store.delete(ref, '', asked()[0]?.metadata.name ?? '');
    await refused;
  });
});
