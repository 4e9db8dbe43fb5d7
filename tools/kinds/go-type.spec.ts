import { describe, expect, it } from 'vitest';
import { type GoType, printGoType, shortName } from './go-type';

const string: GoType = { form: 'basic', name: 'string' };

describe('printGoType', () => {
  it.each<[GoType, string]>([
    [string, 'string'],
    [{ form: 'pointer', of: { form: 'basic', name: 'int32' } }, '*int32'],
    [{ form: 'slice', of: { form: 'basic', name: 'uint8' } }, '[]byte'],
    [{ form: 'map', key: string, of: { form: 'slice', of: string } }, 'map[string][]string'],
    [{ form: 'named', name: 'core/v1.RestartPolicy', under: string }, 'core/v1.RestartPolicy'],
  ])('%o is %s', (type, text) => {
    expect(printGoType(type)).toBe(text);
  });
});

describe('shortName', () => {
  it.each([
    ['k8s.io/api/core/v1.Container', 'core/v1.Container'],
    ['k8s.io/apimachinery/pkg/apis/meta/v1.Time', 'meta/v1.Time'],
    ['k8s.io/apimachinery/pkg/util/intstr.IntOrString', 'intstr.IntOrString'],
    ['k8s.io/apimachinery/pkg/api/resource.Quantity', 'resource.Quantity'],
    ['k8s.io/kube-aggregator/pkg/apis/apiregistration/v1.APIService', 'apiregistration/v1.APIService'],
  ])('of %s is %s', (name, short) => {
    expect(shortName(name)).toBe(short);
  });
});
