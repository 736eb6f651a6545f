// What is beside the variables while a function stands still: its vars, config, host calls so far, and linear memory.

import {
  type DebugSession,
  Disposable,
  EventEmitter,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  debug,
  l10n,
  window,
} from 'vscode'
import { printable } from '../../base/printable.ts'
import type { HostState } from '../../runner/debuggee-messages.ts'
import { debugType, debugViews } from '../ids.ts'
import { formatBytes } from '../trees/words.ts'

interface Line {
  label: string
  description?: string
  icon: string
  children?: Line[]
  /** Read when it is opened. */
  read?: () => Promise<Line[]>
}

type State = HostState & { memoryBytes: number }

/** Of memory, at a time. */
const pageBytes = 4096
const rowBytes = 16

export function registerHostView(): Disposable {
  const view = new HostView()
  return Disposable.from(view, window.registerTreeDataProvider(debugViews.host, view))
}

class HostView implements TreeDataProvider<Line>, Disposable {
  readonly #changed = new EventEmitter<void>()
  readonly onDidChangeTreeData = this.#changed.event
  readonly #around: Disposable

  constructor() {
    const refresh = (): void => this.#changed.fire()
    this.#around = Disposable.from(
      debug.onDidChangeActiveDebugSession(refresh),
      debug.onDidTerminateDebugSession(refresh),
      // A stop, and each choice of a frame.
      debug.onDidChangeActiveStackItem(refresh),
    )
  }

  dispose(): void {
    this.#around.dispose()
    this.#changed.dispose()
  }

  getTreeItem({ label, description, icon, children, read }: Line): TreeItem {
    const hasMore = read !== undefined || (children?.length ?? 0) > 0
    const { Collapsed, None } = TreeItemCollapsibleState
    const item = new TreeItem(label, hasMore ? Collapsed : None)
    item.iconPath = new ThemeIcon(icon)
    if (description !== undefined) {
      item.description = description
      item.tooltip = `${label}: ${description}`
    }
    return item
  }

  async getChildren(line?: Line): Promise<Line[]> {
    if (line) return line.read ? line.read() : (line.children ?? [])
    const session = debug.activeDebugSession
    if (session?.type !== debugType) return []
    try {
      return linesOf((await session.customRequest('host')) as State, session)
    } catch {
      // While it runs there is nothing to see.
      return []
    }
  }
}

function linesOf(
  { vars, config, allowedHosts, calls, logs, memoryBytes }: State,
  session: DebugSession,
): Line[] {
  const counted = (label: string, icon: string, children: Line[]): Line => {
    return { label, icon, children, description: String(children.length) }
  }
  return [
    counted(
      l10n.t('Vars'),
      'symbol-variable',
      vars.map(({ key, base64 }) => ({ label: key, description: sayBytes(base64), icon: 'symbol-field' })),
    ),
    counted(
      l10n.t('Config'),
      'settings',
      Object.entries(config).map(([label, description]) => ({ label, description, icon: 'symbol-constant' })),
    ),
    counted(
      l10n.t('Allowed hosts'),
      'globe',
      allowedHosts.map((label) => ({ label, icon: 'globe' })),
    ),
    counted(
      l10n.t('Host calls'),
      'call-outgoing',
      calls.calls.map(({ name, asked, answered, failed }) => {
        const description = [asked, answered].filter((said) => said !== undefined).join(' → ')
        return { label: name, description, icon: failed ? 'error' : 'symbol-method' }
      }),
    ),
    counted(
      l10n.t('Log'),
      'output',
      logs.map(({ level, message }) => ({ label: message, description: level, icon: 'note' })),
    ),
    memoryOf(memoryBytes, session),
  ]
}

function memoryOf(memoryBytes: number, session: DebugSession): Line {
  const pages = Math.ceil(memoryBytes / pageBytes)
  const read = async (): Promise<Line[]> =>
    Array.from({ length: pages }, (_, page) => ({
      label: hex(page * pageBytes),
      icon: 'file-binary',
      read: () => readRows(page * pageBytes, session),
    }))
  return { label: l10n.t('Linear memory'), description: formatBytes(memoryBytes), icon: 'server', read }
}

async function readRows(from: number, session: DebugSession): Promise<Line[]> {
  const asked = { memoryReference: hex(from), offset: 0, count: pageBytes }
  const { data = '' } = (await session.customRequest('readMemory', asked)) as { data?: string }
  const bytes = Buffer.from(data, 'base64')
  return Array.from({ length: Math.ceil(bytes.length / rowBytes) }, (_, row) => {
    const own = bytes.subarray(row * rowBytes, (row + 1) * rowBytes)
    const digits = [...own].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = [...own].map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')
    return { label: hex(from + row * rowBytes), description: `${digits}  ${text}`, icon: 'blank' }
  })
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(8, '0')}`
}

function sayBytes(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString()
  return text.includes('\uFFFD') || text.includes('\0') ? formatBytes(bytes.length) : printable(text, 200)
}
