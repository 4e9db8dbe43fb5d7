import { describe, expect, it } from 'vitest';
import { runCel } from '../testing/run-cel';

const values = (name: string, rows: readonly (readonly [string, unknown])[]): void => {
  describe(name, () => {
    it.each(rows)('%s', (expression, expected) => {
      expect(runCel(expression)).toEqual(expected);
    });
  });
};

const failures = (name: string, rows: readonly (readonly [string, string])[]): void => {
  values(
    `${name} that fails`,
    rows.map(([expression, error]) => [expression, { error }]),
  );
};

values('a conversion', [
  ["int('-5')", -5],
  ["int('+5')", 5],
  ['int(2.9)', 2],
  ['int(-2.9)', -2],
  ['int(5u)', 5],
  ["int(timestamp('1970-01-01T00:01:00Z'))", 60],
  ["int(timestamp('1969-12-31T23:59:59.5Z'))", -1],
  ["int(duration('1ms'))", 1_000_000],
  ["uint('5')", 5],
  ['uint(2.9)', 2],
  ["double('1e3')", 1000],
  ["double('-Inf') < 0.0", true],
  ["string(double('NaN'))", 'NaN'],
  ["bool('true') && bool('T') && bool('1') && !bool('F')", true],
  ["bytes('\u00e9')", 'w6k='],
  ["string(b'\u00e9')", '\u00e9'],
  ['string(1)', '1'],
  ['string(-1)', '-1'],
  ['string(1u)', '1'],
  ['string(true)', 'true'],
  ['string(1.0)', '1'],
  ['string(1.5)', '1.5'],
  ['string(100000.0)', '100000'],
  ['string(1000000.0)', '1e+06'],
  ['string(1234567.0)', '1.234567e+06'],
  ['string(0.0001)', '0.0001'],
  ['string(0.00001)', '1e-05'],
  ['string(1e100)', '1e+100'],
  ['string(-0.0)', '-0'],
  ["string(timestamp('2026-01-02T03:04:05.600Z'))", '2026-01-02T03:04:05.6Z'],
  ["string(timestamp('2026-01-02T03:04:05+01:00'))", '2026-01-02T02:04:05Z'],
  ["string(duration('1h1m1s1ms'))", '3661.001s'],
  ["string(duration('-1.5s'))", '-1.5s'],
  ["duration('1h30m') == duration('90m')", true],
  ["duration('1.5h').getMinutes()", 90],
  ['string(duration(1500000000))', '1.5s'],
  ["timestamp(0) == timestamp('1970-01-01T00:00:00Z')", true],
  ["timestamp('2026-01-01T00:00:00Z') - timestamp('2025-12-31T00:00:00Z') == duration('24h')", true],
  ["size('a\u{1f600}b')", 3],
  ["size(b'\u00e9')", 2],
  ["size({'a': 1})", 1],
  ["type(dyn('a')) == string", true],
  ["type(timestamp('2026-01-01T00:00:00Z')) == google.protobuf.Timestamp", true],
  ["type(duration('1s')) == google.protobuf.Duration", true],
  ['type({}) == map && type([]) == list && type(null) == null_type', true],
]);

failures('a conversion', [
  ['duration(object.metadata.name)', "type conversion error from 'string' to 'google.protobuf.Duration'"],
  ['timestamp(object.metadata.name)', "type conversion error from 'string' to 'google.protobuf.Timestamp'"],
  ['int(object.metadata.name)', "type conversion error from 'string' to 'int'"],
]);

/** What never changes is made with the program: then there is none. */
values(
  'a conversion of a constant that fails',
  (
    [
      ["int('a')", "type conversion error from 'string' to 'int'"],
      ["int('9223372036854775808')", "type conversion error from 'string' to 'int'"],
      ["int('1.5')", "type conversion error from 'string' to 'int'"],
      ['int(1e19)', 'integer overflow'],
      ['int(18446744073709551615u)', 'integer overflow'],
      ['uint(-1)', 'unsigned integer overflow'],
      ['uint(-1.0)', 'unsigned integer overflow'],
      ["uint('-1')", "type conversion error from 'string' to 'uint'"],
      ["double('a')", "type conversion error from 'string' to 'double'"],
      ["double('1_0')", "type conversion error from 'string' to 'double'"],
      ["bool('yes')", "type conversion error from 'string' to 'bool'"],
      [String.raw`string(b'\xff')`, 'invalid UTF-8 in bytes, cannot convert to string'],
    ] as const
  ).map(([expression, why]) => [expression, { problem: `program instantiation failed: ${why}` }]),
);

