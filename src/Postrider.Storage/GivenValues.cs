using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Postrider.Storage;

/// <summary>A value by its name, as either engine can keep it.</summary>
internal sealed class GivenValue : DbParameter
{
    private object? value;
    private string name = "";

    public override DbType DbType { get; set; } = DbType.String;
    public override ParameterDirection Direction { get; set; } = ParameterDirection.Input;
    public override bool IsNullable { get; set; }

    /// <summary>Without the sign before it.</summary>
    [AllowNull]
    public override string ParameterName { get => name; set => name = value?.TrimStart('@') ?? ""; }
    public override int Size { get; set; }
    [AllowNull]
    public override string SourceColumn { get; set; } = "";
    public override bool SourceColumnNullMapping { get; set; }
    public override void ResetDbType() => DbType = DbType.String;

    /// <summary>Yes and no are 1 and 0, as the schema keeps them; a text has no NUL and no half of a surrogate pair, which a subject may claim to.</summary>
    public override object? Value
    {
        get => value;
        set => this.value = value switch
        {
            bool yes => yes ? 1 : 0,
            string text => Text(text),
            DBNull => null,
            _ => value,
        };
    }

    public static string Text(string text)
    {
        if (!text.Contains('\0', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            return text;
        var whole = new System.Text.StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            whole.Append(rune.Value == 0 ? System.Text.Rune.ReplacementChar : rune);
        return whole.ToString();
    }
}

/// <summary>The values of a statement, in the order in which they were given.</summary>
internal sealed class GivenValues : DbParameterCollection
{
    private readonly List<GivenValue> values = [];

    public override int Count => values.Count;
    public override object SyncRoot => values;
    public new GivenValue this[int at] => values[at];

    public override int Add(object value)
    {
        values.Add((GivenValue)value);
        return values.Count - 1;
    }

    public override void AddRange(Array values) => this.values.AddRange(values.Cast<GivenValue>());
    public override void Clear() => values.Clear();
    public override bool Contains(object value) => IndexOf(value) >= 0;
    public override bool Contains(string value) => IndexOf(value) >= 0;
    public override void CopyTo(Array array, int index) => ((ICollection)values).CopyTo(array, index);
    public override IEnumerator GetEnumerator() => values.GetEnumerator();
    public override int IndexOf(object value) => value is GivenValue one ? values.IndexOf(one) : -1;
    public override int IndexOf(string parameterName) => values.FindIndex(one => one.ParameterName.AsSpan().SequenceEqual(parameterName.AsSpan().TrimStart('@')));
    public override void Insert(int index, object value) => values.Insert(index, (GivenValue)value);
    public override void Remove(object value) => values.Remove((GivenValue)value);
    public override void RemoveAt(int index) => values.RemoveAt(index);
    public override void RemoveAt(string parameterName) => values.RemoveAt(IndexOf(parameterName));
    protected override DbParameter GetParameter(int index) => values[index];
    protected override DbParameter GetParameter(string parameterName) => values[IndexOf(parameterName)];
    protected override void SetParameter(int index, DbParameter value) => values[index] = (GivenValue)value;
    protected override void SetParameter(string parameterName, DbParameter value) => values[IndexOf(parameterName)] = (GivenValue)value;
}
