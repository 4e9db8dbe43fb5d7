import { seededRandom } from '@reckon/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTypeTable } from '../table';
import { decodeProtobuf } from './decode';
import { createProtobufEncoder } from './encode';
import { ProtobufError, ProtobufReader, wire } from './reader';
import { ReverseWriter } from './reverse-writer';
import { unwrapUnknown } from './unknown';

const types = createTypeTable();
const encoder = createProtobufEncoder(types);
const hex = (bytes: Buffer): string => bytes.toString('hex');

describe('protobuf', () => {
  it('writes plain fields even when empty, pointers only when set, in the order of numbers', () => {
    const scale = types.struct('autoscaling/v1.Scale');
    const bytes = encoder.message(scale, {
      metadata: { name: 'a' },
      spec: { replicas: 3 },
      status: { replicas: 0 },
    });
    expect(hex(bytes)).toBe(
      // metadata { name generateName namespace selfLink uid resourceVersion generation creationTimestamp } spec status
      [
        '0a11',
        '0a0161',
        '1200',
        '1a00',
        '2200',
        '2a00',
        '3200',
        '3800',
        '4200',
        '1202',
        '0803',
        '1a04',
        '0800',
        '1200',
      ].join(''),
    );
  });

  it('writes negative integers in ten bytes and reads them back', () => {
    const type = types.struct('core/v1.PodSpec');
    const bytes = encoder.message(type, { priority: -1, activeDeadlineSeconds: -(2n ** 63n) });
    expect(decodeProtobuf(types, type, bytes)).toMatchObject({ priority: -1, activeDeadlineSeconds: -(2n ** 63n) });
  });

  it('reads packed lists of numbers', () => {
    const writer = new ReverseWriter();
    writer.raw(Buffer.from([1, 2, 0x80, 0x01]));
    writer.close(4, 0); // supplementalGroups
    expect(decodeProtobuf(types, types.struct('core/v1.PodSecurityContext'), writer.finish())).toEqual({
      supplementalGroups: [1, 2, 128],
    });
  });

  it('skips fields that it does not know', () => {
    const writer = new ReverseWriter();
    writer.text('kept');
    writer.tag(1, wire.bytes);
    writer.double(1.5);
    writer.tag(2002, wire.fixed64);
    writer.varint(5);
    writer.tag(2001, wire.varint);
    writer.text('x');
    writer.tag(2000, wire.bytes);
    expect(decodeProtobuf(types, types.struct('core/v1.EnvVar'), writer.finish())).toEqual({ name: 'kept' });
  });

  it('names the field that has the wrong wire type', () => {
    const writer = new ReverseWriter();
    writer.varint(5);
    writer.tag(1, wire.varint);
    expect(() => decodeProtobuf(types, types.struct('core/v1.EnvVar'), writer.finish())).toThrow(
      'proto: wrong wireType = 0 for field Name',
    );
  });

  it('wraps and unwraps', () => {
    const struct = types.struct('apps/v1.DeploymentStrategy');
    const type = { apiVersion: 'apps/v1', kind: 'Deployment' };
    const body = encoder.body(type, struct, { type: 'Recreate' });
    expect(hex(body.subarray(0, 4))).toBe('6b387300');
    expect(unwrapUnknown(body)).toEqual({ ...type, raw: encoder.message(struct, { type: 'Recreate' }) });
  });

  it.each([
    ['ff'.repeat(10) + '01', 'proto: integer overflow'],
    ['0a', 'unexpected EOF'],
    ['0c', 'proto: Pod: wiretype end group for non-group'],
    ['02', 'proto: Pod: illegal tag 0 (wire type 2)'],
    ['f702', 'proto: illegal wireType 7'],
  ])('says of %s what gogo says', (bytes, message) => {
    expect(() => decodeProtobuf(types, types.struct('core/v1.Pod'), Buffer.from(bytes, 'hex'))).toThrow(message);
  });

  it('refuses damaged messages in no other way than ProtobufError', () => {
    const pod = types.struct('core/v1.Pod');
    const good = encoder.message(pod, {
      metadata: { name: 'a', labels: { a: 'b' }, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: {
        containers: [{ name: 'c', resources: { limits: { cpu: '1' } }, livenessProbe: { httpGet: { port: 'x' } } }],
      },
    });
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.integer({ min: 1, max: 8 }), (seed, faults) => {
        const random = seededRandom(seed);
        const bad = Buffer.from(good.subarray(0, 1 + random.int(good.length)));
        for (let i = 0; i < faults; i++) bad[random.int(bad.length)] = random.int(256);
        try {
          decodeProtobuf(types, pod, bad);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads varints of every length', () => {
    const values = [0, 127, 128, 300, 2 ** 27, 2 ** 28, 2 ** 31, 2 ** 35, 2 ** 53 - 1, 2n ** 63n - 1n, 2n ** 64n - 1n];
    for (const value of values) {
      const writer = new ReverseWriter();
      writer.varint(value);
      writer.tag(1, wire.varint);
      const reader = new ProtobufReader(writer.finish(), 'Test');
      expect(reader.tag()).toEqual({ number: 1, wireType: 0 });
      expect(reader.varint()).toBe(BigInt(value));
      expect(reader.done).toBe(true);
    }
  });
});
