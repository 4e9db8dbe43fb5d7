import { createCertificateRequest, createAuthority, newKeyPair, type CertificateWish } from '@reckon/pki';
import { systemClock } from '@reckon/kernel';
import type { CertificateOptions } from './certificate-options';
import type { CertificateRequest, RequestCondition } from './certificate-request';
import { signerNames } from './signer-rules';

export const authority = createAuthority({ commonName: 'kubernetes', clock: systemClock });

export const signing: CertificateOptions = {
  clock: systemClock,
  lifetimeMs: 365 * 24 * 60 * 60 * 1000,
  authority: () => authority,
};

export const nodeWish: CertificateWish = { commonName: 'system:node:n1', organizations: ['system:nodes'] };
export const clientUsages = ['digital signature', 'client auth'];
export const servingUsages = ['digital signature', 'server auth'];

const { privateKey } = newKeyPair();

export const certificateRequest = (
  wish: CertificateWish,
  spec: Partial<CertificateRequest['spec']> = {},
  conditions: readonly RequestCondition[] = [],
): CertificateRequest => ({
  metadata: { name: 'csr' },
  spec: {
    request: Buffer.from(createCertificateRequest(privateKey, wish)).toString('base64'),
    signerName: signerNames.kubeletClient,
    usages: clientUsages,
    username: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:authenticated'],
    ...spec,
  },
  ...(conditions.length === 0 ? {} : { status: { conditions: [...conditions] } }),
});

export const approved: RequestCondition = { type: 'Approved', status: 'True' };
