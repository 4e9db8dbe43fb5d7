import { type CelType, isDyn } from '../check/cel-type';
import { perUnit, plus, sizeOrUnlimited, times, type TypedEstimate, unlimited } from './estimate';

/** Of the call alone, without its arguments. */
export interface CallEstimate {
  readonly cost: number;
  readonly size?: number | undefined;
}

export interface EstimatedCall {
  /** Of a method. */
  readonly target: TypedEstimate | undefined;
  readonly arguments: readonly TypedEstimate[];
}

const factor = 0.1;
const patternFactor = 0.25;
const checkCost = 350_000;
/** Addresses take so many bytes. */
const addressSize = 16;
/** What the longest pattern behind a named format is taken for. */
const formatPatternSize = 128;

type Rule = (call: EstimatedCall) => CallEstimate | undefined;

const once: CallEstimate = { cost: 1 };
const size = (estimate: TypedEstimate | undefined): number =>
  estimate === undefined ? unlimited : sizeOrUnlimited(estimate);

const onTarget =
  (rule: (target: TypedEstimate, args: readonly TypedEstimate[]) => CallEstimate): Rule =>
  ({ target, arguments: list }) =>
    target === undefined ? undefined : rule(target, list);

const sameSize = onTarget((target) => ({ cost: perUnit(size(target), factor), size: size(target) }));

/** Each element is compared once; texts are gone through for that. */
const overElements = onTarget((target) => {
  const [element] = target.type.parameters;
  if (element === undefined) return { cost: perUnit(size(target), factor) };
  const isText = element.name === 'string' || element.name === 'bytes';
  const each = isText ? plus(1, perUnit(target.place?.element?.maxElements ?? unlimited, factor)) : 1;
  return { cost: times(size(target), each) };
});

/** Calling, and making a list. */
const listCall = (count: number, each: number, result = count): CallEstimate => ({
  cost: plus(perUnit(count, each), 11),
  size: result,
});

/** Each is compared with each; cel-go takes the comparisons for the size, too (ext `estimateListSortCostLegacy`). */
export function sortEstimate(count: number, element: CelType | undefined): CallEstimate {
  const isText = element?.name === 'string' || element?.name === 'bytes';
  return listCall(times(count, count), isText ? 2 + factor : 2);
}

/** A number that is written there. */
const numberOf = (argument: TypedEstimate | undefined, otherwise: number): number =>
  argument?.literal === undefined ? otherwise : Math.max(0, argument.literal);

const slice = onTarget((target, [start, end]) =>
  listCall(Math.max(0, numberOf(end, size(target)) - numberOf(start, 0)), 1),
);

const flatten = onTarget((target, args) =>
  listCall(size(target), args.length === 0 ? 1 : numberOf(args[0], unlimited)),
);

const range: Rule = ({ target, arguments: [count] }) =>
  target === undefined ? listCall(numberOf(count, unlimited), 1) : undefined;

const sort = onTarget((target) => sortEstimate(size(target), target.type.parameters[0]));

const replace = onTarget((target, [old, by]) => {
  const whole = size(target);
  const least = old?.size === undefined ? 0 : old.isLiteral === true ? old.size : 0;
  const longest = size(by);
  let result = whole;
  if (least === 0) result = plus(times(plus(whole, 1), longest), whole);
  else if (longest > least) result = times(Math.ceil(whole / least), longest);
  return { cost: perUnit(whole, 2 * factor), size: result };
});

const join = onTarget((target, [separator]) => {
  const count = size(target);
  const element = target.type.parameters.length > 0 ? (target.place?.element?.maxElements ?? unlimited) : 0;
  const between = separator === undefined ? 0 : times(size(separator), Math.max(0, count - 1));
  const result = plus(times(count, element), between);
  return { cost: perUnit(result, factor), size: result };
});

const find = onTarget((target, [pattern]) => ({
  cost: times(perUnit(plus(size(target), 1), factor), perUnit(size(pattern), patternFactor)),
  size: size(target),
}));

const matches = onTarget((target, [pattern]) => ({
  cost: times(perUnit(plus(size(target), 1), factor), perUnit(size(pattern), patternFactor)),
}));

const contains = onTarget((target, [part]) => ({
  cost: times(perUnit(size(target), factor), perUnit(size(part), factor)),
}));

/** Texts have to be read first. */
const addresses =
  (base: number): Rule =>
  ({ arguments: [other] }) => ({
    cost: other?.type.name === 'string' ? plus(base, perUnit(size(other), factor)) : base,
  });

const isText = ({ type }: TypedEstimate): boolean => type.name === 'string' || type.name === 'bytes';

/** The kind that both sides are; any when nothing is known of either. */
const mayBeText = ([a, b]: readonly TypedEstimate[]): boolean => {
  if (a === undefined || b === undefined) return false;
  return isText(a) || isText(b) || (isDyn(a.type) && isDyn(b.type));
};

