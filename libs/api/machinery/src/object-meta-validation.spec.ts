import { describe, expect, it } from 'vitest';
import { fieldPath } from './field-error';
import { nameIsDnsSubdomain } from './name-rule';
import type { ObjectMeta } from './object';
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta-validation';

const path = fieldPath('metadata');
const good: ObjectMeta = { name: 'a', namespace: 'ns' };
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u' };

const created = (meta: ObjectMeta, namespaced = true): string[] =>
  validateObjectMeta(meta, { namespaced, nameRule: nameIsDnsSubdomain, path }).map((e) => e.toString());
const updated = (next: ObjectMeta, old: ObjectMeta): string[] =>
  validateObjectMetaUpdate(next, old, path).map((e) => e.toString());

describe('validateObjectMeta', () => {
  it('takes a plain object', () => {
    expect(
      created({ ...good, labels: { a: 'b' }, annotations: { 'X.Y/Z': 'any thing' }, finalizers: ['a/b'] }),
    ).toEqual([]);
  });

  it('wants a name and the right namespace', () => {
    expect(created({})).toEqual([
      'metadata.name: Required value: name or generateName is required',
      'metadata.namespace: Required value',
    ]);
    expect(created({ name: 'a', namespace: 'x' }, false)).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
    ]);
    expect(created({ name: 'a', namespace: 'a.b' })).toEqual([
      'metadata.namespace: Invalid value: "a.b": must not contain dots',
    ]);
    expect(created({ ...good, generateName: 'AB-' })[0]).toMatch(
      /^metadata\.generateName: Invalid value: "AB-": a lower/,
    );
  });

  it('checks labels and annotations in key order', () => {
    const found = created({ ...good, labels: { 'a b': 'x', c: 'x y' }, annotations: { 'a b': '' } });
    expect(found.map((e) => e.split(': a ')[0]?.split(': name')[0])).toEqual([
      'metadata.labels: Invalid value: "a b"',
      'metadata.labels: Invalid value: "x y"',
      'metadata.annotations: Invalid value: "a b"',
    ]);
  });

  it('bounds the annotations together', () => {
    const annotations = { a: 'x'.repeat(128 * 1024), b: 'é'.repeat(64 * 1024) };
    expect(created({ ...good, annotations })).toEqual([
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ]);
  });

  it('checks owner references without an index in the path', () => {
    expect(created({ ...good, ownerReferences: [{ ...owner, apiVersion: '', name: '', uid: '' }] })).toEqual([
      'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ]);
    expect(created({ ...good, ownerReferences: [{ ...owner, apiVersion: 'v1', kind: 'Event' }] })).toEqual([
      'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"r","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
    ]);
    const two = [
      { ...owner, controller: true },
      { ...owner, name: 's', uid: 'v', controller: true },
    ];
    expect(created({ ...good, ownerReferences: two })[0]).toMatch(
      /Only one reference can have Controller set to true\. Found "true" in references for ReplicaSet\/r and ReplicaSet\/s$/,
    );
  });

  it('checks finalizers and managed fields', () => {
    expect(created({ ...good, finalizers: ['orphan', 'foregroundDeletion'] })).toEqual([
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ]);
    expect(
      created({
        ...good,
        managedFields: [{ operation: 'x', fieldsType: 'y', manager: 'a\n', subresource: 's'.repeat(257) }],
      }),
    ).toEqual([
      'metadata.managedFields[0].operation: Invalid value: "x": must be `Apply` or `Update`',
      'metadata.managedFields[0].fieldsType: Invalid value: "y": must be `FieldsV1`',
      'metadata.managedFields[0].manager: Invalid value: "a\\n": invalid character U+000A (at position 1)',
      'metadata.managedFields[0].subresource: Too long: may not be more than 256 bytes',
    ]);
  });
});

describe('validateObjectMetaUpdate', () => {
  const old: ObjectMeta = {
    ...good,
    uid: 'u',
    resourceVersion: '1',
    generation: 2,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };

  it('takes what only changes labels', () => {
    expect(updated({ ...old, labels: { a: 'b' } }, old)).toEqual([]);
  });

  it('keeps what identifies the object', () => {
    const next = {
      ...old,
      name: 'b',
      namespace: 'x',
      uid: 'v',
      creationTimestamp: '2026-01-02T00:00:00Z',
      generation: 1,
    };
    expect(updated(next, old)).toEqual([
      'metadata.generation: Invalid value: 1: must not be decremented',
      'metadata.name: Invalid value: "b": field is immutable',
      'metadata.namespace: Invalid value: "x": field is immutable',
      'metadata.uid: Invalid value: "v": field is immutable',
      'metadata.creationTimestamp: Invalid value: "2026-01-02T00:00:00Z": field is immutable',
    ]);
  });

  it('wants a resourceVersion', () => {
    expect(updated({ ...old, resourceVersion: '' }, old)).toEqual([
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    ]);
  });

  it('takes no new finalizer while deleting', () => {
    const deleting = { ...old, deletionTimestamp: '2026-01-01T00:00:01Z', finalizers: ['a/b'] };
    expect(updated({ ...deleting, finalizers: [] }, deleting)).toEqual([]);
    expect(updated({ ...deleting, finalizers: ['a/b', 'example.com/more'] }, deleting)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
    ]);
  });
});
