import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let reckon: ReckonProcess;
let kubectl: Kubectl;
beforeAll(async () => {
  reckon = await startReckon({ flags: ['--nodes', '0'] });
  kubectl = new Kubectl(reckon.kubeconfig);
});
afterAll(() => reckon.dispose());

interface Status {
  readonly observedGeneration?: number;
  readonly typeChecking?: {
    readonly expressionWarnings?: readonly { readonly fieldRef: string; readonly warning: string }[];
  };
}

/** What is said of a policy about Deployments and ReplicaSets once its present form has been looked at. */
async function checked(name: string, spec: object): Promise<Status['typeChecking']> {
  const rule = {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    operations: ['CREATE'],
    resources: ['deployments', 'replicasets'],
  };
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [rule] }, ...spec },
  };
  await kubectl.run('apply -f -', { stdin: JSON.stringify(policy) });
  return eventually(async () => {
    const text = await kubectl.run(['get', 'validatingadmissionpolicy', name, '-o', 'json']);
    const { metadata, status = {} } = JSON.parse(text) as { metadata: { generation: number }; status?: Status };
    expect(status.observedGeneration).toBe(metadata.generation);
    return status.typeChecking;
  });
}

describe('expressions of a policy', () => {
  it('are held against the schemas of the kinds that it is about', async () => {
    const said = (kind: string): string =>
      `apps/v1, Kind=${kind}: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n`;
    expect(await checked('wrong', { validations: [{ expression: 'object.replicas > 1' }] })).toEqual({
      expressionWarnings: [
        { fieldRef: 'spec.validations[0].expression', warning: `${said('Deployment')}\n${said('ReplicaSet')}` },
      ],
    });
    // The warning goes with what it warned of, and what held only that goes with it.
    expect(await checked('wrong', { validations: [{ expression: 'object.spec.replicas > 1' }] })).toBeUndefined();
  });

  it('fit where they use what is there', async () => {
    const variables = [{ name: 'containers', expression: 'object.spec.template.spec.containers' }];
    const validations = [
      {
        expression:
          "variables.containers.all(c, c.image.contains('@') || (has(c.securityContext) && c.securityContext.runAsNonRoot))",
        messageExpression: "'replicas: ' + string(object.spec.replicas) + ' of ' + object.metadata.name",
      },
      { expression: "object.metadata.labels['app'] == params.data['app'] && request.operation == 'CREATE'" },
      { expression: "authorizer.group('').resource('pods').namespace('x').check('get').allowed()" },
      { expression: 'object.metadata.creationTimestamp > timestamp("2020-01-01T00:00:00Z")' },
    ];
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    expect(await checked('right', { variables, validations, paramKind })).toEqual({});
    expect(await checked('params', { validations: [{ expression: "params.max == ''" }], paramKind })).toMatchObject({
      expressionWarnings: [{ warning: expect.stringContaining("undefined field 'max'") as string }],
    });
  });
});
