import { fieldErrors, fieldPath, timeText } from '@reckon/api/machinery';
import type { certificatesv1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';

type Request = certificatesv1.CertificateSigningRequest;
type Condition = certificatesv1.CertificateSigningRequestCondition;

/** What was decided once stays decided. */
const decisions = ['Approved', 'Denied'];
const lasting = [...decisions, 'Failed'];
const statuses = ['False', 'True', 'Unknown'];

export const conditionsOf = (request: Request | undefined): readonly Condition[] => request?.status?.conditions ?? [];

const ofType = (request: Request, type: string): readonly Condition[] =>
  conditionsOf(request).filter((condition) => condition.type === type);

const hasBoth = (conditions: readonly Condition[]): boolean =>
  decisions.every((type) => conditions.some((condition) => condition.type === type));

/** validateConditions; what the stored object already does wrong is tolerated. */
export function validateRequestConditions(errors: Errors, request: Request, old: Request | undefined): void {
  const path = fieldPath('status', 'conditions');
  const before = conditionsOf(old);
  const mayRepeat = new Set(before.map(({ type }) => type)).size < before.length;
  const mayBeEmpty = before.some(({ type }) => !type);
  const mayHaveBoth = hasBoth(before);
  const seen = new Set<string>();
  for (const [index, { type = '', status = '' }] of conditionsOf(request).entries()) {
    const typePath = path.index(index).child('type');
    const statusPath = path.index(index).child('status');
    if (type === '' && !mayBeEmpty) errors.push(fieldErrors.required(typePath));
    const allowed = lasting.includes(type) ? ['True'] : statuses;
    if (status === '') errors.push(fieldErrors.required(statusPath));
    else if (!allowed.includes(status)) errors.push(fieldErrors.notSupported(statusPath, status, allowed));
    if (!mayHaveBoth && decisions.includes(type) && decisions.some((other) => other !== type && seen.has(other)))
      errors.push(fieldErrors.invalid(path, type, 'Approved and Denied conditions are mutually exclusive'));
    if (!mayRepeat && seen.has(type)) errors.push(fieldErrors.duplicate(typePath, type));
    seen.add(type);
  }
}

/** The part of validateCertificateSigningRequestUpdate about decisions, which are taken through `approval` alone. */
export function validateConditionChanges(
  errors: Errors,
  request: Request,
  old: Request,
  through: 'approval' | 'other',
): void {
  const path = fieldPath('status', 'conditions');
  for (const type of lasting)
    if (ofType(request, type).length < ofType(old, type).length)
      errors.push(fieldErrors.forbidden(path, `updates may not remove a condition of type "${type}"`));
  if (through === 'approval') return;
  // As many as before are those from before (keepDecisions).
  for (const type of decisions)
    if (ofType(request, type).length > ofType(old, type).length)
      errors.push(fieldErrors.forbidden(path, `updates may not add a condition of type "${type}"`));
}

/** A signer may send decisions along as long as it sends as many: what they say stays (preserveConditionInstances). */
export function keepDecisions(conditions: readonly Condition[], old: Request): Condition[] {
  let kept = [...conditions];
  for (const type of decisions) {
    const before = ofType(old, type);
    if (kept.filter((condition) => condition.type === type).length !== before.length) continue;
    let next = 0;
    kept = kept.map((condition) => (condition.type === type ? { ...(before[next++] ?? condition) } : condition));
  }
  return kept;
}

/** Times that the client left out (populateConditionTimestamps). */
export function stampConditions(conditions: readonly Condition[], old: Request, nowMs: number): Condition[] {
  const now = timeText(nowMs);
  return conditions.map((condition) => {
    const same = conditionsOf(old).find(
      ({ type, status, lastTransitionTime }) =>
        type === condition.type && status === condition.status && Boolean(lastTransitionTime),
    );
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime || now,
      lastTransitionTime: condition.lastTransitionTime || (same?.lastTransitionTime ?? now),
    };
  });
}
