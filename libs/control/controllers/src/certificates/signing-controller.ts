import { timeText } from '@reckon/api/machinery';
import { Controller, type Result, backoffRateLimiter, done } from '@reckon/control/runtime';
import { signRequest } from '@reckon/pki';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import type { CertificateOptions } from './certificate-options';
import {
  type CertificateRequest,
  certificateAccount,
  certificateRequests,
  conditionsOfType,
  hasCondition,
  isIssued,
  readRequest,
  requestBackoff,
  withCondition,
} from './certificate-request';
import { isSignerName, signerRules } from './signer-rules';

/** Nobody asks for less; twice what a certificate is backdated. */
const shortestMs = 10 * 60 * 1000;

/** Issues what has been approved, for the signers of Kubernetes itself (pkg/controller/certificates/signer). */
export const certificateSigningController: ControllerRow = {
  name: 'certificatesigningrequest-signing-controller',
  serviceAccount: certificateAccount,
  start(context) {
    const { certificates } = context.options;
    if (certificates === undefined) return { stop: () => Promise.resolve() };
    const requests = context.informers.informer<CertificateRequest>(certificateRequests);
    const controller = new Controller(
      'certificate_signing',
      async (name) => {
        const request = requests.lister.byKey(name);
        return request === undefined ? done : answer(context, certificates, request);
      },
      context,
      { limiter: backoffRateLimiter(context.clock, requestBackoff) },
    );
    const enqueue = ({ metadata }: CertificateRequest): void => {
      controller.enqueue(metadata.name ?? '');
    };
    requests.addHandler({
      add: enqueue,
      update: (_, request) => {
        enqueue(request);
      },
    });
    return startWhenSynced([controller], [requests]);
  },
};

async function answer(
  { rest, clock }: ControllerContext,
  options: CertificateOptions,
  request: CertificateRequest,
): Promise<Result> {
  const { signerName, usages = [], expirationSeconds } = request.spec;
  if (isIssued(request) || !hasCondition(request, 'Approved') || hasCondition(request, 'Denied')) return done;
  if (conditionsOfType(request, 'Failed').some(({ status }) => status === 'True')) return done;
  if (!isSignerName(signerName)) return done;
  const authority = options.authority(signerName);
  if (authority === undefined) return done;

  const client = rest.resource<CertificateRequest>(certificateRequests);
  const asked = readRequest(request);
  const problem = signerRules[signerName](asked, usages);
  if (problem !== undefined) {
    const lastUpdateTime = timeText(clock.nowMs());
    const reason = 'SignerValidationFailure';
    await client.updateStatus(
      withCondition(request, { type: 'Failed', status: 'True', reason, message: problem, lastUpdateTime }),
    );
    return done;
  }
  const pem = signRequest(authority, asked, {
    usages,
    lifetimeMs: lifetimeOf(expirationSeconds, options.lifetimeMs),
    clock: options.clock,
  });
  const certificate = Buffer.from(pem).toString('base64');
  await client.updateStatus({ ...request, status: { ...request.status, certificate } });
  return done;
}

/** As long as was asked for, within reason. */
export const lifetimeOf = (askedSeconds: number | undefined, mostMs: number): number =>
  askedSeconds === undefined ? mostMs : Math.min(Math.max(askedSeconds * 1000, shortestMs), mostMs);
