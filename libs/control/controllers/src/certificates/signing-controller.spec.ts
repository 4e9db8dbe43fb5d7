import { X509Certificate } from 'node:crypto';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import type { CertificateOptions } from './certificate-options';
import { type CertificateRequest, certificateRequests } from './certificate-request';
import {
  approved,
  authority,
  certificateRequest,
  nodeWish,
  servingUsages,
  signing,
} from './certificate-requests.suite';
import { signerNames } from './signer-rules';
import { certificateSigningController, lifetimeOf } from './signing-controller';

let harness: ClientHarness;
afterEach(() => harness.stop());

const start = async (certificates: CertificateOptions = signing): Promise<void> => {
  harness = await startControllersForTest([certificateSigningController], { controllers: { certificates } });
};
const put = (request: CertificateRequest): void => {
  harness.api.store.create(certificateRequests, '', request);
};
const current = (): CertificateRequest => harness.api.store.get(certificateRequests, '', 'csr') as CertificateRequest;
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
const issued = (): X509Certificate => new X509Certificate(Buffer.from(current().status?.certificate ?? '', 'base64'));
const becomesIssued = (): Promise<void> =>
  eventually(() => {
    expect(current().status?.certificate).toBeDefined();
  });

describe('the signing controller', () => {
  it('issues what was approved, and keeps the approval', async () => {
    await start();
    put(certificateRequest(nodeWish, { expirationSeconds: 3600 }));
    await settle();
    expect(current().status).toBeUndefined();
    harness.api.store.update(certificateRequests, '', { ...current(), status: { conditions: [approved] } }, 'status');
    await becomesIssued();
    expect(current().status?.conditions).toEqual([approved]);
    expect(issued().checkIssued(new X509Certificate(authority.certPem))).toBe(true);
    expect(issued().subject).toBe('O=system:nodes\nCN=system:node:n1');
    expect(Date.parse(issued().validTo) - Date.parse(issued().validFrom)).toBe((3600 + 300) * 1000);
    const writes = harness.api.requests.filter(({ method }) => method === 'PUT').length;
    await settle();
    expect(harness.api.requests.filter(({ method }) => method === 'PUT')).toHaveLength(writes);
  });

  it.each([
    [signerNames.kubeletServing, { ...nodeWish, dnsNames: ['n1'] }, servingUsages],
    [signerNames.apiClient, { commonName: 'jane', organizations: ['dev'] }, ['client auth']],
    [signerNames.legacyUnknown, { commonName: 'thing' }, ['any']],
  ])('plays %s', async (signerName, wish, usages) => {
    await start();
    put(certificateRequest(wish, { signerName, usages }, [approved]));
    await becomesIssued();
  });

  it('says why it does not sign, once', async () => {
    await start();
    put(certificateRequest({ commonName: 'system:node:n1', organizations: ['system:masters'] }, {}, [approved]));
    await eventually(() => {
      expect(current().status).toEqual({
        conditions: [
          approved,
          {
            type: 'Failed',
            status: 'True',
            reason: 'SignerValidationFailure',
            message: 'subject organization is not system:nodes',
            lastUpdateTime: expect.stringMatching(/^\d{4}-/),
          },
        ],
      });
    });
    const { resourceVersion } = current().metadata;
    await settle();
    expect(current().metadata.resourceVersion).toBe(resourceVersion);
  });

  it.each<[string, Partial<CertificateRequest['spec']>, string[]]>([
    ['what was denied', {}, ['Denied']],
    ['what was denied after all', {}, ['Approved', 'Denied']],
    ['what has failed', {}, ['Approved', 'Failed']],
    ['for signers of others', { signerName: 'example.com/x' }, ['Approved']],
    ['for signers of Kubernetes that it does not know', { signerName: 'kubernetes.io/other' }, ['Approved']],
    ['what is no request', { request: 'eA==' }, ['Approved']],
  ])('does not sign %s', async (_name, spec, types) => {
    await start();
    put(
      certificateRequest(
        nodeWish,
        spec,
        types.map((type) => ({ type, status: 'True' })),
      ),
    );
    await settle();
    expect(current().status?.certificate).toBeUndefined();
    expect(current().status?.conditions).toHaveLength(types.length);
  });

  it('does not sign for a signer without an authority', async () => {
    await start({ ...signing, authority: (signer) => (signer === signerNames.apiClient ? authority : undefined) });
    put(certificateRequest(nodeWish, {}, [approved]));
    await settle();
    expect(current().status?.certificate).toBeUndefined();
  });
});

it('a certificate lives as long as asked for, within reason', () => {
  const year = 365 * 24 * 3600;
  expect([undefined, 60, 600, 3600, 2 * year].map((seconds) => lifetimeOf(seconds, year * 1000) / 1000)).toEqual([
    year,
    600,
    600,
    3600,
    year,
  ]);
});
