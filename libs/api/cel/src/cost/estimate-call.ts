import { isDyn } from '../check/cel-type';
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

const rules: Readonly<Record<string, Rule>> = {
  check: () => ({ cost: checkCost }),
  isSorted: overElements,
  sum: overElements,
  max: overElements,
  min: overElements,
  indexOf: overElements,
  lastIndexOf: overElements,
  url: ofArgument(() => unlimited),
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
  '_==_': equality,
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
