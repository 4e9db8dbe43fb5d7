import { seededRandom } from '@reckon/kernel';
import { memoryStorage } from '@reckon/store/storage/suites';
import { describe, expect, it } from 'vitest';
import { admissionChain } from './admission-chain';
import { AdmissionOptionsError, createAdmission } from './create-admission';
import type { AdmissionAttributes, AdmissionPlugin } from './plugin';

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

describe('the choice of plugins', () => {
  const create = async (enable: string[], disable: string[]) => {
    const { storage, clock } = await memoryStorage();
    return createAdmission({ storage, random: seededRandom(1), timers: clock, enable, disable });
  };

  it('is the default set in upstream’s order, more by enabling and less by disabling', async () => {
    const plugins = ['NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'TaintNodesByCondition', 'Priority'];
    const more = ['DefaultTolerationSeconds', 'StorageObjectInUseProtection', 'RuntimeClass'];
    expect((await create([], [])).plugins).toEqual([...plugins, ...more]);
    const chosen = await create(
      ['AlwaysPullImages', 'NodeRestriction', 'Priority'],
      ['ServiceAccount', 'ResourceQuota'],
    );
    expect(chosen.plugins).toEqual([
      ...plugins.map((name) => (name === 'ServiceAccount' ? 'NodeRestriction' : name)),
      ...more,
    ]);
    expect(chosen.notImplemented).toEqual(['AlwaysPullImages']);
  });

  it('names what is wrong with it', async () => {
    await expect(create(['Nonsense'], [])).rejects.toThrow('there is no admission plugin "Nonsense"');
    await expect(create(['Priority'], ['Priority'])).rejects.toThrow(AdmissionOptionsError);
  });
});
