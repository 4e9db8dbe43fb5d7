import { controllerTable } from '@reckon/control/controllers';
import { describe, expect, it } from 'vitest';
import {
  canonicalControllers,
  controllerAliases,
  idleControllers,
  isChosenBy,
  knownControllers,
} from './chosen-controllers';

describe('the controllers that were chosen', () => {
  const asked = ['ttl-controller', 'namespace-controller', 'bootstrap-signer-controller', 'token-cleaner-controller'];
  const chosen = (...names: string[]): string[] => asked.filter(isChosenBy(canonicalControllers(names)));

  it('are all that run by default, some, or all but some', () => {
    expect(chosen('*')).toEqual(['ttl-controller', 'namespace-controller']);
    expect(chosen('ttl-controller')).toEqual(['ttl-controller']);
    expect(chosen('*', '-ttl-controller')).toEqual(['namespace-controller']);
    expect(chosen('-ttl-controller')).toEqual([]);
    expect(chosen('*', '-job-controller')).toEqual(['ttl-controller', 'namespace-controller']);
    expect(chosen()).toEqual([]);
  });

  it('may be called what they were called before v1.28, as kubeadm does', () => {
    expect(chosen('*', 'bootstrapsigner', 'tokencleaner')).toEqual(asked);
    expect(chosen('ttl')).toEqual(['ttl-controller']);
    expect(chosen('*', '-ttl')).toEqual(['namespace-controller']);
    expect(canonicalControllers(['*', '-csrsigning', 'attachdetach', 'resource-claim-controller'])).toEqual([
      '*',
      '-certificatesigningrequest-signing-controller',
      'persistentvolume-attach-detach-controller',
      'resourceclaim-controller',
    ]);
  });

  it('go by what is said of them first', () => {
    expect(chosen('-ttl', '*', 'ttl-controller')).toEqual(['namespace-controller']);
    expect(chosen('ttl-controller', '-ttl')).toEqual(['ttl-controller']);
  });

  it.each([
    [['*', '-dance'], '--controllers: "dance" is not in the list of known controllers'],
    [['dance', 'ttl', 'sing'], '"dance" is not in the list of known controllers, "sing" is not in the list'],
    [['-*'], '"*" is not in the list of known controllers'],
    [['--ttl'], '"-ttl" is not in the list of known controllers'],
    [['-'], '"" is not in the list of known controllers'],
    [['TTL'], '"TTL" is not in the list of known controllers'],
  ])('%j is refused in the words of upstream', (names, message) => {
    expect(() => canonicalControllers(names)).toThrow(message);
  });

  it('may be some that have no work here; those that are asked for by name are told of once', () => {
    const names = canonicalControllers(['*', 'nodeipam', 'node-ipam-controller', '-route', 'ttl']);
    expect(idleControllers(names)).toEqual(['node-ipam-controller']);
  });
});

describe('the aliases of controllers', () => {
  it('stand for controllers that are known, and are the name of none', () => {
    for (const [alias, name] of controllerAliases) {
      expect(knownControllers).toContain(name);
      expect(knownControllers).not.toContain(alias);
    }
  });

  it('are there for every controller of this program but those that came after v1.28', () => {
    const aliased = new Set(controllerAliases.values());
    const without = controllerTable.map(({ name }) => name).filter((name) => !aliased.has(name));
    expect(without.sort()).toEqual([
      'service-cidr-controller',
      'taint-eviction-controller',
      'validatingadmissionpolicy-status-controller',
      'volumeattributesclass-protection-controller',
    ]);
  });
});
