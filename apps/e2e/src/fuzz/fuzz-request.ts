import { createDecoder, DecodeError, type KindRegistry, stringifyObject } from '@reckon/api/kinds';
import { arbitraryObject } from '@reckon/api/kinds/testing';
import { apiVersionOf } from '@reckon/api/machinery';
import { type Random, seededRandom } from '@reckon/kernel';
import { stringify } from 'yaml';
import { damageBytes } from './damage-bytes';
import { anyValue, damageValue, type Value } from './damage-value';
import type { FuzzTarget } from './fuzz-target';

export const intents = [
  'create',
  'update',
  'json-patch',
  'merge-patch',
  'strategic-patch',
  'apply',
  'status',
  'subresource',
  'delete',
  'garbage',
] as const;
export type Intent = (typeof intents)[number];

/** What a request is made from: the same case gives the same bytes. */
export interface FuzzCase {
  readonly target: FuzzTarget;
  readonly intent: Intent;
  readonly seed: number;
}

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Body {
  readonly contentType: string;
  readonly bytes: Buffer;
}

type Fields = Record<string, Value>;

const json = 'application/json';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';
const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';
const applyPatch = 'application/apply-patch+yaml';
const contentTypes = [
  json,
  yaml,
  protobuf,
  jsonPatch,
  mergePatch,
  strategicPatch,
  applyPatch,
  'application/apply-patch+cbor',
  'application/cbor',
  'text/plain',
  '',
  ';',
  'application/json; charset=latin1',
  'APPLICATION/JSON',
];
const accepts = [
  json,
  json,
  json,
  json,
  json,
  json,
  protobuf,
  `${protobuf},${json}`,
  yaml,
  `${json};as=Table;v=v1;g=meta.k8s.io`,
];
/** Where bytes that are nothing are sent. */
const garbled: readonly ((item: string, collection: string) => readonly [method: string, path: string])[] = [
  (_, collection) => ['POST', collection],
  (item) => ['PUT', item],
  (item) => ['PATCH', item],
  (item) => ['DELETE', item],
];
const patchOps = ['add', 'remove', 'replace', 'move', 'copy', 'test', 'nope', ''];
const directives = ['replace', 'delete', 'merge', 'nope', 'retainKeys'];
/** Those that take a body and answer at once. */
const bodied = new Set([
  'approval',
  'binding',
  'ephemeralcontainers',
  'eviction',
  'finalize',
  'resize',
  'scale',
  'token',
]);
const queries = [
  'fieldValidation=Strict',
  'fieldValidation=Warn',
  'fieldValidation=Ignore',
  'fieldValidation=nope',
  'dryRun=All',
  'dryRun=nope',
  'force=true',
  'force=nope',
  'fieldManager=other',
  `fieldManager=${'m'.repeat(129)}`,
  'fieldManager=%01',
  'pretty=true',
];

