import { describe, expect, it } from 'vitest';
import { fieldErrors, fieldPath, renderedMap, renderValue } from './field-error';
import { goJson, goQuote, goStringList } from './go-quote';
import { failure, StatusError, statusErrors } from './status-error';

const path = fieldPath('spec').child('containers').index(0).child('limits').key('a.b/c');

describe('fieldErrors', () => {
  it('print upstream’s forms', () => {
    expect(
      [
        fieldErrors.required(path),
        fieldErrors.required(path, 'why'),
        fieldErrors.invalid(path, 'x', 'why'),
        fieldErrors.invalid(path, 7, 'why'),
        fieldErrors.invalidUnshown(path, 'why'),
        fieldErrors.duplicate(path, 'x'),
        fieldErrors.notFound(path, 'x'),
        fieldErrors.notSupported(path, 'x', ['b', 'a']),
        fieldErrors.notSupported(path, 'x', []),
        fieldErrors.forbidden(path, 'why'),
        fieldErrors.tooLong(path, 5),
        fieldErrors.tooMany(path, 3, 2),
        fieldErrors.typeInvalid(path, 'x', 'why'),
        fieldErrors.internal(path, 'why'),
      ].map((e) => e.toString()),
    ).toEqual(
      [
        'Required value',
        'Required value: why',
        'Invalid value: "x": why',
        'Invalid value: 7: why',
        'Invalid value: why',
        'Duplicate value: "x"',
        'Not found: "x"',
        'Unsupported value: "x": supported values: "b", "a"',
        'Unsupported value: "x"',
        'Forbidden: why',
        'Too long: may not be more than 5 bytes',
        'Too many: 3: must have at most 2 items',
        'Invalid value: "x": why',
        'Internal error: why',
      ].map((text) => `spec.containers[0].limits[a.b/c]: ${text}`),
    );
  });

  it('render values as Go does', () => {
    expect(renderValue(undefined)).toBe('null');
    expect(renderValue('a"\n\u0001é\u00a0')).toBe('"a\\"\\n\\x01é\\u00a0"');
    expect(renderValue({ Type: 'x', RollingUpdate: null })).toBe('{"Type":"x","RollingUpdate":null}');
    expect(renderValue(['<a>'])).toBe('["\\u003ca\\u003e"]');
    expect(renderValue(true)).toBe('true');
    expect(renderValue(2n ** 60n)).toBe('1152921504606846976');
    expect(renderValue(renderedMap({ b: '1', a: '2' }))).toBe('{"a":"2","b":"1"}');
    expect(renderValue(renderedMap(undefined))).toBe('null');
    expect(goQuote('\u{e0001}\u007f\\')).toBe('"\\U000e0001\\x7f\\\\"');
    expect(goStringList(['a', 'b"'])).toBe('[]string{"a", "b\\""}');
    expect(goJson('a&b')).toBe('"a\\u0026b"');
  });
});

describe('statusErrors', () => {
  const cm = { group: '', resource: 'configmaps' };
  const deployment = { group: 'apps', kind: 'Deployment' };

  it('say an invalid object’s errors once each, but list every cause', () => {
    const one = fieldErrors.required(fieldPath('spec', 'a'));
    const two = fieldErrors.invalid(fieldPath('spec', 'b'), 1, 'no');
    const twice = statusErrors.invalid(deployment, 'd', [one, one]);
    expect(twice.message).toBe('Deployment.apps "d" is invalid: spec.a: Required value');
    expect(twice.status.details?.causes).toHaveLength(2);
    const both = statusErrors.invalid(deployment, 'd', [one, two, one]);
    expect(both.message).toBe('Deployment.apps "d" is invalid: [spec.a: Required value, spec.b: Invalid value: 1: no]');
    expect(both.status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: both.message,
      reason: 'Invalid',
      details: {
        name: 'd',
        group: 'apps',
        kind: 'Deployment',
        causes: [
          { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.a' },
          { reason: 'FieldValueInvalid', message: 'Invalid value: 1: no', field: 'spec.b' },
          { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.a' },
        ],
      },
      code: 422,
    });
  });

  it('name no kind where upstream has none', () => {
    const error = fieldErrors.invalid(fieldPath('patch'), 'x', 'bad');
    const status = statusErrors.invalid({ group: '', kind: '' }, '', [error]).status;
    expect(status.message).toBe(' "" is invalid: patch: Invalid value: "x": bad');
    expect(Object.keys(status.details ?? {})).toEqual(['causes']);
    expect(
      statusErrors.forbidden({ group: '', resource: '' }, '', 'User "jane" cannot get path "/"').status.details,
    ).toEqual({});
  });

  it.each([
    [statusErrors.notFound(cm, 's'), 404, 'configmaps "s" not found'],
    [statusErrors.alreadyExists(cm, 's'), 409, 'configmaps "s" already exists'],
    [
      statusErrors.conflict({ group: '', resource: 'pods/binding' }, 'p', 'taken'),
      409,
      'Operation cannot be fulfilled on pods/binding "p": taken',
    ],
    [statusErrors.forbidden(cm, '', 'no'), 403, 'configmaps is forbidden: no'],
    [statusErrors.forbidden(cm, 's', 'no'), 403, 'configmaps "s" is forbidden: no'],
    [statusErrors.generic(405), 405, 'the server does not allow this method on the requested resource'],
    [statusErrors.generic(404), 404, 'the server could not find the requested resource'],
    [statusErrors.generic(422), 422, 'the server rejected our request due to an error in our request'],
    [statusErrors.tooLargeResourceVersion('9', '4'), 504, 'Timeout: Too large resource version: 9, current: 4'],
    [
      statusErrors.serverTimeout(cm, 'POST', 0),
      500,
      'The POST operation against configmaps could not be completed at this time, please try again.',
    ],
    [statusErrors.internal('oops'), 500, 'Internal error occurred: oops'],
  ])('say what upstream says (%#)', (error, code, message) => {
    expect(error).toBeInstanceOf(StatusError);
    expect(error.status.code).toBe(code);
    expect(error.message).toBe(message);
  });

  it('carry what a client needs to try again', () => {
    expect(statusErrors.tooLargeResourceVersion('9', '4').status.details).toEqual({
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
    expect(statusErrors.tooManyRequests('busy', 3).headers).toEqual({ 'Retry-After': '3' });
    expect(statusErrors.generateNameConflict(cm, 'a-bcdfg', 1).status.details?.retryAfterSeconds).toBe(1);
    expect(failure({ message: 'no reason' }).code).toBe(500);
  });
});
