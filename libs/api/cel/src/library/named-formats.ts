import {
  goQuote,
  nameIsDns1035Label,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  validateLabelValue,
  validateQualifiedName,
} from '@reckon/api/machinery';
import { traversalFactor } from '../evaluate/call-cost';
import type { CelFunction, CelFunctionTable } from '../evaluate/cel-run';
import { parseTimestamp } from '../value/cel-time';
import { CelLibraryValue, CelOptional, none, ValueList } from '../value/cel-value';
import { parseRequestUri } from '../value/request-uri';

type Problems = (text: string) => readonly string[];

const unless =
  (isRight: (text: string) => boolean, message: string): Problems =>
  (text) =>
    isRight(text) ? [] : [message];

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== undefined;

/** strfmt takes what RFC 3339 lets people leave out. */
const isDateTime = (text: string): boolean => {
  const parts = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:[zZ]|[+-]\d{2}:\d{2})$/.exec(text);
  return parts !== null && parseTimestamp(`${parts[1] ?? ''}T${parts[2] ?? ''}Z`) !== undefined;
};

const uri: Problems = (text) => {
  const found = parseRequestUri(text);
  return typeof found === 'string' ? [`parse ${goQuote(text)}: ${found}`] : [];
};

/** apiserver/pkg/cel/library `ConstantFormats`. */
const formats: Readonly<Record<string, Problems>> = {
  dns1123Label: (text) => nameIsDnsLabel(text, 'name'),
  dns1123Subdomain: (text) => nameIsDnsSubdomain(text, 'name'),
  dns1035Label: (text) => nameIsDns1035Label(text, 'name'),
  qualifiedName: validateQualifiedName,
  dns1123LabelPrefix: (text) => nameIsDnsLabel(text, 'prefix'),
  dns1123SubdomainPrefix: (text) => nameIsDnsSubdomain(text, 'prefix'),
  dns1035LabelPrefix: (text) => nameIsDns1035Label(text, 'prefix'),
  labelValue: validateLabelValue,
  uri,
  uuid: unless(
    (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
    'does not match the UUID format',
  ),
  byte: unless((text) => text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text), 'invalid base64'),
  date: unless(isDate, 'invalid date'),
  datetime: unless(isDateTime, 'invalid datetime'),
};

class CelFormat extends CelLibraryValue {
  readonly typeName = 'kubernetes.NamedFormat';

  constructor(
    readonly name: string,
    readonly problems: Problems,
  ) {
    super();
  }

  equals(other: unknown): boolean {
    return other instanceof CelFormat && other.name === this.name;
  }
}

/** How long the patterns behind the formats are taken for (`Format.MaxRegexSize`). */
const patternLengths: Readonly<Record<string, number>> = {
  dns1123Subdomain: 60,
  qualifiedName: 60,
  dns1123SubdomainPrefix: 60,
  labelValue: 40,
  uri: 1103,
  uuid: 70,
  byte: 84,
  date: 71,
  datetime: 71,
};
const patternLength = 30;
const patternFactor = 0.25;

const constants: readonly (readonly [string, CelFunction])[] = Object.entries(formats).map(([name, problems]) => [
  `format.${name}`,
  { run: () => new CelFormat(name, problems) },
]);

/** apiserver/pkg/cel/library `Format`. */
export const formatFunctions: CelFunctionTable = {
  ...Object.fromEntries(constants),
  'format.named': ([name]) => {
    if (typeof name !== 'string') return undefined;
    const problems = Object.hasOwn(formats, name) ? formats[name] : undefined;
    return problems === undefined ? none : new CelOptional(new CelFormat(name, problems));
  },
  validate: {
    run: ([format, text]) => {
      if (!(format instanceof CelFormat) || typeof text !== 'string') return undefined;
      const problems = format.problems(text);
      return problems.length === 0 ? none : new CelOptional(new ValueList(problems));
    },
    cost: ([format, text]) => {
      if (!(format instanceof CelFormat) || typeof text !== 'string') return 1;
      const pattern = Math.ceil((patternLengths[format.name] ?? patternLength) * patternFactor);
      return Math.ceil((1 + text.length) * traversalFactor) * pattern;
    },
  },
};
