namespace Postrider.Bench;

/// <summary>One measurement, repeated.</summary>
internal sealed class Figure(string scenario, string who, string unit)
{
    public string Scenario => scenario;
    public string Who => who;
    public string Unit => unit;
    public List<double> Values { get; } = [];
    public List<double> CpuMicroseconds { get; } = [];
    public List<double> Megabytes { get; } = [];
    public double Median => MedianOf(Values);

    public static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>All that was measured in this run, and what could not be.</summary>
internal sealed class Figures
{
    private readonly List<Figure> all = [];

    public IReadOnlyList<Figure> All => all;

    public List<string> Missing { get; } = [];

    public Figure Of(string scenario, string who, string unit = "messages/s")
    {
        if (Find(scenario, who) is { } known)
            return known;
        var figure = new Figure(scenario, who, unit);
        all.Add(figure);
        return figure;
    }

    public Figure? Find(string scenario, string who) => all.Find(figure => figure.Scenario == scenario && figure.Who == who);

    public void Add(string scenario, string who, double value, string unit, double? cpu = null, double? megabytes = null)
    {
        var figure = Of(scenario, who, unit);
        figure.Values.Add(value);
        if (cpu is { } used)
            figure.CpuMicroseconds.Add(used);
        if (megabytes is { } held)
            figure.Megabytes.Add(held);
        Console.WriteLine($"  {scenario,-22} {who,-34} {value,10:N1} {unit,-12}{cpu,8:N0} µs CPU{megabytes,8:N0} MB");
    }
}
