import type { Exchange } from '../exchange';
import { answer } from '../handlers/answer';
import { audit } from './audit';
import { assignAuditId } from './audit-id';
import { authenticate } from './authenticate';
import { authorize } from './authorize';
import { checkTimeout } from './check-timeout';
import { crossOrigin } from './cors';
import { impersonate } from './impersonate';
import { takePlace } from './in-flight';
import { refuseWhileStopping } from './refuse-while-stopping';
import { resolveTime, setMoment } from './time-travel';

/** Does its part, or throws what the client is told; a promise that stays open has answered. Synchronous where it can be. */
export type Step = (exchange: Exchange) => void | Promise<void>;

/**
 * What happens to a request, in order; k8s.io/apiserver/pkg/server `DefaultBuildHandlerChain`, read top-down.
 * The request info (method, path, `/at/…` prefix) is known before the first step, see `time-travel.ts`.
 */
export const pipeline: readonly Step[] = [
  // First, so that a refusal by any later step can be found by its id.
  assignAuditId,
  // Nothing is begun any more: before anything else is looked at.
  refuseWhileStopping,
  // Says nothing of anybody, so that it comes before whoever asks is known.
  checkTimeout,
  // Browsers ask without credentials, and must be able to read a refusal.
  crossOrigin,
  // An invalid credential is 401 here, never anonymous later.
  authenticate,
  // Before anything is done: what is done must be written down, and in the name of who really came.
  audit,
  // Needs the real user; everything after it sees the impersonated one.
  impersonate,
  // Whoever asks for no moment is known and written down before they are told so.
  setMoment,
  // Before authorization, which may cost more than the answer; after authentication, so that strangers hold no place, and after
  // impersonation, because the place is that of whom the request is for.
  takePlace,
  // The last step before the body is read: who may not write need not send.
  authorize,
  // Reads the log: only for those who may.
  resolveTime,
  // Reads and decodes the body, runs admission and the registry, answers.
  answer,
];

/** Runs the steps; gives a promise only from the first step that gives one. */
export function runPipeline(exchange: Exchange, steps: readonly Step[] = pipeline, from = 0): void | Promise<void> {
  for (let i = from; i < steps.length; i++) {
    const pending = steps[i]?.(exchange);
    if (pending !== undefined) return pending.then(() => runPipeline(exchange, steps, i + 1));
  }
}
