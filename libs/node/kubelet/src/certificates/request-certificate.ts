import { type KeyObject, createHash, createPublicKey } from 'node:crypto';
import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { certificatesv1 } from '@reckon/api/types';
import { Informer } from '@reckon/client/cache';
import type { ResourceRef, RestClient } from '@reckon/client/rest';
import type { Logger, Random, Timers } from '@reckon/kernel';
import { type CertificateWish, type Credential, createCertificateRequest, privateKeyPem } from '@reckon/pki';

export const kubeletSigners = {
  client: 'kubernetes.io/kube-apiserver-client-kubelet',
  serving: 'kubernetes.io/kubelet-serving',
} as const;

export interface CertificateAsk {
  readonly wish: CertificateWish;
  readonly signerName: (typeof kubeletSigners)[keyof typeof kubeletSigners];
  readonly usages: readonly string[];
  readonly privateKey: KeyObject;
  /** Asked again with the same key, it is the same request: a kubelet that is restarted goes on waiting. */
  readonly isRepeatable: boolean;
}

export interface RequestDeps {
  readonly rest: RestClient;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** The request was decided against. */
export class CertificateRefusedError extends Error {
  readonly code = 'CertificateRefused';
  constructor(message: string) {
    super(message);
    this.name = 'CertificateRefusedError';
  }
}

type Request = certificatesv1.CertificateSigningRequest & KubeObject;

const requests: ResourceRef = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  namespaced: false,
};

/**
 * Asks for a certificate and waits until it is issued, however long that takes (client-go/util/certificate/csr `RequestCertificate`,
 * `WaitForCertificate`). Throws `CertificateRefusedError` when it is denied or fails, and the signal's reason when that is aborted.
 */
export async function requestCertificate(
  deps: RequestDeps,
  ask: CertificateAsk,
  signal: AbortSignal,
): Promise<Credential> {
  const name = await createRequest(deps.rest, ask);
  deps.logger.info('certificate requested', { request: name, signer: ask.signerName });
  const certificate = await issued(deps, name, signal);
  return { certPem: Buffer.from(certificate, 'base64').toString('utf8'), keyPem: privateKeyPem(ask.privateKey) };
}

async function createRequest(rest: RestClient, ask: CertificateAsk): Promise<string> {
  const { signerName, usages, privateKey, wish } = ask;
  const client = rest.resource<Request>(requests);
  const request = Buffer.from(createCertificateRequest(privateKey, wish)).toString('base64');
  const metadata = ask.isRepeatable ? { name: repeatableName(ask) } : { generateName: 'csr-' };
  try {
    const made = await client.create({ metadata, spec: { request, signerName, usages: [...usages] } });
    return made.metadata.name ?? '';
  } catch (error) {
    if (reasonOf(error) !== 'AlreadyExists' || metadata.name === undefined) throw error;
    return metadata.name;
  }
}

/** Of all that the request says, so that another one has another name. */
function repeatableName({ privateKey, wish, signerName, usages }: CertificateAsk): string {
  const hash = createHash('sha512');
  hash.update(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
  hash.update(JSON.stringify([wish, signerName, usages]));
  return `node-csr-${hash.digest('base64url').toLowerCase().replace(/_/g, '-').slice(0, 43)}x`;
}

async function issued(
  { rest, timers, random, logger }: RequestDeps,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const informer = new Informer<Request>({
    client: rest.resource<Request>(requests),
    selectors: { fieldSelector: `metadata.name=${name}` },
    timers,
    random,
    logger,
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      const look = (request: Request): void => {
        const refusal = refusalOf(request);
        const certificate = request.status?.certificate ?? '';
        if (refusal !== undefined) reject(refusal);
        else if (certificate !== '') resolve(certificate);
      };
      informer.addHandler({
        add: look,
        update: (_, request) => {
          look(request);
        },
        delete: () => {
          reject(new CertificateRefusedError(`certificate request ${name} was deleted before it was answered`));
        },
      });
      const give = (): void => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) give();
      signal.addEventListener('abort', give, { once: true });
      informer.start();
    });
  } finally {
    await informer.stop();
  }
}

function refusalOf({ metadata, status }: Request): CertificateRefusedError | undefined {
  const bad = (status?.conditions ?? []).find(({ type }) => type === 'Denied' || type === 'Failed');
  if (bad === undefined) return undefined;
  const { type, reason = '', message = '' } = bad;
  const why = [reason, message].filter((text) => text !== '').join(': ');
  return new CertificateRefusedError(
    `certificate request ${metadata.name ?? ''} ${type === 'Denied' ? 'was denied' : 'has failed'}${why === '' ? '' : `, reason: ${why}`}`,
  );
}
