/** One line to the person at the terminal. On stderr: stdout belongs to the command. */
export function say(message) {
  process.stderr.write(`nightshift: ${message}\n`);
}

/**
 * Announces a step that takes a while and returns its end. On a terminal the seconds count up in place; elsewhere (CI,
 * a file) a line every 30 s shows that it still goes on.
 */
export function startStep(what) {
  const startedAtMs = Date.now();
  const seconds = () => ((Date.now() - startedAtMs) / 1000).toFixed(0);
  const inPlace = process.stderr.isTTY === true;
  if (inPlace) process.stderr.write(`nightshift: ${what} …`);
  else say(`${what} …`);
  const timer = setInterval(
    () => {
      if (inPlace) process.stderr.write(`\r\x1b[Knightshift: ${what} … ${seconds()} s`);
      else say(`… ${seconds()} s`);
    },
    inPlace ? 1_000 : 30_000,
  );
  timer.unref();
  return (outcome = 'done') => {
    clearInterval(timer);
    if (inPlace) process.stderr.write('\r\x1b[K');
    const result = `${outcome} in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`;
    say(inPlace ? `${what}: ${result}` : result);
  };
}
