using System.Text;

namespace Postrider.Mail.Intake;

/// <summary>The header of a message as the bytes that came (RFC 5322 section 2.2): where each field begins and ends, so that fields can
/// be taken out or put before it without touching another octet, and every signature survives.</summary>
internal sealed class HeaderBlock
{
    /// <summary>The most octets a header may have; more is an attack or a program gone wrong.</summary>
    public const int MaxLength = 192 * 1024;

    private readonly byte[] bytes;
    private readonly List<Field> fields = [];

    private HeaderBlock(byte[] bytes) => this.bytes = bytes;

    private readonly record struct Field(string Name, int Start, int ValueStart, int End);

    /// <summary>Octets of the header, the empty line that ends it not included.</summary>
    public int Length => bytes.Length;

    /// <summary>Whether the empty line that parts header and body is there.</summary>
    private bool hasEnd;

    /// <returns>Null when the header is longer than <see cref="MaxLength"/>.</returns>
    public static HeaderBlock? Read(ReadOnlySpan<byte> head)
    {
        var end = head.StartsWith("\r\n"u8) ? 0 : head.IndexOf("\r\n\r\n"u8) is var at and >= 0 ? at + 2 : head.Length;
        if (end > MaxLength)
            return null;
        var block = new HeaderBlock(head[..end].ToArray()) { hasEnd = head[end..].StartsWith("\r\n"u8) };
        for (var start = 0; start < end;)
        {
            var stop = EndOfField(block.bytes, start);
            var line = block.bytes.AsSpan(start, stop - start);
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || !IsName(line[..colon].TrimEnd(" \t"u8)))
            {
                // Not a field: the body begins here, though the empty line before it is missing (RFC 5322 section 3.5).
                return new HeaderBlock(block.bytes[..start]).With(block.fields);
            }
            block.fields.Add(new Field(Encoding.ASCII.GetString(line[..colon].TrimEnd(" \t"u8)), start, start + colon + 1, stop));
            start = stop;
        }
        return block;
    }

    private HeaderBlock With(List<Field> found)
    {
        fields.AddRange(found);
        return this;
    }

    public int Count(string name) => fields.Count(field => Is(field, name));

    public bool Has(string name) => fields.Exists(field => Is(field, name));

    /// <summary>The values of a field, unfolded, as UTF-8.</summary>
    public IEnumerable<string> Values(string name) => fields.Where(field => Is(field, name))
        .Select(field => Encoding.UTF8.GetString(bytes, field.ValueStart, field.End - field.ValueStart).Replace("\r\n", "", StringComparison.Ordinal).Trim());

    public string? Value(string name) => Values(name).FirstOrDefault();

    /// <summary>The header with <paramref name="first"/> (whole lines) before it and without the named fields.</summary>
    public byte[] Edited(string first, params ReadOnlySpan<string> without)
    {
        var edited = new MemoryStream(bytes.Length + first.Length);
        edited.Write(Encoding.UTF8.GetBytes(first));
        foreach (var field in fields)
            if (!Matches(field, without))
                edited.Write(bytes, field.Start, field.End - field.Start);
        if (!hasEnd)
            edited.Write("\r\n"u8);
        return edited.ToArray();
    }

    private static bool Matches(Field field, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (Is(field, name))
                return true;
        return false;
    }

    private static bool Is(Field field, string name) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static int EndOfField(ReadOnlySpan<byte> bytes, int start)
    {
        for (var at = start; ;)
        {
            var line = bytes[at..].IndexOf("\r\n"u8);
            if (line < 0)
                return bytes.Length;
            at += line + 2;
            if (at >= bytes.Length || bytes[at] is not ((byte)' ' or (byte)'\t'))
                return at;
        }
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var letter in name)
            if (letter is <= 32 or >= 127)
                return false;
        return name.Length > 0;
    }
}
