import { createKindRegistry } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import { memoryStorage } from '@reckon/store/storage/suites';
import { describe, expect, it } from 'vitest';
import type { AdmissionAttributes, Operation } from '../plugin';
import { hookIndex } from './hook-index';
import { matchRules, type Rule } from './rule-matching';

const resource = { group: 'x', resource: 'hooks' };

async function fixture() {
  const memory = await memoryStorage();
  const kinds = createKindRegistry();
  let matched = 0;
  let read = 0;
  const index = hookIndex<{ name: string; rules: Rule[] }>({
    storage: memory.storage,
    resource,
    kinds,
    hooksOf: (object: KubeObject) => {
      read++;
      return [{ name: object.metadata.name ?? '', rules: object['rules'] as Rule[] }];
    },
    match: ({ rules }, request) => {
      matched++;
      return matchRules(rules, true, request, kinds);
    },
    isExempt: (row) => row.resource === 'secrets',
  });
  const names = (operation: Operation, of: string, subresource = ''): string[] => {
    const row = kinds.resource('', 'v1', of);
    return index.candidates({ operation, row, subresource } as AdmissionAttributes).map(({ hook }) => hook.name);
  };
  const hook = (name: string, resources: string[], operations = ['*']): Promise<void> =>
    memory.put(resource, {
      metadata: { name },
      rules: [{ operations, apiGroups: ['*'], apiVersions: ['*'], resources }],
    });
  return { ...memory, kinds, index, names, hook, work: () => ({ matched, read }) };
}

describe('the index of hooks', () => {
  it('follows the stored configurations, in order of their names', async () => {
    const { names, hook, remove, index } = await fixture();
    expect(names('CREATE', 'pods')).toEqual([]);
    await hook('b', ['pods']);
    await hook('a', ['*'], ['CREATE']);
    expect(names('CREATE', 'pods')).toEqual(['a', 'b']);
    expect(names('UPDATE', 'pods')).toEqual(['b']);
    expect(names('CREATE', 'secrets')).toEqual([]);
    await hook('b', ['pods/status']);
    expect(names('CREATE', 'pods')).toEqual(['a']);
    expect(names('UPDATE', 'pods', 'status')).toEqual(['b']);
    await remove({ ...resource, namespace: '', name: 'a' });
    expect(names('CREATE', 'pods')).toEqual([]);
    index.stop();
    await hook('c', ['pods']);
    expect(names('CREATE', 'pods')).toEqual([]);
  });

  it('looks at rules once for each resource and operation, until a configuration or a kind changes', async () => {
    const { names, hook, kinds, work } = await fixture();
    await hook('a', ['nodes']);
    for (let i = 0; i < 100; i++) names('CREATE', 'pods');
    expect(work()).toEqual({ matched: 1, read: 1 });
    for (let i = 0; i < 100; i++) names('UPDATE', 'pods');
    expect(work()).toEqual({ matched: 2, read: 1 });
    await hook('b', ['nodes']);
    names('CREATE', 'pods');
    expect(work()).toEqual({ matched: 4, read: 2 });
    kinds.remove('', 'v1', 'bindings');
    names('CREATE', 'pods');
    names('CREATE', 'pods');
    expect(work()).toEqual({ matched: 6, read: 2 });
  });
});
