const block = document.getElementById(props.dataset);

function name() {
  [...block.querySelectorAll("button:has(img)")].forEach((button, i) => {
    button.setAttribute("aria-label", `${say("example")}: ${props.names[i]}`);
  });
}

name();
onLook(name);
new MutationObserver(name).observe(block, { childList: true, subtree: true });
