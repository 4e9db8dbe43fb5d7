import { dayText, parseDay } from '@reckon/api/machinery';
import {
  type ServiceAccount,
  type TokenSecret,
  accountUidOf,
  tokenSecretType,
} from '../service-account-token/token-secret';
import { timeMs } from '../replica-set/pod-state';

/** Labels of a token Secret, each with a day (pkg/serviceaccount `LastUsedLabelKey`, `InvalidSinceLabelKey`). */
const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
export const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';

const dayMs = 24 * 60 * 60 * 1000;

/** Whether uses have been written down for the whole period: from the day after `since` on. Undefined where `since` is no day. */
export function isTrackedFor(since: string, periodMs: number, nowMs: number): boolean | undefined {
  const startMs = parseDay(since);
  return startMs === undefined ? undefined : nowMs >= startMs + dayMs + periodMs;
}

export interface TokenView {
  /** The account of that name, if it is there. */
  readonly account: ServiceAccount | undefined;
  readonly isMounted: () => boolean;
  readonly periodMs: number;
  readonly nowMs: number;
}

/**
 * What is to become of a Secret: one whose token a controller made, that is older than the period, that no pod mentions and that nobody
 * has used for the period is marked, and deleted a period after its mark. What tells its days in a form of its own is left to people.
 */
export function fateOf(
  secret: TokenSecret,
  { account, isMounted, periodMs, nowMs }: TokenView,
): 'keep' | 'mark' | 'delete' {
  const { creationTimestamp, deletionTimestamp, labels = {}, name = '' } = secret.metadata;
  if (secret.type !== tokenSecretType || deletionTimestamp !== undefined) return 'keep';
  const createdMs = timeMs(creationTimestamp);
  if (createdMs === undefined || createdMs >= nowMs - periodMs) return 'keep';
  const firstDay = dayText(nowMs - periodMs);
  const { [lastUsedLabel]: lastUsed, [invalidSinceLabel]: invalidSince = '' } = labels;
  if (lastUsed !== undefined && (parseDay(lastUsed) === undefined || lastUsed >= firstDay)) return 'keep';
  if (account === undefined || !['', account.metadata.uid].includes(accountUidOf(secret))) return 'keep';
  if (!(account.secrets ?? []).some((ref) => ref.name === name) || isMounted()) return 'keep';
  if (parseDay(invalidSince) === undefined) return 'mark';
  return invalidSince >= firstDay ? 'keep' : 'delete';
}
