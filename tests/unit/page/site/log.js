// The test pages write down what happens to them, in #log, for the test to read.
function note(text) {
  const log = document.getElementById('log');
  log.textContent += (log.textContent ? ' ' : '') + text;
}
