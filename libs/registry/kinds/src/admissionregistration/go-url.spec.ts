import { describe, expect, it } from 'vitest';
import { parseGoUrl } from './go-url';

describe('a URL as Go reads it', () => {
  it.each([
    ['https://a.example.com:443/x/y?q=1#f%20g', 'https', undefined, 'a.example.com:443', 'f g', 'q=1'],
    ['HTTPS://u:p@a', 'https', 'u:p', 'a', '', ''],
    ['//a/b', '', undefined, 'a', '', ''],
    ['a/b:c', '', undefined, '', '', ''],
    ['mailto:x@y', 'mailto', undefined, '', '', ''],
    ['*', '', undefined, '', '', ''],
    ['https://[::1]:80/', 'https', undefined, '[::1]:80', '', ''],
  ])('%s', (text, scheme, user, host, fragment, query) => {
    expect(parseGoUrl(text)).toEqual({ scheme, user, host, fragment, query });
  });

  it.each([
    [':a', 'parse ":a": missing protocol scheme'],
    ['1a:b', 'parse "1a:b": first path segment in URL cannot contain colon'],
    ['https://a\n', 'parse "https://a\\n": net/url: invalid control character in URL'],
    ['https://a b', 'parse "https://a b": invalid character " " in host name'],
    ['https://a:b/', 'parse "https://a:b/": invalid port ":b" after host'],
    ['https://[::1', 'parse "https://[::1": missing \']\' in host'],
    ['https://a/%zz', 'parse "https://a/%zz": invalid URL escape "%zz"'],
    ['https://%41/', 'parse "https://%41/": invalid URL escape "%41"'],
    ['https://a/#%z', 'parse "https://a/#%z": invalid URL escape "%z"'],
    ['https://a^b@c', 'parse "https://a^b@c": net/url: invalid userinfo'],
  ])('%s is none', (text, message) => {
    expect(() => parseGoUrl(text)).toThrow(message);
  });
});
