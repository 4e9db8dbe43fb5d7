import type { Random } from '@reckon/kernel';

const textSplinters = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  '1e999',
  '-',
  '\\',
  '\\u0000',
  '\\ud800',
  '"__proto__":',
  '\xff',
  '0.1',
  'true',
  '&a ',
  '*a',
  '<<: ',
  '!!binary ',
  '---\n',
  '\n  ',
  '\t',
  '# ',
  '|\n',
];

/** Lengths and tags that lead out of the message, endless integers, groups that nobody opened or closed. */
const binarySplinters = [
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07],
  [0x0a, 0x7f],
  [0x00],
  [0x0b],
  [0x0c],
  [0x0d, 1, 2, 3, 4],
  [0x0e],
  [0x0f],
  [0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
  [0x80],
  [0xc0, 0x80],
  [0xfa, 0x3f, 0x02, 0x08, 0x01],
].map((bytes) => Buffer.from(bytes));

/** The body with one to four faults: bytes put in, taken out, turned round, or the end cut off. */
export function damageBytes(body: Buffer, form: 'text' | 'binary', random: Random): Buffer {
  let damaged = body;
  for (let faults = 1 + random.int(4); faults > 0; faults--) {
    const at = random.int(damaged.length + 1);
    switch (random.int(form === 'binary' ? 4 : 3)) {
      case 0:
        damaged = damaged.subarray(0, at);
        break;
      case 3:
        damaged = Buffer.from(damaged);
        if (at < damaged.length) damaged.writeUInt8((damaged.readUInt8(at) ^ (1 << random.int(8))) & 0xff, at);
        break;
      default:
        damaged = Buffer.concat([
          damaged.subarray(0, at),
          splinter(form, random),
          damaged.subarray(at + random.int(4)),
        ]);
    }
  }
  return damaged;
}

function splinter(form: 'text' | 'binary', random: Random): Buffer {
  if (form === 'binary') return binarySplinters[random.int(binarySplinters.length)] ?? Buffer.alloc(1);
  return Buffer.from(textSplinters[random.int(textSplinters.length)] ?? '', 'latin1');
}
