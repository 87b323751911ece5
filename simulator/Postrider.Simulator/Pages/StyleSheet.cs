namespace Postrider.Simulator;

/// <summary>One style sheet, light and dark, from telephone width up.</summary>
internal static class StyleSheet
{
    public const string Text = """
        :root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a4150); --soft: light-dark(#f4f6f9, #1b202a);
          --ink: light-dark(#1c2330, #e6e9ef); --dim: light-dark(#566073, #a2abbb); --accent: light-dark(#0b57c4, #8ab4ff);
          --paper: light-dark(#ffffff, #12161d); --bad: light-dark(#a3180f, #ff9b8f); }
        * { box-sizing: border-box; }
        body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        header { padding: .6rem 1rem; background: var(--soft); border-bottom: 1px solid var(--line); font-size: .85rem; color: var(--dim); }
        header a { font-weight: 600; color: var(--ink); text-decoration: none; margin-right: .5rem; }
        main { max-width: 44rem; margin: 1.5rem auto; padding: 0 1rem; }
        main.wide { max-width: 76rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
        a { color: var(--accent); } p { margin: 0 0 .75rem; } .dim { color: var(--dim); } .bad { color: var(--bad); }
        code, pre { font-family: ui-monospace, monospace; font-size: .875em; overflow-wrap: break-word; }
        pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; white-space: pre-wrap; }
        table { border-collapse: collapse; width: 100%; font-size: .9375rem; } th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
        th { font-weight: 600; color: var(--dim); }
        .card { border: 1px solid var(--line); border-radius: 10px; padding: 1.5rem; }
        .accounts { list-style: none; margin: 0; padding: 0; }
        button, .button { display: inline-block; font: inherit; padding: .55rem 1.1rem; border-radius: 6px; border: 1px solid var(--line);
          background: var(--soft); color: var(--ink); cursor: pointer; text-decoration: none; }
        .accounts button { width: 100%; text-align: left; margin-bottom: .5rem; }
        .accounts small { display: block; color: var(--dim); }
        button.main, .accounts .hinted { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        input[type=text] { font: inherit; padding: .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); color: var(--ink); width: 100%; max-width: 18rem; }
        .row { display: flex; gap: .75rem; flex-wrap: wrap; margin-top: 1rem; }
        @media (max-width: 40rem) {
          table.list thead { display: none; }
          table.list tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; }
          table.list td { display: block; border: 0; padding: .1rem 0; }
          table.list td::before { content: attr(data-label) " "; color: var(--dim); font-size: .85em; }
        }
        """;
}
