import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProvider } from '../../../src/content/retrieval/providers.ts'
import { isLoopbackUrl, isPublicAddress, mayBePublic } from '../../../src/content/retrieval/reach.ts'

const peer = '/p2p/12D3KooWFkR8nsG5pzffoAfMzmwBcSakXxnogVa6inRxUbpfN5ua'

test('URLs and multiaddrs of HTTP become base URLs', () => {
  const urls: Record<string, string> = {
    'http://127.0.0.1:8080/': 'http://127.0.0.1:8080',
    'https://example.org:443/a/b/?x=1#y': 'https://example.org/a/b',
    '/ip4/127.0.0.1/tcp/8080/http': 'http://127.0.0.1:8080',
    '/ip6/::1/tcp/8080/http': 'http://[::1]:8080',
    '/dns4/example.org/tcp/443/https': 'https://example.org',
    [`/dns/example.org/tcp/8443/tls/http${peer}`]: 'https://example.org:8443',
    '/ip4/192.0.2.1/tcp/443/tls/sni/example.org/http': 'https://example.org',
    '/dns6/example.org/tcp/80/http/http-path/a%2Fb': 'http://example.org/a/b',
    '/dns/example.org/tcp/443/https/http-path/..%2Fx%3Fy': 'https://example.org/x%3Fy',
  }
  for (const [text, url] of Object.entries(urls)) assert.equal(parseProvider(text), url, text)
})

test('what is no HTTP provider is refused by what it is', () => {
  const reasons: Record<string, RegExp> = {
    '/ip4/192.0.2.1/udp/4001/quic-v1': /no udp, quic-v1 is spoken here, only HTTP/,
    '/ip4/192.0.2.1/tcp/4001/ws': /no ws is spoken/,
    [`/ip4/192.0.2.1/tcp/4001${peer}`]: /does not say http or https/,
    [`/ip4/192.0.2.1/tcp/4001${peer}/p2p-circuit${peer}`]: /no p2p, p2p-circuit is spoken/,
    '/dnsaddr/example.org/https': /no dnsaddr is spoken/,
    '/ip4/999.0.0.1/tcp/80/http': /not a multiaddr \(Invalid IPv4/,
    '/dns4/a@b/tcp/80/http': /"a@b" is no host/,
    '/': /does not say http/,
    'ftp://example.org': /ftp is not spoken here/,
    'http://user:secret@example.org': /credentials in a URL are not sent/,
    'example.org': /neither a URL nor a multiaddr/,
    '': /neither a URL nor a multiaddr/,
    ['/ip4/1.2.3.4'.repeat(500)]: /more than 2000 characters/,
  }
  for (const [text, message] of Object.entries(reasons)) {
    assert.throws(() => parseProvider(text), { code: 'INPUT_INVALID', message }, text)
  }
})

test('this machine is told from every other, in every way to write its address', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '2130706433', '0x7f.1', '[::1]', 'localhost', 'LOCALHOST.']) {
    assert.equal(isLoopbackUrl(`http://${host}:1/`), true, host)
    assert.equal(mayBePublic(`http://${host}:1/`), false, host)
  }
  for (const host of [
    'example.org',
    '127.0.0.1.example.org',
    'localhost.example.org',
    '8.8.8.8',
    '[2606::1]',
  ]) {
    assert.equal(isLoopbackUrl(`http://${host}/`), false, host)
    assert.equal(mayBePublic(`http://${host}/`), true, host)
  }
})

test('private, shared, mapped and reserved addresses are not public', () => {
  const inner = '0.0.0.0 10.1.1.1 100.64.0.1 169.254.169.254 172.31.0.1 192.168.1.1 224.0.0.1 255.255.255.255'
  const inner6 = ':: ::1 fc00::1 fd12::1 fe80::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1'
  for (const address of `${inner} ${inner6}`.split(' ')) {
    assert.equal(isPublicAddress(address), false, address)
    assert.equal(mayBePublic(`http://${address.includes(':') ? `[${address}]` : address}`), false, address)
  }
  for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700::1111']) {
    assert.equal(isPublicAddress(address), true, address)
  }
})
