using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>A statement that waits to be sent with others.</summary>
/// <param name="Apart">Whether it meets no row that another of the same text meets, so that both may be one.</param>
/// <param name="Met">Told how many rows it met.</param>
internal sealed record Gathered(PostgresText Text, GivenValue[] Values, bool Apart, Action<int>? Met)
{
    /// <summary>Sends statements in one message and reads their answers. Where no transaction is open they are one of their own.</summary>
    /// <param name="pieces">Each in its own order; what is of different pieces does not depend on each other.</param>
    public static async Task SendAsync(NpgsqlConnection connection, IEnumerable<IReadOnlyList<Gathered>> pieces, int? patience)
    {
        var together = Together(pieces);
        await using var batch = new NpgsqlBatch(connection);
        if (patience is { } seconds)
            batch.Timeout = seconds;
        foreach (var one in together)
            batch.BatchCommands.Add(one.Command());
        await using (var answers = await batch.ExecuteReaderAsync(CancellationToken.None))
        {
            // Rows come from those alone that tell which of theirs were met. One that failed says so when its turn comes.
            using var telling = together.Where(one => one.Tells).GetEnumerator();
            do
            {
                var tells = answers.FieldCount == 1 && answers.GetName(0) == PostgresMany.Row && telling.MoveNext();
                while (await answers.ReadAsync(CancellationToken.None))
                    if (tells)
                        telling.Current.Count(answers.GetInt64(0));
            }
            while (await answers.NextResultAsync(CancellationToken.None));
        }
        foreach (var (place, one) in together.Index())
            one.Tell(batch.BatchCommands[place].RecordsAffected);
    }

    private static List<Statements> Together(IEnumerable<IReadOnlyList<Gathered>> pieces)
    {
        var together = new List<Statements>();
        foreach (var piece in pieces)
        {
            var last = 0;
            foreach (var statement in piece)
            {
                var place = statement.Apart ? together.FindIndex(last, one => one.Takes(statement)) : -1;
                if (place < 0)
                {
                    place = together.Count;
                    together.Add(new Statements());
                }
                together[place].Add(statement);
                last = place;
            }
        }
        return together;
    }

    /// <summary>Statements of one text that are sent as one.</summary>
    private sealed class Statements
    {
        private readonly List<Gathered> all = [];
        private int[] met = [];

        public bool Tells => met.Length > 0;

        public bool Takes(Gathered other) => all[0].Apart && all[0].Text == other.Text;

        public void Add(Gathered statement) => all.Add(statement);

        public NpgsqlBatchCommand Command()
        {
            if (all is [{ Text.IsOne: true } only])
                return only.Text.With(only.Values);
            var told = all.Any(one => one.Met is not null);
            if (told)
                met = new int[all.Count];
            return all[0].Text.WithMany([.. all.Select(one => one.Values)], told);
        }

        public void Count(long row) => met[row - 1]++;

        public void Tell(int rows)
        {
            for (var at = 0; at < all.Count; at++)
                all[at].Met?.Invoke(Tells ? met[at] : rows);
        }
    }
}
