// What a compiled program's variables and classes are, for a debugger: the names and types that its bytes don't tell.

import * as asc from 'assemblyscript'
import { type DeclaringCompiler, constantOf } from './declared.ts'
import { Scopes, toPlaces } from './scopes.ts'
import type {
  DebugField,
  DebugSymbols,
  DebugType,
  NumberForm,
  Shape,
  SymbolVariable,
} from '../../debug-info.ts'

type Told = Pick<DebugSymbols, 'functions' | 'globals' | 'types' | 'defaults'>

/** Called when the program is compiled, and before its module is disposed of. */
export function readSymbols(compiler: DeclaringCompiler): Told {
  const { program } = compiler
  // No function has the number 0.
  const table = ['null', ...compiler.functionTable.map(({ internalName }) => sayName(internalName))]
  const types = new Types(program, table)
  const scopes = new Scopes()
  const describe = (element: asc.Function): SymbolVariable[] =>
    variablesOf(element, { compiler, types, scopes })
  const functions: Told['functions'] = []
  const globals: SymbolVariable[] = []
  for (const [name, element] of program.instancesByName) {
    if (element instanceof asc.Function) functions.push({ name, variables: describe(element) })
  }
  for (const element of program.elementsByName.values()) {
    if (element.internalName.startsWith('~lib/')) continue
    const isGlobal = element instanceof asc.Global || element instanceof asc.EnumValue
    if (isGlobal) globals.push(describeGlobal(element, types))
  }
  // Classes that are only made at run time are told as well: a value can be of any.
  for (const each of program.managedClasses.values()) types.add(each.type)
  const own = program.sources.filter(({ normalizedPath }) => !normalizedPath.startsWith('~lib/'))
  const defaults = own.flatMap((source) => scopes.defaultsOf(source))
  return { functions, globals, types: types.list, defaults }
}

function describeGlobal(element: asc.Global | asc.EnumValue, types: Types): SymbolVariable {
  const { parent, internalName: index } = element
  const name = parent instanceof asc.File ? element.name : `${parent.name}.${element.name}`
  const constant = constantOf(element)
  const told = { name, index, type: types.add(element.type), ...(constant !== undefined && { constant }) }
  return element instanceof asc.EnumValue ? { ...told, isMember: true } : told
}

interface Describing {
  compiler: DeclaringCompiler
  types: Types
  scopes: Scopes
}

function variablesOf(element: asc.Function, { compiler, types, scopes }: Describing): SymbolVariable[] {
  const { localsByIndex, signature } = element
  const parameters = signature.parameterTypes.length + (signature.thisType ? 1 : 0)
  const outside = toPlaces(element.prototype.declaration.range)
  const told: SymbolVariable[] = []
  const tell = (local: asc.Local, declaration: asc.VariableDeclaration): SymbolVariable => {
    const scope = scopes.of(declaration.range, element)
    return { name: local.name, index: local.index, type: types.add(local.type), ...(scope && { scope }) }
  }
  for (const local of localsByIndex) {
    const { name, index, type } = local
    // Those that the compiler makes for itself have names that nobody can write.
    if (index < 0 || !/^[A-Za-z_$][\w$]*$/.test(name) || type.kind === voidKind) continue
    const declaration = compiler.declared.get(local)
    if (declaration) told.push(tell(local, declaration))
    else if (index < parameters) told.push({ name, index, type: types.add(type), isParameter: true })
    // A parameter of a function that is put in the place of its call.
    else told.push({ name, index, type: types.add(type), outside })
  }
  for (const [declaration, local] of compiler.constants.get(element) ?? []) {
    const constant = constantOf(local)
    if (constant !== undefined) told.push({ ...tell(local, declaration), constant })
  }
  return told
}

const voidKind: asc.TypeKind = asc.Type.void.kind

class Types {
  readonly #program: asc.Program
  readonly #table: string[]
  readonly list: DebugType[] = []
  readonly #places = new Map<string, number>()

  /** `table`: names of functions, by the numbers that a value of one has. */
  constructor(program: asc.Program, table: string[]) {
    this.#program = program
    this.#table = table
  }

  /** Gives its place in the list. */
  add(type: asc.Type): number {
    const path = type.toString()
    const known = this.#places.get(path)
    if (known !== undefined) return known
    const name = sayName(path)
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
    if (is(program.functionPrototype)) return { is: 'function', names: this.#table }
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

/** Without the files that what it names is in. */
function sayName(path: string): string {
  const decoded = path.replace(/%(28|29|2C)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return decoded.replace(/(?:[\w~@.-]+\/)+/g, '')
}
