import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { setGlobalProxyFromEnv } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { downloadArchive } from '../../main/datasets/download.ts';
import { runCommand } from '../../main/runtime/command.ts';
import { describeProxy, proxyEnvironment } from '../../main/runtime/networkProxy.mjs';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

const variableNames = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY', 'npm_config_https_proxy'];

beforeEach(() => {
  for (const name of [...variableNames, 'npm_config_proxy', 'npm_config_noproxy']) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  setGlobalProxyFromEnv({});
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Starts a proxy that connects every host to the server at `target`, or rejects, and records the requested hosts. */
async function startProxy({ target, status = 200 }: { target: number; status?: number }) {
  const requested: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    requested.push(request.url ?? '');
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} Refused\r\n\r\n`);
      return;
    }
    const upstream = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  return { requested, port: await listen(proxy) };
}

const bytes = Buffer.from('the archive');
const archive = {
  url: 'http://data.example/archive.tar.gz',
  bytes: bytes.length,
  md5: createHash('md5').update(bytes).digest('hex'),
  advice: 'Fetch it by hand.',
};

describe('a download through a proxy', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'npm_config_proxy'])(
    'uses the proxy in %s',
    async (variable) => {
      const origin = await listen(createServer((_, response) => response.end(bytes)));
      const proxy = await startProxy({ target: origin });
      vi.stubEnv(variable, `http://127.0.0.1:${proxy.port}`);
      await downloadArchive(archive, { folder: makeTemporaryFolder() });
      expect(proxy.requested).toEqual(['data.example:80']);
    },
  );

  it('names the proxy, without its password, and its response if it rejects the connection', async () => {
    const proxy = await startProxy({ target: 1, status: 407 });
    vi.stubEnv('HTTP_PROXY', `http://ann:secret@127.0.0.1:${proxy.port}`);
    const failure = downloadArchive(archive, { folder: makeTemporaryFolder() });
    await expect(failure).rejects.toThrow(
      new RegExp(
        `Cannot reach .*407.*through the proxy http://127\\.0\\.0\\.1:${proxy.port},.*Fetch it by hand`,
      ),
    );
    await expect(failure).rejects.not.toThrow(/secret|ann[:@]/);
  });

  it('names the address of a proxy that cannot be used', async () => {
    vi.stubEnv('HTTP_PROXY', 'ftp://ann:secret@proxy.example');
    await expect(downloadArchive(archive, { folder: makeTemporaryFolder() })).rejects.toThrow(
      /The proxy ftp:\/\/proxy\.example cannot be used .*HTTPS_PROXY/,
    );
  });
});

describe('the proxy of an address', () => {
  const variables = {
    https_proxy: 'proxy.example:3128',
    NO_PROXY: 'direct.example, .inner.example,with.port:8443',
  };

  it('is that of its protocol, unless NO_PROXY contains its host or a parent domain', () => {
    const proxyOf = (url: string) => describeProxy(url, variables);
    expect(proxyOf('https://a.example/x')).toBe('http://proxy.example:3128');
    expect(proxyOf('http://a.example/x')).toBe(null);
    expect(proxyOf('https://direct.example/x')).toBe(null);
    expect(proxyOf('https://sub.direct.example/x')).toBe(null);
    expect(proxyOf('https://notdirect.example/x')).toBe('http://proxy.example:3128');
    expect(proxyOf('https://deep.inner.example/x')).toBe(null);
    expect(proxyOf('https://with.port:8443/x')).toBe(null);
    expect(proxyOf('https://with.port/x')).toBe('http://proxy.example:3128');
    expect(describeProxy('https://a.example', { ...variables, NO_PROXY: '*' })).toBe(null);
  });

  it('is passed to child processes, and never used for this machine itself', async () => {
    vi.stubEnv('ALL_PROXY', 'http://proxy.example:3128');
    const script =
      'console.log(process.env.HTTPS_PROXY, process.env.NODE_USE_ENV_PROXY, process.env.NO_PROXY)';
    const { stdout } = await runCommand(process.execPath, ['-e', script], { limit: 60_000 });
    expect(stdout).toBe('http://proxy.example:3128 1 localhost,127.0.0.1,[::1]\n');
    expect(describeProxy('https://127.0.0.1:4780/')).toBe(null);
    expect(proxyEnvironment({})).toEqual({});
  });
});
