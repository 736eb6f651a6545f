// Requests as bytes and the statuses they are answered with, by section of RFC 9112 (and 9110 where named).

import { host, last } from './wire.ts'

export interface Case {
  section: string
  name: string
  sent: string
  statuses: readonly number[]
  /** Where node:http is documented or known to differ. */
  node?: readonly number[]
}

const ok = [200, 200]
const bad = [400]

function get(headers: string, line = 'GET / HTTP/1.1'): string {
  return `${line}\r\n${headers}\r\n${last}`
}

function post(headers: string, body: string): string {
  return `POST / HTTP/1.1\r\n${host}${headers}\r\n${body}${last}`
}

const chunked = (body: string): string => post('Transfer-Encoding: chunked\r\n', body)

function row(
  section: string,
  name: string,
  sent: string,
  statuses: readonly number[],
  node?: number[],
): Case {
  return { section, name, sent, statuses, ...(node && { node }) }
}

const startLines: readonly Case[] = [
  row('2.2', 'empty lines before a request', `\r\n\r\n${get(host)}`, ok),
  row('2.2', 'line feeds alone end no line', `GET / HTTP/1.1\nHost: a\n\n${last}`, bad),
  row('2.2', 'a line feed alone after a header', get('Host: a\nX: b\r\n'), bad),
  row('2.2', 'a bare carriage return in a header', get(`${host}X: a\rb\r\n`), bad),
  row('2.2', 'a bare carriage return before the end', `GET / HTTP/1.1\r\n${host}\rX`, bad),
  row('2.2', 'white space before the first header', get(` ${host}`), bad),
  row('3', 'two spaces before the version', get(host, 'GET /  HTTP/1.1'), bad, ok),
  row('3', 'a space behind the version', get(host, 'GET / HTTP/1.1 '), bad),
  row('3', 'a target with a space', get(host, 'GET /a b HTTP/1.1'), bad),
  row('2.3', 'a lower-case protocol', get(host, 'GET / http/1.1'), bad),
  row('2.3', 'another protocol', get(host, 'OPTIONS / RTSP/1.0'), bad, [200]),
  row('2.3', 'TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', bad),
  row('9110 15.6.6', 'HTTP/2.0', get(host, 'GET / HTTP/2.0'), [505]),
  row('9110 15.6.6', 'HTTP/3.0', get(host, 'GET / HTTP/3.0'), [505]),
  row('9110 15.6.6', 'HTTP/0.9', 'GET /\r\n\r\n', [505]),
  row('9110 15.6.6', 'the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [505]),
  row('9110 9.1', 'an unknown method', get(host, 'BREW / HTTP/1.1'), [501]),
  row('9110 9.1', 'a method in lower case', get(host, 'get / HTTP/1.1'), [501]),
  row('9110 9.1', 'a method that only begins as a known one', get(host, 'GETS / HTTP/1.1'), [501]),
  row('9110 9.1', 'a method of RTSP', get(host, 'DESCRIBE / HTTP/1.1'), [501]),
  row('9110 9.3.6', 'CONNECT', get(host, 'CONNECT localhost:1 HTTP/1.1'), [501]),
  row('3.2.2', 'an absolute target', get(host, 'GET http://example.org/x?y HTTP/1.1'), ok),
  row('3.2.2', 'an absolute target with a user', get(host, 'GET http://u@example.org/ HTTP/1.1'), bad),
  row('3.2.2', 'an absolute target without a host', get(host, 'GET http:///x HTTP/1.1'), bad),
  row('3.2.2', 'an absolute target of another scheme', get(host, 'GET ftp://a/b HTTP/1.1'), bad),
  row('9110 7.4', 'an https target', get(host, 'GET https://a/b HTTP/1.1'), [421]),
  row('3.2.3', 'host and port alone', get(host, 'GET localhost:1 HTTP/1.1'), bad),
  row('3.2.4', 'an asterisk with OPTIONS', get(host, 'OPTIONS * HTTP/1.1'), ok),
  row('3.2.4', 'an asterisk with GET', get(host, 'GET * HTTP/1.1'), bad),
  row('3.2', 'a fragment in the target', get(host, 'GET /a#b HTTP/1.1'), bad),
  row('3.2', 'a word as target', get(host, 'GET word HTTP/1.1'), bad),
  row('3.2', 'a control character in the target', get(host, 'GET /\x01 HTTP/1.1'), bad),
  row('3.2', 'a byte beyond ASCII in the target', get(host, 'GET /\xe9 HTTP/1.1'), bad),
  row('3', 'a target over the limit', get(host, `GET /${'x'.repeat(5_000)} HTTP/1.1`), [414]),
]

const headers: readonly Case[] = [
  row('3.2', 'no Host', get(''), bad),
  row('3.2', 'two Hosts', get(host + host), bad),
  row('3.2', 'two different Hosts', get(`${host}Host: b\r\n`), bad),
  row('3.2', 'a Host that is none', get('Host: a b\r\n'), bad),
  row('3.2', 'a Host with a path', get('Host: a/b\r\n'), bad),
  row('3.2', 'an empty Host', get('Host:\r\n'), ok),
  row('3.2', 'an IPv6 Host', get('Host: [::1]:80\r\n'), ok),
  row('3.2', 'no Host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', [200]),
  row('5.1', 'a space before the colon', get(`${host}X : a\r\n`), bad),
  row('5.1', 'a tab before the colon', get(`${host}X\t: a\r\n`), bad),
  row('5.1', 'white space in a name', get(`${host}X y: a\r\n`), bad),
  row('5.1', 'no name', get(`${host}: a\r\n`), bad),
  row('5.1', 'no colon', get(`${host}X\r\n`), bad),
  row('5.2', 'a folded line', get(`${host}X: a\r\n b\r\n`), bad),
  row('5.2', 'a folded Host', get('Host:\r\n a\r\n'), bad),
  row('9110 5.5', 'a NUL in a value', get(`${host}X: a\0b\r\n`), bad),
  row('9110 5.5', 'a NUL in a name', get(`${host}X\0: a\r\n`), bad),
  row('9110 5.5', 'a control character in a value', get(`${host}X: \x01\r\n`), bad),
  row('9110 5.5', 'a byte beyond ASCII in a value', get(`${host}X: \xe9\r\n`), ok),
  row('9110 5.5', 'empty and blank values', get(`${host}X:\r\nY: \t \r\nZ: z\r\n`), ok),
  row('9110 5.4', 'headers over the limit', get(`${host}X: ${'y'.repeat(5_000)}\r\n`), [431]),
  row('9110 5.4', 'a name over the limit', get(`${host}${'y'.repeat(5_000)}: x\r\n`), [431]),
  row('9110 5.4', 'blanks over the limit', get(`${host}X:${' '.repeat(90_000)}x\r\n`), [431], ok),
  row('9110 5.4', 'too many headers', get(host + 'X: y\r\n'.repeat(20)), [431]),
  row('9110 5.4', 'as many headers as allowed', get(host + 'X: y\r\n'.repeat(19)), ok),
  row(
    '9110 7.8',
    'an Upgrade that is not taken',
    get(`${host}Connection: Upgrade\r\nUpgrade: x\r\n`),
    ok,
    [200],
  ),
  row(
    '9110 7.8',
    'an Upgrade with a body',
    post('Connection: Upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n', 'hi'),
    ok,
    [200],
  ),
  row('9110 10.1.1', 'an expectation nobody knows', get(`${host}Expect: x\r\n`), [417]),
  row('9110 10.1.1', 'an expectation in HTTP/1.0', 'GET / HTTP/1.0\r\nExpect: x\r\n\r\n', [200]),
]

const bodies: readonly Case[] = [
  row('6.2', 'a body by length', post('Content-Length: 5\r\n', 'hello'), ok),
  row('6.2', 'a length with blanks around', post('Content-Length:  5  \r\n', 'hello'), ok),
  row('6.2', 'a length with zeros before', post('Content-Length: 005\r\n', 'hello'), ok),
  row('6.2', 'a body with GET', `GET / HTTP/1.1\r\n${host}Content-Length: 3\r\n\r\nabc${last}`, ok),
  row('6.2', 'a length of plus four', post('Content-Length: +4\r\n', 'abcd'), bad),
  row('6.2', 'a length of minus four', post('Content-Length: -4\r\n', 'abcd'), bad),
  row('6.2', 'a length in hexadecimal', post('Content-Length: 0x4\r\n', 'abcd'), bad),
  row('6.2', 'a length with a space inside', post('Content-Length: 4 4\r\n', 'abcd'), bad),
  row('6.2', 'a length with a fraction', post('Content-Length: 4.0\r\n', 'abcd'), bad),
  row('6.2', 'an empty length', post('Content-Length:\r\n', ''), bad),
  row('6.2', 'a length beyond 64 bits', post('Content-Length: 99999999999999999999999\r\n', ''), bad),
  row('6.3', 'two different lengths', post('Content-Length: 4\r\nContent-Length: 5\r\n', 'abcd'), bad),
  row('6.3', 'two equal lengths', post('Content-Length: 4\r\nContent-Length: 4\r\n', 'abcd'), bad),
  row('6.3', 'a list of lengths', post('Content-Length: 4, 4\r\n', 'abcd'), bad),
  row(
    '6.3',
    'length, then coding',
    post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    bad,
  ),
  row(
    '6.3',
    'coding, then length',
    post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '0\r\n\r\n'),
    bad,
  ),
  row('6.1', 'coding in HTTP/1.0', `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, bad),
  row(
    '6.1',
    'chunked twice',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    bad,
  ),
  row('6.3', 'chunked, but not last', post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), bad),
  row('6.1', 'a coding beside chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), [501]),
  row(
    '6.1',
    'a coding in a header before chunked',
    post('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    [501],
  ),
  row('6.3', 'the coding identity', post('Transfer-Encoding: identity\r\n', ''), bad),
  row('6.3', 'a coding that ends like chunked', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), bad),
  row('6.3', 'an empty coding', post('Transfer-Encoding:\r\n', ''), bad),
  row('6.3', 'a coding in capitals', post('Transfer-Encoding: Chunked\r\n', '0\r\n\r\n'), ok),
  row('7.1', 'chunks', chunked('5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n'), ok),
  row('7.1', 'a size with zeros before and capitals', chunked('00A\r\n0123456789\r\n0\r\n\r\n'), ok),
  row('7.1.1', 'an extension', chunked('5;a=b;c="d"\r\nhello\r\n0\r\n\r\n'), ok),
  row(
    '7.1.1',
    'a line end in the quotes of an extension',
    chunked('5;a="b\r\nc"\r\nhello\r\n0\r\n\r\n'),
    bad,
  ),
  row('7.1.1', 'an endless extension', chunked(`5;${'a'.repeat(200_000)}`), [413]),
  row('7.1.2', 'trailers', chunked('5\r\nhello\r\n0\r\nX-T: 1\r\nHost: b\r\n\r\n'), ok),
  row('9110 6.5.1', 'a length among the trailers', chunked('0\r\nContent-Length: 9\r\n\r\n'), bad),
  row('7.1.2', 'a trailer with a space before the colon', chunked('0\r\nX : 1\r\n\r\n'), bad),
  row('7.1.2', 'endless trailers', chunked(`0\r\n${'X: y\r\n'.repeat(30_000)}\r\n`), [413], [431]),
  row('7.1', 'a size behind a space', chunked(' 5\r\nhello\r\n0\r\n\r\n'), bad),
  row('7.1', 'a size before a space', chunked('5 \r\nhello\r\n0\r\n\r\n'), bad),
  row('7.1', 'a size with a prefix', chunked('0x5\r\nhello\r\n0\r\n\r\n'), bad),
  row('7.1', 'a negative size', chunked('-5\r\nhello\r\n0\r\n\r\n'), bad),
  row('7.1', 'an empty size', chunked('\r\nhello\r\n0\r\n\r\n'), bad),
  row('7.1', 'a size beyond 64 bits', chunked('fffffffffffffffff\r\nhello'), bad),
  row('7.1', 'a size ended by a line feed', chunked('5\nhello\r\n0\r\n\r\n'), bad),
  row('7.1', 'an extension ended by a line feed', chunked('5;a\nhello\r\n0\r\n\r\n'), bad),
  row('7.1', 'a chunk ended by a line feed', chunked('5\r\nhello\n0\r\n\r\n'), bad),
  row('7.1', 'a chunk longer than its size', chunked('5\r\nhelloX\r\n0\r\n\r\n'), bad),
  row('9110 15.5.14', 'a length over the limit', post('Content-Length: 1001\r\n', ''), [413]),
  row('9110 15.5.14', 'a length at the limit', post('Content-Length: 1000\r\n', 'x'.repeat(1_000)), ok),
  row('9110 15.5.14', 'chunks over the limit', chunked(`3e9\r\n${'x'.repeat(1_001)}\r\n0\r\n\r\n`), [413]),
  row('9110 15.5.14', 'chunks at the limit', chunked(`3e8\r\n${'x'.repeat(1_000)}\r\n0\r\n\r\n`), ok),
  row(
    '9110 10.1.1',
    'too large a length instead of a 100',
    post('Content-Length: 1001\r\nExpect: 100-continue\r\n', ''),
    [413],
  ),
]

export const cases: readonly Case[] = [...startLines, ...headers, ...bodies]
