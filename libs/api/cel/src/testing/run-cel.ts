import type { CelEnvironment } from '../check/cel-environment';
import { type CelVariables, compileCel } from '../evaluate/compile-cel';
import { admissionEnvironment } from '../scope/admission-environment';
import { celJson } from '../value/cel-json';

const object = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'thing', namespace: 'here', labels: { app: 'a', 'x.y/z': 'b' }, generation: 3 },
  spec: {
    replicas: 3,
    ratio: 1.5,
    huge: 9007199254740993n,
    on: true,
    nothing: null,
    names: ['a', 'b', 'c'],
    mixed: [1, 'a', 2.5, null, { k: 1 }],
    ports: [
      { name: 'http', port: 80 },
      { name: 'https', port: 443 },
    ],
    memory: '1Gi',
    kind: 'Pod',
  },
};

export const testVariables: CelVariables = {
  object,
  oldObject: null,
  params: { most: 2 },
  request: {
    operation: 'CREATE',
    userInfo: { username: 'u', groups: ['g1', 'g2'], extra: { k: ['v'] } },
    dryRun: false,
  },
  namespaceObject: { metadata: { name: 'here', uid: 'abc', creationTimestamp: '2026-01-01T00:00:00Z' } },
};

const admission = admissionEnvironment({
  hasParams: true,
  hasAuthorizer: true,
  hasPatchTypes: true,
  variables: new Map(),
});

/** What an expression comes to, as JSON; or why it comes to nothing. */
export function runCel(
  expression: string,
  variables: CelVariables = testVariables,
  environment: CelEnvironment = admission,
): unknown {
  const compiled = compileCel(expression, environment);
  if (compiled.problem !== undefined) return { problem: compiled.problem };
  const { error, value } = compiled.program.evaluate(variables);
  return error === undefined ? celJson(value) : { error };
}