export function createRequests(kinds: KindRegistry): (fuzzCase: FuzzCase) => FuzzRequest {
  const decoder = createDecoder(kinds);
  return ({ target, intent, seed }) => {
    const random = seededRandom(seed);
    const item = `${target.collection}/${nameOf(target, random)}`;
    const request = (method: string, path: string, body: Body): FuzzRequest => ({
      method,
      path: `${path}${queryOf(target, intent, random)}`,
      headers: {
        // One in forty is told to be something else than it is.
        'content-type': random.int(40) === 0 ? pick(contentTypes, random) : body.contentType,
        accept: pick(accepts, random),
      },
      body: body.bytes,
    });
    const patch = (contentType: string, value: Value): FuzzRequest =>
      request('PATCH', item, { contentType, bytes: maybeDamaged(Buffer.from(stringifyObject(value)), 'text') });

    switch (intent) {
      case 'create':
        // The example as it is, in case that it was deleted.
        if (random.int(4) === 0) return request('POST', target.collection, encodeAs(json, target.object));
        return request('POST', target.collection, encode(source(nameOf(target, random))));
      case 'update':
        return request('PUT', item, encode(source(item.slice(item.lastIndexOf('/') + 1))));
      case 'json-patch':
        return patch(jsonPatch, random.int(10) === 0 ? anyValue(random) : patchOf(target.object, random));
      case 'merge-patch':
        return patch(mergePatch, random.int(10) === 0 ? anyValue(random) : partOf(target));
      case 'strategic-patch':
        return patch(strategicPatch, directed(partOf(target)));
      case 'apply': {
        const value = source(item.slice(item.lastIndexOf('/') + 1));
        const text = random.int(2) === 0 ? stringifyObject(value) : stringify(value, { aliasDuplicateObjects: false });
        return request('PATCH', item, { contentType: applyPatch, bytes: maybeDamaged(Buffer.from(text), 'text') });
      }
      case 'status':
        return throughStatus();
      case 'subresource':
        return throughSubresource();
      case 'delete':
        return request('DELETE', item, encodeAs(pick([json, yaml], random), deleteOptions()));
      case 'garbage': {
        // No DELETE of a collection, which could be meant.
        const [method, path] = pick(garbled, random)(item, target.collection);
        return request(method, path, {
          contentType: pick(contentTypes, random),
          bytes: damageBytes(Buffer.from(stringifyObject(anyValue(random))), 'binary', random),
        });
      }
    }

    /** The example under a name, with some values that do not fit; or fields at random. */
    function source(name: string): Value {
      const example = structuredClone<Fields>(target.object);
      if (typeof example['metadata'] === 'object') example['metadata'] = { ...(example['metadata'] as Fields), name };
      if (random.int(6) > 0) return damageValue(example, random.int(4), random);
      const made = arbitraryObject(kinds.types, target.row.type, random) as Fields;
      if (random.int(3) > 0) Object.assign(made, { metadata: example['metadata'] });
      return { ...made, apiVersion: example['apiVersion'] ?? null, kind: target.row.kind };
    }

    function partOf({ object, row }: FuzzTarget): Value {
      const all: Fields =
        random.int(4) === 0
          ? (arbitraryObject(kinds.types, row.type, random) as Fields)
          : structuredClone<Fields>(object);
      for (const field of Object.keys(all)) if (random.int(3) === 0) Reflect.deleteProperty(all, field);
      return damageValue(all, random.int(3), random);
    }

    function directed(value: Value): Value {
      const fields = placesOf(value).filter((place): place is Fields => !Array.isArray(place));
      for (let left = random.int(3); left > 0; left--) {
        const at = fields[random.int(fields.length)];
        if (at === undefined) break;
        const key = pick(Object.keys(at), random) as string | undefined;
        switch (random.int(4)) {
          case 0:
            at['$patch'] = pick(directives, random);
            break;
          case 1:
            at['$retainKeys'] = random.int(2) === 0 ? Object.keys(at) : anyValue(random);
            break;
          default:
            at[`${pick(['$setElementOrder', '$deleteFromPrimitiveList'], random)}/${key ?? ''}`] =
              random.int(2) === 0 ? ['a'] : anyValue(random);
        }
      }
      return value;
    }

    function throughStatus(): FuzzRequest {
      const path = `${item}/status`;
      const body: Fields = { ...structuredClone<Fields>(target.object), status: structuredClone(target.status) };
      const value = damageValue(body, 1 + random.int(3), random);
      const contentType = pick([json, mergePatch, strategicPatch, applyPatch, protobuf], random);
      if (contentType === json || contentType === protobuf) return request('PUT', path, encodeAs(contentType, value));
      return request('PATCH', path, { contentType, bytes: Buffer.from(stringifyObject(value)) });
    }

    function throughSubresource(): FuzzRequest {
      const subresources = target.row.subresources.filter(({ name }) => name !== 'status' && bodied.has(name));
      const sub = subresources.length === 0 ? undefined : pick(subresources, random);
      if (sub === undefined) return throughStatus();
      const struct = kinds.structOf(sub);
      const made = struct === undefined ? {} : arbitraryObject(kinds.types, struct, random);
      const apiVersion = sub.group === '' ? sub.version : `${sub.group}/${sub.version}`;
      const value = damageValue({ ...(made as Fields), apiVersion, kind: sub.kind }, random.int(3), random);
      const method = { create: 'POST', update: 'PUT', patch: 'PATCH', get: 'GET' }[pick(sub.verbs, random)] ?? 'POST';
      const contentType = method === 'PATCH' ? pick([mergePatch, strategicPatch, jsonPatch, applyPatch], random) : json;
      return request(method, `${item}/${sub.name}`, {
        contentType,
        bytes: maybeDamaged(Buffer.from(stringifyObject(value)), 'text'),
      });
    }

    function deleteOptions(): Value {
      const made = arbitraryObject(kinds.types, kinds.types.struct('meta/v1.DeleteOptions'), random) as Fields;
      return damageValue({ ...made, kind: 'DeleteOptions', apiVersion: 'v1' }, random.int(2), random);
    }

    function encode(value: Value): Body {
      return encodeAs(pick([json, json, yaml, protobuf, protobuf], random), value);
    }

    function encodeAs(contentType: string, value: Value): Body {
      switch (contentType) {
        case protobuf:
          return { contentType, bytes: maybeDamaged(asProtobuf(value), 'binary') };
        case yaml: {
          const text = stringify(value, { aliasDuplicateObjects: false });
          return { contentType, bytes: maybeDamaged(Buffer.from(text), 'text') };
        }
        default:
          return { contentType, bytes: maybeDamaged(Buffer.from(stringifyObject(value)), 'text') };
      }
    }

    /** Protobuf cannot say what does not fit the type: then it is the example as it is. */
    function asProtobuf(value: Value): Buffer {
      const { row } = target;
      let object: Readonly<Record<string, unknown>>;
      try {
        object = decoder.normalize(value, { expected: row, strict: false }).object;
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        object = target.object;
      }
      return kinds.protobuf.body({ apiVersion: apiVersionOf(row), kind: row.kind }, row.type, object);
    }

    function maybeDamaged(bytes: Buffer, form: 'text' | 'binary'): Buffer {
      return random.int(form === 'binary' ? 2 : 5) === 0 ? damageBytes(bytes, form, random) : bytes;
    }
  };
}

