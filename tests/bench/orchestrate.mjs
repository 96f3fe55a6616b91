// Runs the peers in turn, one login each per round, so that whatever else the machine does meets all of them alike.
// A peer may get ready for its turn ("prepare", answered by "prepared"), which is not counted: a pool starts its browsers ahead.
//   node orchestrate.mjs ROUNDS URL USER PASSWORD SECRET NAME=COMMAND...
// A peer prints "ready", then for each line "run" one line of JSON: { ms, page_ms, cpu } in milliseconds, rss in bytes, of its own process.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const [rounds, url, user, password, secret, ...commands] = process.argv.slice(2)
const settings = JSON.stringify({ url, user, password, secret })

async function start(text) {
  const [name, command] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1).split(' ')]
  const child = spawn(command[0], [...command.slice(1), settings], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${name} ended early`)
    return value
  }
  if ((await next()) !== 'ready') throw new Error(`${name} did not say ready`)
  const login = async () => {
    child.stdin.write('prepare\n')
    if ((await next()) !== 'prepared') throw new Error(`${name} did not say prepared`)
    child.stdin.write('run\n')
    return JSON.parse(await next())
  }
  return { name, login, end: () => child.stdin.end(), runs: [] }
}

const sorted = (values) => [...values].sort((a, b) => a - b)
const quantile = (values, q) => sorted(values)[Math.min(values.length - 1, Math.round(q * (values.length - 1)))]

const peers = await Promise.all(commands.map(start))
for (const peer of peers) await peer.login()   // the first login of each warms caches and is not counted
for (let round = 0; round < Number(rounds); ++round) for (const peer of peers) peer.runs.push(await peer.login())
for (const peer of peers) peer.end()

const rows = peers.map(({ name, runs }) => {
  const of = (key) => runs.map((run) => run[key])
  return { name, median: quantile(of('ms'), 0.5), low: quantile(of('ms'), 0.1), high: quantile(of('ms'), 0.9), page: quantile(of('page_ms'), 0.5), pageLow: quantile(of('page_ms'), 0.1), pageHigh: quantile(of('page_ms'), 0.9), cpu: quantile(of('cpu'), 0.5),
           rss: quantile(of('rss'), 0.5) / 2 ** 20, messages: runs[0].messages ?? '' }
})
const base = rows[0]
console.log('| driver | whole login, median ms (10 to 90 %) | from the open page, median ms (10 to 90 %) | to the floor | own CPU ms | resident MB | messages |')
console.log('|---|---|---|---|---|---|---|')
for (const row of rows) {
  console.log(`| ${row.name} | ${row.median.toFixed(0)} (${row.low.toFixed(0)} to ${row.high.toFixed(0)}) | ${row.page.toFixed(0)} (${row.pageLow.toFixed(0)} to ${row.pageHigh.toFixed(0)}) ` +
              `| ${(row.page / base.page).toFixed(2)} | ${row.cpu.toFixed(1)} | ${row.rss.toFixed(0)} | ${row.messages} |`)
}
const named = (name) => rows.find((row) => row.name === name)
const ratio = (name, key) => (named(name)[key] / named('playwright')[key]).toFixed(2)
console.log(`\nto playwright, which keeps its browser: totpilot with a new browser for each login ${ratio('totpilot', 'median')}, ` +
            `started ahead ${ratio('totpilot, warm', 'median')}; ` +
            `with one browser ${ratio('totpilot, one browser', 'median')}, from the open page ${ratio('totpilot, one browser', 'page')}`)
for (const { name, runs } of peers.filter(({ runs }) => runs[0].steps)) {
  const median = (index) => quantile(runs.map(({ steps }) => steps[index][1]), 0.5)
  console.log(`${name}, ms: ${runs[0].steps.map(([step], index) => `${step} ${median(index).toFixed(0)}`).join(', ')}`)
}
