import { createKindRegistry } from '@reckon/api/kinds';
import { MetricsRegistry, fakeClock, seededRandom } from '@reckon/kernel';
import { memoryStorage } from '@reckon/store/storage/suites';
import { describe, expect, it } from 'vitest';
import { admissionChain } from './admission-chain';
import { admissionMetricsIn } from './admission-metrics';
import { AdmissionOptionsError, createAdmission } from './create-admission';
import type { AdmissionAttributes, AdmissionPlugin } from './plugin';
import { orderedPlugins } from './plugin-names';

const attributes = { operation: 'CREATE' } as AdmissionAttributes;

describe('the admission chain', () => {
  const log: string[] = [];
  const plugin = (name: string, parts: Partial<AdmissionPlugin> = {}): AdmissionPlugin => ({
    name,
    handles: (operation) => operation === 'CREATE',
    admit: () => {
      log.push(`admit ${name}`);
    },
    validate: () => {
      log.push(`validate ${name}`);
    },
    ...parts,
  });

  it('runs plugins in order, and waits only for those that must wait', async () => {
    const slow = async (): Promise<void> => {
      await Promise.resolve();
      log.push('admit slow');
    };
    const deleting = plugin('deleting', { handles: (operation) => operation === 'DELETE' });
    const chain = admissionChain([plugin('a'), deleting, plugin('slow', { admit: slow }), plugin('b')]);
    await chain.admit(attributes);
    expect(chain.validate(attributes)).toBeUndefined();
    expect(log).toEqual(['admit a', 'admit slow', 'admit b', 'validate a', 'validate slow', 'validate b']);
    expect(admissionChain([plugin('a')]).admit(attributes)).toBeUndefined();
  });
});

describe('the metrics of admission', () => {
  it('tell how long each plugin and each step took, and whether the request was refused', async () => {
    const clock = fakeClock();
    const registry = new MetricsRegistry();
    const taking = (ms: number): NonNullable<AdmissionPlugin['admit']> => {
      return () => {
        clock.jump(ms);
      };
    };
    const all = { handles: () => true };
    const plugins: AdmissionPlugin[] = [
      { ...all, name: 'quick', admit: taking(10), validate: taking(1) },
      {
        ...all,
        name: 'slow',
        admit: async () => {
          await Promise.resolve();
          clock.jump(200);
        },
      },
      {
        ...all,
        name: 'strict',
        validate: ({ operation }) => {
          clock.jump(30);
          if (operation === 'CREATE') throw new Error('no');
        },
      },
      { ...all, name: 'last', admit: taking(5), validate: taking(5) },
    ];
    const chain = admissionChain(plugins, admissionMetricsIn(registry, clock));
    await chain.admit(attributes);
    expect(() => chain.validate(attributes)).toThrow('no');
    void chain.validate({ ...attributes, operation: 'DELETE' });
    const sums = registry.render().match(/^apiserver_admission.*_sum.*$/gm);
    expect(
      sums?.map((line) => line.replace('apiserver_admission_', '').replace('_admission_duration_seconds_sum', '')),
    ).toEqual([
      'controller{name="quick",type="admit",operation="CREATE",rejected="false"} 0.01',
      'controller{name="slow",type="admit",operation="CREATE",rejected="false"} 0.2',
      'controller{name="last",type="admit",operation="CREATE",rejected="false"} 0.005',
      'controller{name="quick",type="validate",operation="CREATE",rejected="false"} 0.001',
      'controller{name="strict",type="validate",operation="CREATE",rejected="true"} 0.03',
      'controller{name="quick",type="validate",operation="DELETE",rejected="false"} 0.001',
      'controller{name="strict",type="validate",operation="DELETE",rejected="false"} 0.03',
      'controller{name="last",type="validate",operation="DELETE",rejected="false"} 0.005',
      'step{type="admit",operation="CREATE",rejected="false"} 0.215',
      'step{type="validate",operation="CREATE",rejected="true"} 0.031',
      'step{type="validate",operation="DELETE",rejected="false"} 0.036',
    ]);
  });

  it('count a refusal that somebody had to wait for', async () => {
    const registry = new MetricsRegistry();
    const refusing: AdmissionPlugin = {
      name: 'late',
      handles: () => true,
      admit: () => Promise.reject(new Error('no')),
    };
    const chain = admissionChain([refusing], admissionMetricsIn(registry, fakeClock()));
    await expect(chain.admit(attributes)).rejects.toThrow('no');
    const counts = registry.render().match(/^apiserver_admission.*_count.*$/gm);
    expect(counts).toHaveLength(2);
    for (const line of counts ?? []) expect(line).toMatch(/rejected="true"\} 1$/);
  });
});

