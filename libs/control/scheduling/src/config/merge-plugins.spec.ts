import { describe, expect, it } from 'vitest';
import { mergePlugins } from './merge-plugins';
import { type ExtensionPoint, type PluginSets, extensionPoints } from './scheduler-configuration';

const names = (point: ExtensionPoint, sets?: PluginSets): string[] => mergePlugins(sets)[point].map(({ name }) => name);
const weights = (sets?: PluginSets): string[] =>
  mergePlugins(sets).score.map(({ name, weight = 1 }) => `${name} ${String(weight)}`);

const filters = [
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeRestrictions',
  'NodeVolumeLimits',
  'VolumeBinding',
  'VolumeZone',
  'PodTopologySpread',
  'InterPodAffinity',
  'DynamicResources',
  'NodeDeclaredFeatures',
];

describe('the plugins of a profile', () => {
  it('are upstream’s, in its order and with its weights, where nothing is said', () => {
    expect(names('filter')).toEqual(filters);
    expect(names('queueSort')).toEqual(['PrioritySort']);
    expect(names('bind')).toEqual(['DefaultBinder']);
    expect(weights()).toEqual([
      'TaintToleration 3',
      'NodeAffinity 2',
      'NodeResourcesFit 1',
      'VolumeBinding 1',
      'PodTopologySpread 2',
      'InterPodAffinity 2',
      'DynamicResources 2',
      'NodeResourcesBalancedAllocation 1',
      'ImageLocality 1',
    ]);
  });

  it('are less by disabling, at one point or everywhere', () => {
    const sets: PluginSets = {
      multiPoint: { disabled: ['NodePorts'] },
      score: { disabled: ['TaintToleration', 'NodeAffinity', 'VolumeBinding', 'DynamicResources', 'ImageLocality'] },
      preScore: { disabled: ['*'] },
    };
    expect(names('filter', sets)).toEqual(filters.filter((name) => name !== 'NodePorts'));
    expect(names('preFilter', sets)).not.toContain('NodePorts');
    expect(names('preScore', sets)).toEqual([]);
    expect(weights(sets)).toEqual([
      'NodeResourcesFit 1',
      'PodTopologySpread 2',
      'InterPodAffinity 2',
      'NodeResourcesBalancedAllocation 1',
    ]);
  });

  it('come first at a point that names them, with the weights that it gives them', () => {
    const score = { enabled: [{ name: 'ImageLocality', weight: 9 }, { name: 'NodeAffinity' }] };
    expect(weights({ score }).slice(0, 3)).toEqual(['ImageLocality 9', 'NodeAffinity 1', 'TaintToleration 3']);
    expect(weights({ score: { ...score, disabled: ['*'] } })).toEqual(['ImageLocality 9', 'NodeAffinity 1']);
    // Those that are not everywhere come last.
    const without = { multiPoint: { disabled: ['ImageLocality'] } };
    expect(weights({ ...without, score }).at(0)).toBe('NodeAffinity 1');
    expect(weights({ ...without, score }).at(-1)).toBe('ImageLocality 9');
  });

  it('keep their place when they are enabled again everywhere, with a weight that may be new', () => {
    const multiPoint = { enabled: [{ name: 'NodeAffinity', weight: 7 }, { name: 'TaintToleration' }] };
    expect(weights({ multiPoint }).slice(0, 3)).toEqual(['TaintToleration 1', 'NodeAffinity 7', 'NodeResourcesFit 1']);
    const few = { disabled: ['*'], enabled: ['DefaultBinder', 'PrioritySort', 'NodeName'].map((name) => ({ name })) };
    const merged = mergePlugins({ multiPoint: few });
    expect(extensionPoints.flatMap((point) => merged[point].map(({ name }) => `${point} ${name}`))).toEqual([
      'queueSort PrioritySort',
      'filter NodeName',
      'bind DefaultBinder',
    ]);
  });

  it.each<[PluginSets, string]>([
    [{ multiPoint: { enabled: [{ name: 'toString' }] } }, 'plugin "toString" does not exist'],
    [{ filter: { enabled: [{ name: 'Mine' }] } }, 'plugin "Mine" does not exist'],
    [{ filter: { enabled: [{ name: 'PrioritySort' }] } }, 'plugin "PrioritySort" takes no part in filter'],
    [{ filter: { enabled: [{ name: 'NodeName' }, { name: 'NodeName' }] } }, 'plugin "NodeName" is enabled twice'],
    [{ multiPoint: { disabled: ['PrioritySort'] } }, 'no queue sort plugin is enabled'],
    [{ bind: { disabled: ['*'] } }, 'no bind plugin is enabled'],
  ])('%j cannot be', (sets, message) => {
    expect(() => mergePlugins(sets)).toThrow(message);
  });
});
