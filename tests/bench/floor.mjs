// The floor: one login in as few protocol messages as a hand-written script needs, waiting in the page. No locators, no checks.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { binary, flags, serve, totp } from './chrome.mjs'

const { url, user, password, secret } = JSON.parse(process.argv[2])
const chrome = spawn(binary, [...flags, `--user-data-dir=${process.env.HOME}/floor`], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
await once(chrome, 'spawn')
const pending = new Map()
let buffered = ''
let next = 0
let sent = 0
chrome.stdio[4].setEncoding('utf8').on('data', (chunk) => {
  const parts = (buffered + chunk).split('\0')
  buffered = parts.pop()
  for (const part of parts) {
    const message = JSON.parse(part)
    const reply = pending.get(message.id)
    if (!reply) continue
    pending.delete(message.id)
    message.error ? reply.reject(new Error(message.error.message)) : reply.resolve(message.result)
  }
})
function call(method, params = {}, sessionId) {
  const id = ++next
  ++sent
  chrome.stdio[3].write(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }) + '\0')
  return new Promise((resolve, reject) => pending.set(id, { resolve, reject }))
}

/// Evaluates in the page until a document answers: a navigation ends the old document's promises.
async function inPage(session, expression) {
  for (;;) {
    try {
      const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }, session)
      if (!answer.exceptionDetails) return answer.result.value
    } catch {
      // the document went away: ask the next one
    }
  }
}
const whenThere = (selector, then) => `new Promise((done) => {
  const look = () => { const e = document.querySelector(${JSON.stringify(selector)}); if (!e) return false; done((${then})(e)); return true };
  if (!look()) { const o = new MutationObserver(() => { if (look()) o.disconnect() }); o.observe(document, { childList: true, subtree: true }) } })`

await call('Browser.getVersion')
async function login() {
  sent = 0
  const { browserContextId } = await call('Target.createBrowserContext', { disposeOnDetach: true })
  const { targetId } = await call('Target.createTarget', { url: 'about:blank', browserContextId })
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true })
  const opened = process.hrtime.bigint()
  const steps = []
  let begun = opened
  const end = (step) => {
    const now = process.hrtime.bigint()
    steps.push([step, Number(now - begun) / 1e6])
    begun = now
  }
  await call('Page.navigate', { url: `${url}/login` }, sessionId)
  end('navigate')
  const submit = `f.requestSubmit ? f.requestSubmit() : f.submit()`
  await inPage(sessionId, whenThere('input[type=password]', `(p) => { const f = p.form; f.querySelector('input[type=text],input[type=email],input:not([type])').value = ${JSON.stringify(user)}; p.value = ${JSON.stringify(password)}; ${submit}; return 1 }`))
  end('open and password')
  await inPage(sessionId, whenThere('input[autocomplete=one-time-code]', `(c) => { const f = c.form; c.value = ${JSON.stringify(await totp(secret))}; ${submit}; return 1 }`))
  end('code')
  await inPage(sessionId, whenThere('form[action$="/logout"], a[href$="/logout"]', '() => 1'))
  end('signed in')
  const { cookies } = await call('Storage.getCookies', { browserContextId })
  end('export')
  const page_ms = Number(process.hrtime.bigint() - opened) / 1e6
  await call('Target.disposeBrowserContext', { browserContextId })
  return { page_ms, messages: sent, steps, cookies: cookies.length }
}
await serve(login, async () => { chrome.kill('SIGKILL') })
