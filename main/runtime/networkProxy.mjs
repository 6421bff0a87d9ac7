/**
 * The proxy through which this machine reaches the network, for all requests of this program and of the programs that it
 * starts. Plain JavaScript for Node 20 and later, because set-up needs it before anything is installed.
 */

/** Hosts that never use a proxy. */
const loopback = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Addresses of the proxies; null if there is none. `direct`: hosts that are reached without a proxy.
 * @typedef {{ https: string | null, http: string | null, direct: string[] }} ProxySettings
 */

/** @typedef {Readonly<Record<string, string | undefined>>} Variables */

/**
 * Reads the usual variables, in lower or upper case, then npm's settings, which npm passes to the scripts it runs.
 * @param {Variables} variables
 * @returns {ProxySettings}
 */
function readProxySettings(variables) {
  const read = (/** @type {string[]} */ ...names) =>
    names
      .flatMap((name) => [variables[name], variables[name.toUpperCase()]])
      .find((value) => value !== undefined && value.trim() !== '' && value !== 'null')
      ?.trim();
  const address = (/** @type {string | undefined} */ value) =>
    value === undefined || value.includes('://') ? (value ?? null) : `http://${value}`;
  const excluded = read('no_proxy', 'npm_config_noproxy') ?? '';
  return {
    https: address(read('https_proxy', 'npm_config_https_proxy', 'all_proxy', 'npm_config_proxy')),
    http: address(read('http_proxy', 'npm_config_proxy', 'all_proxy')),
    direct: excluded.split(/[\s,]+/).filter((entry) => entry !== ''),
  };
}

/**
 * Sends the requests of this thread through the proxy, if there is one. Call it before a request.
 * @param {Variables} [variables]
 * @throws Error if the address of the proxy cannot be used
 */
export function useSystemProxy(variables = process.env) {
  const environment = proxyEnvironment(variables);
  if (Object.keys(environment).length === 0) return;
  try {
    // Loaded here, because an import of this module costs every program a tenth of a second.
    process.getBuiltinModule('node:http').setGlobalProxyFromEnv?.(environment);
  } catch (error) {
    const { https, http: plain } = readProxySettings(variables);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The proxy ${withoutPassword(https ?? plain ?? '')} cannot be used (${reason}). Set HTTPS_PROXY to an address such as http://proxy.example.org:3128, or unset it.`,
    );
  }
}

/**
 * Returns the variables with which a started program uses the same proxy; none without a proxy.
 * @param {Variables} [variables]
 * @returns {Record<string, string>}
 */
export function proxyEnvironment(variables = process.env) {
  const settings = readProxySettings(variables);
  if (settings.https === null && settings.http === null) return {};
  const direct = [...new Set([...settings.direct, ...loopback])].join(',');
  return {
    ...(settings.https === null ? {} : { HTTPS_PROXY: settings.https, https_proxy: settings.https }),
    ...(settings.http === null ? {} : { HTTP_PROXY: settings.http, http_proxy: settings.http }),
    NO_PROXY: direct,
    no_proxy: direct,
    // Node and the installer of Electron use these variables only on request.
    NODE_USE_ENV_PROXY: '1',
    ELECTRON_GET_USE_PROXY: 'true',
  };
}

/**
 * Returns the proxy of a request to `url`, without user and password; null if it uses none.
 * @param {string} url
 * @param {Variables} [variables]
 */
export function describeProxy(url, variables = process.env) {
  const { protocol, hostname, port } = new URL(url);
  const settings = readProxySettings(variables);
  const proxy = protocol === 'https:' ? settings.https : settings.http;
  const usedPort = port || (protocol === 'https:' ? '443' : '80');
  const isDirect = [...settings.direct, ...loopback].some((entry) => {
    const [, name, only] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (only !== undefined && only !== usedPort) return false;
    return entry === '*' || hostname === name || hostname.endsWith(`.${name}`);
  });
  return proxy === null || isDirect ? null : withoutPassword(proxy);
}

/**
 * Names what to check after a failed download: the network connection, and the proxy if there is one.
 * @param {Variables} [variables]
 */
export function nameConnection(variables = process.env) {
  const { https, http: plain } = readProxySettings(variables);
  const proxy = https ?? plain;
  return `the network connection${proxy === null ? '' : ` and the proxy ${withoutPassword(proxy)}`}`;
}

/** @param {string} address */
function withoutPassword(address) {
  return address.replace(/^([^/]*:\/\/)?[^@]*@/, '$1');
}
