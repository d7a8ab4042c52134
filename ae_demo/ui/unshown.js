// A picture that the browser cannot show, such as a TIFF, leaves its frame empty; the browser would draw a torn page.
for (const event of ["error", "load"])
  document.addEventListener(
    event,
    ({ target }) => {
      if (target.matches?.(".ae-picture img")) target.classList.toggle("ae-unshown", event === "error");
    },
    true, // these events do not bubble
  );
