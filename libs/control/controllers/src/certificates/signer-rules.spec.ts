import type { InspectedRequest } from '@reckon/pki';
import { describe, expect, it } from 'vitest';
import { type SignerName, isSignerName, signerNames, signerRules } from './signer-rules';

type Asked = Omit<InspectedRequest, 'subject' | 'publicKey' | 'checkSignature'>;
const node: Asked = {
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: [],
  emailAddresses: [],
  ipAddresses: [],
  uris: [],
};
const client = ['digital signature', 'key encipherment', 'client auth'];
const serving = ['digital signature', 'key encipherment', 'server auth'];
const named = { dnsNames: ['n1'] };

const { apiClient, kubeletClient, kubeletServing, legacyUnknown } = signerNames;

describe('what a signer demands', () => {
  it.each<[SignerName, Partial<Asked>, string[], string | undefined]>([
    [apiClient, { organizations: ['any'], commonName: 'x', dnsNames: ['a'] }, client, undefined],
    [apiClient, {}, ['client auth'], undefined],
    [apiClient, {}, ['digital signature'], 'missing required usage for client certificate: client auth'],
    [apiClient, {}, ['client auth', 'server auth'], 'invalid usage for client certificate: server auth'],
    [apiClient, {}, ['any'], 'invalid usage for client certificate: any'],
    [kubeletClient, {}, client, undefined],
    [kubeletClient, {}, ['client auth', 'digital signature'], undefined],
    [kubeletClient, {}, ['client auth'], 'usages did not match [client auth digital signature key encipherment]'],
    [kubeletClient, {}, serving, 'usages did not match [client auth digital signature key encipherment]'],
    [
      kubeletClient,
      {},
      [...client, 'server auth'],
      'usages did not match [client auth digital signature key encipherment]',
    ],
    [kubeletClient, { organizations: [] }, client, 'subject organization is not system:nodes'],
    [
      kubeletClient,
      { organizations: ['system:nodes', 'system:masters'] },
      client,
      'subject organization is not system:nodes',
    ],
    [kubeletClient, { organizations: ['system:masters'] }, client, 'subject organization is not system:nodes'],
    [kubeletClient, { commonName: 'system:nodes:n1' }, client, 'subject common name does not begin with system:node:'],
    [kubeletClient, { commonName: 'admin' }, client, 'subject common name does not begin with system:node:'],
    [kubeletClient, { dnsNames: ['a'] }, client, 'DNS subjectAltNames are not allowed'],
    [kubeletClient, { emailAddresses: ['a@b'] }, client, 'Email subjectAltNames are not allowed'],
    [kubeletClient, { ipAddresses: ['10.0.0.1'] }, client, 'IP subjectAltNames are not allowed'],
    [kubeletClient, { uris: ['spiffe://a'] }, client, 'URI subjectAltNames are not allowed'],
    [kubeletServing, named, serving, undefined],
    [kubeletServing, { ipAddresses: ['10.0.0.1'] }, ['server auth', 'digital signature'], undefined],
    [kubeletServing, {}, serving, 'DNS or IP subjectAltName is required'],
    [kubeletServing, { ...named, emailAddresses: ['a@b'] }, serving, 'Email subjectAltNames are not allowed'],
    [kubeletServing, { ...named, uris: ['spiffe://a'] }, serving, 'URI subjectAltNames are not allowed'],
    [kubeletServing, { ...named, organizations: ['x'] }, serving, 'subject organization is not system:nodes'],
    [kubeletServing, { ...named, commonName: 'n1' }, serving, 'subject common name does not begin with system:node:'],
    [kubeletServing, named, client, 'usages did not match [digital signature key encipherment server auth]'],
    [legacyUnknown, { commonName: 'anyone', organizations: ['system:masters'] }, ['any'], undefined],
  ])('%s of %j for %j: %s', (signer, further, usages, problem) => {
    expect(signerRules[signer]({ ...node, ...further }, usages)).toBe(problem);
  });

  it('is no matter of other signers', () => {
    expect(['kubernetes.io/other', 'example.com/x', 'toString', ''].map(isSignerName)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
