namespace Postrider.Cli;

/// <summary>Causes and remedies under a heading. A remedy may hold commands: each line stays a line, so that it can be pasted.</summary>
internal static class Remedies
{
    private const int LabelWidth = 9;

    public static void Write(Output output, string label, string text, int width = LabelWidth)
    {
        foreach (var (index, line) in text.Split('\n').Index())
            output.Say($"   {(index == 0 ? label : "").PadRight(width - 1)}  {Plain.Text(line.TrimEnd('\r'))}");
    }
}
