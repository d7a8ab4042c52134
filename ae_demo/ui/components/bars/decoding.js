// The decoding of an edited code: by the model in the page if it can run here, else by the server.

const PATIENCE = 2000; // ms without an answer of the server, after which another request is sent

// `file()`: the file of the page's model, or null; `code()`: the numbers as they are edited; `isEdited()`;
// `fetchModel(file)`: a promise of the model; `ask(number)`: sends the code to the server, whose answer has the number;
// `show(picture)`: the output, or null for that of the encoder's code; `changed()`: the code is to be decoded again;
// `loaded(model)`: the model is here.
export function codeDecoder({ file, code, isEdited, fetchModel, ask, show, changed, loaded }) {
  let model = null;
  let asked = 0; // requests sent so far
  let outdated = 0; // answers up to this number are out of date
  let sent = Number.NEGATIVE_INFINITY; // when the request was sent that has no answer yet
  let again = false; // whether the code has changed since

  function load() {
    const wanted = file();
    if (!wanted || model) return;
    fetchModel(wanted).then((fetched) => {
      if (file() !== wanted) return;
      model = fetched;
      loaded(model);
      if (isEdited()) changed();
    });
  }

  // One request at a time, and after its answer one with the latest code.
  function askServer() {
    again = performance.now() - sent < PATIENCE;
    if (again) return;
    sent = performance.now();
    ask(++asked);
  }

  function decode() {
    if (!isEdited()) {
      outdated = asked;
      show(null);
    } else if (!file()) askServer();
    else if (model) show(model.decodeCode(code()));
    else load();
  }

  // `picture()`: of the code that was sent with `number`; not called for an answer that is out of date.
  function answer(number, picture) {
    if (number === asked) sent = Number.NEGATIVE_INFINITY;
    if (again) changed();
    if (isEdited() && number > outdated) show(picture());
  }

  // Another picture, and maybe another model.
  function reset() {
    model = null;
    outdated = asked;
  }

  return { load, decode, answer, reset };
}