describe('the choice of plugins', () => {
  const create = async (enable: string[], disable: string[]) => {
    const { storage, clock } = await memoryStorage();
    return createAdmission({ storage, random: seededRandom(1), timers: clock, enable, disable });
  };

  it('is the default set in upstream’s order, more by enabling and less by disabling', async () => {
    const plugins = ['NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'TaintNodesByCondition', 'PodSecurity'];
    const more = ['Priority', 'DefaultTolerationSeconds', 'DefaultStorageClass', 'StorageObjectInUseProtection'];
    more.push('PersistentVolumeClaimResize', 'RuntimeClass', 'CertificateSubjectRestriction', 'DefaultIngressClass');
    more.push('PodTopologyLabels', 'NodeDeclaredFeatureValidator', 'PodResizeValidator', 'ResourceQuota');
    expect((await create([], [])).plugins).toEqual([...plugins, ...more]);
    const chosen = await create(['NamespaceAutoProvision', 'NodeRestriction', 'Priority'], ['ServiceAccount']);
    expect(chosen.plugins).toEqual([
      ...plugins.map((name) => (name === 'ServiceAccount' ? 'NodeRestriction' : name)),
      ...more,
    ]);
    // It needs somebody who makes namespaces.
    expect(chosen.notImplemented).toEqual(['NamespaceAutoProvision']);
  });

  it('can be any', async () => {
    const { storage, clock } = await memoryStorage();
    const content = {
      kind: 'Configuration',
      apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
      limits: [{ type: 'Server', qps: 1, burst: 1 }],
    };
    const all = {
      storage,
      random: seededRandom(1),
      timers: clock,
      kinds: createKindRegistry(),
      createNamespace: () => Promise.resolve(),
      authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
      configurations: {
        EventRateLimit: { content, file: 'events.yaml' },
        ImagePolicyWebhook: { content: { imagePolicy: { kubeConfigFile: 'x' } }, file: 'images.yaml' },
      },
      imagePolicy: {
        client: { url: 'https://images/', timeoutMs: 1000, post: () => Promise.resolve(''), close: () => undefined },
        clock,
      },
    };
    const here = createAdmission({
      ...all,
      enable: orderedPlugins.flatMap(([name, mode]) => (mode === 'off' ? name : [])),
    });
    const callingOut = orderedPlugins
      .map(([name]) => name)
      .filter((name) => /ing(Admission)?(Webhook|Policy)$/.test(name));
    const names = orderedPlugins
      .filter(([, mode]) => mode !== 'gated')
      .map(([name]) => name)
      .filter((name) => !callingOut.includes(name));
    // With an authorizer it is always there, after all others.
    const always = 'ClaimStatusRights';
    expect(here.plugins).toEqual([...names, always]);
    for (const name of names) {
      const without = createAdmission({ ...all, enable: names.filter((n) => n !== name), disable: [name] });
      expect(without.plugins).toEqual([...names.filter((n) => n !== name), always]);
      const off = orderedPlugins.flatMap(([n]) => (n === name ? [] : n));
      expect(createAdmission({ ...all, enable: [name], disable: off }).plugins).toEqual([name, always]);
    }
  });

  it('takes the names of plugins that do nothing while features are off', async () => {
    const gated = ['JobValidation', 'PodGroupWorkloadExists', 'PodGroupProtection'];
    const [enabled, disabled] = [await create(gated, []), await create([], gated)];
    expect(enabled.plugins).toEqual(disabled.plugins);
    expect(enabled.notImplemented).toEqual([]);
  });

  it('names what is wrong with it', async () => {
    await expect(create(['Nonsense'], [])).rejects.toThrow('there is no admission plugin "Nonsense"');
    await expect(create(['Priority'], ['Priority'])).rejects.toThrow(AdmissionOptionsError);
  });
});