/** Its own, or one of a few beside it; where names have rules of their own, these are refused. */
function nameOf({ name }: FuzzTarget, random: Random): string {
  const other = random.int(8);
  return other < 5 ? name : `${name}-${String(other)}`;
}

function queryOf({ isDryRun }: FuzzTarget, intent: Intent, random: Random): string {
  // Most deletions only ask, so that what the other bodies need stays there.
  const words = isDryRun || (intent === 'delete' && random.int(4) > 0) ? ['dryRun=All'] : [];
  if (intent === 'apply') words.push('fieldManager=fuzzer');
  for (let left = random.int(3) - 1; left > 0; left--) {
    const word = pick(queries, random);
    if (!words.some((known) => known.split('=')[0] === word.split('=')[0])) words.push(word);
  }
  return words.length === 0 ? '' : `?${words.join('&')}`;
}

/** A JSON patch whose paths mostly lead somewhere. */
function patchOf(object: FuzzTarget['object'], random: Random): Value {
  const pointers = pointersOf(object);
  const pointer = (): Value => {
    const found = pick(pointers, random);
    switch (random.int(8)) {
      case 0:
        return `${found}/${pick(['-', '0', '99999999999', '~', '~2', '__proto__', '-1', ''], random)}`;
      case 1:
        return pick<Value>(['', '/', 'no', '/metadata/name/0', null, 5, []], random);
      default:
        return found;
    }
  };
  return Array.from({ length: 1 + random.int(3) }, () => {
    const made: Fields = { op: pick(patchOps, random), path: pointer(), from: pointer(), value: anyValue(random) };
    for (const field of Object.keys(made)) if (random.int(12) === 0) Reflect.deleteProperty(made, field);
    return made;
  });
}

function pointersOf(value: Value, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    pointersOf(item, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
  return [at, ...inner];
}

/** The value and all objects and lists in it. */
function placesOf(value: Value): (Fields | readonly Value[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap((item) => placesOf(item))];
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.int(from.length)] as T;
}