values('a time that there is not', [
  ['timestamp(253402300800)', { problem: expect.stringContaining('1:11: invalid timestamp argument') }],
]);

values('a time', [
  ["timestamp('2026-02-03T04:05:06.789Z').getFullYear()", 2026],
  ["timestamp('2026-02-03T04:05:06.789Z').getMonth()", 1],
  ["timestamp('2026-02-03T04:05:06.789Z').getDate()", 3],
  ["timestamp('2026-02-03T04:05:06.789Z').getDayOfMonth()", 2],
  ["timestamp('2026-02-03T04:05:06.789Z').getDayOfYear()", 33],
  ["timestamp('2026-02-03T04:05:06.789Z').getDayOfWeek()", 2],
  ["timestamp('2026-02-03T04:05:06.789Z').getHours()", 4],
  ["timestamp('2026-02-03T04:05:06.789Z').getMinutes()", 5],
  ["timestamp('2026-02-03T04:05:06.789Z').getSeconds()", 6],
  ["timestamp('2026-02-03T04:05:06.789Z').getMilliseconds()", 789],
  ["timestamp('2026-02-03T04:05:06Z').getHours('Europe/Berlin')", 5],
  ["timestamp('2026-07-03T04:05:06Z').getHours('Europe/Berlin')", 6],
  ["timestamp('2026-02-03T04:05:06Z').getHours('+02:30')", 6],
  ["timestamp('2026-02-03T04:05:06Z').getDate('-05:00')", 2],
  ["duration('3661s').getHours()", 1],
  ["duration('3661s').getMinutes()", 61],
  ["duration('3661s').getSeconds()", 3661],
  ["duration('1.5s').getMilliseconds()", 1500],
]);

failures('a time', [
  ["timestamp('2026-02-03T04:05:06Z').getHours('Nowhere/Atall')", 'unknown time zone Nowhere/Atall'],
]);

values('a text', [
  ["'tacocat'.charAt(3)", 'o'],
  ["'a'.charAt(1)", ''],
  ["'a\u{1f600}b'.charAt(1)", '\u{1f600}'],
  ["'hello mellow'.indexOf('ello')", 1],
  ["'hello mellow'.indexOf('ello', 2)", 7],
  ["'hello'.indexOf('jello')", -1],
  ["''.indexOf('a')", -1],
  ["'hello'.indexOf('')", 0],
  ["'\u{1f600}ab'.indexOf('b')", 2],
  ["'hello mellow'.lastIndexOf('ello')", 7],
  ["'hello mellow'.lastIndexOf('ello', 6)", 1],
  ["'\u{1f600}ab\u{1f600}'.lastIndexOf('\u{1f600}')", 3],
  ["'hello'.lastIndexOf('')", 5],
  ["'TacoCat'.lowerAscii() + 'tA\u00e9'.upperAscii()", 'tacocatTA\u00e9'],
  ["'hello hello'.replace('he', 'we')", 'wello wello'],
  ["'hello hello'.replace('he', 'we', 1)", 'wello hello'],
  ["'hello hello'.replace('he', 'we', 0)", 'hello hello'],
  ["'ab'.replace('', '-')", '-a-b-'],
  ["'ab'.replace('', '-', 2)", '-a-b'],
  ["'a,b,c'.split(',')", ['a', 'b', 'c']],
  ["'a,b,c'.split(',', 2)", ['a', 'b,c']],
  ["'a,b,c'.split(',', 0)", []],
  ["'a,b,c'.split(',', -1)", ['a', 'b', 'c']],
  ["'ab'.split('')", ['a', 'b']],
  ["''.split(',')", ['']],
  ["'tacocat'.substring(4)", 'cat'],
  ["'tacocat'.substring(0, 4)", 'taco'],
  ["'\u{1f600}ab'.substring(1, 2)", 'a'],
  ["'  \\t a \\n'.trim()", 'a'],
  ["['a', 'b'].join()", 'ab'],
  ["['a', 'b'].join('-')", 'a-b'],
  ["[].join('-')", ''],
  [`strings.quote('a"b\\n')`, String.raw`"a\"b\n"`],
  ["'abc'.contains('bc') && 'abc'.startsWith('ab') && 'abc'.endsWith('c')", true],
  ["'abc'.matches('^a.c$') && matches('abc', 'b')", true],
  ["'ABC'.matches('(?i)abc')", true],
  ["'abc 123'.find('[0-9]+')", '123'],
  ["'abc'.find('[0-9]+')", ''],
  ["'123 abc 456'.findAll('[0-9]+')", ['123', '456']],
  ["'123 abc 456'.findAll('[0-9]+', 1)", ['123']],
  ["'123'.findAll('[0-9]+', 0)", []],
  ["'abab'.findAll('a|ab')", ['a', 'a']],
  ["'abab'.findAll('ab|a')", ['ab', 'ab']],
  ["'aaa'.find('a+?')", 'a'],
  ["'aaa'.find('a{2,}?')", 'aa'],
  ["'baaa'.findAll('a*')", ['', 'aaa']],
  ["'\u{1f600}x\u{1f600}'.findAll('.')", ['\u{1f600}', 'x', '\u{1f600}']],
  ["'one two'.findAll('\\\\b\\\\w')", ['o', 't']],
  ["object.metadata.name.matches('^' + 'th')", true],
]);

