import { goQuote } from '@reckon/api/machinery';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { DecodeError } from './decode-node';
import { TypeMetaError } from './type-meta';

/** A key that a map holds already. */
interface Repeated {
  /** As Go prints it: `"a"`, `1`. */
  readonly key: string;
  readonly offset: number;
}

type Fields = Record<string, unknown>;

const shortTag = (tag: string): string => tag.replace('tag:yaml.org,2002:', '!!');
const typedTags = new Set(['!!bool', '!!int', '!!float', '!!null']);
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** From here to there the share of values that may come from aliases shrinks from nearly all to a tenth (`allowedAliasRatio`). */
const smallDocument = 400_000;
const largeDocument = 4_000_000;

/**
 * The value of a document as sigs.k8s.io/yaml turns it into JSON: keys are texts and in order, aliases are expanded within the bounds
 * of its library (goyaml.v2 `decoder.unmarshal`), which are what stops a document that doubles itself over and over.
 */
export function yamlValue(document: Document.Parsed): { readonly value: unknown; readonly twice: readonly Repeated[] } {
  const { targets, twice } = survey(document);
  const open = new Set<Node>();
  let decoded = 0;
  let decodedByAlias = 0;

  return { value: document.contents === null ? null : ofNode(document.contents), twice };

  function ofNode(node: unknown): unknown {
    decoded++;
    if (open.size > 0) decodedByAlias++;
    if (decodedByAlias > 100 && decoded > 1000 && decodedByAlias / decoded > allowedShare(decoded))
      throw new TypeMetaError('yaml: document contains excessive aliasing');
    if (isAlias(node)) return ofAlias(node);
    if (isMap(node)) return sorted(ofMap(node));
    if (isSeq(node)) return node.items.map(ofNode);
    return isScalar(node) ? ofScalar(node) : null;
  }

  function ofAlias(alias: Alias): unknown {
    const target = targets.get(alias) as Node;
    if (open.has(target)) throw new TypeMetaError(`yaml: anchor '${alias.source}' value contains itself`);
    open.add(target);
    const value = ofNode(target);
    open.delete(target);
    return value;
  }

  /** What is merged stands in its place: keys after it win over it, it wins over keys before it. */
  function ofMap(map: YAMLMap): Map<string, unknown> {
    const members = new Map<string, unknown>();
    for (const { key, value } of map.items) {
      if (isMergeKey(key))
        for (const merged of mapsIn(value)) for (const [name, item] of merged) members.set(name, item);
      else {
        const name = ofKey(ofNode(key), value);
        members.set(name, ofNode(value));
      }
    }
    return members;
  }

  /** Of several, the first has the last word. */
  function mapsIn(value: unknown): Map<string, unknown>[] {
    if (isSeq(value)) return value.items.toReversed().map(mapToMerge);
    return [mapToMerge(value)];
  }

  function mapToMerge(node: unknown): Map<string, unknown> {
    const target = isAlias(node) ? targets.get(node) : node;
    if (!isMap(target)) throw new TypeMetaError('yaml: map merge requires map or sequence of maps as the value');
    return new Map(Object.entries(ofNode(node) as Fields));
  }

  function ofKey(key: unknown, value: unknown): string {
    switch (typeof key) {
      case 'string':
        return key;
      case 'number':
      case 'bigint':
      case 'boolean':
        return String(key);
      default:
        if (key !== null) throw new TypeMetaError(`yaml: invalid map key: ${goSyntax(key)}`);
        throw new DecodeError(
          `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${value === null ? '<nil>' : goSyntax(ofNode(value))}`,
        );
    }
  }
}

/** Where each alias leads, an anchor being what bore its name last, and which keys stand twice in a map. */
function survey(document: Document.Parsed): { targets: ReadonlyMap<Alias, Node>; twice: readonly Repeated[] } {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const twice: Repeated[] = [];
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target === undefined) throw new TypeMetaError(`yaml: unknown anchor '${node.source}' referenced`);
        targets.set(node, target);
        return;
      }
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isMap(node)) twice.push(...repeatedKeys(node));
    },
  });
  return { targets, twice };
}

function* repeatedKeys(map: YAMLMap): Generator<Repeated> {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key) || isMergeKey(key)) continue;
    const text = goSyntax(key.value);
    if (seen.has(text)) yield { key: text, offset: key.range?.[0] ?? 0 };
    seen.add(text);
  }
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.value !== '<<') return false;
  return key.tag === undefined ? key.type === 'PLAIN' : key.tag === 'tag:yaml.org,2002:merge';
}

function ofScalar({ value, tag, source = '' }: Scalar): unknown {
  if (value instanceof Uint8Array) {
    if (!base64.test(source.replace(/[\r\n]/g, '')))
      throw new TypeMetaError('yaml: !!binary value contains invalid base64 data');
    return Buffer.from(value).toString('utf8');
  }
  const wanted = shortTag(tag ?? '');
  if (wanted === '!!float' && /^[-+]?\d+$/.test(source)) return Number(source);
  if (typedTags.has(wanted) && tagOf(value) !== wanted)
    throw new TypeMetaError(`yaml: cannot decode ${tagOf(value)} \`${source}\` as a ${wanted}`);
  if (typeof value === 'bigint') return ofInteger(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new DecodeError(`json: unsupported value: ${value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN'}`);
  return value;
}

function tagOf(value: unknown): string {
  if (value === null) return '!!null';
  if (typeof value === 'boolean') return '!!bool';
  if (typeof value === 'bigint') return '!!int';
  return typeof value === 'number' ? '!!float' : '!!str';
}

/** Integers of 64 bits keep their digits; Go reads longer ones as floating. */
function ofInteger(value: bigint): number | bigint {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value ? value : number;
}

function sorted(members: ReadonlyMap<string, unknown>): Fields {
  return Object.fromEntries([...members].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** `%#v` of what the library reads without a type. */
function goSyntax(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  const members = Object.entries(value).map(([key, item]) => `${goQuote(key)}:${goSyntax(item)}`);
  return `map[interface {}]interface {}{${members.join(', ')}}`;
}

function allowedShare(count: number): number {
  if (count <= smallDocument) return 0.99;
  if (count >= largeDocument) return 0.1;
  return 0.99 - (0.89 * (count - smallDocument)) / (largeDocument - smallDocument);
}
