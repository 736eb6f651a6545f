// Runs inside the extension host: mocha over the bundled tests, each result a line of a file.

const { appendFileSync } = require('node:fs')
const { Console } = require('node:console')
const { Writable } = require('node:stream')

const { mochaPath, files, resultsPath, outputPath } = JSON.parse(process.env.WASMATE_TEST_HOST)

// The host's own console can't be assigned to, member by member; what tests print must be seen.
const output = new Writable({
  write(chunk, _encoding, done) {
    appendFileSync(outputPath, chunk)
    done()
  },
})
globalThis.console = new Console(output)

// What a person is told of a failure says why a test fails.
const { window } = require('vscode')
const { showErrorMessage } = window
window.showErrorMessage = (words, ...rest) => {
  console.log(`shown: ${words}`)
  return showErrorMessage(words, ...rest)
}

exports.run = async () => {
  const { default: Mocha } = await import(mochaPath)
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, reporter: 'min', color: false })
  for (const file of files) mocha.addFile(file)
  await new Promise((resolve) => {
    const runner = mocha.run(resolve)
    const tell = (line) => appendFileSync(resultsPath, `${JSON.stringify(line)}\n`)
    runner.on('pass', (test) => tell({ title: test.fullTitle(), durationMs: test.duration }))
    runner.on('pending', (test) => tell({ title: test.fullTitle(), error: 'it was left out' }))
    runner.on('fail', (test, error) => tell({ title: test.fullTitle(), error: String(error.stack ?? error) }))
    runner.on('end', () => tell({ end: true }))
  })
}