failures('a text', [
  ["'a'.charAt(2)", 'index out of range: 2'],
  ["'a'.charAt(-1)", 'index out of range: -1'],
  ["'hello'.indexOf('l', 5)", 'index out of range: 5'],
  ["'hello'.indexOf('l', -1)", 'index out of range: -1'],
  ["'hello'.lastIndexOf('l', 5)", 'index out of range: 5'],
  ["'tacocat'.substring(40)", 'index out of range: 40'],
  ["'tacocat'.substring(-1)", 'index out of range: -1'],
  ["'tacocat'.substring(1, 50)", 'index out of range: 50'],
  ["'tacocat'.substring(3, 1)", 'invalid substring range. start: 3, end: 1'],
  ["'a'.find('(' + object.metadata.name)", 'Illegal regex: error parsing regexp: missing closing ): `(thing`'],
  ["'a'.matches('(' + object.metadata.name)", 'error parsing regexp: missing closing ): `(thing`'],
]);

values('a format', [
  ["'%s and %d%%'.format(['a', 5])", 'a and 5%'],
  ["'%s and %d%%'.format([dyn('a'), dyn(5)])", 'a and 5%'],
  ["'%s %s %s'.format([dyn(1), dyn(true), dyn(null)])", '1 true null'],
  ["'%s'.format([1.5])", '1.5'],
  ["'%s'.format([[1, 2]])", '[1, 2]'],
  ["'%s'.format([['a', 'b']])", '["a", "b"]'],
  ["'%s'.format([{'b': 2, 'a': 1}])", '{"a":1, "b":2}'],
  ["'%s'.format([timestamp('2026-01-01T00:00:00Z')])", '2026-01-01T00:00:00Z'],
  ["'%s'.format([[duration('1s')]])", '[duration("1s")]'],
  ["'%s'.format([[1.5]])", '[1.500000]'],
  ["'%s'.format([type('a')])", 'string'],
  ["'%d'.format([3u])", '3'],
  ["'%f'.format([2.71828])", '2.718280'],
  ["'%.3f'.format([1.2345])", '1.234'],
  ["'%.0f %.0f'.format([2.5, 3.5])", '2 4'],
  ["'%.2f'.format([1234567.891])", '1,234,567.89'],
  ["'%e'.format([1052.032911275])", '1.052033\u00d710\u2070\u00b3'],
  ["'%b %b %o'.format([5, 0, 8])", '101 0 10'],
  ["'%b'.format([true])", '1'],
  ["'%x %X'.format([30, 30])", '1e 1E'],
  ["'%x'.format(['hi'])", '6869'],
  ["'%X'.format([b'hi\\n'])", '68690A'],
  ["'%x'.format([-30])", '-1e'],
]);

