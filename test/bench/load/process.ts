// What a process has used so far: CPU time and memory, from /proc or, where there is none, from ps.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Microseconds on all cores since it started, in steps of 10 ms. */
export function cpuMicros(pid: number): number {
  if (process.platform === 'linux') {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold spaces and brackets: fields are counted from behind it (proc_pid_stat(5): 14 and 15).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  }
  return readClock(ps(pid, 'time')) * 1e6
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  return Number(ps(pid, 'rss')) * 1024
}

function ps(pid: number, field: string): string {
  return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).trim()
}

/** `[hours:]minutes:seconds` */
function readClock(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}
