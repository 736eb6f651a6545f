// In place of the C++ log writer: the same files, which output channels are read from.
// `exports.x =` throughout: the host imports it as an ES module and sees no other form.

const { appendFileSync, mkdirSync } = require('node:fs')
const { dirname } = require('node:path')

class Logger {
  constructor(_kind, _name, path) {
    this.path = path
    this.level = 2
    this.isBare = false
    mkdirSync(dirname(path), { recursive: true })
  }

  write(level, name, message) {
    if (level < this.level) return
    const time = new Date().toISOString().replace('T', ' ').slice(0, 23)
    try {
      appendFileSync(this.path, this.isBare ? message : `${time} [${name}] ${message}\n`)
    } catch {
      // The server's folder is removed while it still has a last word.
    }
  }

  trace(message) {
    this.write(0, 'trace', message)
  }
  debug(message) {
    this.write(1, 'debug', message)
  }
  info(message) {
    this.write(2, 'info', message)
  }
  warn(message) {
    this.write(3, 'warning', message)
  }
  error(message) {
    this.write(4, 'error', message)
  }
  critical(message) {
    this.write(5, 'critical', message)
  }
  getLevel() {
    return this.level
  }
  setLevel(level) {
    this.level = level
  }
  clearFormatters() {
    this.isBare = true
  }
  setPattern() {}
  flush() {}
  drop() {}
}

const makeLogger = async (name, path) => new Logger('', name, path)

exports.version = '0'
exports.Logger = Logger
exports.setLevel = () => {}
exports.setFlushOn = () => {}
exports.createRotatingLogger = makeLogger
exports.createAsyncRotatingLogger = makeLogger
