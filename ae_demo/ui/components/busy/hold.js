() => [{ held: true, asked: performance.now() }]
