() => [{ held: false, asked: performance.now() }]
