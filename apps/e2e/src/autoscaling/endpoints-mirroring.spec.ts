import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Slices {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
    readonly endpoints: readonly { readonly addresses: readonly string[]; readonly conditions: object }[];
    readonly ports: readonly object[];
    readonly addressType: string;
  }[];
}

describe('EndpointSliceMirroring', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--nodes', '0'] });
    kubectl = new Kubectl(reckon.kubeconfig);
  });
  afterAll(() => reckon.dispose());

  const slices = async (): Promise<Slices['items']> =>
    (await kubectl.json<Slices>('get endpointslices -l kubernetes.io/service-name=custom')).items;
  const apply = (object: object): Promise<string> => kubectl.run('apply -f -', { stdin: JSON.stringify(object) });
  const endpoints = (...ips: string[]): object => ({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'custom', labels: { app: 'db' } },
    subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 80, name: 'example', protocol: 'TCP' }] }],
  });
  const show = (...ips: string[]): Promise<Slices['items']> =>
    eventually(async () => {
      const all = await slices();
      expect(all.flatMap((slice) => slice.endpoints.flatMap(({ addresses }) => addresses))).toEqual(ips);
      return all;
    });

  it('should mirror a custom Endpoints resource through create update and delete', async () => {
    await apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'custom' },
      spec: { ports: [{ name: 'example', port: 80, protocol: 'TCP' }] },
    });
    await apply(endpoints('10.1.2.3'));
    const [made] = await show('10.1.2.3');
    expect(made).toMatchObject({
      addressType: 'IPv4',
      ports: [{ name: 'example', port: 80, protocol: 'TCP' }],
      endpoints: [{ conditions: { ready: true } }],
      metadata: {
        labels: { app: 'db', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' },
      },
    });
    await apply(endpoints('10.2.3.4'));
    const [changed] = await show('10.2.3.4');
    expect(changed?.metadata.name).toBe(made?.metadata.name);
    await kubectl.run('delete endpoints custom');
    await show();
    expect(await slices()).toEqual([]);
  });

  it('leaves the Endpoints of the apiserver itself alone', async () => {
    const all = await kubectl.json<Slices>('get endpointslices -l kubernetes.io/service-name=kubernetes');
    expect(all.items.map(({ metadata }) => metadata.name)).toEqual(['kubernetes']);
  });
});
