() => {
  document.querySelector("#BLOCK .busy")?.dispatchEvent(new Event("WORD"));
  return [];
}
