import type { apiextensionsv1 } from '@reckon/api/types';
import type { Change, Storage } from '@reckon/store/contract';
import { describe, expect, it } from 'vitest';
import { storageHolding, testNowMs } from '../../testing/run-strategy';
import { settleNames } from './accepted-names';

type Definition = apiextensionsv1.CustomResourceDefinition;
type Names = apiextensionsv1.CustomResourceDefinitionNames;

const definition = (names: Names, acceptedNames: Names = { plural: '', kind: '' }): Definition =>
  ({
    metadata: { name: `${names.plural}.example.com` },
    spec: { group: 'example.com', names, scope: 'Cluster', versions: [] },
    status: { conditions: null, acceptedNames, storedVersions: ['v1'] },
  }) as unknown as Definition;

const holding = (...definitions: Definition[]): Storage => storageHolding('customresourcedefinitions', definitions);
const settle = (of: Definition | undefined, old: Definition | undefined, ...others: Definition[]): readonly Change[] =>
  settleNames(holding(...others), of, old, testNowMs);

const widgets: Names = {
  plural: 'widgets',
  singular: 'widget',
  shortNames: ['w'],
  kind: 'Widget',
  listKind: 'WidgetList',
};
const now = '2026-01-01T00:00:00Z';

describe('the names of a definition', () => {
  it('are accepted when nobody has them', () => {
    const created = definition(widgets);
    expect(settle(created, undefined)).toEqual([]);
    expect(JSON.stringify(created.status)).toBe(
      JSON.stringify({
        conditions: [
          {
            type: 'NamesAccepted',
            status: 'True',
            lastTransitionTime: now,
            reason: 'NoConflicts',
            message: 'no conflicts found',
          },
        ],
        acceptedNames: widgets,
        storedVersions: ['v1'],
      }),
    );
  });

  it.each<[Partial<Names>, string, string, Record<string, string | undefined>]>([
    [{ singular: 'widget' }, 'SingularConflict', '"widget" is already in use', { singular: undefined }],
    [{ singular: 'w' }, 'SingularConflict', '"w" is already in use', { singular: undefined }],
    [{ shortNames: ['w', 'g'] }, 'ShortNamesConflict', '"w" is already in use', { shortNames: undefined }],
    [{ kind: 'WidgetList' }, 'KindConflict', '"WidgetList" is already in use', { kind: '' }],
    [
      { kind: 'Widget', listKind: 'WidgetList' },
      'ListKindConflict',
      '"WidgetList" is already in use',
      { listKind: undefined },
    ],
  ])('with %j taken are refused', (wanted, reason, message, got) => {
    const created = definition({ plural: 'gadgets', kind: 'Gadget', ...wanted });
    settle(created, undefined, definition(widgets, widgets));
    expect(created.status?.conditions).toEqual([
      { type: 'NamesAccepted', status: 'False', lastTransitionTime: now, reason, message },
    ]);
    for (const [field, name] of Object.entries(got)) expect(created.status?.acceptedNames[field as 'kind']).toBe(name);
  });

  it('of another group are its own', () => {
    const other = definition(widgets, widgets);
    other.spec.group = 'example.org';
    other.metadata.name = 'widgets.example.org';
    const created = definition(widgets);
    settle(created, undefined, other);
    expect(created.status?.acceptedNames).toEqual(widgets);
  });

  it('go to who waits for them when they are set free, in the same step', () => {
    const waiting = definition({ plural: 'gadgets', kind: 'Widget' }, { plural: 'gadgets', kind: '' });
    const gone = definition(widgets, widgets);
    const [change, ...more] = settle(undefined, gone, waiting);
    expect(more).toEqual([]);
    expect(change).toMatchObject({
      key: { name: 'gadgets.example.com' },
      verb: 'update',
      object: {
        status: { acceptedNames: { kind: 'Widget' }, conditions: [{ type: 'NamesAccepted', status: 'True' }] },
      },
    });
  });

  it('are not written again when nothing changes', () => {
    const taken = definition(widgets, widgets);
    const waiting = definition({ plural: 'gadgets', kind: 'Widget' });
    settle(waiting, undefined, taken);
    const before = structuredClone(waiting);
    settle(waiting, before, taken);
    expect(waiting).toEqual(before);
    expect(
      settle(undefined, definition({ plural: 'x', kind: 'X' }, { plural: 'x', kind: 'X' }), taken, waiting),
    ).toEqual([]);
  });
});
