import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const noMetrics =
  'unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';

describe('autoscaling by kubectl', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--nodes', '1'] });
    kubectl = new Kubectl(reckon.kubeconfig);
    await kubectl.run('create deployment web --image=nginx --replicas=5');
    await kubectl.run('create deployment few --image=nginx --replicas=1');
    expect(await kubectl.run('autoscale deployment web --min=1 --max=3 --cpu=60%')).toBe(
      'horizontalpodautoscaler.autoscaling/web autoscaled\n',
    );
    await kubectl.run('autoscale deployment few --min=2 --max=4 --cpu=50%');
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' };
    const lost = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'none' },
      spec: { scaleTargetRef, maxReplicas: 4 },
    };
    await kubectl.run('apply -f -', { stdin: JSON.stringify(lost) });
  });
  afterAll(() => reckon.dispose());

  const replicas = (name: string): Promise<string> =>
    kubectl.run(`get deployment ${name} -o jsonpath={.spec.replicas}`);
  const condition = (name: string, type: string): Promise<string> =>
    kubectl.run(['get', 'hpa', name, '-o', `jsonpath={.status.conditions[?(@.type=="${type}")].message}`]);

  it('keeps a workload within its bounds, once in fifteen seconds', async () => {
    await eventually(
      async () => {
        expect([await replicas('web'), await replicas('few')]).toEqual(['3', '2']);
      },
      { withinMs: 40_000 },
    );
    expect(await kubectl.run('get events --field-selector involvedObject.name=web,reason=SuccessfulRescale')).toMatch(
      /New size: 3; reason: Current number of replicas above Spec.MaxReplicas/,
    );
  });

  it('says that nobody measures', async () => {
    await eventually(
      async () => {
        expect(await condition('web', 'ScalingActive')).toBe(
          `the HPA was unable to compute the replica count: failed to get cpu utilization: ${noMetrics}`,
        );
      },
      { withinMs: 40_000 },
    );
    expect(await kubectl.run('get hpa web')).toMatch(/web +Deployment\/web +cpu: <unknown>\/60% +1 +3 +3/);
    expect(await kubectl.run('describe hpa web')).toContain(
      'invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization',
    );
  });

  it('says that there is no such target', async () => {
    await eventually(
      async () => {
        expect(await condition('none', 'AbleToScale')).toContain('deployments.apps "none" not found');
      },
      { withinMs: 40_000 },
    );
  });

  it('does it with the rights of its own account', async () => {
    const [entry] = JSON.parse(
      await kubectl.run('get hpa web -o json --show-managed-fields'),
    ).metadata.managedFields.filter(({ subresource }: { subresource?: string }) => subresource === 'status') as {
      manager: string;
    }[];
    expect(entry?.manager).toBe('kube-controller-manager');
  });
});