const add: Rule = ({ arguments: list }) => {
  const [a, b] = list;
  if (a?.type.name === 'list' || b?.type.name === 'list') return { cost: 1, size: plus(size(a), size(b)) };
  if (!mayBeText(list)) return once;
  const result = plus(size(a), size(b));
  return { cost: Math.max(1, perUnit(result, factor)), size: result };
};

const smaller = ([a, b]: readonly TypedEstimate[]): number => perUnit(Math.min(size(a), size(b)), factor);
const equality: Rule = ({ arguments: list }) => ({ cost: smaller(list) });
const order: Rule = ({ arguments: list }) => (mayBeText(list) ? { cost: Math.max(1, smaller(list)) } : once);

const ofArgument =
  (result: (size: number) => number): Rule =>
  ({ target, arguments: [text] }) =>
    target === undefined && text !== undefined
      ? { cost: perUnit(size(text), factor), size: result(size(text)) }
      : undefined;

const conversion =
  (from: string, result: (size: number) => number): Rule =>
  (call) =>
    call.arguments[0]?.type.name === from ? ofArgument(result)(call) : undefined;

/** A text that is gone through so often to make something of it; what a CIDR says of its address is there already. */
const reading =
  (times: number): Rule =>
  ({ target, arguments: [text] }) =>
    target === undefined && text !== undefined ? { cost: perUnit(size(text), times * factor) } : undefined;

/** A list of requirements: the shortest takes two characters. */
const selector = onTarget((_, [text]) => ({
  cost: plus(10, perUnit(size(text), factor), perUnit(perUnit(size(text), 0.5), 50)),
}));

const plainlyCompared: ReadonlySet<string> = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
]);
/** `MaxFormatSize` */
const formatSize = 64;

/** Two values of a library; `!=` of them is compared as if nothing was known. */
const same: Rule = (call) => {
  const [a, b] = call.arguments;
  if (a === undefined || b === undefined || a.type.name !== b.type.name) return equality(call);
  const { name } = a.type;
  if (plainlyCompared.has(name)) return once;
  if (name === 'kubernetes.NamedFormat') return { cost: perUnit(formatSize, factor) };
  return name === 'kubernetes.URL' ? { cost: perUnit(b.size ?? 1, factor) } : equality(call);
};

const rules: Readonly<Record<string, Rule>> = {
  check: () => ({ cost: checkCost }),
  isSorted: overElements,
  sum: overElements,
  max: overElements,
  min: overElements,
  indexOf: overElements,
  lastIndexOf: overElements,
  slice,
  flatten,
  sort,
  distinct: sort,
  reverse: onTarget((target) => listCall(size(target), 1)),
  'lists.range': range,
  url: ofArgument((text) => text),
  'jsonpatch.escapeKey': ofArgument((text) => text),
  cidr: reading(1),
  isCIDR: reading(1),
  ip: reading(1),
  isIP: reading(1),
  'ip.isCanonical': reading(2),
  quantity: reading(1),
  isQuantity: reading(1),
  semver: reading(1),
  isSemver: reading(1),
  fieldSelector: selector,
  labelSelector: selector,
  lowerAscii: sameSize,
  upperAscii: sameSize,
  substring: sameSize,
  trim: sameSize,
  replace,
  split: onTarget((target) => ({ cost: perUnit(size(target), 2 * factor), size: size(target) })),
  join,
  find,
  findAll: find,
  containsIP: addresses(perUnit(2 * addressSize, factor)),
  containsCIDR: addresses(perUnit(2 * addressSize, factor) + perUnit(addressSize, factor) + 1),
  validate: onTarget((_, [text]) => ({
    cost: perUnit(perUnit(size(text), factor), formatPatternSize * patternFactor),
  })),
  format: onTarget((target) => ({ cost: perUnit(size(target), factor) })),
  bytes: conversion('string', (text) => times(text, 4)),
  string: conversion('bytes', (bytes) => bytes),
  'strings.quote': ofArgument((text) => plus(times(text, 2), 2)),
  startsWith: onTarget((_, [part]) => ({ cost: perUnit(size(part), factor) })),
  endsWith: onTarget((_, [part]) => ({ cost: perUnit(size(part), factor) })),
  matches,
  contains,
  '@in': ({ arguments: [, container] }) =>
    container === undefined || container.type.name === 'map' ? once : { cost: size(container) },
  '_+_': add,
  '_==_': same,
  '_!=_': equality,
  '_<_': order,
  '_<=_': order,
  '_>_': order,
  '_>=_': order,
};

/** checker `coster.functionCost`, apiserver/pkg/cel/library `CostEstimator.EstimateCallCost`: what has no rule costs 1. */
export function estimateCall(name: string, call: EstimatedCall): CallEstimate {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  return rule?.(call) ?? once;
}
