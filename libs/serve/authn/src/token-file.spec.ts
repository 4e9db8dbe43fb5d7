import { describe, expect, it } from 'vitest';
import { parseTokenFile } from './token-file';

describe('a token file', () => {
  it('gives users with their groups', () => {
    const text = 'abc,ann,1\ndef,"O""Hara, Bob",2,"dev,ops"\r\n\nghi,cy,,dev\n,nobody,3\n"j,k",d,4';
    expect(parseTokenFile(text)).toEqual([
      { token: 'abc', user: { name: 'ann', uid: '1', groups: [] } },
      { token: 'def', user: { name: 'O"Hara, Bob', uid: '2', groups: ['dev', 'ops'] } },
      { token: 'ghi', user: { name: 'cy', groups: ['dev'] } },
      { token: 'j,k', user: { name: 'd', uid: '4', groups: [] } },
    ]);
    expect(parseTokenFile('')).toEqual([]);
    expect(parseTokenFile('a,b,c\n')).toHaveLength(1);
    expect(parseTokenFile('a,b,"c\nd"\ne,f,g,')).toHaveLength(2);
    expect(parseTokenFile('a,b,c,').map(({ user }) => user.groups)).toEqual([['']]);
    expect(parseTokenFile('a,b,c,"x,,y"').map(({ user }) => user.groups)).toEqual([['x', '', 'y']]);
  });

  it('names the line that is wrong', () => {
    expect(() => parseTokenFile('a,b,c\nd,e\n')).toThrow('token file, line 2: at least 3 columns');
    expect(() => parseTokenFile('a,b,c\nd,"e" x,f\n')).toThrow('token file, line 2: a quote (")');
    expect(() => parseTokenFile('a,b,"c')).toThrow('line 1');
  });
});