/** Clauses are held against what is written there before anything runs. */
values(
  'a format that fails',
  (
    [
      ["'%s %s'.format(['a'])", 'index 1 out of range'],
      ["'%'.format(['a'])", 'unexpected end of string'],
      ["'%a'.format(['a'])", 'could not parse formatting clause: unrecognized formatting clause "a"'],
      [
        "'%.f'.format([1.0])",
        'could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax',
      ],
      [
        "'%.3'.format([1.0])",
        'could not parse formatting clause: error while parsing precision: could not find end of precision specifier',
      ],
      ["'%d'.format(['a'])", 'error during formatting: decimal clause can only be used on integers, was given string'],
      ["'%f'.format([1])", 'error during formatting: fixed-point clause can only be used on doubles, was given int'],
      ["'%e'.format([1])", 'error during formatting: scientific clause can only be used on doubles, was given int'],
      [
        "'%b'.format(['a'])",
        'error during formatting: only integers and bools can be formatted as binary, was given string',
      ],
      ["'%o'.format(['a'])", 'error during formatting: octal clause can only be used on integers, was given string'],
      [
        "'%x'.format([1.5])",
        'error during formatting: only integers, byte buffers, and strings can be formatted as hex, was given double',
      ],
      [
        "'%s'.format([optional.of(1)])",
        'error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional_type',
      ],
    ] as const
  ).map(([expression, why]) => [expression, { problem: expect.stringContaining(`: ${why}\n`) }]),
);

failures('a format of what is not known before', [
  [
    "'%d'.format(object.spec.names)",
    'error during formatting: decimal clause can only be used on integers, was given string',
  ],
  ["'%s %s %s %s'.format(object.spec.names)", 'index 3 out of range'],
]);

values('a list', [
  ['[1, 2, 3].isSorted() && ![2, 1].isSorted() && [].isSorted()', true],
  ["['a', 'b'].isSorted()", true],
  ['[1, 3].sum()', 4],
  ['[1.5, 2.5].sum()', 4],
  ["string([duration('1s'), duration('1m')].sum())", '61s'],
  ['type([1u].filter(x, x > 1u).sum()) == uint', true],
  ['type([1.0].filter(x, x > 1.0).sum()) == double', true],
  ['[].sum() == 0', true],
  ['[3, 1, 2].min()', 1],
  ['[3, 1, 2].max()', 3],
  ["['b', 'a'].min()", 'a'],
  ['[1, 2, 2].indexOf(2)', 1],
  ['[1, 2, 2].lastIndexOf(2)', 2],
  ["['a'].indexOf('b')", -1],
  ['sets.contains([1, 2], [2])', true],
  ['sets.contains([1], [1, 2])', false],
  ['sets.contains([], [])', true],
  ['sets.equivalent([1, 2, 2], [2, 1])', true],
  ['sets.intersects([1, 2], [2, 3])', true],
  ['sets.intersects([1], [2])', false],
]);

failures('a list', [
  ['[1].filter(x, x > 1).min()', 'min called on empty list'],
  ['[1].filter(x, x > 1).max()', 'max called on empty list'],
  ['[9223372036854775807, 1].sum()', 'integer overflow'],
  ['object.spec.replicas.sum()', 'no such overload: sum(int)'],
]);

values('a quantity', [
  ["isQuantity('1Gi') && isQuantity('-1.5') && !isQuantity('1gi') && !isQuantity('')", true],
  ["quantity('1Gi') == quantity('1024Mi')", true],
  ["quantity('1000m') == quantity('1')", true],
  ["quantity('1Gi').isGreaterThan(quantity('1G'))", true],
  ["quantity('1').isLessThan(quantity('1500m'))", true],
  ["quantity('1').compareTo(quantity('1000m'))", 0],
  ["quantity('-1').sign()", -1],
  ["quantity('1k').asInteger()", 1000],
  ["quantity('1500m').isInteger()", false],
  ["quantity('1500m').asApproximateFloat()", 1.5],
  ["quantity('50k').add(20) == quantity('50020')", true],
  ["quantity('50k').sub(quantity('20k')).asInteger()", 30000],
  ["quantity('50k').sub(20).asInteger()", 49980],
  ['quantity(object.spec.memory).asInteger()', 1073741824],
]);

