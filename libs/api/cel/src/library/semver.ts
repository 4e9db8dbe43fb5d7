import { compareQuantities, goQuote } from '@reckon/api/machinery';
import { callCosts } from '../evaluate/call-cost';
import type { CelCall, CelFunctionTable } from '../evaluate/cel-run';
import { CelError, CelLibraryValue, type CelValue } from '../value/cel-value';
import { CelQuantity } from './quantities';

interface Version {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  /** Of a version that comes before the one without. */
  readonly before: readonly string[];
}

export class CelSemver extends CelLibraryValue {
  readonly typeName = 'kubernetes.Semver';

  constructor(readonly version: Version) {
    super();
  }

  equals(other: unknown): boolean {
    return other instanceof CelSemver && compareVersions(this.version, other.version) === 0;
  }
}

const uint64 = (text: string): boolean => BigInt.asUintN(64, BigInt(text)) === BigInt(text);

/** semver.Parse of github.com/blang/semver, and its reasons. */
export function parseSemver(text: string): Version | CelError {
  if (text === '') return new CelError('Version string empty');
  const parts = splitAtMost(text, '.', 3);
  if (parts.length !== 3) return new CelError('No Major.Minor.Patch elements found');
  const [major = '', minor = '', rest = ''] = parts;
  for (const [name, number] of [
    ['major', major],
    ['minor', minor],
  ] as const) {
    const problem = numberProblem(name, number);
    if (problem !== undefined) return problem;
  }
  const plus = rest.indexOf('+');
  const builds = plus < 0 ? [] : rest.slice(plus + 1).split('.');
  const unbuilt = plus < 0 ? rest : rest.slice(0, plus);
  const dash = unbuilt.indexOf('-');
  const before = dash < 0 ? [] : unbuilt.slice(dash + 1).split('.');
  const patch = dash < 0 ? unbuilt : unbuilt.slice(0, dash);
  const problem = numberProblem('patch', patch) ?? labelProblem(before) ?? buildProblem(builds);
  return problem ?? { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], before };
}

function splitAtMost(text: string, separator: string, count: number): string[] {
  const parts = text.split(separator);
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function numberProblem(name: 'major' | 'minor' | 'patch', text: string): CelError | undefined {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  if (!/^[0-9]*$/.test(text)) return new CelError(`Invalid character(s) found in ${name} number ${goQuote(text)}`);
  if (text.length > 1 && text.startsWith('0'))
    return new CelError(`${title} number must not contain leading zeroes ${goQuote(text)}`);
  if (text === '') return new CelError('strconv.ParseUint: parsing "": invalid syntax');
  return text.length <= 40 && uint64(text)
    ? undefined
    : new CelError(`strconv.ParseUint: parsing ${goQuote(text)}: value out of range`);
}

function labelProblem(labels: readonly string[]): CelError | undefined {
  for (const label of labels) {
    if (label === '') return new CelError('Prerelease is empty');
    if (/^[0-9]+$/.test(label)) {
      if (label.length > 1 && label.startsWith('0'))
        return new CelError(`Numeric PreRelease version must not contain leading zeroes ${goQuote(label)}`);
    } else if (!/^[-0-9A-Za-z]+$/.test(label))
      return new CelError(`Invalid character(s) found in prerelease ${goQuote(label)}`);
  }
  return undefined;
}

function buildProblem(builds: readonly string[]): CelError | undefined {
  for (const build of builds) {
    if (build === '') return new CelError('Build meta data is empty');
    if (!/^[-0-9A-Za-z]+$/.test(build))
      return new CelError(`Invalid character(s) found in build meta data ${goQuote(build)}`);
  }
  return undefined;
}

/** `v1.2`, `01.2.3`: made what it is meant to be (`normalizeAndParse`). */
function parseLoosely(text: string): Version | CelError {
  const parts = splitAtMost(text.replace(/^v/, ''), '.', 3).map((part) => {
    if (part.length <= 1) return part;
    const trimmed = part.replace(/^0+/, '');
    return /^[0-9]/.test(trimmed) ? trimmed : `0${trimmed}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? ''))
    return new CelError('short version cannot contain PreRelease/Build meta data');
  while (parts.length < 3) parts.push('0');
  return parseSemver(parts.join('.'));
}

function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  for (const [i, number] of a.numbers.entries()) {
    const other = b.numbers[i] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.before.length === 0 || b.before.length === 0)
    return a.before.length === b.before.length ? 0 : a.before.length === 0 ? 1 : -1;
  for (const [i, label] of a.before.entries()) {
    const other = b.before[i];
    if (other === undefined) return 1;
    const order = compareLabels(label, other);
    if (order !== 0) return order;
  }
  return a.before.length === b.before.length ? 0 : -1;
}

/** Numbers come before words. */
function compareLabels(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const areNumbers = [a, b].map((label) => /^[0-9]+$/.test(label));
  if (areNumbers[0] !== areNumbers[1]) return areNumbers[0] === true ? -1 : 1;
  if (areNumbers[0] === true && a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : 1;
}

function parse([text, isLoose = false]: readonly CelValue[]): Version | CelError | undefined {
  if (typeof text !== 'string' || typeof isLoose !== 'boolean') return undefined;
  return isLoose ? parseLoosely(text) : parseSemver(text);
}

const onVersion =
  (call: (version: Version) => CelValue): CelCall =>
  ([value]) =>
    value instanceof CelSemver ? call(value.version) : undefined;

/** Of two quantities or two versions. */
const compare =
  (tell: (order: -1 | 0 | 1) => CelValue): CelCall =>
  ([a, b]) => {
    if (a instanceof CelQuantity && b instanceof CelQuantity) return tell(compareQuantities(a.quantity, b.quantity));
    return a instanceof CelSemver && b instanceof CelSemver ? tell(compareVersions(a.version, b.version)) : undefined;
  };

/** apiserver/pkg/cel/library `SemverLib` version 1, and the comparisons that it shares with quantities. */
export const semverFunctions: CelFunctionTable = {
  semver: {
    run: (values) => {
      const version = parse(values);
      return version === undefined || version instanceof CelError ? version : new CelSemver(version);
    },
    cost: callCosts.traverse,
  },
  isSemver: {
    run: (values) => {
      const version = parse(values);
      return version === undefined ? undefined : !(version instanceof CelError);
    },
    cost: callCosts.traverse,
  },
  major: onVersion(({ numbers }) => BigInt.asIntN(64, numbers[0])),
  minor: onVersion(({ numbers }) => BigInt.asIntN(64, numbers[1])),
  patch: onVersion(({ numbers }) => BigInt.asIntN(64, numbers[2])),
  isGreaterThan: compare((order) => order === 1),
  isLessThan: compare((order) => order === -1),
  compareTo: compare((order) => BigInt(order)),
};
