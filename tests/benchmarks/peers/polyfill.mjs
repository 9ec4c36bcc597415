// Node before 22 has no Promise.withResolvers; without it every invocation hangs in retries.
Promise.withResolvers ??= () => {
  let resolve, reject;
  const promise = new Promise((a, b) => { [resolve, reject] = [a, b]; });
  return { promise, resolve, reject };
};