failures('a quantity', [
  ["quantity('1Gie')", "unable to parse quantity's suffix"],
  ["quantity('a')", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ["quantity('1500m').asInteger()", 'cannot convert value to integer'],
]);

values('an address', [
  ["ip('127.0.0.1').isLoopback() && ip('::1').isLoopback() && !ip('128.0.0.1').isLoopback()", true],
  ["ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified()", true],
  [
    "ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast() && !ip('ff05::1').isLinkLocalMulticast()",
    true,
  ],
  ["ip('169.254.1.1').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast()", true],
  [
    "ip('8.8.8.8').isGlobalUnicast() && ip('10.0.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && !ip('224.0.0.1').isGlobalUnicast()",
    true,
  ],
  ["ip('1.2.3.4').family() + ip('::1').family()", 10],
  ["string(ip('2001:DB8::0:1'))", '2001:db8::1'],
  ["ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1')", true],
  [
    "isIP('1.2.3.4') && !isIP('1.2.3.256') && !isIP('01.2.3.4') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%en0') && !isIP('')",
    true,
  ],
  ["ip('1.2.3.4') == ip('1.2.3.4') && ip('::1') != ip('::2')", true],
  ["cidr('192.168.0.0/24').containsIP('192.168.0.1') && cidr('192.168.0.0/24').containsIP(ip('192.168.0.1'))", true],
  ["cidr('192.168.0.0/24').containsIP('192.168.1.1')", false],
  ["cidr('192.168.0.0/24').containsIP('::1')", false],
  ["cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.0.0.0/8').containsCIDR(cidr('10.0.0.0/8'))", true],
  ["cidr('10.0.0.0/16').containsCIDR('10.0.0.0/8')", false],
  ["string(cidr('192.168.1.7/24').masked())", '192.168.1.0/24'],
  ["string(cidr('192.168.1.7/24').ip())", '192.168.1.7'],
  ["cidr('2001:db8::/32').prefixLength()", 32],
  [
    "isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('::ffff:1.2.3.4/120')",
    true,
  ],
]);

failures('an address', [
  ["ip('x')", 'IP Address "x" parse error during conversion from string: ParseAddr("x"): unable to parse IP'],
  [
    "ip('1.2.3')",
    'IP Address "1.2.3" parse error during conversion from string: ParseAddr("1.2.3"): IPv4 address too short',
  ],
  [
    "ip('1.2.3.256')",
    'IP Address "1.2.3.256" parse error during conversion from string: ParseAddr("1.2.3.256"): IPv4 field has value >255',
  ],
  [
    "ip('01.2.3.4')",
    'IP Address "01.2.3.4" parse error during conversion from string: ParseAddr("01.2.3.4"): IPv4 field has octet with leading zero',
  ],
  ["ip('::ffff:1.2.3.4')", 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
  ["ip('fe80::1%en0')", 'IP address "fe80::1%en0" with zone value is not allowed'],
  [
    "cidr('1.2.3.4')",
    `network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("1.2.3.4"): no '/'`,
  ],
  [
    "cidr('1.2.3.4/33')",
    'network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("1.2.3.4/33"): prefix length out of range',
  ],
]);

values('a URL', [
  ["url('https://example.com:80/path?a=1&a=2&b=x+y').getScheme()", 'https'],
  ["url('https://example.com:80/').getHost()", 'example.com:80'],
  ["url('https://example.com:80/').getHostname()", 'example.com'],
  ["url('https://[::1]:80/').getHostname()", '::1'],
  ["url('https://[::1]:80/').getHost()", '[::1]:80'],
  ["url('https://example.com:80/').getPort()", '80'],
  ["url('https://example.com/').getPort()", ''],
  ["url('https://example.com/path with spaces/').getEscapedPath()", '/path%20with%20spaces/'],
  ["url('https://example.com/a%20b').getEscapedPath()", '/a%20b'],
  ["url('https://example.com').getEscapedPath()", ''],
  ["url('/path').getScheme() + url('/path').getHost() + url('/path').getEscapedPath()", '/path'],
  ["url('https://example.com/path?a=1&a=2&b=x+y').getQuery()", { a: ['1', '2'], b: ['x y'] }],
  ["url('https://example.com/?k=%C3%A9').getQuery()", { k: ['\u00e9'] }],
  [
    "isURL('https://a') && isURL('/absolute') && !isURL('relative') && !isURL('') && !isURL('https://a:b/') && !isURL('../x')",
    true,
  ],
]);

failures('a URL', [
  ["url('')", 'URL parse error during conversion from string: parse "": empty url'],
  ["url('x')", 'URL parse error during conversion from string: parse "x": invalid URI for request'],
  [
    "url('https://a:b/')",
    'URL parse error during conversion from string: parse "https://a:b/": invalid port ":b" after host',
  ],
]);

values('a version', [
  [
    "isSemver('1.0.0') && isSemver('0.1.0-alpha.1+b') && !isSemver('hello') && !isSemver('v1.0.0') && !isSemver('01.0.0') && !isSemver('1.0')",
    true,
  ],
  ["isSemver('v1.0', true) && isSemver('01.2.3', true) && !isSemver('1.0-a', true)", true],
  ["semver('1.2.3').major() * 100 + semver('1.2.3').minor() * 10 + semver('1.2.3').patch()", 123],
  ["semver('1.2.3').isLessThan(semver('1.10.0'))", true],
  ["semver('1.0.0-alpha').isLessThan(semver('1.0.0')) && semver('1.0.0-1').isLessThan(semver('1.0.0-a'))", true],
  ["semver('1.0.0').isGreaterThan(semver('0.9.9'))", true],
  ["semver('1.0.0+a').compareTo(semver('1.0.0+b'))", 0],
  ["semver('v1.0', true) == semver('1.0.0')", true],
]);

failures('a version', [
  ["semver('hello')", 'No Major.Minor.Patch elements found'],
  ["semver('v1.0.0')", 'Invalid character(s) found in major number "v1"'],
  ["semver('01.0.0')", 'Major number must not contain leading zeroes "01"'],
  ["semver('1.0-a', true)", 'short version cannot contain PreRelease/Build meta data'],
]);

values('a named format', [
  ["format.dns1123Label().validate('a-b').hasValue()", false],
  ["format.dns1123Label().validate('A').value().size()", 1],
  ["format.named('dns1123Subdomain').value().validate('a.b').hasValue()", false],
  ["format.named('nothing').hasValue()", false],
  ["format.named('toString').hasValue()", false],
  ["format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()", false],
  ["format.uuid().validate('x').value()", ['does not match the UUID format']],
  ["format.byte().validate('aGk=').hasValue()", false],
  ["format.byte().validate('a').value()", ['invalid base64']],
  ["format.date().validate('2026-02-29').value()", ['invalid date']],
  ["format.date().validate('2026-02-28').hasValue()", false],
  ["format.datetime().validate('2026-02-28T00:00:00Z').hasValue()", false],
  ["format.datetime().validate('2026-02-28').value()", ['invalid datetime']],
  ["format.uri().validate('x').value()", ['parse "x": invalid URI for request']],
  ["format.labelValue().validate('a b').hasValue()", true],
  ["format.qualifiedName().validate('a/b').hasValue()", false],
  ["format.dns1035LabelPrefix().validate('a-').hasValue()", false],
]);

values('a JSON pointer', [["jsonpatch.escapeKey('a/b~c')", 'a~1b~0c']]);

values('a list of the extension', [
  ['lists.range(4)', [0, 1, 2, 3]],
  ['lists.range(-1)', []],
  ['[1, 2, 3, 4].slice(1, 3)', [2, 3]],
  ['[1, 2].slice(2, 2)', []],
  ['[[1, 2], [3]].flatten()', [1, 2, 3]],
  ['[[[1], [2]], [[3]]].flatten()', [[1], [2], [3]]],
  ['[[[1], [2]], [[3]]].flatten(2)', [1, 2, 3]],
  ['[[1], [2]].flatten(0)', [[1], [2]]],
  ['object.spec.names.flatten()', ['a', 'b', 'c']],
  ['[3, 1, 2].sort()', [1, 2, 3]],
  ["['b', 'a'].sort()", ['a', 'b']],
  ['[].sort()', []],
  ['object.spec.ports.sortBy(p, -p.port).map(p, p.name)', ['https', 'http']],
  ["['bb', 'a', 'ccc'].sortBy(e, e.size())", ['a', 'bb', 'ccc']],
  ['[1, 2, 3].reverse()', [3, 2, 1]],
  ['[1, 2, 1, 3, 2].distinct()', [1, 2, 3]],
  ["[{'a': 1}, {'a': 1}].distinct().size()", 1],
]);

failures('a list of the extension', [
  ['[1, 2].slice(2, 1)', 'cannot slice(2, 1), start index must be less than or equal to end index'],
  ['[1, 2].slice(0, 3)', 'cannot slice(0, 3), list is length 2'],
  ['[1, 2].slice(-1, 1)', 'cannot slice(-1, 1), negative indexes not supported'],
  ['[[1]].flatten(-1)', 'level must be non-negative'],
  ['object.spec.mixed.sortBy(e, e)', 'list elements must have the same type'],
  ['object.spec.ports.sortBy(e, e)', 'list elements must be comparable'],
  ['lists.range(10000000)', 'operation cancelled: actual cost limit exceeded'],
]);
