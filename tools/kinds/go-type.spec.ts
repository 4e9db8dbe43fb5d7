import { describe, expect, it } from 'vitest';
import { parseGoType, printGoType } from './go-type';

const print = (text: string): string => printGoType(parseGoType(text, 'k8s.io/api/core/v1'));

describe('parseGoType', () => {
  it.each([
    ['string<string>', 'string'],
    ['*int32<int32>', '*int32'],
    ['[]uint8<uint8>', '[]byte'],
    ['map[string<string>][]uint8<uint8>', 'map[string][]byte'],
    ['[]k8s.io/api/core/v1.Container', '[]core/v1.Container'],
    ['k8s.io/api/core/v1.RestartPolicy<string>', 'core/v1.RestartPolicy'],
    [
      'ResourceList<map[k8s.io/api/core/v1.ResourceName<string>]k8s.io/apimachinery/pkg/api/resource.Quantity>',
      'core/v1.ResourceList',
    ],
    [
      'map[string<string>]k8s.io/api/authentication/v1.ExtraValue<[]string<string>>',
      'map[string]authentication/v1.ExtraValue',
    ],
    ['*k8s.io/apimachinery/pkg/apis/meta/v1.Time', '*meta/v1.Time'],
    ['k8s.io/apimachinery/pkg/util/intstr.IntOrString', 'intstr.IntOrString'],
    ['[]interface {}', '[]any'],
  ])('%s is %s', (text, expected) => {
    expect(print(text)).toBe(expected);
  });

  it('remembers what a named type stands for', () => {
    expect(parseGoType('k8s.io/api/core/v1.RestartPolicy<string>', 'x')).toMatchObject({ under: { name: 'string' } });
  });

  it('says what it cannot read', () => {
    expect(() => print('string<string>>')).toThrow('cannot read ">"');
  });
});
