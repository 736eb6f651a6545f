// In place of the native watchdog: ends a host whose server is gone.

exports.start = (parentPid) => {
  const timer = setInterval(() => {
    try {
      process.kill(parentPid, 0)
    } catch {
      process.exit(87)
    }
  }, 1000)
  timer.unref()
}
exports.exit = (code) => process.exit(code || 0)
