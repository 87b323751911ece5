// Passkeys: asks the server what to sign, the browser to sign it, and sends the form with the answer.
(() => {
  const ask = async (form, url) => {
    const token = form.elements.__RequestVerificationToken.value;
    const answer = await fetch(url, { method: "POST", headers: { RequestVerificationToken: token } });
    if (!answer.ok) throw new Error(answer.status === 429 ? "Too many tries. Wait a minute." : "The server did not answer as it should. Load the page again.");
    return answer.json();
  };

  document.addEventListener("click", async event => {
    const button = event.target.closest("[data-passkey]");
    if (!button) return;
    const form = button.form;
    const problem = form.querySelector("[role=alert]");
    problem.hidden = true;
    button.disabled = true;
    try {
      if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) throw new Error("This browser does not know passkeys.");
      const options = await ask(form, button.dataset.options);
      const credential = button.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (wrong) {
      problem.textContent = wrong.name === "NotAllowedError" ? "It was broken off, or took too long." : wrong.name === "InvalidStateError" ? "This device has a passkey for you already." : wrong.message;
      problem.hidden = false;
      button.disabled = false;
    }
  });
})();
