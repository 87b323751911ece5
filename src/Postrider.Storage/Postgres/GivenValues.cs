using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Npgsql;
using NpgsqlTypes;

namespace Postrider.Storage.Postgres;

/// <summary>A value by its name, as PostgreSQL can keep it. It becomes one of the driver's when its statement is sent: many that are sent
/// together never do.</summary>
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

    /// <summary>What it is for the server.</summary>
    public NpgsqlDbType Type => DbType switch
    {
        DbType.Boolean or DbType.Int32 or DbType.Int16 or DbType.Byte => NpgsqlDbType.Integer,
        DbType.Int64 => NpgsqlDbType.Bigint,
        DbType.Double => NpgsqlDbType.Double,
        DbType.Binary => NpgsqlDbType.Bytea,
        DbType.String => NpgsqlDbType.Text,
        _ => throw new InvalidOperationException($"There is no place for a value of type {DbType}: @{name}."),
    };

    public NpgsqlParameter ForDriver() => new() { NpgsqlDbType = Type, Value = value ?? DBNull.Value };

    public static string Text(string text)
    {
        var clean = true;
        for (var at = 0; at < text.Length && clean; at++)
            clean = text[at] != '\0' && !char.IsSurrogate(text[at]);
        if (clean)
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
