import { beforeAll, describe, expect, it } from 'vitest';
import { fetchClients } from '../clients.mjs';
import { readStructs, type Structs } from './facts';
import { printGoType } from './go-type';

/** The programs are published for one platform; the generator runs there. */
const isPublishedFor = process.platform === 'linux' && process.arch === 'x64';

describe.runIf(isPublishedFor)('the types that kubectl and helm keep for reflection', () => {
  let structs: Structs;
  beforeAll(async () => {
    const { kubectl, helm } = await fetchClients();
    structs = readStructs([kubectl, helm]);
  }, 120_000);

  const field = (struct: string, json: string) => {
    const found = structs.get(struct)?.find((f) => f.json === json);
    return found === undefined ? undefined : { ...found, type: printGoType(found.type) };
  };

  it('have the fields of a struct in their order, with what their tags say', () => {
    expect(
      structs
        .get('core/v1.Container')
        ?.slice(0, 3)
        .map(({ json }) => json),
    ).toEqual(['name', 'image', 'command']);
    expect(field('core/v1.Container', 'ports')).toEqual({
      go: 'Ports',
      json: 'ports',
      type: '[]core/v1.ContainerPort',
      omitempty: true,
      omitzero: false,
      inline: false,
      number: 6,
      patchStrategy: 'merge',
      patchMergeKey: 'containerPort',
    });
  });

  it.each([
    ['core/v1.PodSpec', 'terminationGracePeriodSeconds', '*int64'],
    ['core/v1.ConfigMap', 'binaryData', 'map[string][]byte'],
    ['core/v1.ResourceRequirements', 'limits', 'core/v1.ResourceList'],
    ['node/v1.Overhead', 'podFixed', 'core/v1.ResourceList'],
    ['core/v1.ServicePort', 'targetPort', 'intstr.IntOrString'],
    ['authentication/v1.UserInfo', 'extra', 'map[string]authentication/v1.ExtraValue'],
    ['apiextensions/v1.CustomResourceDefinitionSpec', 'names', 'apiextensions/v1.CustomResourceDefinitionNames'],
    ['apiregistration/v1.APIServiceSpec', 'caBundle', '[]byte'],
  ])('%s.%s is a %s', (struct, json, type) => {
    expect(field(struct, json)?.type).toBe(type);
  });

  it('say what an inlined struct and a named type are', () => {
    expect(structs.get('core/v1.Pod')?.[0]).toMatchObject({ go: 'TypeMeta', json: '', inline: true });
    const policy = structs.get('core/v1.PodSpec')?.find((f) => f.json === 'restartPolicy');
    expect(policy?.type).toEqual({
      form: 'named',
      name: 'core/v1.RestartPolicy',
      under: { form: 'basic', name: 'string' },
    });
  });

  it('are of versions 1 and 2 only', () => {
    expect([...structs.keys()].filter((name) => !/^\w+\/v[12]\.\w+$/.test(name))).toEqual([]);
  });
});

describe('a program that is none', () => {
  it('is named', () => {
    expect(() => readStructs([import.meta.filename])).toThrow(`${import.meta.filename} is not a 64-bit`);
  });
});
