import { describe, expect, it } from 'vitest';
import { goDump } from './go-dump';

describe('a value as Go prints it', () => {
  it('says the type of each field and the zero value of what is absent', () => {
    expect(goDump('core/v1.ContainerPort', { containerPort: 80, protocol: 'TCP' })).toBe(
      '(v1.ContainerPort){Name:(string) HostPort:(int32)0 ContainerPort:(int32)80 Protocol:(v1.Protocol)TCP HostIP:(string)}',
    );
  });

  it('says pointers once and nil where nothing is', () => {
    expect(goDump('core/v1.SELinuxOptions', {})).toContain('User:(string) ');
    expect(goDump('core/v1.Sysctl', { name: 'a', value: 'b' })).toBe('(v1.Sysctl){Name:(string)a Value:(string)b}');
    expect(goDump('core/v1.PodOS', undefined)).toBe('(v1.PodOS){Name:(v1.OSName)}');
    expect(goDump('core/v1.ConfigMapProjection', { name: 'c', optional: false })).toBe(
      '(v1.ConfigMapProjection){LocalObjectReference:(v1.LocalObjectReference){Name:(string)c} Items:([]v1.KeyToPath)<nil> Optional:(*bool)false}',
    );
  });

  it('sorts maps and takes empty lists and maps as nil', () => {
    const text = goDump('core/v1.PodTemplateSpec', {
      metadata: { labels: { b: '2', a: '1' }, annotations: {}, finalizers: [] },
    });
    expect(text).toContain('Labels:(map[string]string)map[a:1 b:2] Annotations:(map[string]string)<nil>');
    expect(text).toContain('Finalizers:([]string)<nil>');
  });

  it('knows both forms of a port', () => {
    expect(goDump('core/v1.TCPSocketAction', { port: 80 })).toContain(
      'Port:(intstr.IntOrString){Type:(intstr.Type)0 IntVal:(int32)80 StrVal:(string)}',
    );
    expect(goDump('core/v1.TCPSocketAction', { port: 'http' })).toContain(
      'Port:(intstr.IntOrString){Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)http}',
    );
  });

  it.each([
    ['0', 0, 0, '0', 'DecimalSI'],
    ['500m', 500, -3, '500m', 'DecimalSI'],
    ['2', 2, 0, '2', 'DecimalSI'],
    ['2k', 2, 3, '2k', 'DecimalSI'],
    ['12e6', 12, 6, '12e6', 'DecimalExponent'],
    ['-1', -1, 0, '-1', 'DecimalSI'],
    ['1536Mi', 1536 * 2 ** 20, 0, '', 'BinarySI'],
    ['129Mi', 129 * 2 ** 20, 0, '129Mi', 'BinarySI'],
  ])('takes the quantity %s apart', (text, value, scale, kept, format) => {
    const dumped = goDump('core/v1.ResourceRequirements', { limits: { cpu: text } });
    expect(dumped).toContain(
      `Limits:(v1.ResourceList)map[cpu:{i:(resource.int64Amount){value:(int64)${String(value)} scale:(resource.Scale)${String(scale)}} ` +
        `d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${kept} Format:(resource.Format)${format}}]`,
    );
  });
});
