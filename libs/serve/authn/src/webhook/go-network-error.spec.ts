import { describe, expect, it } from 'vitest';
import { goNetworkError } from './go-network-error';

const error = (code: string, message = code, more: object = {}): Error =>
  Object.assign(new Error(message), { code, ...more });
const x509 = 'tls: failed to verify certificate: x509: ';

describe('an error of a connection, as Go words it', () => {
  it.each<[Error, string, string]>([
    [error('ECONNREFUSED'), '10.0.0.1', 'dial tcp 10.0.0.1:443: connect: connection refused'],
    [error('ECONNREFUSED'), '::1', 'dial tcp [::1]:443: connect: connection refused'],
    [error('EHOSTUNREACH'), '10.0.0.1', 'dial tcp 10.0.0.1:443: connect: no route to host'],
    [error('ETIMEDOUT'), '10.0.0.1', 'dial tcp 10.0.0.1:443: i/o timeout'],
    [error('ENOTFOUND'), 'no.such', 'dial tcp: lookup no.such: no such host'],
    [error('ECONNRESET', 'socket hang up'), 'h', 'EOF'],
    [error('ECONNRESET', 'read ECONNRESET'), 'h', 'read: connection reset by peer'],
    [error('DEPTH_ZERO_SELF_SIGNED_CERT'), 'h', `${x509}certificate signed by unknown authority`],
    [error('CERT_HAS_EXPIRED'), 'h', `${x509}certificate has expired or is not yet valid`],
    [
      error('ERR_TLS_CERT_ALTNAME_INVALID', 'x', { cert: { subjectaltname: 'DNS:a.svc, DNS:b.svc' } }),
      'c.svc',
      `${x509}certificate is valid for a.svc, b.svc, not c.svc`,
    ],
    [
      error('ERR_TLS_CERT_ALTNAME_INVALID', 'x', { cert: { subjectaltname: 'IP Address:10.0.0.1' } }),
      '10.0.0.2',
      `${x509}certificate is valid for 10.0.0.1, not 10.0.0.2`,
    ],
    [
      error('ERR_TLS_CERT_ALTNAME_INVALID', 'x', { cert: { subjectaltname: 'DNS:a' } }),
      '10.0.0.2',
      `${x509}cannot validate certificate for 10.0.0.2 because it doesn't contain any IP SANs`,
    ],
    [
      error('EPROTO', 'C0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number'),
      'h',
      'http: server gave HTTP response to HTTPS client',
    ],
    [error('EPROTO', 'sslv3 alert bad certificate:ssl/record'), 'h', 'remote error: tls: bad certificate'],
    [error('EWHATEVER', 'something else'), 'h', 'something else'],
  ])('%s to %s', (given, host, expected) => {
    expect(goNetworkError(given, { host, port: 443 })).toBe(expected);
  });
});
