// What a compiled program's variables and classes are, for a debugger: the names and types that its bytes don't tell.

import * as asc from 'assemblyscript'
import type {
  DebugField,
  DebugSymbols,
  DebugType,
  NumberForm,
  Shape,
  SymbolVariable,
} from '../../debug-info.ts'

type Told = Pick<DebugSymbols, 'functions' | 'globals' | 'types'>

/** Called when the program is compiled, and before its module is disposed of. */
export function readSymbols(program: asc.Program): Told {
  const types = new Types(program)
  const functions: Told['functions'] = []
  const globals: SymbolVariable[] = []
  for (const [name, element] of program.instancesByName) {
    if (element instanceof asc.Function) functions.push({ name, variables: variablesOf(element, types) })
  }
  for (const element of program.elementsByName.values()) {
    if (!(element instanceof asc.Global) || element.internalName.startsWith('~lib/')) continue
    globals.push({ name: element.name, index: element.internalName, type: types.add(element.type) })
  }
  // Classes that are only made at run time are told as well: a value can be of any.
  for (const each of program.managedClasses.values()) types.add(each.type)
  return { functions, globals, types: types.list }
}

function variablesOf(element: asc.Function, types: Types): SymbolVariable[] {
  const { localsByIndex, signature } = element
  const parameters = signature.parameterTypes.length + (signature.thisType ? 1 : 0)
  return localsByIndex.flatMap((local): SymbolVariable[] => {
    const { name, index, type } = local
    // Those that the compiler makes for itself have names that nobody can write.
    if (index < 0 || !/^[A-Za-z_$][\w$]*$/.test(name) || type.kind === voidKind) return []
    return [{ name, index, type: types.add(type), isParameter: index < parameters }]
  })
}

const voidKind: asc.TypeKind = asc.Type.void.kind

class Types {
  readonly #program: asc.Program
  readonly list: DebugType[] = []
  readonly #places = new Map<string, number>()

  constructor(program: asc.Program) {
    this.#program = program
  }

  /** Gives its place in the list. */
  add(type: asc.Type): number {
    const path = type.toString()
    const known = this.#places.get(path)
    if (known !== undefined) return known
    const name = path.replace(/(?:[\w~@.-]+\/)+/g, '')
    const place = this.list.push({ kind: 'opaque', name }) - 1
    this.#places.set(path, place)
    // Described after it has its place: a class can refer to itself.
    this.list[place] = this.#describe(type, name)
    return place
  }

  #describe(type: asc.Type, name: string): DebugType {
    const found = type.getClassOrWrapper(this.#program)
    if (type.isReference && found) {
      const id = found.type.isManaged ? { id: found.id } : {}
      return { kind: 'reference', name, shape: this.#shape(found), ...id }
    }
    if (type.isReference || !type.isValue) return { kind: 'opaque', name }
    return { kind: 'number', name, bytes: type.byteSize, form: formOf(type) }
  }

  #shape(found: asc.Class): Shape {
    const is = (prototype: asc.Element | undefined): boolean => found.prototype === prototype
    const program = this.#program
    const given = found.typeArguments ?? []
    const [first, second] = given.map((each) => this.add(each))
    if (found === program.stringInstance) return { is: 'string' }
    if (found === program.arrayBufferInstance) return { is: 'buffer' }
    if (is(program.arrayPrototype) && first !== undefined) return { is: 'array', element: first }
    if (is(program.staticArrayPrototype) && first !== undefined) return { is: 'static-array', element: first }
    if (is(program.mapPrototype) && first !== undefined && second !== undefined)
      return { is: 'map', key: first, value: second }
    if (is(program.setPrototype) && first !== undefined) return { is: 'set', key: first }
    const view = program.arrayBufferViewInstance
    if (found.extendsPrototype(view.prototype) && found.lookupOverload(asc.OperatorKind.IndexedGet))
      return { is: 'view', element: this.add(found.getArrayValueType()) }
    return { is: 'object', fields: this.#fields(found) }
  }

  #fields({ members }: asc.Class): DebugField[] {
    const fields: DebugField[] = []
    for (const member of members?.values() ?? []) {
      const property = member instanceof asc.PropertyPrototype ? member.instance : member
      if (!(property instanceof asc.Property) || !property.isField || property.memoryOffset < 0) continue
      fields.push({ name: property.name, offset: property.memoryOffset, type: this.add(property.type) })
    }
    return fields.sort((one, other) => one.offset - other.offset)
  }
}

function formOf(type: asc.Type): NumberForm {
  if (type.isFloatValue) return 'float'
  if (type.isBooleanValue) return 'bool'
  return type.isSignedIntegerValue ? 'signed' : 'unsigned'
}
