import { LitElement, css, html } from "lit";

/** The frame that every screen of the console will stand in. */
class OrbConsole extends LitElement {
  static override styles = css`
    h1 {
      font-size: 1.5rem;
    }
  `;

  override render() {
    return html`
      <header><h1>Orb</h1></header>
      <main>
        <p>This tracker is up. Its screens come later; until then, every verb is in the command:</p>
        <pre>./orb --help</pre>
        <p>The API that the command uses is under <code>/v1</code> on this port.</p>
      </main>
    `;
  }
}

customElements.define("orb-console", OrbConsole);
