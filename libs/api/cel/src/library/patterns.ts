import { callCosts } from '../evaluate/call-cost';
import type { CelMeter } from '../evaluate/cel-meter';
import type { CelCall, CelFunction } from '../evaluate/cel-run';
import { compileGoPattern, type GoPattern } from '../regex/go-pattern';
import { CelError, type CelValue, ValueList } from '../value/cel-value';

/** What a step of a pattern at a character is charged: patterns with counts are larger than they are long. */
const costPerStep = 0.02;

type UsablePattern = Exclude<GoPattern, { readonly problem: string }>;

/** Charges for the characters that were gone through, or will be. */
type Charge = (characters: number) => void;
type PatternUse = (text: string, pattern: UsablePattern, charge: Charge, most: bigint) => CelValue;

const matches: PatternUse = (text, pattern, charge) => {
  charge(text.length);
  return pattern.matches(text);
};

const find: PatternUse = (text, pattern, charge) => {
  charge(text.length);
  const found = pattern.find(text, 0);
  return found === undefined ? '' : text.slice(found.start, found.end);
};

/** Go's `FindAllString`: an empty match right behind another is none. */
const findAll: PatternUse = (text, pattern, charge, most) => {
  const all: string[] = [];
  let last = -1;
  for (let at = 0; at <= text.length && (most < 0n || BigInt(all.length) < most);) {
    const found = pattern.find(text, at);
    // To see that no more fits, an engine may read on to the end, for each match again.
    charge((found?.readTo ?? text.length) - at + 1);
    if (found === undefined) break;
    if (found.end > found.start || found.start !== last) all.push(text.slice(found.start, found.end));
    last = found.end;
    const next = text.codePointAt(found.end) ?? 0;
    at = found.end > found.start ? found.end : found.end + (next > 0xffff ? 2 : 1);
  }
  return new ValueList(all);
};

const uses: Readonly<Record<string, { readonly use: PatternUse; readonly refusal: string }>> = {
  matches: { use: matches, refusal: '' },
  find: { use: find, refusal: 'Illegal regex: ' },
  findAll: { use: findAll, refusal: 'Illegal regex: ' },
};

/** What is charged beyond what the lengths of text and pattern told before. */
function chargeBeyond(meter: CelMeter, size: number, told: number): Charge {
  let rest = told;
  return (characters) => {
    const cost = size * characters * costPerStep;
    meter.charge(Math.max(0, cost - rest));
    rest = Math.max(0, rest - cost);
  };
}

/**
 * `matches` (cel-go common/stdlib), `find` and `findAll` (apiserver/pkg/cel/library `Regex`); a pattern that is known before
 * is compiled once. Undefined for other functions.
 */
export function patternFunction(name: string, known?: string): CelFunction | undefined {
  const found = Object.hasOwn(uses, name) ? uses[name] : undefined;
  if (found === undefined) return undefined;
  const ready = known === undefined ? undefined : compileGoPattern(known);
  const run: CelCall = ([text, pattern, most = -1n], meter) => {
    if (typeof text !== 'string' || typeof pattern !== 'string' || typeof most !== 'bigint') return undefined;
    const compiled = ready ?? compileGoPattern(pattern);
    if (compiled.problem !== undefined) return new CelError(found.refusal + compiled.problem);
    if (ready === undefined) meter.charge(compiled.size * costPerStep);
    return found.use(text, compiled, chargeBeyond(meter, compiled.size, callCosts.match([text, pattern])), most);
  };
  return { run, cost: callCosts.match };
}
