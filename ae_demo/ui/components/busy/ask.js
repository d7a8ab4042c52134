(now) => [{ held: now?.held, asked: performance.now() }]
