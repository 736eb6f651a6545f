// The Content-Disposition header (RFC 6266): what a browser does with an answer, and under which name it is kept.

/** Section 4.3: the name plain for every client, and extended when it is not ASCII. */
export function disposition(filename: string, kind: 'attachment' | 'inline' = 'attachment'): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\/]/g, '_')
  const extended = plain === filename ? '' : `; filename*=UTF-8''${encodeURIComponent(filename)}`
  return `${kind}; filename="${plain}"${extended}`
}
