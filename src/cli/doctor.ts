// wasmate doctor: what this machine has and lacks, each with what to do about it. Changes nothing,
// except with --fetch-devnet, which gets the chain's binary ahead of time.

import { toWasmateError } from '../base/errors.ts'
import { createLog, silentLog } from '../base/log.ts'
import { choosePort } from '../base/ports.ts'
import { Builder } from '../build/build.ts'
import { attach } from '../client/control.ts'
import { type BinaryOptions, type FoundBinary, findDevnet, locateDevnet } from '../devnet/binary.ts'
import { type Session, builderOptions } from './session.ts'

export interface DoctorOptions {
  fetchDevnet?: boolean
}

interface Check {
  name: string
  /** `optional`: not there, and only some functions need it. */
  state: 'ok' | 'optional' | 'missing'
  finding: string
  /** What to do; only where something lacks. */
  next?: string
}

export async function doctorVerb(session: Session, options: DoctorOptions): Promise<void> {
  const devnet = options.fetchDevnet ? await fetchDevnet(session) : undefined
  const checks = [
    checkNode(),
    await checkDevnet(session, devnet),
    ...(await checkToolchains(session)),
    ...(await checkEmulator(session)),
  ]
  const text = checks.map(({ state, name, finding, next }) => {
    return `${state.padEnd(9)} ${name.padEnd(16)} ${finding}${next ? `\n${' '.repeat(27)}next: ${next}` : ''}`
  })
  const found = devnet && { path: devnet.binary, origin: devnet.origin }
  session.output.result({ checks, ...(found && { devnet: found }) }, text.join('\n'))
  if (checks.some(({ state }) => state === 'missing')) process.exitCode = 3
}

function checkNode(): Check {
  return { name: 'node', state: 'ok', finding: process.version }
}

function binaryOptions({ config, environment, output }: Session): BinaryOptions {
  return {
    ...config.devnet,
    pathEnv: environment.path,
    cacheFolder: environment.cacheFolder,
    platform: process.platform,
    arch: process.arch,
    log: createLog((_level, part, message) => output.note(`${part}: ${message}`)),
  }
}

function fetchDevnet(session: Session): Promise<FoundBinary> {
  const { output, signal } = session
  return locateDevnet(binaryOptions(session), { signal, report: output.progress })
}

async function checkDevnet(session: Session, fetched: FoundBinary | undefined): Promise<Check> {
  const { found, sought } = fetched
    ? { found: fetched, sought: [] }
    : await findDevnet(binaryOptions(session))
  const name = 'starknet-devnet'
  if (found) return { name, state: 'ok', finding: `${found.binary} (${found.origin})` }
  const finding = sought.map(({ origin, finding }) => `${origin}: ${finding}`).join('; ')
  return {
    name,
    state: 'missing',
    finding,
    next: 'wasmate doctor --fetch-devnet downloads it, or builds it with cargo',
  }
}

async function checkToolchains(session: Session): Promise<Check[]> {
  const reports = await new Builder(builderOptions(session, silentLog)).check()
  return reports.map(({ language, found, detail }) => {
    return { name: language, state: found ? 'ok' : 'optional', finding: detail }
  })
}

async function checkEmulator(session: Session): Promise<Check[]> {
  const name = 'emulator'
  try {
    const { pid, chain } = await (await attach(session.workspace)).status()
    return [{ name, state: 'ok', finding: `process ${pid}, chain ${chain.state}` }]
  } catch (error) {
    const { code, message, next } = toWasmateError(error)
    if (code !== 'EMULATOR_NOT_RUNNING') return [{ name, state: 'missing', finding: message, next }]
    return [{ name, state: 'ok', finding: 'not running' }, ...(await checkPorts(session))]
  }
}

/** A taken port is no fault: a free one is used. It is told because links people kept then lead elsewhere. */
async function checkPorts({ config }: Session): Promise<Check[]> {
  return Promise.all(
    Object.entries(config.ports).map(async ([part, port]) => {
      const { taken } = await choosePort(port)
      const finding = taken
        ? `${port} is held by ${taken.holder}; another is used while it is`
        : `${port} is free`
      return { name: `port ${part}`, state: 'ok', finding }
    }),
  )
}
