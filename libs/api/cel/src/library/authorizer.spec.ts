import { describe, expect, it } from 'vitest';
import { compileCel } from '../evaluate/compile-cel';
import { admissionEnvironment } from '../scope/admission-environment';
import { type CelAuthorizationCheck, celAuthorizer, type CelDecision, CelPending } from './authorizer';

const environment = admissionEnvironment({ hasParams: false, hasAuthorizer: true });
const requestResource = { group: 'apps', resource: 'deployments', subresource: '', namespace: 'n', name: 'x' };

function asked(expression: string, decision: CelDecision = { allowed: true, reason: 'because' }) {
  const checks: CelAuthorizationCheck[] = [];
  const authorizer = celAuthorizer({
    authorize: (check) => {
      checks.push(check);
      return decision;
    },
    requestResource,
  });
  const { program, problem } = compileCel(expression, environment);
  return { checks, result: program?.evaluate({ authorizer }), problem };
}

describe('the authorizer', () => {
  it.each<[string, CelAuthorizationCheck]>([
    ["authorizer.path('/healthz').check('get').allowed()", { verb: 'get', path: '/healthz' }],
    [
      "authorizer.group('').resource('pods').subresource('log').namespace('a').name('b').check('get').allowed()",
      { verb: 'get', resource: { group: '', resource: 'pods', subresource: 'log', namespace: 'a', name: 'b' } },
    ],
    [
      "authorizer.group('').resource('pods').fieldSelector('a=b').labelSelector('c').check('list').allowed()",
      {
        verb: 'list',
        resource: {
          group: '',
          resource: 'pods',
          subresource: '',
          namespace: '',
          name: '',
          fieldSelector: 'a=b',
          labelSelector: 'c',
        },
      },
    ],
    ["authorizer.requestResource.check('custom').allowed()", { verb: 'custom', resource: requestResource }],
    [
      "authorizer.serviceAccount('ns', 'sa').path('/x').check('get').allowed()",
      { verb: 'get', path: '/x', serviceAccount: { namespace: 'ns', name: 'sa' } },
    ],
  ])('%s', (expression, check) => {
    const { checks, result } = asked(expression);
    expect(result).toMatchObject({ value: true });
    expect(checks).toEqual([check]);
  });

  it.each([
    ["authorizer.path(' ').check('get').allowed()", 'path must not be empty'],
    ["authorizer.group('').resource('').check('get').allowed()", 'resource must not be empty'],
    ["authorizer.serviceAccount('ns', 'A').path('/x').check('get').allowed()", 'Invalid service account name'],
    ["authorizer.serviceAccount('a.b', 'a').path('/x').check('get').allowed()", 'Invalid service account namespace'],
  ])('%s is no check', (expression, error) => {
    const { checks, result } = asked(expression);
    expect(result).toMatchObject({ error });
    expect(checks).toEqual([]);
  });

  it('tells why, and what went wrong', () => {
    const no: CelDecision = { allowed: false, reason: 'no rule', error: 'broken' };
    for (const [expression, value] of [
      ["authorizer.path('/').check('get').allowed()", false],
      ["authorizer.path('/').check('get').reason()", 'no rule'],
      ["authorizer.path('/').check('get').errored()", true],
      ["authorizer.path('/').check('get').error()", 'broken'],
    ] as const)
      expect(asked(expression, no).result).toMatchObject({ value });
    expect(asked("authorizer.path('/').check('get').error()").result).toMatchObject({ value: '' });
  });

  it('may be asked twice by one expression', () => {
    const check = (path: string): string => `authorizer.path('${path}').check('get').allowed()`;
    expect(asked(`${check('/a')} && ${check('/b')}`).result).toMatchObject({ value: true });
    expect(asked([check('/a'), check('/b'), check('/c')].join(' && ')).result).toMatchObject({ isOverCost: true });
  });

  it('is waited for, and asked everything once', async () => {
    const paths: string[] = [];
    const authorizer = celAuthorizer({
      authorize: async ({ path = '' }) => {
        paths.push(path);
        await Promise.resolve();
        return { allowed: path === '/a', reason: '' };
      },
    });
    const expression = "authorizer.path('/a').check('get').allowed() && !authorizer.path('/b').check('get').allowed()";
    const { program } = compileCel(expression, environment);
    expect(() => program?.evaluate({ authorizer })).toThrow(CelPending);
    await expect(program?.evaluateAsync({ authorizer })).resolves.toMatchObject({ value: true });
    await expect(program?.evaluateAsync({ authorizer })).resolves.toMatchObject({ value: true });
    // The first was asked by `evaluate` too, whose answer came too late for it.
    expect(paths.filter((path) => path === '/b')).toEqual(['/b']);
  });

  it('fails as the one behind it does', async () => {
    const authorizer = celAuthorizer({ authorize: () => Promise.reject(new Error('down')) });
    const { program } = compileCel("authorizer.path('/a').check('get').allowed()", environment);
    await expect(program?.evaluateAsync({ authorizer })).rejects.toThrow('down');
  });

  it('is nothing that JSON could be', () => {
    expect(asked('authorizer == 1').problem).toContain('no matching overload');
    const { program } = compileCel("authorizer.path('/a').check('get').allowed()", environment);
    expect(
      program?.evaluate({ authorizer: { kind: 'opaque', typeName: 'kubernetes.authorization.Authorizer' } }),
    ).toMatchObject({ error: 'no such overload: path(map, string)' });
  });
});
