// Each request of this page names the server that made it. An answer of another server means that this server is gone,
// with what it held for the page: a message reports it, and offers to reload the page with the settings of the address.
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
