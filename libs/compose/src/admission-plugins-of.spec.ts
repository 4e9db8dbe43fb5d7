import { orderedPlugins } from '@reckon/serve/admission';
import { describe, expect, it } from 'vitest';
import { admissionPluginsOf } from './admission-plugins-of';

const flags = (all: string[], enable: string[] = [], disable: string[] = []) => ({
  'admission-control': all,
  'enable-admission-plugins': enable,
  'disable-admission-plugins': disable,
});

describe('--admission-control', () => {
  it('names all plugins that are asked', () => {
    const { enableAdmissionPlugins, disableAdmissionPlugins } = admissionPluginsOf(
      flags(['NamespaceLifecycle', 'Priority']),
    );
    expect(enableAdmissionPlugins).toEqual(['NamespaceLifecycle', 'Priority']);
    expect([...enableAdmissionPlugins, ...disableAdmissionPlugins].sort()).toEqual(
      orderedPlugins.map(([name]) => name).sort(),
    );
  });

  it('leaves the choice to the others where it is not given, and excludes them where it is', () => {
    expect(admissionPluginsOf(flags([], ['AlwaysPullImages'], ['Priority']))).toEqual({
      enableAdmissionPlugins: ['AlwaysPullImages'],
      disableAdmissionPlugins: ['Priority'],
    });
    expect(() => admissionPluginsOf(flags(['Priority'], ['AlwaysPullImages']))).toThrow('mutually exclusive');
  });
});
