import { compareQuantities, parseQuantity, quantityNumber } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { podTotals } from './pod-totals';

type ResourceList = Readonly<Record<string, string>>;

/** What one thing asks for: a container, a pod as a whole, a claim. */
interface Asked {
  readonly requests: ResourceList;
  /** Undefined where only requests count (claims). */
  readonly limits: ResourceList | undefined;
}

/** What a LimitRange has against a pod (`PodValidateLimitFunc`). */
export function podProblems(pod: corev1.Pod, range: corev1.LimitRange): string[] {
  const { spec } = pod;
  if (spec === undefined) return [];
  return (range.spec?.limits ?? []).flatMap((item) => {
    switch (item.type) {
      case 'Container':
        return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources = {} }) =>
          problems(item, { requests: resources.requests ?? {}, limits: resources.limits ?? {} }),
        );
      case 'Pod':
        return problems(item, { requests: podTotals(spec, 'requests'), limits: podTotals(spec, 'limits') });
      default:
        return [];
    }
  });
}

/** What it has against a claim (`PersistentVolumeClaimValidateLimitFunc`). */
export function claimProblems(claim: corev1.PersistentVolumeClaim, range: corev1.LimitRange): string[] {
  const asked: Asked = { requests: claim.spec?.resources?.requests ?? {}, limits: undefined };
  return (range.spec?.limits ?? []).flatMap((item) =>
    item.type === 'PersistentVolumeClaim' ? problems(item, asked) : [],
  );
}

function problems(item: corev1.LimitRangeItem, asked: Asked): string[] {
  const found: (string | undefined)[] = [];
  for (const [name, text] of Object.entries(item.min ?? {})) found.push(belowMinimum(item.type, name, text, asked));
  for (const [name, text] of Object.entries(item.max ?? {})) found.push(aboveMaximum(item.type, name, text, asked));
  if (asked.limits !== undefined)
    for (const [name, text] of Object.entries(item.maxLimitRequestRatio ?? {}))
      found.push(aboveRatio(item.type, name, text, asked.requests, asked.limits));
  return found.filter((problem) => problem !== undefined);
}

function belowMinimum(type: string, name: string, minimum: string, { requests, limits }: Asked): string | undefined {
  const text = `minimum ${name} usage per ${type} is ${minimum}`;
  const request = amount(requests, name);
  const limit = amount(limits, name);
  if (request === undefined) return `${text}.  No request is specified`;
  if (compare(request, minimum) < 0) return `${text}, but request is ${request}`;
  if (limit !== undefined && compare(limit, minimum) < 0) return `${text}, but limit is ${limit}`;
  return undefined;
}

function aboveMaximum(type: string, name: string, maximum: string, { requests, limits }: Asked): string | undefined {
  const text = `maximum ${name} usage per ${type} is ${maximum}`;
  const request = amount(requests, name);
  const limit = amount(limits, name);
  if (limits === undefined && request === undefined) return `${text}.  No request is specified`;
  if (limits !== undefined && limit === undefined) return `${text}.  No limit is specified`;
  if (limit !== undefined && compare(limit, maximum) > 0) return `${text}, but limit is ${limit}`;
  if (request !== undefined && compare(request, maximum) > 0) return `${text}, but request is ${request}`;
  return undefined;
}

function aboveRatio(
  type: string,
  name: string,
  maximum: string,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const text = `${name} max limit to request ratio per ${type} is ${maximum}`;
  const request = quantityNumber(parseQuantity(amount(requests, name) ?? '0'));
  const limit = quantityNumber(parseQuantity(amount(limits, name) ?? '0'));
  if (request === 0) return `${text}, but no request is specified or request is 0`;
  if (limit === 0) return `${text}, but no limit is specified or limit is 0`;
  const ratio = limit / request;
  return ratio > quantityNumber(parseQuantity(maximum))
    ? `${text}, but provided ratio is ${ratio.toFixed(6)}`
    : undefined;
}

const amount = (list: ResourceList | undefined, name: string): string | undefined =>
  list !== undefined && Object.hasOwn(list, name) ? list[name] : undefined;

const compare = (a: string, b: string): number => compareQuantities(parseQuantity(a), parseQuantity(b));
