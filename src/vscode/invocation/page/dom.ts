// Elements from their parts. Text goes in as text alone: most of it was written by a foreign function.

type Child = Node | string | undefined | false

type Attributes = Record<string, string | number | boolean | undefined | ((event: Event) => void)>

/** Attributes whose value is a function listen to the event of that name. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value)
    else if (value !== undefined && value !== false)
      element.setAttribute(key, value === true ? '' : `${value}`)
  }
  element.append(...children.filter((child) => child !== undefined && child !== false))
  return element
}

export function fill(text: string, ...values: (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_all, index: string) => `${values[Number(index)] ?? ''}`)
}

export function button(label: string, click: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return make('button', { type: 'button', click, ...attributes }, label)
}

/**
 * One stop for the Tab key; arrows, Home and End go on from there (ARIA Authoring Practices, roving tabindex). `chosen`
 * is the one that has the stop.
 */
export function rove(
  items: HTMLElement[],
  chosen: HTMLElement | undefined,
  moved?: (item: HTMLElement) => void,
): void {
  const stop = (item: HTMLElement | undefined): void => {
    for (const each of items) each.tabIndex = each === item ? 0 : -1
  }
  stop(chosen ?? items[0])
  for (const [index, item] of items.entries()) {
    item.addEventListener('focus', () => stop(item))
    item.addEventListener('keydown', (event) => {
      const next = targetOf(event.key, index, items.length)
      const target = next === undefined ? undefined : items[next]
      if (!target) return
      event.preventDefault()
      target.focus()
      moved?.(target)
    })
  }
}

function targetOf(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return (index + 1) % count
    case 'ArrowLeft':
    case 'ArrowUp':
      return (index + count - 1) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
