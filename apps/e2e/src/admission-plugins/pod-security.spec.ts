import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const latest = 'restricted:latest';
const wanting =
  'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
  'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
  'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), ' +
  'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

describe('Pod Security as kubectl shows it', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  let made = 0;

  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--nodes', '0'] });
    kubectl = new Kubectl(reckon.kubeconfig);
  });
  afterAll(() => reckon.dispose());

  async function namespace(...labels: string[]): Promise<string> {
    const name = `psa-${String(++made)}`;
    await kubectl.run(`create namespace ${name}`);
    await eventually(() => kubectl.run(`get serviceaccount default -n ${name}`));
    if (labels.length > 0) await label(name, ...labels);
    return name;
  }
  const attempt = (command: string) => kubectl.try(command.split(' '));
  const label = (name: string, ...labels: string[]) =>
    kubectl.try(['label', '--overwrite', 'namespace', name, ...labels.map((l) => `pod-security.kubernetes.io/${l}`)]);

  it('refuses a pod that the namespace’s level forbids, word for word', async () => {
    const name = await namespace('enforce=restricted');
    const { code, stderr } = await attempt(`run a --image=i -n ${name}`);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Error from server (Forbidden): pods "a" is forbidden: violates PodSecurity "${latest}": ${wanting}\n`,
    );
    const overrides = {
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'a',
            image: 'i',
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    };
    await kubectl.run(['run', 'a', '--image=i', '-n', name, '--overrides', JSON.stringify(overrides)]);
  });

  it('warns of what it lets in', async () => {
    const name = await namespace('enforce=baseline', 'warn=restricted', 'warn-version=v1.25');
    const { code, stderr } = await attempt(`run a --image=i -n ${name}`);
    expect(code).toBe(0);
    expect(stderr).toBe(`Warning: would violate PodSecurity "restricted:v1.25": ${wanting}\n`);
    const refused = await attempt(`run b --image=i -n ${name} --privileged`);
    expect(refused.stderr).toBe(
      'Error from server (Forbidden): pods "b" is forbidden: violates PodSecurity "baseline:latest": privileged (container "b" must not set securityContext.privileged=true)\n',
    );
  });

  it('warns of a Deployment whose pods it refuses, and the ReplicaSet says so', async () => {
    const name = await namespace('enforce=restricted');
    const { code, stderr } = await attempt(`create deployment a --image=i -n ${name}`);
    expect(code).toBe(0);
    expect(stderr).toBe(`Warning: would violate PodSecurity "${latest}": ${wanting.replaceAll('"a"', '"i"')}\n`);
    await eventually(async () => {
      expect(await kubectl.run(`get events -n ${name}`)).toMatch(
        /FailedCreate .*is forbidden: violates PodSecurity "restricted:latest"/,
      );
    });
  });

  it('tells of the pods that are there when a namespace becomes stricter', async () => {
    const name = await namespace();
    await kubectl.run(`run a --image=i -n ${name} --privileged`);
    const { code, stdout, stderr } = await label(name, 'enforce=baseline');
    expect([code, stdout]).toEqual([0, `namespace/${name} labeled\n`]);
    expect(stderr).toBe(
      `Warning: existing pods in namespace "${name}" violate the new PodSecurity enforce level "baseline:latest"\nWarning: a: privileged\n`,
    );
  });

  it('refuses a level that there is not', async () => {
    const { stderr } = await label(await namespace(), 'enforce=strict');
    expect(stderr).toMatch(
      /is invalid: metadata.labels\[pod-security.kubernetes.io\/enforce\]: Invalid value: "strict": must be one of privileged, baseline, restricted\n$/,
    );
  });
});
