import { describe, expect, it } from 'vitest';
import { deleteOptionsFromObject, parseDeleteOptions } from './delete-options';
import { parseListOptions } from './list-options';
import { StatusError } from './status-error';
import { parseCreateOptions, parsePatchOptions, parseUpdateOptions } from './write-options';

const query = (text: string): URLSearchParams => new URLSearchParams(text);

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return `${String(error.status.code)} ${error.message}`;
    throw error;
  }
  return 'taken';
}

const invalid = 'ListOptions.meta.k8s.io "" is invalid: ';

/** As a real v1.36 server answers. */
const lists: Record<string, string> = {
  'limit=-1': 'taken',
  'limit=abc': '400 strconv.ParseInt: parsing "abc": invalid syntax',
  'limit=99999999999999999999': '400 strconv.ParseInt: parsing "99999999999999999999": value out of range',
  'timeoutSeconds=abc': '400 strconv.ParseInt: parsing "abc": invalid syntax',
  'watch=abc': 'taken',
  'labelSelector=!!': "400 unable to parse requirement: found '!', expected: identifier",
  'fieldSelector=nope': "400 invalid selector: 'nope'; can't understand 'nope'",
  'resourceVersion=5&resourceVersionMatch=Exact': 'taken',
  'resourceVersion=0&resourceVersionMatch=Exact': `422 ${invalid}resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
  'resourceVersionMatch=Exact': `422 ${invalid}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided`,
  'resourceVersionMatch=Nope&resourceVersion=0': `422 ${invalid}resourceVersionMatch: Unsupported value: "Nope": supported values: "Exact", "NotOlderThan", ""`,
  'resourceVersionMatch=Exact&resourceVersion=1&continue=x': `422 ${invalid}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided`,
  'sendInitialEvents=true': `422 ${invalid}sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list`,
  'watch=1&sendInitialEvents=true': `422 ${invalid}resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`,
  'watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=0': `422 ${invalid}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided`,
  'watch=1&sendInitialEvents=false&resourceVersionMatch=Exact': `422 ${invalid}[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]`,
};

describe('parseListOptions', () => {
  it.each(Object.entries(lists))('%s: %s', (text, answer) => {
    expect(refusal(() => parseListOptions(query(text)))).toBe(answer);
  });

  it('carries the field in a cause', () => {
    try {
      parseListOptions(query('resourceVersionMatch=Exact'));
      expect.unreachable();
    } catch (error) {
      expect((error as StatusError).status.details).toEqual({
        group: 'meta.k8s.io',
        kind: 'ListOptions',
        causes: [
          {
            reason: 'FieldValueForbidden',
            message: 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
            field: 'resourceVersionMatch',
          },
        ],
      });
    }
  });

  it('begins a watch from nowhere with the state', () => {
    expect(parseListOptions(query('watch=true'))).toMatchObject({
      watch: true,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
    });
    expect(parseListOptions(query('resourceVersion=0'), { isWatchPath: true }).sendInitialEvents).toBe(true);
    expect(parseListOptions(query('watch=true&resourceVersion=7')).sendInitialEvents).toBeUndefined();
    expect(parseListOptions(query('watch=false')).watch).toBe(false);
    expect(parseListOptions(query('watch=0')).watch).toBe(false);
    expect(parseListOptions(query('watch=')).watch).toBe(true);
  });

  it('reads the rest as it is', () => {
    const options = parseListOptions(
      query('limit=5&continue=c&timeoutSeconds=9&allowWatchBookmarks=true&labelSelector=a%3Db'),
    );
    expect(options).toMatchObject({ limit: 5, continue: 'c', timeoutSeconds: 9, allowWatchBookmarks: true });
    expect(options.labelSelector.toString()).toBe('a=b');
  });
});

describe('options of writes', () => {
  it.each([
    [
      'fieldValidation=Nope',
      '422 CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Nope": supported values: "", "Ignore", "Strict", "Warn"',
    ],
    [
      'dryRun=Some',
      '422 CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    ],
    [
      'dryRun=',
      '422 CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: [""]: supported values: "All"',
    ],
    [
      `fieldManager=${'m'.repeat(129)}`,
      '422 CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
    ],
    ['dryRun=All&fieldValidation=Strict&fieldManager=me', 'taken'],
  ])('create with %s: %s', (text, answer) => {
    expect(refusal(() => parseCreateOptions(query(text)))).toBe(answer);
  });

  it('reads what was said', () => {
    expect(parseUpdateOptions(query('dryRun=All&fieldValidation=Strict&fieldManager=me'))).toEqual({
      isDryRun: true,
      fieldManager: 'me',
      fieldValidation: 'Strict',
    });
    expect(parsePatchOptions(query('fieldManager=me&force=true'), 'apply').force).toBe(true);
  });

  it('tells apply from other patches', () => {
    expect(refusal(() => parsePatchOptions(query(''), 'apply'))).toBe(
      '422 PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
    expect(refusal(() => parsePatchOptions(query('force=false'), 'other'))).toBe(
      '422 PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    );
  });
});

describe('options of deletes', () => {
  it.each([
    [
      'propagationPolicy=Nope',
      '422 DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    [
      'propagationPolicy=Background&orphanDependents=true',
      '422 DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Background": orphanDependents and deletionPropagation cannot be both set',
    ],
    [
      'dryRun=Some',
      '422 DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    ],
    ['gracePeriodSeconds=x', '400 strconv.ParseInt: parsing "x": invalid syntax'],
  ])('%s: %s', (text, answer) => {
    expect(refusal(() => parseDeleteOptions(query(text)))).toBe(answer);
  });

  it('reads what must be as it is from the query', () => {
    const { preconditions } = parseDeleteOptions(query('resourceVersion=7&uid='));
    expect(preconditions).toEqual({ resourceVersion: '7' });
  });

  it('reads query and body alike', () => {
    const wanted = {
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u' },
      orphanDependents: undefined,
      propagationPolicy: 'Foreground',
      isDryRun: true,
    };
    expect(parseDeleteOptions(query('gracePeriodSeconds=0&uid=u&propagationPolicy=Foreground&dryRun=All'))).toEqual(
      wanted,
    );
    expect(
      deleteOptionsFromObject({
        gracePeriodSeconds: 0,
        preconditions: { uid: 'u' },
        propagationPolicy: 'Foreground',
        dryRun: ['All'],
      }),
    ).toEqual(wanted);
  });
});
