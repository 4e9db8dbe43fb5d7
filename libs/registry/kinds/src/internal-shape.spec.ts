import { describe, expect, it } from 'vitest';
import { internalShapes } from './internal-shape';
import { objectDifference } from './object-difference';

const shapeOf = internalShapes({
  Outer: '…Base Inner:Inner Maybe:*Inner Many:[]Inner Names:[] Labels:map Free:json Pointer:*',
  Base: 'Text:string Count:int=number On:bool Size:quantity',
  Inner: 'IPAddress:string=ip',
});

describe('the internal form of an object', () => {
  it('has every field, unset ones as Go prints their zero', () => {
    expect(JSON.stringify(shapeOf('Outer', {}))).toBe(
      '{"Text":"","Count":0,"On":false,"Size":"0","Inner":{"IPAddress":""},"Maybe":null,"Many":null,"Names":null,"Labels":null,"Free":null,"Pointer":null}',
    );
  });

  it('has the lists that are there, with nothing in them too', () => {
    expect(shapeOf('Outer', { many: [], names: [] })).toMatchObject({ Many: [], Names: [] });
  });

  it('takes the names of JSON, and leaves out what it does not know', () => {
    const value = {
      unknown: 1,
      number: 2,
      inner: { ip: 'a' },
      maybe: {},
      many: [{ ip: 'b' }],
      names: ['n'],
      labels: { b: '2', a: '1' },
      free: { x: [] },
      pointer: '',
    };
    expect(JSON.stringify(shapeOf('Outer', value))).toBe(
      '{"Text":"","Count":2,"On":false,"Size":"0","Inner":{"IPAddress":"a"},"Maybe":{"IPAddress":""},"Many":[{"IPAddress":"b"}],"Names":["n"],"Labels":{"a":"1","b":"2"},"Free":{"x":[]},"Pointer":""}',
    );
  });
});

describe('the difference of two objects', () => {
  it('is that of their lines, escaped as Go does', () => {
    expect(objectDifference({ A: 1, B: '<a>' }, { A: 2, B: '<a>' })).toBe(
      '@@ -1,4 +1,4 @@\n {\n- "A": 1,\n+ "A": 2,\n  "B": "\\u003ca\\u003e"\n }\n',
    );
    expect(objectDifference({ A: 1 }, { A: 1 })).toBe('');
  });
});
