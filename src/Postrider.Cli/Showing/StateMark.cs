using Spectre.Console;

namespace Postrider.Cli;

/// <summary>The one colour, shape and word of a state, the same as in the console.</summary>
internal sealed record StateMark(Color Colour, string Shape, string Word)
{
    private static readonly Color Ok = Color.Green;
    private static readonly Color Warn = Color.Yellow;
    private static readonly Color Bad = Color.Red;
    private static readonly Color Held = Color.Purple;
    private static readonly Color Accent = Color.Blue;
    private static readonly Color Muted = Color.Grey;

    public static StateMark OfProvider(string? state) => state switch
    {
        "ready" => new(Ok, "●", "Ready"),
        "needsConsent" => new(Warn, "◐", "Connect it"),
        "needsAttention" => new(Bad, "▲", "Needs you"),
        "paused" => new(Held, "❚❚", "Paused"),
        "disabled" => new(Muted, "○", "Off"),
        _ => new(Muted, "?", Plain.Text(state)),
    };

    /// <param name="state">A recipient's or a message's.</param>
    /// <param name="mayHaveBeenSent">An attempt ended after the final dot and before its reply, and nothing better is known since.</param>
    public static StateMark OfMessage(string state, bool mayHaveBeenSent) => (state, mayHaveBeenSent) switch
    {
        ("sent", _) => new(Ok, "✓", state),
        ("delivered", _) => new(Ok, "✓✓", state),
        ("bounced", _) => new(Bad, "↩", state),
        ("held", _) => new(Held, "❚❚", mayHaveBeenSent ? "held, may have been sent" : state),
        (_, true) => new(Held, "?", "may have been sent"),
        ("queued", _) => new(Muted, "○", state),
        ("sending", _) => new(Accent, "◔", state),
        ("delayed", _) => new(Warn, "◷", state),
        ("failed", _) => new(Bad, "✕", state),
        ("cancelled", _) => new(Muted, "–", state),
        _ => new(Muted, "?", Plain.Text(state)),
    };

    public static StateMark OfReport(string kind) => kind switch
    {
        "bounce" => new(Bad, "↩", kind),
        "delay" => new(Warn, "◷", kind),
        "delivery" => new(Ok, "✓✓", kind),
        "complaint" => new(Bad, "!", kind),
        "unread" => new(Warn, "?", kind),
        _ => new(Muted, "○", Plain.Text(kind)),
    };

    public static StateMark OfAlert(string state, string severity) => (state, severity) switch
    {
        ("recovered", _) => new(Ok, "✓", "recovered"),
        (_, "error") => new(Bad, "▲", "wrong"),
        _ => new(Warn, "◐", "soon"),
    };

    public static StateMark OfStep(bool? ok, bool warning = false) => ok switch
    {
        true when warning => new(Warn, "!", "done, with a warning"),
        true => new(Ok, "✓", "done"),
        false => new(Bad, "✕", "failed"),
        null => new(Muted, "–", "skipped"),
    };

    public Style Style => new(Colour);

    /// <summary>Shape and word, for a cell of a table or the head of a story.</summary>
    public Text Text => new($"{Shape} {Word}", Style);
}
