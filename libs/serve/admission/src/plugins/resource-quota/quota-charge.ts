import {
  type KubeObject,
  type Quantity,
  addQuantities,
  compareQuantities,
  quantitySign,
  quantityText,
} from '@reckon/api/machinery';
import {
  type Amounts,
  type ChargedWrite,
  type Evaluator,
  type ScopeSelector,
  amountsOf,
  growth,
  measuredBy,
  scopesOf,
} from '@reckon/api/quota';
import type { corev1 } from '@reckon/api/types';
import type { LimitedResource } from './quota-configuration';

export type Quota = corev1.ResourceQuota;

export interface QuotaWrite extends ChargedWrite {
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
  readonly nowMs: number;
}

/** A quota, and what of it is used once the object is there. */
export interface Charge {
  readonly quota: Quota;
  readonly used: Amounts;
}

/** Why an object may not be. */
export class QuotaRefusal extends Error {
  readonly code = 'QuotaRefusal';

  constructor(
    message: string,
    /** Upstream answers one of them with a plain error. */
    readonly isForbidden = true,
  ) {
    super(message);
    this.name = 'QuotaRefusal';
  }
}

/**
 * What the object takes of the quotas of its namespace, of those that it takes anything of. Throws `QuotaRefusal` where there is not so
 * much left, where a quota cannot tell, or where it is of a kind that needs a quota and none covers it
 * (k8s.io/apiserver/pkg/admission/plugin/resourcequota `CheckRequest`).
 */
export function chargesOf(
  evaluator: Evaluator,
  write: QuotaWrite,
  quotas: readonly Quota[],
  limited: readonly LimitedResource[] = [],
): Charge[] {
  if (!evaluator.charges(write)) return [];
  const { object, old, nowMs } = write;
  const covering = quotas.flatMap((quota) => coverOf(evaluator, object, quota) ?? []);
  if (covering.length === 0 && limited.length === 0) return [];
  const usage = evaluator.usage(object, nowMs);
  refuseNegative(usage);
  const before = old === undefined ? undefined : evaluator.usage(old, nowMs);
  const grown = before === undefined ? withoutZeros(usage) : growth(usage, before);
  const deltas = new Map(
    covering.map((cover) => {
      // What was not of the quota's scope before is new to it.
      const isNew = old === undefined || coverOf(evaluator, old, cover.quota, 'scopes only') === undefined;
      return [cover, isNew ? withoutZeros(usage) : grown];
    }),
  );
  if (covering.length > 0 ? [...deltas.values()].every((delta) => delta.size === 0) : grown.size === 0) return [];
  if (limited.length > 0) refuseUncovered(evaluator, write, usage, quotas, covering, limited);
  return [...deltas].flatMap(([cover, delta]) => chargeOf(cover, delta, write.subresource === 'status') ?? []);
}

interface Cover {
  readonly quota: Quota;
  /** What the quota limits of the object's kind. */
  readonly names: readonly string[];
}

function coverOf(evaluator: Evaluator, object: KubeObject, quota: Quota, how?: 'scopes only'): Cover | undefined {
  const names = measuredBy(evaluator, Object.keys(quota.status?.hard ?? {}));
  if (names.length === 0) return undefined;
  if (!scopesOf(quota.spec).every((scope) => evaluator.isInScope(object, scope))) return undefined;
  if (how === 'scopes only') return { quota, names };
  const name = quota.metadata.name ?? '';
  const missing = evaluator.missing?.(object, names);
  if (missing !== undefined) throw new QuotaRefusal(`failed quota: ${name}: ${missing}`);
  const used = quota.status?.used ?? {};
  if (names.some((limit) => !Object.hasOwn(used, limit)))
    throw new QuotaRefusal(`status unknown for quota: ${name}, resources: ${[...names].sort().join(',')}`);
  return { quota, names };
}

function chargeOf({ quota }: Cover, delta: Amounts, isUnlimited: boolean): Charge | undefined {
  const hard = amountsOf(quota.status?.hard);
  const used = amountsOf(quota.status?.used);
  const requested = new Map<string, Quantity>();
  for (const [name, quantity] of delta) if (hard.has(name)) requested.set(name, quantity);
  if (requested.size === 0) return undefined;
  const next = new Map(used);
  const exceeded: string[] = [];
  for (const [name, quantity] of requested) {
    const before = used.get(name);
    const after = before === undefined ? quantity : addQuantities(before, quantity);
    next.set(name, after);
    const limit = hard.get(name);
    if (limit !== undefined && compareQuantities(after, limit) > 0) exceeded.push(name);
  }
  if (exceeded.length === 0 || isUnlimited) return { quota, used: next };
  exceeded.sort();
  const shown = (amounts: Amounts): string => amountList(amounts, exceeded);
  throw new QuotaRefusal(
    `exceeded quota: ${quota.metadata.name ?? ''}, requested: ${shown(requested)}, used: ${shown(used)}, limited: ${shown(hard)}`,
  );
}

/** `pods=1,requests.cpu=200m` */
const amountList = (amounts: Amounts, names: readonly string[]): string =>
  names
    .flatMap((name) => {
      const quantity = amounts.get(name);
      return quantity === undefined ? [] : `${name}=${quantityText(quantity)}`;
    })
    .join(',');

function refuseNegative(usage: Amounts): void {
  const negative = [...usage].filter(([, quantity]) => quantitySign(quantity) < 0).map(([name]) => name);
  if (negative.length > 0)
    throw new QuotaRefusal(`quota usage is negative for resource(s): ${negative.sort().join(',')}`);
}

function withoutZeros(amounts: Amounts): Amounts {
  return new Map([...amounts].filter(([, quantity]) => quantitySign(quantity) !== 0));
}

/** What the server's configuration lets nobody have without a quota for it. */
function refuseUncovered(
  evaluator: Evaluator,
  { object }: QuotaWrite,
  usage: Amounts,
  quotas: readonly Quota[],
  covering: readonly Cover[],
  limited: readonly LimitedResource[],
): void {
  const covered = new Set(covering.flatMap(({ names }) => names));
  const own = limited.filter(
    ({ apiGroup, resource }) => apiGroup === evaluator.group && resource === evaluator.resource,
  );
  const uncovered = [...usage]
    .filter(([name, quantity]) => quantitySign(quantity) > 0 && !covered.has(name))
    .map(([name]) => name)
    .filter((name) => own.some(({ matchContains }) => matchContains.some((part) => name.includes(part))));
  if (uncovered.length > 0) throw new QuotaRefusal(`insufficient quota to consume: ${uncovered.sort().join(',')}`);

  const inScope = (scope: ScopeSelector): boolean => evaluator.isInScope(object, scope);
  const isCovered = new Set(
    quotas
      .flatMap(({ spec }) => scopesOf(spec))
      .filter(inScope)
      .map((s) => s.scopeName),
  );
  const bare = limited.flatMap(({ matchScopes }) =>
    matchScopes.filter((s) => inScope(s) && !isCovered.has(s.scopeName)),
  );
  if (bare.length > 0)
    throw new QuotaRefusal(`insufficient quota to match these scopes: [${bare.map(scopeText).join(' ')}]`, false);
}

/** As Go prints the struct. */
const scopeText = ({ scopeName, operator, values = [] }: ScopeSelector): string =>
  `{${scopeName} ${operator} [${values.join(' ')}]}`;
