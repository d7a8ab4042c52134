() => {
  document.querySelector("#BLOCK [data-notified]")?.dispatchEvent(new Event("WORD"));
  return [];
}
