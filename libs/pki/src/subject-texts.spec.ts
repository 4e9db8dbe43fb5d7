import { X509Certificate } from 'node:crypto';
import { systemClock as clock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { createAuthority, issue } from './certificate';
import { integer, oid, sequence, set, utf8, der } from './der';
import { subjectTexts } from './subject-texts';

const kind = '1.3.6.1.4.1.57683.2';
const ca = createAuthority({ commonName: 'kubernetes', clock });

describe('parts of a subject', () => {
  it('are found by their kind', () => {
    const certPem = issue(ca, {
      commonName: 'ann',
      organizations: ['dev'],
      furtherParts: [
        [kind, 'one'],
        [kind, 'zwö'],
      ],
      usages: ['client'],
      clock,
    }).certPem;
    const { raw } = new X509Certificate(certPem);
    expect(subjectTexts(raw, kind)).toEqual(['one', 'zwö']);
    expect(subjectTexts(raw, '2.5.4.3')).toEqual(['ann']);
    expect(subjectTexts(raw, '2.5.4.4')).toEqual([]);
    expect(subjectTexts(new X509Certificate(ca.certPem).raw, kind)).toEqual([]);
  });

  it('may be no texts, and stand together in a set', () => {
    const part = (value: Buffer): Buffer => sequence(oid(kind), value);
    const subject = sequence(
      set(part(integer(Buffer.from([7]))), part(utf8('x'))),
      set(part(der(0x1e, Buffer.from([0, 0x61])))),
    );
    const [algorithm, issuer, validity] = [sequence(), sequence(), sequence()];
    const serial = integer(Buffer.from([1]));
    const old = sequence(sequence(serial, algorithm, issuer, validity, subject));
    expect(subjectTexts(old, kind)).toEqual([undefined, 'x', 'a']);
  });
});
