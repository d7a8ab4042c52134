() => {
  const named = new URLSearchParams(location.search).get("tab");
  return NAMES.includes(named) ? { __type__: "update", selected: named } : [];
}
