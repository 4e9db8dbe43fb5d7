/** Types whose values have an order (cel-go ext `comparableTypes`). */
const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];

/**
 * Functions that expressions of admission may call, one per line: `name  receiver.(arguments) result`, the receiver only
 * for methods; several overloads are separated by `|`. A to C stand for any type. From cel-go's standard library
 * (common/stdlib, ext strings version 2, lists version 3, sets, optional types) and apiserver/pkg/cel/library.
 */
export const functionLines: readonly string[] = [
  '_?_:_ (bool,A,A) A',
  '_&&_ (bool,bool) bool',
  '_||_ (bool,bool) bool',
  '!_ (bool) bool',
  '-_ (int) int | (double) double',
  '_==_ (A,A) bool',
  '_!=_ (A,A) bool',
  ...['_<_', '_<=_', '_>=_', '_>_'].map(
    (name) =>
      `${name} (bool,bool) bool | (int,int) bool | (int,double) bool | (int,uint) bool | (uint,uint) bool | (uint,double) bool | (uint,int) bool | (double,double) bool | (double,int) bool | (double,uint) bool | (string,string) bool | (bytes,bytes) bool | (timestamp,timestamp) bool | (duration,duration) bool`,
  ),
  '_+_ (bytes,bytes) bytes | (double,double) double | (duration,duration) duration | (duration,timestamp) timestamp | (timestamp,duration) timestamp | (int,int) int | (list(A),list(A)) list(A) | (string,string) string | (uint,uint) uint',
  '_-_ (double,double) double | (duration,duration) duration | (int,int) int | (timestamp,duration) timestamp | (timestamp,timestamp) duration | (uint,uint) uint',
  '_*_ (double,double) double | (int,int) int | (uint,uint) uint',
  '_/_ (double,double) double | (int,int) int | (uint,uint) uint',
  '_%_ (int,int) int | (uint,uint) uint',
  '@in (A,list(A)) bool | (A,map(A,B)) bool',
  '_[_] (list(A),int) A | (map(A,B),A) B | (optional_type(list(A)),int) optional_type(A) | (optional_type(map(A,B)),A) optional_type(B)',
  '_[?_] (list(A),int) optional_type(A) | (optional_type(list(A)),int) optional_type(A) | (map(A,B),A) optional_type(B) | (optional_type(map(A,B)),A) optional_type(B)',

  'size (bytes) int | (list(A)) int | (map(A,B)) int | (string) int | bytes.() int | list(A).() int | map(A,B).() int | string.() int',
  'bool (bool) bool | (string) bool',
  'bytes (bytes) bytes | (string) bytes',
  'double (double) double | (int) double | (string) double | (uint) double',
  'duration (duration) duration | (int) duration | (string) duration',
  'dyn (A) dyn',
  'int (int) int | (double) int | (duration) int | (string) int | (timestamp) int | (uint) int',
  'string (string) string | (bool) string | (bytes) string | (double) string | (duration) string | (int) string | (timestamp) string | (uint) string | (net.IP) string | (net.CIDR) string',
  'timestamp (timestamp) timestamp | (int) timestamp | (string) timestamp',
  'type (A) type(A)',
  'uint (uint) uint | (double) uint | (int) uint | (string) uint',
  'matches (string,string) bool | string.(string) bool',
  'contains string.(string) bool',
  'endsWith string.(string) bool',
  'startsWith string.(string) bool',
  ...['getFullYear', 'getMonth', 'getDayOfYear', 'getDayOfMonth', 'getDate', 'getDayOfWeek'].map(
    (name) => `${name} timestamp.() int | timestamp.(string) int`,
  ),
  ...['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'].map(
    (name) => `${name} timestamp.() int | timestamp.(string) int | duration.() int`,
  ),

  'optional.of (A) optional_type(A)',
  'optional.ofNonZeroValue (A) optional_type(A)',
  'optional.none () optional_type(A)',
  'optional.unwrap (list(optional_type(A))) list(A)',
  'unwrapOpt list(optional_type(A)).() list(A)',
  'value optional_type(A).() A',
  'hasValue optional_type(A).() bool',
  'or optional_type(A).(optional_type(A)) optional_type(A)',
  'orValue optional_type(A).(A) A',
  'first list(A).() optional_type(A)',
  'last list(A).() optional_type(A)',

  'charAt string.(int) string',
  'indexOf string.(string) int | string.(string,int) int | list(A).(A) int',
  'lastIndexOf string.(string) int | string.(string,int) int | list(A).(A) int',
  'join list(string).() string | list(string).(string) string',
  'lowerAscii string.() string',
  'upperAscii string.() string',
  'replace string.(string,string) string | string.(string,string,int) string',
  'split string.(string) list(string) | string.(string,int) list(string)',
  'substring string.(int) string | string.(int,int) string',
  'trim string.() string',
  'format string.(list(dyn)) string',
  'strings.quote (string) string',

  'sets.contains (list(A),list(A)) bool',
  'sets.equivalent (list(A),list(A)) bool',
  'sets.intersects (list(A),list(A)) bool',

  `isSorted ${['int', 'double', 'bool', 'string', 'bytes', 'duration', 'timestamp', 'uint'].map((t) => `list(${t}).() bool`).join(' | ')}`,
  `sum ${['int', 'double', 'duration', 'uint'].map((t) => `list(${t}).() ${t}`).join(' | ')}`,
  ...['min', 'max'].map(
    (name) =>
      `${name} ${['int', 'double', 'bool', 'string', 'bytes', 'duration', 'timestamp', 'uint'].map((t) => `list(${t}).() ${t}`).join(' | ')}`,
  ),
  'slice list(A).(int,int) list(A)',
  'flatten list(list(A)).() list(A) | list(dyn).(int) list(dyn)',
  'lists.range (int) list(int)',
  ...['reverse', 'distinct'].map((name) => `${name} list(A).() list(A)`),
  `sort ${comparable.map((t) => `list(${t}).() list(${t})`).join(' | ')}`,
  `@sortByAssociatedKeys ${comparable.map((t) => `list(A).(list(${t})) list(A)`).join(' | ')}`,

  'find string.(string) string',
  'findAll string.(string) list(string) | string.(string,int) list(string)',

  'url (string) kubernetes.URL',
  'isURL (string) bool',
  ...['getScheme', 'getHost', 'getHostname', 'getPort', 'getEscapedPath'].map(
    (name) => `${name} kubernetes.URL.() string`,
  ),
  'getQuery kubernetes.URL.() map(string,list(string))',

  'path kubernetes.authorization.Authorizer.(string) kubernetes.authorization.PathCheck',
  'group kubernetes.authorization.Authorizer.(string) kubernetes.authorization.GroupCheck',
  'serviceAccount kubernetes.authorization.Authorizer.(string,string) kubernetes.authorization.Authorizer',
  'resource kubernetes.authorization.GroupCheck.(string) kubernetes.authorization.ResourceCheck',
  ...['subresource', 'namespace', 'name', 'fieldSelector', 'labelSelector'].map(
    (name) => `${name} kubernetes.authorization.ResourceCheck.(string) kubernetes.authorization.ResourceCheck`,
  ),
  'check kubernetes.authorization.PathCheck.(string) kubernetes.authorization.Decision | kubernetes.authorization.ResourceCheck.(string) kubernetes.authorization.Decision',
  'allowed kubernetes.authorization.Decision.() bool',
  'errored kubernetes.authorization.Decision.() bool',
  'error kubernetes.authorization.Decision.() string',
  'reason kubernetes.authorization.Decision.() string',

  'quantity (string) kubernetes.Quantity',
  'isQuantity (string) bool',
  'sign kubernetes.Quantity.() int',
  'isGreaterThan kubernetes.Quantity.(kubernetes.Quantity) bool | kubernetes.Semver.(kubernetes.Semver) bool',
  'isLessThan kubernetes.Quantity.(kubernetes.Quantity) bool | kubernetes.Semver.(kubernetes.Semver) bool',
  'compareTo kubernetes.Quantity.(kubernetes.Quantity) int | kubernetes.Semver.(kubernetes.Semver) int',
  'asApproximateFloat kubernetes.Quantity.() double',
  'asInteger kubernetes.Quantity.() int',
  'isInteger kubernetes.Quantity.() bool',
  ...['add', 'sub'].map(
    (name) =>
      `${name} kubernetes.Quantity.(kubernetes.Quantity) kubernetes.Quantity | kubernetes.Quantity.(int) kubernetes.Quantity`,
  ),

  'ip (string) net.IP | net.CIDR.() net.IP',
  'isIP (string) bool',
  'ip.isCanonical (string) bool',
  'family net.IP.() int',
  ...['isUnspecified', 'isLoopback', 'isLinkLocalMulticast', 'isLinkLocalUnicast', 'isGlobalUnicast'].map(
    (name) => `${name} net.IP.() bool`,
  ),
  'cidr (string) net.CIDR',
  'isCIDR (string) bool',
  'containsIP net.CIDR.(string) bool | net.CIDR.(net.IP) bool',
  'containsCIDR net.CIDR.(string) bool | net.CIDR.(net.CIDR) bool',
  'masked net.CIDR.() net.CIDR',
  'prefixLength net.CIDR.() int',

  'format.named (string) optional_type(kubernetes.NamedFormat)',
  ...[
    'dns1123Label',
    'dns1123Subdomain',
    'dns1035Label',
    'qualifiedName',
    'dns1123LabelPrefix',
    'dns1123SubdomainPrefix',
    'dns1035LabelPrefix',
    'labelValue',
    'uri',
    'uuid',
    'byte',
    'date',
    'datetime',
  ].map((name) => `format.${name} () kubernetes.NamedFormat`),
  'validate kubernetes.NamedFormat.(string) optional_type(list(string))',

  'semver (string) kubernetes.Semver | (string,bool) kubernetes.Semver',
  'isSemver (string) bool | (string,bool) bool',
  ...['major', 'minor', 'patch'].map((name) => `${name} kubernetes.Semver.() int`),
];

/** Only for mutations. */
export const patchFunctionLines: readonly string[] = ['jsonpatch.escapeKey (string) string'];
