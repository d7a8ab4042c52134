function draw() {
  find("tbody").replaceChildren(
    ...(props.value ?? []).map(([name, shape, numbers]) => {
      const row = document.createElement("tr");
      row.className = ["input", "code", "output"].includes(name) ? name : "";
      for (const text of [known(name) ? say(name) : name, shape, numbers.toLocaleString()])
        row.append(Object.assign(document.createElement("td"), { textContent: text }));
      return row;
    }),
  );
}

const look = () => {
  translate();
  draw();
};
look();
onLook(look);
watch("value", draw);
