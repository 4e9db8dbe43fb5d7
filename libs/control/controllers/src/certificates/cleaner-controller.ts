import { X509Certificate } from 'node:crypto';
import { reasonOf } from '@reckon/api/machinery';
import type { Running } from '@reckon/kernel';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { runAll } from '../ownership/run-all';
import { timeMs } from '../replica-set/pod-state';
import {
  type CertificateRequest,
  certificateAccount,
  certificateRequests,
  conditionsOfType,
  isIssued,
} from './certificate-request';

const hourMs = 60 * 60 * 1000;
const sweepMs = hourMs;
/** How long answered ones are kept, and unanswered ones. */
const answeredMs = hourMs;
const openMs = 24 * hourMs;

/** Deletes requests that nobody needs any more (pkg/controller/certificates/cleaner): looks at all of them once an hour. */
export const certificateCleanerController: ControllerRow = {
  name: 'certificatesigningrequest-cleaner-controller',
  serviceAccount: certificateAccount,
  start(context) {
    const requests = context.informers.informer<CertificateRequest>(certificateRequests);
    const abort = new AbortController();
    const working = sweepAgainAndAgain(context, abort.signal, requests);
    return {
      async stop() {
        abort.abort();
        await working;
      },
    } satisfies Running;
  },
};

interface Requests {
  readonly synced: Promise<void>;
  readonly lister: { list(): CertificateRequest[] };
}

async function sweepAgainAndAgain(context: ControllerContext, signal: AbortSignal, requests: Requests): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  // The informer is stopped after us, and may never have had its first list.
  await Promise.race([requests.synced, aborted]);
  while (!signal.aborted) {
    await sweep(context, requests.lister.list(), signal).catch((error: unknown) => {
      if (!signal.aborted) context.logger.warn('requests not cleaned', { error: String(error) });
    });
    await context.timers.sleep(sweepMs, signal);
  }
}

async function sweep(
  { rest, clock, options }: ControllerContext,
  requests: readonly CertificateRequest[],
  signal: AbortSignal,
): Promise<void> {
  const nowMs = clock.nowMs();
  const wallMs = options.certificates?.clock.wallMs() ?? nowMs;
  const old = requests.filter((request) => isOverdue(request, nowMs) || hasExpired(request, wallMs));
  const client = rest.resource<CertificateRequest>(certificateRequests);
  const failed = await runAll(
    old.length,
    async (index) => {
      const { name = '', uid } = old[index]?.metadata ?? {};
      // Not one of the same name that has come meanwhile.
      await client.delete('', name, uid === undefined ? {} : { preconditions: { uid } }).catch((error: unknown) => {
        const reason = reasonOf(error);
        if (reason !== 'NotFound' && reason !== 'Conflict') throw error;
      });
    },
    signal,
  );
  if (failed !== undefined) throw failed.failure;
}

/** Whether it was answered over an hour ago, or has waited for a day. */
export function isOverdue(request: CertificateRequest, nowMs: number): boolean {
  const isOlder = (time: string | null | undefined, ms: number): boolean => {
    const atMs = timeMs(time);
    return atMs !== undefined && nowMs - atMs > ms;
  };
  const has = (type: string, ms: number): boolean =>
    conditionsOfType(request, type).some(({ lastUpdateTime }) => isOlder(lastUpdateTime, ms));
  if (has('Denied', answeredMs) || has('Failed', answeredMs)) return true;
  if (isIssued(request)) return has('Approved', answeredMs);
  // Nobody signs it.
  if (has('Approved', openMs)) return true;
  return (request.status?.conditions ?? []).length === 0 && isOlder(request.metadata.creationTimestamp, openMs);
}

/** Whether it brought a certificate that is over. What is no certificate is left to people. */
export function hasExpired(request: CertificateRequest, wallMs: number): boolean {
  if (!isIssued(request) || conditionsOfType(request, 'Approved').length === 0) return false;
  try {
    const { validTo } = new X509Certificate(Buffer.from(request.status?.certificate ?? '', 'base64'));
    return wallMs > Date.parse(validTo);
  } catch {
    // Written by another signer, in a form of its own.
    return false;
  }
}
