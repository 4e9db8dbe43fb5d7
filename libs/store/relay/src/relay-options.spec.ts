import { describe, expect, it } from 'vitest';
import { relayOptionsSchema, serverOf } from './relay-options';

describe('the options of the relay', () => {
  it('need a server and have defaults for the rest', () => {
    expect(relayOptionsSchema.parse({ servers: 'nats://127.0.0.1:4222' })).toEqual({
      servers: ['nats://127.0.0.1:4222'],
      stream: 'RECKON',
      subjectPrefix: 'reckon',
      includeSecrets: false,
    });
    expect(relayOptionsSchema.parse({ servers: 'a:1, tls://b' }).servers).toEqual(['a:1', 'tls://b']);
  });

  it.each([
    [{ servers: '' }],
    [{ servers: 'http://a:1' }],
    [{ servers: 'ws://a:1' }],
    [{ servers: 'a:1,' }],
    [{ servers: 'nats://a:99999' }],
    [{ servers: 'nats://a/path' }],
    [{ servers: 'a', stream: 'with space' }],
    [{ servers: 'a', stream: 'a.b' }],
    [{ servers: 'a', subjectPrefix: 'a..b' }],
    [{ servers: 'a', subjectPrefix: '$JS.API' }],
    [{ servers: 'a', subjectPrefix: '>' }],
    [{ servers: 'a', password: 'p' }],
    [{ servers: 'a', tlsCertFile: 'f' }],
    [{ servers: 'a', unknown: 1 }],
  ])('refuse %j', (options) => {
    expect(relayOptionsSchema.safeParse(options).success).toBe(false);
  });
});

describe('the URL of a server', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:4222', false],
    ['nats://[::1]:1', '[::1]:1', false],
    ['tls://nats.example', 'nats.example:4222', true],
    ['nats://u:p%40@h:80', 'h:80', false],
  ])('%s is %s', (text, hostPort, needsTls) => {
    expect(serverOf(text)).toMatchObject({ hostPort, needsTls });
  });

  it('may hold a user and a password', () => {
    expect(serverOf('nats://u%3A:p%40@h')).toMatchObject({ user: 'u:', password: 'p@' });
    expect(serverOf('h')).toMatchObject({ user: undefined, password: undefined });
  });
});
