// Names the server that made this page in each of its requests. When another one answers, that server is gone, and with it
// what it held for this page: a message says so, and offers to load the page again, with the settings of the address.
{
  const { id, header, texts } = window.aeServer;
  const send = window.fetch;

  const announce = () => {
    if (document.getElementById("ae-server-gone")) return;
    const { gone, reload } = texts[navigator.language] ?? texts.en;
    const message = document.createElement("div");
    message.id = "ae-server-gone";
    message.setAttribute("role", "alert");
    const button = document.createElement("button");
    button.textContent = reload;
    button.addEventListener("click", () => location.reload());
    message.append(gone, " ", button);
    document.body.append(message);
  };

  window.fetch = async (input, init = {}) => {
    const request = input instanceof Request ? input : null;
    const url = new URL(request ? request.url : input, location.href);
    if (url.origin !== location.origin || !url.pathname.includes("/gradio_api/")) return send(input, init);
    const headers = new Headers(init.headers ?? request?.headers);
    headers.set(header, id);
    const response = await send(input, { ...init, headers });
    if (response.status === 404 && (response.headers.get(header) ?? id) !== id) announce();
    return response;
  };
}
